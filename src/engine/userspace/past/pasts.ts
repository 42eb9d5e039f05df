/** The pasts of all threads of a recording: programs and, after a power failure, `recover()`. */

import type { Memory } from '../memory.ts'
import type { Keeper, Origin } from './keeper.ts'
import { ThreadPast } from './thread-past.ts'

export class Pasts implements Keeper {
  /** By number in the recording. */
  readonly threads = new Map<number, ThreadPast>()
  /** By number in the process, that of the last thread that had it. */
  private readonly processes = new Map<Memory, ThreadPast[]>()

  begin(origin: Origin): ThreadPast {
    const siblings = this.processes.get(origin.memory) ?? []
    this.processes.set(origin.memory, siblings)
    const past = new ThreadPast(origin, siblings)
    siblings[origin.index] = past
    this.threads.set(origin.thread, past)
    return past
  }
}
