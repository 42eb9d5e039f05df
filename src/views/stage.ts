/** The names of the stages of a byte's way to media, and the letter that stands beside each colour. */

import type { Stage } from '../protocol/frame.ts'

export interface StageName {
  /** Second sign beside the colour; empty for a line that holds nothing new. */
  readonly letter: string
  readonly name: string
  readonly meaning: string
}

export const STAGES: Readonly<Record<Stage, StageName>> = {
  clean: { letter: '', name: 'clean', meaning: 'nothing newer than media' },
  'store-buffer': { letter: 'B', name: 'in a store buffer', meaning: 'only its own core sees it' },
  dirty: { letter: 'D', name: 'dirty in a cache', meaning: 'only a flush or an eviction moves it on' },
  wc: { letter: 'W', name: 'in a write-combining buffer', meaning: 'leaves when full, or at a fence' },
  flight: { letter: 'F', name: 'write-back under way', meaning: 'no fence has waited for it yet' },
  wpq: { letter: 'Q', name: 'in a write-pending queue', meaning: 'accepted by the memory controller' },
  media: { letter: 'P', name: 'on media', meaning: 'persistent' },
  lost: { letter: 'L', name: 'lost', meaning: 'was written, did not survive the power failure' },
}

export const STAGE_ORDER: readonly Stage[] = ['store-buffer', 'dirty', 'wc', 'flight', 'wpq', 'media', 'lost']
