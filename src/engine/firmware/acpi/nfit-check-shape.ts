/** Header, lengths, reserved bytes, and the structures that stand for themselves. */

import type { NfitTable } from './nfit-decode.ts'
import { isPowerOfTwo, place, type Report, repeated, type Structure } from './nfit-finding.ts'
import {
  DCR_SHORT,
  EXCESS,
  layoutOf,
  NFIT_BDW,
  NFIT_CAPABILITIES,
  NFIT_DCR,
  NFIT_INTERLEAVE,
  NFIT_SPA,
  SPA_LONG,
  sizeOf,
} from './nfit-layout.ts'

export function checkShapes(table: NfitTable, structures: readonly Structure[], report: Report): void {
  for (const { offset, message } of table.problems)
    report(offset, /^unknown structure/.test(message) ? 'warning' : 'error', message)
  const { revision } = table.header
  if (revision !== 1) report(8, 'warning', `revision is ${revision}; NFITs have revision 1`)
  if (table.subtables.length === 0) report(4, 'warning', 'the table describes nothing')
  for (const structure of structures) {
    checkLength(structure, report)
    checkReserved(structure, report)
    if (structure.type === NFIT_INTERLEAVE) checkInterleave(structure, report)
    if (structure.type === NFIT_CAPABILITIES) checkCapabilities(structure, report)
    if (structure.type === NFIT_DCR || structure.type === NFIT_BDW) checkIndex(structure, report)
  }
  checkNumbers(structures, report)
  const [first, second] = structures.filter(({ type }) => type === NFIT_CAPABILITIES)
  if (first !== undefined && second !== undefined)
    report(second.offset, 'warning', `platform capabilities stand at byte ${first.offset} already; the last ones count`)
}

/** Lengths that ACPI fixes; a driver that insists on them refuses the whole table. */
function checkLength({ type, offset, length, fields }: Structure, report: Report): void {
  const layout = layoutOf(type)
  if (layout === undefined || length < layout.size) return
  const { tail } = layout
  const excess = fields[EXCESS] === undefined ? 0 : String(fields[EXCESS]).length / 2
  if (type === NFIT_SPA) {
    const located = (Number(fields['flags']) & LOCATION_COOKIE_VALID) !== 0
    const right = located ? SPA_LONG : layout.size
    if (length !== right) report(offset + 2, 'error', `range structure has ${length} bytes; with these flags ${right}`)
  } else if (type === NFIT_DCR && excess > 0)
    report(
      offset + 2,
      'warning',
      `control region structure has ${length} bytes, neither ${DCR_SHORT} nor ${layout.size}`,
    )
  else if (excess > 0) {
    const at = offset + length - excess
    const severity = tail === undefined ? 'error' : 'warning'
    report(at, severity, `${layout.name} structure has ${excess} bytes that no field claims`)
  }
  if (tail !== undefined && tail.kind !== 'u8' && Number(fields[tail.count] ?? 0) === 0) {
    const count = layout.fields.find(({ name }) => name === tail.count)
    const linux = length < tail.offset + sizeOf(tail.kind) ? ': Linux refuses the whole table' : ''
    report(offset + (count?.offset ?? 0), 'error', `${tail.count} is 0${linux}`)
  }
}

const LOCATION_COOKIE_VALID = 4

function checkReserved({ offset, fields }: Structure, report: Report): void {
  for (const name of Object.keys(fields)) {
    const [, at] = /^reserved@(\d+)$/.exec(name) ?? []
    if (at !== undefined) report(offset + Number(at), 'warning', `reserved bytes are not zero: ${String(fields[name])}`)
  }
}

function checkInterleave(structure: Structure, report: Report): void {
  const { offset } = structure
  if (structure.num('interleave_index') === 0) report(offset + 4, 'error', 'interleave_index 0 means "no interleave"')
  const size = structure.big('line_size')
  if (size === 0n) report(offset + 12, 'error', 'line_size is 0')
  else if (!isPowerOfTwo(size)) report(offset + 12, 'warning', `line_size ${place(size)} is not a power of two`)
  const lines = structure.list('line_offset')
  for (const [, again] of repeated([...lines.entries()], ([, line]) => String(line)))
    if (again !== undefined) report(offset + 16 + 4 * again[0], 'error', `line_offset ${again[1]} stands there twice`)
}

const CAPABILITY_BITS = 3

function checkCapabilities(structure: Structure, report: Report): void {
  const { offset } = structure
  const highest = structure.num('highest_capability')
  const bits = structure.num('capabilities')
  if (highest > 31) report(offset + 4, 'error', `highest valid capability is bit ${highest} of 32`)
  else if (highest === 31)
    report(offset + 4, 'warning', 'highest valid capability is bit 31: Linux computes an empty mask and sees none')
  const beyond = highest >= 31 ? 0 : Math.floor(bits / 2 ** (highest + 1))
  if (beyond !== 0)
    report(
      offset + 8,
      'warning',
      `capability bits above bit ${highest}, the highest valid one, are set and do not count`,
    )
  if (bits >= 2 ** CAPABILITY_BITS)
    report(offset + 8, 'warning', `capability bits above bit ${CAPABILITY_BITS - 1} have no meaning`)
  if ((bits & 1) !== 0 && (bits & 2) === 0)
    report(offset + 8, 'note', 'CPU caches are flushed on power loss, and the memory controller is said not to be')
}

function checkIndex(structure: Structure, report: Report): void {
  if (structure.num('region_index') !== 0) return
  report(structure.offset + 4, 'error', 'region_index 0 means "no control region"')
}

/** Structures that others name by a number need one each. */
function checkNumbers(structures: readonly Structure[], report: Report): void {
  for (const [type, name] of [
    [NFIT_SPA, 'range_index'],
    [NFIT_INTERLEAVE, 'interleave_index'],
    [NFIT_DCR, 'region_index'],
    [NFIT_BDW, 'region_index'],
  ] as const) {
    const own = structures.filter((each) => each.type === type && each.num(name) !== 0)
    for (const [first, ...others] of repeated(own, (each) => String(each.num(name))))
      for (const other of others)
        report(
          other.offset + 4,
          'error',
          `${name} ${other.num(name)} is that of the structure at byte ${first?.offset}`,
        )
  }
}
