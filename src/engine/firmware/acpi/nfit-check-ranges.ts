/** System physical address ranges: what they are, where they lie, and whether their DIMMs fill them. */

import { type SpaType, spaTypeOf } from './guid.ts'
import { checkParts } from './nfit-check-parts.ts'
import { place, type Report, type Structure } from './nfit-finding.ts'
import { NFIT_MEMDEV, NFIT_SPA } from './nfit-layout.ts'

const PAGE = 4096n
/** Linux gives namespaces struct pages in steps of this. */
const ALIGN = 0x100_0000n
/** Physical addresses of x86-64. */
const ADDRESSES = 2n ** 52n
/** EFI_MEMORY_WB. */
const WRITE_BACK = 8n
const PROXIMITY_VALID = 2

interface Range {
  readonly structure: Structure
  readonly type: SpaType | undefined
  readonly start: bigint
  readonly end: bigint
}

/** `all`: broken structures too; one that is there but broken is not missing. */
export function checkRanges(structures: readonly Structure[], all: readonly Structure[], report: Report): void {
  const ranges = structures
    .filter(({ type }) => type === NFIT_SPA)
    .map((structure): Range => {
      const start = structure.big('address')
      const type = spaTypeOf(String(structure.fields['range_guid']))
      return { structure, type, start, end: start + structure.big('length') }
    })
  const memdevs = structures.filter(({ type }) => type === NFIT_MEMDEV)
  for (const range of ranges) {
    checkRange(range, report)
    const index = range.structure.num('range_index')
    const unclear = all.some((each) => each.type === NFIT_MEMDEV && each.num('range_index') === index)
    if (!unclear || memdevs.some((memdev) => memdev.num('range_index') === index))
      checkFilled(range, structures, memdevs, report)
  }
  checkOverlaps(ranges, report)
}

const isVirtual = (type: SpaType | undefined): boolean => type !== undefined && /-(disk|cd)$/.test(type)
/** Its addresses are memory that programs use. */
export const isMemory = (type: SpaType | undefined): boolean =>
  type === 'pmem' || type === 'volatile' || isVirtual(type)

function checkRange({ structure, type, start, end }: Range, report: Report): void {
  const { offset } = structure
  const guid = String(structure.fields['range_guid'])
  if (type === undefined) report(offset + 16, 'warning', `range type ${guid} is unknown: no driver will use the range`)
  if (structure.num('range_index') === 0 && !isVirtual(type))
    report(offset + 4, 'error', 'range_index 0 is for virtual disks and CDs only: Linux passes the range over')
  const length = end - start
  if (length === 0n) report(offset + 40, 'error', 'length is 0: Linux refuses the whole table')
  if (end > ADDRESSES) report(offset + 32, 'error', `the range ends at ${place(end)}, where no address reaches`)
  if (!isMemory(type)) return
  if (start % PAGE !== 0n || length % PAGE !== 0n)
    report(offset + 32, 'error', `${place(start)} + ${place(length)} is not made of whole pages of 4 KiB`)
  else if (start % ALIGN !== 0n)
    report(offset + 32, 'warning', `${place(start)} is no multiple of 16 MiB: namespaces lose space or do not fit`)
  else if (length % ALIGN !== 0n)
    report(
      offset + 40,
      'note',
      `${place(length)} is no multiple of 16 MiB: the rest can't be part of a labelled namespace`,
    )
  const flags = structure.num('flags')
  if ((flags & PROXIMITY_VALID) === 0 && structure.num('proximity_domain') !== 0)
    report(offset + 12, 'warning', 'a proximity domain is given, and flag bit 1 says that it does not count')
  if (flags >= 8) report(offset + 6, 'warning', `flag bits above bit 2 are reserved: ${flags}`)
  if ((structure.big('memory_mapping') & WRITE_BACK) === 0n)
    report(offset + 48, 'warning', 'memory_mapping does not offer write-back caching, with which Linux maps the range')
}

function checkOverlaps(ranges: readonly Range[], report: Report): void {
  const sorted = ranges
    .filter(({ start, end }) => end > start)
    .sort((a, b) => (a.start === b.start ? a.structure.offset - b.structure.offset : a.start < b.start ? -1 : 1))
  // The one that reaches furthest so far, and so the first that a later one can run into.
  let furthest: Range | undefined
  for (const range of sorted) {
    if (furthest !== undefined && range.start < furthest.end) {
      const [first, second] = [furthest, range].sort((a, b) => a.structure.offset - b.structure.offset) as [
        Range,
        Range,
      ]
      const shared = range.end < furthest.end ? range : furthest
      const where = `${place(range.start)}…${place(shared.end - 1n)}`
      const message = `overlaps the range at byte ${first.structure.offset} in ${where}: one of the two loses its disk`
      report(second.structure.offset + 32, 'error', message)
    }
    if (furthest === undefined || range.end > furthest.end) furthest = range
  }
}

/** Do the memory devices that name the range make it up? Linux never asks. */
function checkFilled(
  { structure, type, start, end }: Range,
  structures: readonly Structure[],
  memdevs: readonly Structure[],
  report: Report,
): void {
  const index = structure.num('range_index')
  const own = index === 0 ? [] : memdevs.filter((memdev) => memdev.num('range_index') === index)
  const { offset } = structure
  if (own.length === 0) {
    if (type === 'pmem')
      report(
        offset + 4,
        'warning',
        'no memory device names the range: Linux cannot say how its writes become persistent',
      )
    return
  }
  if (type === 'volatile')
    report(
      offset + 16,
      'warning',
      'memory devices name a volatile range: Linux registers it only if they have others too',
    )
  const length = end - start
  const sum = own.reduce((bytes, memdev) => bytes + memdev.big('region_size'), 0n)
  if (isMemory(type) && sum !== length)
    report(offset + 40, 'error', `length is ${place(length)}, its memory devices add up to ${place(sum)}`)
  checkParts({ start, length, memdevs: own, structures }, report)
}
