/** The whole shell as the machine sees it: whoever needs it brings it along (`whole.ts`). */

import type { Result } from '../../../base/result.ts'
import type { Kernel } from '../../linux/kernel.ts'
import type { Op } from '../../sim/kfunc.ts'
import type { SyntaxProblem } from './script.ts'

export interface SetupProblem {
  /** 1-based line of the scenario. */
  readonly line: number
  readonly message: string
}

/** Hears what commands print: 1 is standard output, 2 standard error. */
export type Print = (text: string, stream: 1 | 2) => void

/** A shell in which commands are typed: variables, folder and status stay from one to the next. */
export interface Console {
  /** Exit status. */
  run(k: Kernel, text: string, print: Print): Op<number>
}

export interface Shell {
  /** What is wrong with a script, if anything; its first line and column are 1. */
  check(text: string): Result<unknown, SyntaxProblem>
  /** A script whose first line is `firstLine` of the scenario, up to the first command that fails. */
  setup(k: Kernel, text: string, firstLine: number, print: Print): Op<SetupProblem | undefined>
  console(): Console
}
