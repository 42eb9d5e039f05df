/** What a shell remembers from one command to the next, and how a command of it is called. */

import type { Kernel } from '../../linux/kernel.ts'
import type { Op } from '../../sim/kfunc.ts'
import type { Outcome } from './tool.ts'

export interface Session {
  readonly variables: Map<string, string>
  /** `$?` */
  status: number
  /** The current folder: an absolute path. */
  folder: string
  /** `exit` was called, or a failed command has ended the setup. */
  over: boolean
  /** A loop is being left, or goes on with its next turn. */
  jump: 'break' | 'continue' | undefined
}

export const newSession = (): Session => ({
  variables: new Map([['HOME', '/root']]),
  status: 0,
  folder: '/',
  over: false,
  jump: undefined,
})

/** What a command finds. */
export interface Surroundings {
  readonly session: Session
  /** Everything that standard input holds, as bytes; or why it can't be read: a negative error number. */
  readonly stdin: string | number
}

export type ShellTool = (k: Kernel, args: readonly string[], around: Surroundings) => Op<Outcome>

/** A path as system calls take it: they know no current folder. */
export const absolute = ({ folder }: Session, path: string): string =>
  path.startsWith('/') || path === '' ? path : `${folder === '/' ? '' : folder}/${path}`
