/**
 * Where each field of an NFIT structure stands: the one place that knows offsets and sizes.
 *
 * Source: ACPI 6.2A §5.2.25; names as in Linux' include/acpi/actbl2.h. A field may lie behind the fixed part: it is
 * there when the structure is long enough.
 */

export type FieldKind = 'u8' | 'u16' | 'u32' | 'u64' | 'guid'

interface Field {
  readonly name: string
  readonly kind: FieldKind
  readonly offset: number
}

/** What follows the fixed part: `count` items (a field's name, or as many as fit). */
interface Tail {
  readonly name: string
  readonly kind: 'u8' | 'u32' | 'u64'
  readonly offset: number
  readonly count: string | 'rest'
}

export interface Layout {
  readonly type: number
  readonly name: string
  /** Bytes of the fixed part. */
  readonly size: number
  readonly fields: readonly Field[]
  /** Bytes that must be zero: [offset, length]. */
  readonly reserved: readonly (readonly [number, number])[]
  readonly tail?: Tail
}

const bytesOf: Record<FieldKind, number> = { u8: 1, u16: 2, u32: 4, u64: 8, guid: 16 }
export const sizeOf = (kind: FieldKind): number => bytesOf[kind]

/** `range_index:u16@4 flags:u16@6 …` */
function fields(text: string): readonly Field[] {
  return text
    .trim()
    .split(/\s+/)
    .map((word) => {
      const [, name = '', kind = 'u8', offset = '0'] = /^(\w+):(\w+)@(\d+)$/.exec(word) ?? []
      return { name, kind: kind as FieldKind, offset: Number(offset) }
    })
}

export const NFIT_SPA = 0
export const NFIT_MEMDEV = 1
export const NFIT_INTERLEAVE = 2
export const NFIT_SMBIOS = 3
export const NFIT_DCR = 4
export const NFIT_BDW = 5
export const NFIT_FLUSH = 6
export const NFIT_CAPABILITIES = 7

/** ACPI header and the 4 reserved bytes after it. */
export const NFIT_HEADER = 40

/** A range with the location cookie of ACPI 6.4 (flag bit 2) has 64 bytes. */
export const SPA_LONG = 64

/** Control region without block windows ends here; with windows it has 80 bytes. */
export const DCR_SHORT = 32

const layouts: readonly Layout[] = [
  {
    type: NFIT_SPA,
    name: 'system physical address range',
    size: 56,
    fields: fields(`range_index:u16@4 flags:u16@6 proximity_domain:u32@12 range_guid:guid@16 address:u64@32
      length:u64@40 memory_mapping:u64@48 location_cookie:u64@56`),
    reserved: [[8, 4]],
  },
  {
    type: NFIT_MEMDEV,
    name: 'memory device mapping',
    size: 48,
    fields: fields(`device_handle:u32@4 physical_id:u16@8 region_id:u16@10 range_index:u16@12 region_index:u16@14
      region_size:u64@16 region_offset:u64@24 address:u64@32 interleave_index:u16@40 interleave_ways:u16@42
      flags:u16@44`),
    reserved: [[46, 2]],
  },
  {
    type: NFIT_INTERLEAVE,
    name: 'interleave',
    size: 16,
    fields: fields('interleave_index:u16@4 line_count:u32@8 line_size:u32@12'),
    reserved: [[6, 2]],
    tail: { name: 'line_offset', kind: 'u32', offset: 16, count: 'line_count' },
  },
  {
    type: NFIT_SMBIOS,
    name: 'SMBIOS',
    size: 8,
    fields: [],
    reserved: [[4, 4]],
    tail: { name: 'data', kind: 'u8', offset: 8, count: 'rest' },
  },
  {
    type: NFIT_DCR,
    name: 'control region',
    size: 80,
    fields: fields(`region_index:u16@4 vendor_id:u16@6 device_id:u16@8 revision_id:u16@10 subsystem_vendor_id:u16@12
      subsystem_device_id:u16@14 subsystem_revision_id:u16@16 valid_fields:u8@18 manufacturing_location:u8@19
      manufacturing_date:u16@20 serial_number:u32@24 code:u16@28 windows:u16@30 window_size:u64@32
      command_offset:u64@40 command_size:u64@48 status_offset:u64@56 status_size:u64@64 flags:u16@72`),
    reserved: [
      [22, 2],
      [74, 6],
    ],
  },
  {
    type: NFIT_BDW,
    name: 'block data window',
    size: 40,
    fields: fields(`region_index:u16@4 windows:u16@6 offset:u64@8 size:u64@16 capacity:u64@24
      start_address:u64@32`),
    reserved: [],
  },
  {
    type: NFIT_FLUSH,
    name: 'flush hint addresses',
    size: 16,
    fields: fields('device_handle:u32@4 hint_count:u16@8'),
    reserved: [[10, 6]],
    tail: { name: 'hint_address', kind: 'u64', offset: 16, count: 'hint_count' },
  },
  {
    type: NFIT_CAPABILITIES,
    name: 'platform capabilities',
    size: 16,
    fields: fields('highest_capability:u8@4 capabilities:u32@8'),
    reserved: [
      [5, 3],
      [12, 4],
    ],
  },
]

/** undefined for a structure type that ACPI 6.2A does not define. */
export const layoutOf = (type: number): Layout | undefined => layouts[type]

/** Bytes in front of a tail: some structures have a short and a long form. */
export function fixedSize(layout: Layout, length: number): number {
  if (layout.type === NFIT_SPA && length >= SPA_LONG) return SPA_LONG
  return layout.type === NFIT_DCR && length < layout.size ? DCR_SHORT : layout.size
}

/** Name under which bytes that should be zero and are not, or that no field claims, stand among the fields. */
export const reservedAt = (offset: number): string => `reserved@${offset}`
export const EXCESS = 'excess'
