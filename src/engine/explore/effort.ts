/**
 * What a search has cost so far, and where it must end: a program that never ends may have few states that hold more
 * and more, so counting states is not enough.
 */

/** Why a search ended before it had seen everything. */
export type Cut =
  | { readonly by: 'states' | 'stop' }
  /** `bytes`: what is kept of threads, units and values, an estimate. */
  | { readonly by: 'memory'; readonly bytes: number }
  /** Instructions of one thread that wait at once. */
  | { readonly by: 'window'; readonly entries: number }
  /** Contents that one unit may have on media at once. */
  | { readonly by: 'history'; readonly contents: number }
  /** The images of what was found are too many to be counted. */
  | { readonly by: 'images' }

/** Bytes that what is kept once may take: that of a loop whose every turn is new, some hundred thousand turns. */
const MOST_BYTES = 256 << 20
/** Four times what the instructions of a test (64 a thread) can fill without a loop. */
const MOST_ENTRIES = 256
const MOST_CONTENTS = 1024

export class Effort {
  /** Bytes. */
  spent = 0
  cut: Cut | undefined

  /** Something new is kept: an object with so many numbers, its key, and what follows from it (moves, operations, sets). */
  keep(numbers: number): void {
    this.spent += 700 + 20 * numbers
    if (this.spent > MOST_BYTES) this.cut ??= { by: 'memory', bytes: this.spent }
  }

  window(entries: number): void {
    if (entries > MOST_ENTRIES) this.cut ??= { by: 'window', entries }
  }

  history(contents: number): void {
    if (contents > MOST_CONTENTS) this.cut ??= { by: 'history', contents }
  }
}
