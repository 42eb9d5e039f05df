/** A place in words: virtual address, physical address, DIMM; or the file. */

import { address } from '../../base/bytes.ts'
import type { ValuePlace } from '../../protocol/debug.ts'

type Memory = ValuePlace & { readonly kind: 'memory' }

/** "/dev/dax0.0 + 72"; undefined: it is in no file. */
export const fileOf = (place: ValuePlace | undefined): string | undefined =>
  place?.kind === 'memory' && place.file !== undefined ? `${place.file} + ${place.offset ?? 0}` : undefined

/** "0x7f… → SPA 0x… → NVDIMM 0, DPA 0x…", as the processor translates it. */
export function wayOf(place: ValuePlace): string {
  if (place.kind === 'register') return 'in a register'
  const { va, spa, dimm, dpa } = place
  return [
    address(va),
    ...(spa === undefined ? [] : [`SPA ${address(spa)}`]),
    ...(dimm === undefined ? [] : [`NVDIMM ${dimm}, DPA ${address(dpa ?? 0)}`]),
  ].join(' → ')
}

/** The cache line on persistent memory, and the byte in it, that an inspector can show. */
export function lineOf(place: ValuePlace | undefined): { readonly line: number; readonly byte: number } | undefined {
  const spa = (place as Memory | undefined)?.spa
  if (place?.kind !== 'memory' || spa === undefined || place.dimm === undefined) return undefined
  return { line: spa - (spa % 64), byte: spa % 64 }
}
