/**
 * What a careful firmware author would want to know of an NFIT before a kernel sees it.
 *
 * It speaks of the table; what the kernel makes of it is another matter. Severities: see `nfit-finding.ts`. Every
 * finding names the byte that it is about. Sources: ACPI 6.2A §5.2.25, ACPI 6.4; what Linux does not check itself
 * (reference/kernel.md §2.2) counts double.
 *
 * Left out: whether addresses are memory, SMBIOS contents, block-window registers.
 */

import { checkDimms } from './nfit-check-dimms.ts'
import { checkRanges } from './nfit-check-ranges.ts'
import { checkShapes } from './nfit-check-shape.ts'
import type { NfitTable } from './nfit-decode.ts'
import { type NfitFinding, type Report, Structure } from './nfit-finding.ts'

/** More would be read by nobody. */
const MOST = 500

export function checkNfit(table: NfitTable): readonly NfitFinding[] {
  const findings: NfitFinding[] = []
  const report: Report = (offset, severity, message) => {
    if (findings.length < MOST) findings.push({ offset, severity, message })
  }
  // Of a structure that does not fit its place, nothing more can be said.
  const broken = new Set(table.problems.map(({ offset }) => offset))
  const all = table.subtables.map((each) => new Structure(each))
  const structures = all.filter(({ offset }) => !broken.has(offset) && !broken.has(offset + 2))
  checkShapes(table, structures, report)
  checkRanges(structures, all, report)
  checkDimms(structures, all, report)
  return findings.sort((a, b) => a.offset - b.offset)
}
