/** A recording in the worker, and how it was made. */

import type { Recording } from '../engine/inspect/recording.ts'
import type { start } from '../engine/record.ts'
import type { Keeper } from '../engine/userspace/past/keeper.ts'

export interface Recorded {
  recording: Recording
  /** Kept what it takes to look into the C threads, if somebody did. */
  keeper: Keeper | undefined
  /** Makes it once more. */
  start(keeper: Keeper): ReturnType<typeof start>
}
