/**
 * imc/wpq.ts: the write-pending queue of one memory controller, the first place that ADR saves.
 *
 * Entries (line, version) leave in any order between lines and in arrival order within a line. Capacity is a setting,
 * not architecture; when full, writers wait (persistency.md §7).
 */

import { CellList } from '../cell-list.ts'

export const WPQ_LINE = 0
export const WPQ_VERSION = 1

export class Wpq extends CellList {
  /** May the entry leave now? Not while an older one of its line is queued. */
  mayLeave(entry: number): boolean {
    return this.find(this.get(entry, WPQ_LINE)) === entry
  }
}
