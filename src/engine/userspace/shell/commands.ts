/** The names of the shell's commands: what it runs, and what an editor offers. */

export const COMMANDS = ['cat', 'echo', 'ndctl'] as const

export type CommandName = (typeof COMMANDS)[number]
