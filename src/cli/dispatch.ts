/** From arguments to a command; the exit code. */

import { nearest } from '../base/nearest.ts'
import { parseArguments } from './arguments.ts'
import { type Command, complain, FINE, UNREADABLE, type World } from './command.ts'
import { litmusCommand } from './commands/litmus.ts'
import { ndctlCommand } from './commands/ndctl.ts'
import { nfitCommand } from './commands/nfit.ts'
import { openCommand } from './commands/open.ts'
import { replayLogCommand } from './commands/replay-log.ts'
import { runCommand } from './commands/run.ts'
import { shareCommand } from './commands/share.ts'
import { commandHelp, generalHelp } from './help.ts'

const COMMANDS: readonly Command[] = [
  runCommand,
  litmusCommand,
  nfitCommand,
  ndctlCommand,
  replayLogCommand,
  shareCommand,
  openCommand,
]

/** Commands of the form that are not carried out yet. */
const LATER = ['crash', 'merge', 'import', 'export']

const HELP = { help: { short: 'h', summary: 'print this' } }

/** `argv`: what follows the name of the program. */
export async function dispatch(argv: readonly string[], version: string, world: World): Promise<number> {
  const [name, ...rest] = argv
  if (name === '--help' || name === '-h' || name === 'help') {
    world.terminal.out(generalHelp(COMMANDS))
    return FINE
  }
  if (name === '--version') {
    world.terminal.out(`${version}\n`)
    return FINE
  }
  if (name === undefined) {
    world.terminal.err(generalHelp(COMMANDS))
    return UNREADABLE
  }
  const command = COMMANDS.find((candidate) => candidate.name === name)
  if (command === undefined) return complain(world, unknownCommand(name))
  const given = parseArguments(rest, { ...command.options, ...HELP })
  if (!given.ok) return complain(world, `${name}: ${given.error}`)
  if (given.value.has('help')) {
    world.terminal.out(commandHelp(command))
    return FINE
  }
  const { operands } = given.value
  const repeated = command.operands.at(-1)?.endsWith('…') === true
  if (repeated ? operands.length < command.operands.length : operands.length !== command.operands.length) {
    const wanted = command.operands.join(' ')
    return complain(
      world,
      `${name}: expected ${wanted}, found ${operands.length === 0 ? 'nothing' : operands.join(' ')}`,
    )
  }
  return command.run(given.value, world)
}

function unknownCommand(name: string): string {
  if (LATER.includes(name)) return `\`${name}\` is not supported by this version yet`
  if (name.startsWith('-')) return `unknown option ${name}; the command comes first (pmemscope --help)`
  const names = COMMANDS.map((command) => command.name)
  const meant = nearest(name, names)
  return `unknown command \`${name}\` (${meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`})`
}
