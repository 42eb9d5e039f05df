/** `npm start`: from a fresh checkout to an address to open. serve.mjs reads its arguments (`npm start -- --port 8080`). */

import { ensureInstalled } from './install.mjs'
import { fail, run } from './run.mjs'

ensureInstalled()
if (run(process.execPath, ['scripts/build.mjs', 'page']) !== 0) fail('The page could not be built.')
// In this process, so that ending it ends the server.
await import('./serve.mjs')
