/**
 * What answers at which physical address: NVDIMMs as firmware describes them, their flush-hint pages, DRAM below.
 *
 * Hardware is handed this map; it knows nothing of tables.
 */

import type { Spa } from '../base/brand.ts'
import { dimmOfSpa } from './firmware/interleave.ts'
import type { Platform } from './firmware/platform-of-nfit.ts'
import type { AddressMap, Home } from './hw/lines.ts'

/** Memory controllers by the number that device handles give them, in order. */
export function controllersOf(platform: Platform): readonly number[] {
  const all = [...new Set(platform.dimms.map((dimm) => dimm.controller))].sort((a, b) => a - b)
  return all.length === 0 ? [0] : all
}

export function addressMap(
  platform: Platform,
  controllers: readonly number[],
  initial: (at: Spa) => Uint8Array | undefined,
): AddressMap {
  const home = (kind: Home['kind'], dimm: number, at: number): Home => ({
    kind,
    dimm,
    dpa: at,
    controller: Math.max(0, controllers.indexOf(platform.dimms[dimm]?.controller ?? -1)),
  })
  const hints = new Map<number, number>()
  for (const [dimm, { flushHints }] of platform.dimms.entries())
    for (const hint of flushHints) hints.set(Math.floor(hint / 64), dimm)
  return {
    decode(at) {
      for (const range of platform.ranges) {
        if (at < range.spa || at >= range.spa + range.length) continue
        if (range.kind === 'volatile') return home('dram', 0, at)
        // Where a table's mappings leave a hole in its range, the first DIMM answers: some memory must.
        const place = dimmOfSpa(range, at) ?? { dimm: range.mappings[0]?.dimm ?? 0, dpa: at - range.spa }
        return home('nvdimm', place.dimm, place.dpa)
      }
      const hint = hints.get(Math.floor(at / 64))
      if (hint !== undefined) return home('hint', hint, 0)
      return at < 0x8000_0000 ? home('dram', 0, at) : undefined
    },
    initial,
  }
}
