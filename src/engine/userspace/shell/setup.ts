/** The setup shell: runs the lines of `setup:` one after the other and stops at the first that fails. */

import type { Kernel } from '../../linux/kernel.ts'
import { kfunc } from '../../sim/kfunc.ts'
import type { CommandName } from './commands.ts'
import { cat, echo } from './coreutils.ts'
import { strerror, writeText } from './files.ts'
import { ndctl } from './ndctl.ts'
import { done, failed, type Outcome, type Tool } from './tool.ts'
import { type Command, parseCommands, type SetupProblem } from './words.ts'

export type { SetupProblem }

const table: Readonly<Record<CommandName, Tool>> = { cat, echo, ndctl }
const tools = new Map<string, Tool>(Object.entries(table))

const run_command = kfunc('shell: shell', function* run_command(k: Kernel, { words, redirect }: Command) {
  const [name = '', ...args] = words
  const tool = tools.get(name)
  if (tool === undefined) return failed(`${name}: command not found (setup knows ${[...tools.keys()].join(', ')})`)
  const outcome: Outcome = yield* tool(k, args)
  if (redirect === undefined || outcome.error !== undefined) return outcome
  const { call, errno } = yield* writeText(k, redirect, outcome.output)
  if (errno === 0) return done('')
  return failed(call === 'open' ? `${redirect}: ${strerror(errno)}` : `${name}: write error: ${strerror(errno)}`)
})

/**
 * Run `text`, whose first line is `firstLine` of the scenario; undefined when every line went well, else the line of
 * the command and what the tool said. `print` hears what commands print.
 */
export const runSetup = kfunc(
  'shell: shell',
  function* setup(k: Kernel, text: string, firstLine: number, print: (output: string) => void = () => {}) {
    const commands = parseCommands(text, firstLine)
    if (!commands.ok) return commands.error as SetupProblem | undefined
    for (const command of commands.value) {
      const { output, error } = yield* run_command(k, command)
      if (output !== '') print(output)
      if (error !== undefined) return { line: command.line, message: error } as SetupProblem | undefined
    }
    return undefined
  },
)
