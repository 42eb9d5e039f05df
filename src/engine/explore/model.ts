/**
 * Where the sources differ (persistency.md §6), as switches. The first of each is the default.
 *
 * `unit`: what reaches media as one snapshot: a 64-byte line (coherence), or each eight-byte word by itself (the letter
 * of Px86). `movnt`: durable as soon as it is globally visible, or at its thread's next fence. `cas`: a failed
 * compare-and-swap is a full barrier all the same (SDM), or a plain read (the papers).
 */
export interface Model {
  readonly unit: 'line' | 'word'
  readonly movnt: 'visible' | 'fence'
  readonly cas: 'sdm' | 'paper'
}

export const DEFAULT_MODEL: Model = { unit: 'line', movnt: 'visible', cas: 'sdm' }
