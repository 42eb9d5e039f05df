/** The words of `--help`. */

import type { Command } from './command.ts'

const EXITS = `Exit status: 0 fine; 1 a violation, a wrong verdict, or a table that the kernel's probe refuses; 2 input that
can't be read, with place and reason on standard error; 3 undecided, a budget ended it.
`

export function generalHelp(commands: readonly Command[]): string {
  const rows = commands.map((command) => [[command.name, ...command.operands].join(' '), command.summary] as const)
  return `pmemscope: persistent memory, step by step\n\n${columns(rows)}\n${'`-` reads standard input; `pmemscope COMMAND --help` tells the options.'}\n\n${EXITS}`
}

export function commandHelp(command: Command): string {
  const rows = Object.entries(command.options)
    .filter(([, option]) => !option.later)
    .map(([name, { short, value, summary }]) => {
      const letter = short === undefined ? '' : `-${short}, `
      return [`${letter}--${name}${value === undefined ? '' : ` ${value}`}`, summary] as const
    })
  const usage = ['pmemscope', command.name, ...command.operands, '[options]'].join(' ')
  const notes = command.notes === undefined ? '' : `\n${command.notes}`
  return `${usage}\n${command.summary}\n\n${columns(rows)}${notes}`
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('')
}
