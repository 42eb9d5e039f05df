/**
 * GUIDs as ACPI and EFI store them: the first three groups little-endian, the rest in order.
 *
 * Source: ACPI 6.2A §5.2.25.2 (NFIT range types), EFI appendix A.
 */

import { hyphenated } from '../../../base/bytes.ts'

/** Byte of the binary form for each pair of digits of the text form. */
const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const

/** `66f0d379-b4f3-4074-ac43-0d3318b78cdb` from 16 bytes; a short view reads as if zeros followed. */
export function guidText(bytes: Uint8Array): string {
  const digits = order.map((at) => (bytes[at] ?? 0).toString(16).padStart(2, '0')).join('')
  return hyphenated(digits)
}

/** 16 bytes; undefined when the text is no GUID. */
export function guidBytes(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)) return undefined
  const digits = text.replaceAll('-', '')
  const bytes = new Uint8Array(16)
  for (const [pair, at] of order.entries()) bytes[at] = Number.parseInt(digits.slice(2 * pair, 2 * pair + 2), 16)
  return bytes
}

/** What a system physical address range is for. */
export const SPA_GUID = {
  volatile: '7305944f-fdda-44e3-b16c-3f22d252e5d0',
  pmem: '66f0d379-b4f3-4074-ac43-0d3318b78cdb',
  'dimm-control-region': '92f701f6-13b4-405d-910b-299367e8234c',
  'block-data-window': '91af0530-5d86-470e-a6b0-0a2db9408249',
  'volatile-disk': '77ab535a-45fc-624b-5560-f7b281d1f96e',
  'volatile-cd': '3d5abd30-4175-87ce-6d64-d2ade523c4bb',
  'persistent-disk': '5cea02c9-4d07-69d3-269f-4496fbe096f9',
  'persistent-cd': '08018188-42cd-bb48-100f-5387d53ded3d',
} as const

export type SpaType = keyof typeof SPA_GUID

const typeOf = new Map<string, SpaType>(Object.entries(SPA_GUID).map(([type, guid]) => [guid, type as SpaType]))

/** The range type that a GUID stands for; undefined for one that ACPI does not define. */
export const spaTypeOf = (guid: string): SpaType | undefined => typeOf.get(guid)
