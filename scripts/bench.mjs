/**
 * `npm run bench`: bundles each bench/*.ts for Node as the product is bundled, and runs it in a process of its own.
 *
 * bench.mjs [NAME…]   only files whose name contains one of the words
 */

import { existsSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { bundleForNode } from './bundle.mjs'
import { ensureInstalled } from './install.mjs'
import { fail, root, run } from './run.mjs'

const names = process.argv.slice(2)
const folder = `${root}bench`
const files = (existsSync(folder) ? readdirSync(folder) : [])
  .filter((file) => file.endsWith('.ts') && (names.length === 0 || names.some((name) => file.includes(name))))
  .sort()
if (files.length === 0) fail('bench: no such measurement in bench/.')

ensureInstalled()
await bundleForNode({
  input: Object.fromEntries(files.map((file) => [basename(file, '.ts'), `${folder}/${file}`])),
  outDir: 'dist/bench',
  output: { entryFileNames: '[name].js', chunkFileNames: 'chunk-[hash].js' },
})
for (const file of files) {
  const status = run(process.execPath, ['--expose-gc', `dist/bench/${basename(file, '.ts')}.js`])
  if (status !== 0) fail(`bench: ${file} ended with status ${status}.`)
}
