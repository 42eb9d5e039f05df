/** The `pmemscope` command. */

import { version } from '../../package.json'
import { dispatch } from './dispatch.ts'
import { engine } from './engine.ts'
import { nodeTerminal } from './terminal.ts'

process.exitCode = await dispatch(process.argv.slice(2), version, { terminal: nodeTerminal, engine })
