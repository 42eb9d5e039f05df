/**
 * Media that can't be read, as a platform's firmware keeps track of it: what an address range scrub reports, until it
 * is cleared (NVDIMM root device DSMs, ACPI 6.2A §9.20.7). It belongs to the DIMMs, so that it outlives the kernel.
 *
 * Left out: what a load of such bytes does (a machine check); they read as they were.
 */

import type { Journal } from '../sim/journal.ts'
import { struct } from '../sim/struct.ts'

interface MediaRecord {
  /** SPA, bytes. */
  readonly start: number
  readonly length: number
}

const media_errors = struct<{ records: readonly MediaRecord[] }>('media_errors', { records: [] })

/** `clear_err_unit`: bytes, what is cleared as one. Firmware takes errors that are made on purpose, too. */
export function createMediaErrors(journal: Journal, records: readonly MediaRecord[], clear_err_unit: number) {
  const kept = media_errors.create(journal, { records })
  return {
    clear_err_unit,
    injectable: true,
    get records() {
      return kept.records
    },
    set records(now) {
      kept.records = now
    },
  }
}
