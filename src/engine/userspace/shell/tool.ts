/** What a command of the setup shell is: words in, text out, and a message when it fails. */

import type { Kernel } from '../../linux/kernel.ts'
import type { Op } from '../../sim/kfunc.ts'

export interface Outcome {
  /** What it prints. */
  readonly output: string
  /** undefined: success. */
  readonly error: string | undefined
}

export type Tool = (k: Kernel, args: readonly string[]) => Op<Outcome>

export const done = (output: string): Outcome => ({ output, error: undefined })
export const failed = (error: string): Outcome => ({ output: '', error })
