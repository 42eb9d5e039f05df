/** Memory devices: what they name, which of their own addresses they give, and their flush hints. */

import { spaTypeOf } from './guid.ts'
import { checkIdentity } from './nfit-check-identity.ts'
import { isMemory } from './nfit-check-ranges.ts'
import { handle, isPowerOfTwo, place, type Report, repeated, type Structure } from './nfit-finding.ts'
import { NFIT_BDW, NFIT_DCR, NFIT_FLUSH, NFIT_INTERLEAVE, NFIT_MEMDEV, NFIT_SMBIOS, NFIT_SPA } from './nfit-layout.ts'

/** Bits of memory device flags that ACPI defines. */
const FLAGS = 0x7f
const NOT_ARMED = 0x08
/** A hint is written with 8 bytes. */
const HINT = 8n
const PAGE = 4096n

/** `all`: broken structures too; one that is there but broken is not missing. */
export function checkDimms(structures: readonly Structure[], all: readonly Structure[], report: Report): void {
  const anyOf = (type: number): readonly Structure[] => all.filter((each) => each.type === type)
  const of = (type: number): readonly Structure[] => structures.filter((each) => each.type === type)
  const [memdevs, controls, flushes] = [of(NFIT_MEMDEV), of(NFIT_DCR), of(NFIT_FLUSH)]
  for (const memdev of memdevs) checkReferences(memdev, anyOf, report)
  checkIdentity(memdevs, controls, report)
  checkDpa(memdevs, of(NFIT_SPA), report)
  checkUnused(controls, of(NFIT_BDW), anyOf, report)
  for (const flush of flushes) {
    checkHints(flush, memdevs, report)
    checkHintPlaces(flush, of(NFIT_SPA), report)
  }
  const owners = flushes.flatMap((flush) => flush.list('hint_address').map((hint, i) => ({ flush, hint, i })))
  for (const [first, ...others] of repeated(owners, ({ hint }) => String(hint)))
    for (const { flush, hint, i } of others)
      report(flush.offset + 16 + 8 * i, 'warning', `hint ${place(hint)} stands at byte ${first?.flush.offset} already`)
  for (const [first, ...others] of repeated(flushes, (flush) => String(flush.num('device_handle'))))
    for (const { offset } of others)
      report(offset + 4, 'warning', `the DIMM has flush hints at byte ${first?.offset} already; one of the two counts`)
  checkSets(memdevs, flushes, report)
}

function checkReferences(memdev: Structure, of: (type: number) => readonly Structure[], report: Report): void {
  const { offset } = memdev
  const dangling = (name: string, type: number, key: string, at: number, so: string): void => {
    const wanted = memdev.num(name)
    if (wanted === 0 || of(type).some((each) => each.num(key) === wanted)) return
    report(offset + at, 'error', `${name} ${wanted} is that of no structure${so}`)
  }
  dangling('range_index', NFIT_SPA, 'range_index', 12, ': the DIMM is part of no region')
  dangling('region_index', NFIT_DCR, 'region_index', 14, ': Linux gives up the whole table')
  dangling('interleave_index', NFIT_INTERLEAVE, 'interleave_index', 40, '')
  if (memdev.num('region_index') === 0)
    report(offset + 14, 'error', 'no control region: nobody knows the DIMM, and Linux refuses its regions')
  const physical = memdev.num('physical_id')
  const smbios = of(NFIT_SMBIOS).flatMap((each) => smbiosHandles(String(each.fields['data'] ?? '')))
  if (smbios.length > 0 && !smbios.includes(physical))
    report(offset + 8, 'warning', `physical_id ${handle(physical)} is the handle of no SMBIOS structure in the table`)
  const flags = memdev.num('flags')
  if ((flags & ~FLAGS) !== 0) report(offset + 44, 'warning', `flag bits above bit 6 are reserved: ${handle(flags)}`)
  if ((flags & NOT_ARMED) !== 0)
    report(offset + 44, 'note', 'the DIMM is not armed: every region that it is part of becomes read-only')
}

/** Handles of the SMBIOS structures in `data`; none when it is not made of them. */
function smbiosHandles(data: string): readonly number[] {
  const bytes = Array.from(data.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  const handles: number[] = []
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes[at + 1] ?? 0
    if (length < 4) return []
    handles.push((bytes[at + 2] ?? 0) | ((bytes[at + 3] ?? 0) << 8))
    // Behind the formatted part come strings, ended by two zero bytes.
    let end = at + length
    while (end + 1 < bytes.length && (bytes[end] !== 0 || bytes[end + 1] !== 0)) end++
    at = end + 2
  }
  return handles
}

function checkUnused(
  controls: readonly Structure[],
  windows: readonly Structure[],
  anyOf: (type: number) => readonly Structure[],
  report: Report,
): void {
  const memdevs = anyOf(NFIT_MEMDEV)
  for (const dcr of controls)
    if (!memdevs.some((memdev) => memdev.num('region_index') === dcr.num('region_index')))
      report(dcr.offset + 4, 'warning', `no memory device names control region ${dcr.num('region_index')}`)
  for (const window of windows)
    if (!anyOf(NFIT_DCR).some((dcr) => dcr.num('region_index') === window.num('region_index')))
      report(window.offset + 4, 'error', `region_index ${window.num('region_index')} is that of no control region`)
}

function checkHints(flush: Structure, memdevs: readonly Structure[], report: Report): void {
  const { offset } = flush
  const owner = flush.num('device_handle')
  if (!memdevs.some((memdev) => memdev.num('device_handle') === owner))
    report(offset + 4, 'error', `no memory device has handle ${handle(owner)}: its hints are ignored`)
  const hints = flush.list('hint_address')
  if (hints.length > 0 && !isPowerOfTwo(BigInt(hints.length))) {
    const used = 2 ** Math.floor(Math.log2(hints.length))
    report(offset + 8, 'warning', `${hints.length} hints: Linux uses the first ${used}, a power of two`)
  }
  for (const [i, hint] of hints.entries()) {
    const at = offset + 16 + 8 * i
    if (hint < PAGE) report(at, 'error', `hint ${place(hint)} is in the first page of memory: Linux refuses the region`)
    else if (hint % HINT !== 0n) report(at, 'error', `hint ${place(hint)} is not aligned to 8 bytes`)
  }
}

const isMemoryRange = (range: Structure): boolean => isMemory(spaTypeOf(String(range.fields['range_guid'])))

/** A hint is a register; what is written to it must not land in memory. */
function checkHintPlaces(flush: Structure, ranges: readonly Structure[], report: Report): void {
  for (const [i, hint] of flush.list('hint_address').entries()) {
    const range = ranges.find((each) => {
      const start = each.big('address')
      return isMemoryRange(each) && hint + HINT > start && hint < start + each.big('length')
    })
    if (range !== undefined) {
      const message = `hint ${place(hint)} lies in the range at byte ${range.offset}: every flush overwrites memory`
      report(flush.offset + 16 + 8 * i, 'error', message)
    }
  }
}

/** A byte of a DIMM has one address: parts that ranges of memory take from it must not overlap. */
function checkDpa(memdevs: readonly Structure[], ranges: readonly Structure[], report: Report): void {
  const inMemory = memdevs.filter((memdev) => {
    const range = ranges.find((each) => each.num('range_index') === memdev.num('range_index'))
    return memdev.num('range_index') !== 0 && range !== undefined && isMemoryRange(range)
  })
  for (const own of repeated(inMemory, (memdev) => String(memdev.num('device_handle')))) {
    const end = (memdev: Structure): bigint => memdev.big('address') + memdev.big('region_size')
    const sorted = own.filter((memdev) => memdev.big('region_size') > 0n).sort(byAddress)
    let furthest: Structure | undefined
    for (const memdev of sorted) {
      if (furthest !== undefined && memdev.big('address') < end(furthest)) {
        const [first, second] = memdev.offset < furthest.offset ? [memdev, furthest] : [furthest, memdev]
        const shorter = end(memdev) < end(furthest) ? memdev : furthest
        const where = `${place(memdev.big('address'))}…${place(end(shorter) - 1n)}`
        const message = `DPA ${where} of DIMM ${handle(memdev.num('device_handle'))} is in the memory device at byte ${first.offset} too`
        report(second.offset + 32, 'error', message)
      }
      if (furthest === undefined || end(memdev) > end(furthest)) furthest = memdev
    }
  }
}

function byAddress(a: Structure, b: Structure): number {
  const [first, second] = [a.big('address'), b.big('address')]
  return first === second ? a.offset - b.offset : first < second ? -1 : 1
}

/** The DIMMs of a set must have hints all, or none; better all as many. */
function checkSets(memdevs: readonly Structure[], flushes: readonly Structure[], report: Report): void {
  const count = (memdev: Structure): number => {
    const own = flushes.find((flush) => flush.num('device_handle') === memdev.num('device_handle'))
    return own?.list('hint_address').length ?? 0
  }
  const sets = repeated(memdevs, (memdev) => {
    const range = memdev.num('range_index')
    return range === 0 ? undefined : String(range)
  })
  for (const set of sets) {
    const most = Math.max(...set.map(count))
    const least = Math.min(...set.map(count))
    const range = set[0]?.num('range_index')
    for (const memdev of set) {
      if (most > 0 && count(memdev) === 0) {
        const name = `DIMM ${handle(memdev.num('device_handle'))}`
        const message = `${name} has no flush hints, others of range ${range} have: Linux crashes (NULL pointer)`
        report(memdev.offset + 4, 'error', message)
      }
    }
    if (least > 0 && least !== most)
      report(
        set[0]?.offset ?? 0,
        'note',
        `${least} to ${most} flush hints on the DIMMs of range ${range}: ${least} are used`,
      )
  }
}
