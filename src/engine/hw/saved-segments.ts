/**
 * Saved segments (DCSS) as the hypervisor z/VM keeps them in its spool: pages of memory that were saved under a name. They
 * belong to the hypervisor, so that they outlive the kernel, and the power too.
 */

import type { Journal } from '../sim/journal.ts'
import { struct } from '../sim/struct.ts'

type Pages = ReadonlyMap<number, Uint8Array>

const saved_segment = struct<{ pages: Pages }>('saved_segment', { pages: undefined as never })

/** `pages`: what was saved, by number of the 4 KiB page in the segment; one that is missing is zeros. */
export const createSavedSegment = <S extends object>(journal: Journal, segment: S): S & { pages: Pages } => {
  const kept = saved_segment.create(journal, { pages: new Map() })
  return {
    ...segment,
    get pages() {
      return kept.pages
    },
    set pages(now) {
      kept.pages = now
    },
  }
}
