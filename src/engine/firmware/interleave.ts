/**
 * Which DIMM, and where on it, a system physical address stands for.
 *
 * The memory controller interleaves; Linux ignores the table for persistent memory. For a DIMM's offset o inside its
 * mapping, with L = o div line_size, k = L mod num_lines and j = L div num_lines:
 * SPA = base + region_offset + line_offset[k]·line_size + j·ways·num_lines·line_size + (o mod line_size).
 *
 * Source: ACPI 6.2A §5.2.25.4.
 */

import { type Dpa, dpa, type Spa, spa } from '../../base/brand.ts'

/** Handles of DIMMs that answer for a range that names none: from here on. */
export const ANONYMOUS = 0xffff_0000

export interface Interleave {
  /** Bytes. */
  readonly lineSize: number
  readonly ways: number
  /** In units of `lineSize`; its length is num_lines. */
  readonly lineOffsets: readonly number[]
}

export interface Mapping {
  /** Index into the platform's DIMMs. */
  readonly dimm: number
  /** Bytes from the base of the range. */
  readonly regionOffset: number
  /** First DPA of the mapping. */
  readonly dpa: number
  /** Bytes of this DIMM in the range. */
  readonly size: number
  /** undefined: the mapping is one piece. */
  readonly interleave: Interleave | undefined
}

export interface SpaRange {
  readonly spa: Spa
  /** Bytes. */
  readonly length: number
  readonly kind: 'pmem' | 'volatile'
  readonly mappings: readonly Mapping[]
  /** The table does not say how the DIMMs take turns; 4 KiB each is our guess. */
  readonly assumed: boolean
}

export interface DimmPlace {
  readonly dimm: number
  readonly dpa: Dpa
}

/** undefined where no DIMM answers. */
export function dimmOfSpa(range: SpaRange, at: Spa): DimmPlace | undefined {
  const offset = at - range.spa
  if (offset < 0 || offset >= range.length) return undefined
  for (const mapping of range.mappings) {
    const inside = offsetInside(mapping, offset - mapping.regionOffset)
    if (inside >= 0 && inside < mapping.size) return { dimm: mapping.dimm, dpa: dpa(mapping.dpa + inside) }
  }
  return undefined
}

/** Where `place` appears in `range`; undefined when the range does not contain it. */
export function spaOfDimm(range: SpaRange, place: DimmPlace): Spa | undefined {
  for (const mapping of range.mappings) {
    const offset = place.dpa - mapping.dpa
    if (mapping.dimm !== place.dimm || offset < 0 || offset >= mapping.size) continue
    const at = mapping.regionOffset + scattered(mapping.interleave, offset)
    if (at < range.length) return spa(range.spa + at)
  }
  return undefined
}

/** A DIMM's offset as an offset in the range, counted from the mapping's region_offset. */
function scattered(interleave: Interleave | undefined, offset: number): number {
  if (interleave === undefined) return offset
  const { lineSize, ways, lineOffsets } = interleave
  const line = Math.floor(offset / lineSize)
  const turn = Math.floor(line / lineOffsets.length)
  const place = (lineOffsets[line % lineOffsets.length] as number) + turn * ways * lineOffsets.length
  return place * lineSize + (offset % lineSize)
}

/** The inverse of `scattered`; -1 when the address belongs to another DIMM. */
function offsetInside({ interleave }: Mapping, at: number): number {
  if (interleave === undefined || at < 0) return at
  const { lineSize, ways, lineOffsets } = interleave
  const period = ways * lineOffsets.length
  const line = Math.floor(at / lineSize)
  // A line_offset may exceed the period: look at every turn that can hold it.
  for (const [k, lineOffset] of lineOffsets.entries()) {
    const turn = (line - lineOffset) / period
    if (turn >= 0 && Number.isInteger(turn)) return (turn * lineOffsets.length + k) * lineSize + (at % lineSize)
  }
  return -1
}

/** A run of addresses that one DIMM holds in one piece. */
export interface Run {
  readonly spa: Spa
  /** Bytes. */
  readonly length: number
  readonly place: DimmPlace
}

/** Bytes that one DIMM has at a time; the whole range when nobody takes turns. */
export const turnSize = ({ mappings, length }: SpaRange): number =>
  mappings.reduce((size, { interleave }) => Math.min(size, interleave?.lineSize ?? length), length)

/** What each DIMM holds of `from` … `to` (SPA, whole turns), in order. Addresses that no DIMM answers for are left out. */
export function runsOf(range: SpaRange, from: number, to: number): readonly Run[] {
  const runs: Run[] = []
  const turn = turnSize(range)
  const ends = range.mappings.map(({ regionOffset, size }) => range.spa + regionOffset + size)
  for (let at = from; at < to; ) {
    // Turns are cut where a mapping that is one piece ends, too.
    const cut = range.spa + (Math.floor((at - range.spa) / turn) + 1) * turn
    const end = Math.min(to, cut, ...ends.filter((each) => each > at))
    const place = dimmOfSpa(range, spa(at))
    const last = runs.at(-1)
    const follows =
      last !== undefined &&
      place !== undefined &&
      last.spa + last.length === at &&
      last.place.dimm === place.dimm &&
      last.place.dpa + last.length === place.dpa
    if (follows) runs[runs.length - 1] = { ...last, length: last.length + end - at }
    else if (place !== undefined) runs.push({ spa: spa(at), length: end - at, place })
    at = end
  }
  return runs
}
