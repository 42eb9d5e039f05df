/** Where the bad blocks of a scenario's DIMMs appear: from DIMM and DIMM address to system physical addresses. */

import { dpa } from '../../base/brand.ts'
import { err, ok, type Result } from '../../base/result.ts'
import { spaOfDimm } from './interleave.ts'
import type { Platform } from './platform-of-nfit.ts'

/** The block of an NVDIMM's error correction, bytes. */
export const CLEAR_ERR_UNIT = 256

export interface MediaRecord {
  /** SPA, bytes. */
  readonly start: number
  readonly length: number
}

interface MediaErrorPlace {
  /** Index into the platform's DIMMs. */
  readonly dimm: number
  /** DPA of the first byte; like `length` a multiple of the unit that can be cleared. */
  readonly at: number
  readonly length: number
}

const hex = (n: number): string => `0x${n.toString(16)}`

/** One record for each piece that interleaving leaves whole; a message when no address range shows a byte. */
export function mediaRecords({ ranges }: Platform, place: MediaErrorPlace): Result<readonly MediaRecord[], string> {
  const records: MediaRecord[] = []
  for (let at = place.at; at < place.at + place.length; at += CLEAR_ERR_UNIT) {
    const start = ranges
      .map((range) => spaOfDimm(range, { dimm: place.dimm, dpa: dpa(at) }))
      .find((spa) => spa !== undefined)
    if (start === undefined) return err(`no address range shows ${hex(at)} of this DIMM`)
    const last = records[records.length - 1]
    if (last !== undefined && last.start + last.length === start)
      records[records.length - 1] = { start: last.start, length: last.length + CLEAR_ERR_UNIT }
    else records.push({ start, length: CLEAR_ERR_UNIT })
  }
  return ok(records)
}
