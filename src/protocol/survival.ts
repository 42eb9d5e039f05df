/** What may survive a power failure, by the architecture: the answer to the question of that name. */

import type { Model } from '../engine/explore/model.ts'

/** Bytes whose newest store may be missing after a power failure. */
export interface MayLoseRange {
  /** Absent: bytes of the page cache, which no power failure spares. */
  readonly spa?: number
  readonly length: number
  readonly file?: string
  readonly offset?: number
  /** Block of a file system's metadata. */
  readonly block?: number
  /** Program line of the newest store, 0 when kernel code wrote it at no program line. */
  readonly sourceLine: number
  /** Text of that line, trimmed. */
  readonly source: string
}

/** One store to the selected line, or neighbouring ones of one program line; `step` is the first's. */
export interface WriteView {
  readonly step: number
  readonly sourceLine: number
  /** Bytes of the line. */
  readonly offset: number
  readonly length: number
  /** In every image, in some, in none because it has not issued yet. */
  readonly certainty: 'must' | 'may' | 'cannot'
  /** `must`: the step since which it is, where that is known. */
  readonly since?: number
}

export interface SurvivalView {
  readonly step: number
  readonly model: Model
  /** Number of different images, in decimal; absent when it is undecided. */
  readonly images?: string
  readonly mayLoseBytes: number
  /** When undecided, perhaps more than may be lost, never less. */
  readonly mayLose: readonly MayLoseRange[]
  /** Stores to the line that was asked about, oldest first. */
  readonly writes: readonly WriteView[]
}
