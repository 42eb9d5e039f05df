/**
 * The hardware that an NFIT describes: DIMMs with their memory controllers and flush hints, and how each range of
 * addresses is spread over them.
 *
 * Memory devices that are not interleaved (at most one way) and whose region offsets put one piece behind the other,
 * from the range's beginning to its end, stand there as they say (ACPI 6.2A §5.2.25.2). For several that do neither
 * that nor name an interleave structure, 4 KiB in turn are assumed (reference/kernel.md §2.7).
 *
 * A table that contradicts itself gives what it can: a range without DIMMs gets one that answers for it, as some
 * memory must. Left out: control and block-window ranges.
 */

import { type Spa, spa } from '../../base/brand.ts'
import { ok, type Result } from '../../base/result.ts'
import { type SpaType, spaTypeOf } from './acpi/guid.ts'
import { NFIT_FLUSH, NFIT_INTERLEAVE, NFIT_MEMDEV, NFIT_SPA } from './acpi/nfit-layout.ts'
import { endOfNfit, structuresIn } from './acpi/nfit-structures.ts'
import { ANONYMOUS, type Interleave, type Mapping, type SpaRange } from './interleave.ts'

interface PlatformDimm {
  /** NFIT device handle. */
  readonly handle: number
  /** Bytes: the highest DPA that any mapping reaches. */
  readonly size: number
  /** Memory controller: handle bits 15:8, controller and socket. */
  readonly controller: number
  /** Where each 8-byte flush hint stands. */
  readonly flushHints: readonly Spa[]
  /** What is on its way when the power fails is lost: nothing of the platform stands behind it. */
  readonly adrFails?: boolean
}

export interface Platform {
  /** undefined: a machine without NFIT. */
  readonly nfit: Uint8Array | undefined
  readonly dimms: readonly PlatformDimm[]
  readonly ranges: readonly SpaRange[]
}

export interface PlatformProblem {
  readonly message: string
  /** Byte in the table, when it is the table that is wrong. */
  readonly offset?: number
}

type Fields = Readonly<Record<string, unknown>>

/** Bytes each DIMM holds in turn when the table does not say. */
const ASSUMED_LINE = 4096

const kinds: Partial<Record<SpaType, SpaRange['kind']>> = {
  pmem: 'pmem',
  'persistent-disk': 'pmem',
  'persistent-cd': 'pmem',
  volatile: 'volatile',
  'volatile-disk': 'volatile',
  'volatile-cd': 'volatile',
}

export function platformOfNfit(nfit: Uint8Array): Result<Platform, PlatformProblem> {
  const end = endOfNfit(nfit)
  if (!end.ok) return end
  const structures = structuresIn(nfit, end.value)
  const of = (type: number): readonly Fields[] =>
    structures.filter((structure) => structure.type === type).map(({ fields }) => fields)
  const memdevs = of(NFIT_MEMDEV)
  const interleaves = of(NFIT_INTERLEAVE)
  const dimms = dimmsOf(memdevs, of(NFIT_FLUSH))
  const ranges: SpaRange[] = []
  for (const range of of(NFIT_SPA)) {
    const kind = kinds[spaTypeOf(String(range['range_guid'])) ?? 'dimm-control-region']
    const length = num(range, 'length')
    if (kind === undefined || length === 0) continue
    const own = memdevs.filter((memdev) => num(memdev, 'range_index') === num(range, 'range_index'))
    const base = spa(num(range, 'address'))
    const mapped = mappingsOf(own, length, interleaves, dimms)
    if (mapped.mappings.length === 0) {
      const dimm = dimms.push({ handle: ANONYMOUS + ranges.length, size: length, controller: 0, flushHints: [] }) - 1
      mapped.mappings.push({ dimm, regionOffset: 0, dpa: 0, size: length, interleave: undefined })
    }
    ranges.push({ spa: base, length, kind, mappings: mapped.mappings, assumed: mapped.assumed })
  }
  return ok({ nfit, dimms, ranges })
}

function dimmsOf(memdevs: readonly Fields[], flushes: readonly Fields[]): PlatformDimm[] {
  const handles = [...new Set(memdevs.map((memdev) => num(memdev, 'device_handle')))].sort((a, b) => a - b)
  return handles.map((handle) => {
    const own = memdevs.filter((memdev) => num(memdev, 'device_handle') === handle)
    const flush = flushes.find((table) => num(table, 'device_handle') === handle)
    const hints = Array.isArray(flush?.['hint_address']) ? flush['hint_address'] : []
    return {
      handle,
      size: Math.max(...own.map((memdev) => num(memdev, 'address') + num(memdev, 'region_size'))),
      controller: (handle >>> 8) & 0xff,
      flushHints: hints.map((hint) => spa(Number(hint))),
    }
  })
}

function mappingsOf(
  memdevs: readonly Fields[],
  length: number,
  interleaves: readonly Fields[],
  dimms: readonly PlatformDimm[],
): { mappings: Mapping[]; assumed: boolean } {
  const inTurn = [...memdevs].sort((a, b) => num(a, 'region_offset') - num(b, 'region_offset'))
  let end = 0
  const pieces = inTurn.every((memdev) => {
    const behind = num(memdev, 'interleave_ways') <= 1 && num(memdev, 'region_offset') === end
    end += num(memdev, 'region_size')
    return behind
  })
  const concatenated = pieces && end === length
  let assumed = false
  const mappings = inTurn.map((memdev, turn): Mapping => {
    const table = interleaves.find((t) => num(t, 'interleave_index') === num(memdev, 'interleave_index'))
    const ways = num(memdev, 'interleave_ways')
    const described = ways > 1 && num(memdev, 'interleave_index') !== 0 ? interleaveOf(table, ways) : undefined
    const guess = described === undefined && memdevs.length > 1 && !concatenated
    if (guess) assumed = true
    return {
      dimm: dimms.findIndex((dimm) => dimm.handle === num(memdev, 'device_handle')),
      regionOffset: guess ? turn * ASSUMED_LINE : num(memdev, 'region_offset'),
      dpa: num(memdev, 'address'),
      size: num(memdev, 'region_size'),
      interleave: guess ? { lineSize: ASSUMED_LINE, ways: memdevs.length, lineOffsets: [0] } : described,
    }
  })
  return { mappings, assumed }
}

function interleaveOf(table: Fields | undefined, ways: number): Interleave | undefined {
  if (table === undefined) return undefined
  const lineSize = num(table, 'line_size')
  const offsets = table['line_offset']
  if (lineSize === 0 || !Array.isArray(offsets) || offsets.length === 0) return undefined
  return { lineSize, ways, lineOffsets: offsets.map(Number) }
}

const num = (fields: Fields, name: string): number => Number(fields[name] ?? 0)
