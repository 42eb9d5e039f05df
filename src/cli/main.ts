/** The `pmemscope` command. */

import { version } from '../../package.json'
import { dispatch } from './dispatch.ts'
import { engine } from './engine.ts'
import { nodeTerminal } from './terminal.ts'

/** Our own mistake: none of the verdicts that scripts rely on (sysexits' EX_SOFTWARE). */
const BROKEN_INVARIANT = 70

try {
  process.exitCode = await dispatch(process.argv.slice(2), version, { terminal: nodeTerminal, engine })
} catch (error) {
  const report = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(
    `pmemscope ${version}: this is a mistake of ours; please report it with what you ran.\n${report}\n`,
  )
  process.exitCode = BROKEN_INVARIANT
}
