/** What a library function looks like to the C machine: arguments and result are 64-bit words. */

import type { Op } from '../../sim/kfunc.ts'
import type { Process } from '../process.ts'

export type LibraryFunction = (p: Process, ...args: bigint[]) => Op<bigint | number>
