/**
 * drivers/acpi/numa/srat.c: proximity domains and nodes.
 *
 * Without an SRAT, firmware is taken to describe domains 0, 1, 2 … as far as the NFIT names them without a gap; a
 * domain behind a gap is in no SRAT.
 */

import type { Kernel } from '../../../kernel.ts'
import { ACPI_NFIT_PROXIMITY_VALID, type NfitSpa } from './nfit.ts'

/** -1: the domain is unknown. */
export function node_of_pxm(k: Kernel, pxm: number, spas: readonly NfitSpa[]): number {
  const { srat } = k.options
  if (srat !== undefined) return srat.indexOf(pxm)
  const named = new Set([0])
  for (const spa of spas) if ((spa.flags & ACPI_NFIT_PROXIMITY_VALID) !== 0) named.add(spa.proximity_domain)
  for (let below = 0; below < pxm; below++) if (!named.has(below)) return -1
  return pxm
}
