/**
 * drivers/acpi/nfit/core.c: what identifies an interleave set, so that labels can name it.
 *
 * Source: reference/kernel.md §2.5; torvalds/linux 86ef58a4e35e (v4.11) for the alternative cookie.
 */

import { ENODEV } from '../../../include/linux/errno.ts'
import type { Kernel } from '../../../kernel.ts'
import { dev_err } from '../../base/core.ts'
import { nd_fletcher64 } from '../../nvdimm/core.ts'
import type { NdInterleaveSet, NdMapping } from '../../nvdimm/nd.ts'
import type { AcpiNfitDesc, NfitDcr, NfitSpa } from './nfit.ts'

interface SetInfo {
  readonly region_offset: bigint
  readonly dcr: NfitDcr
}

/** Bytes of one record, labels v1.1 and v1.2. */
const RECORD_V1 = 16
const RECORD_V2 = 48

/** The mappings with their positions in the set, and its cookies; -ENODEV when a DIMM has no control region. */
export function interleave_set(
  k: Kernel,
  desc: AcpiNfitDesc,
  spa: NfitSpa,
  mappings: readonly NdMapping[],
): { readonly nd_set: NdInterleaveSet; readonly mappings: readonly NdMapping[] } | number {
  const memdevs = desc.memdevs.filter((memdev) => memdev.range_index === spa.range_index)
  const infos: SetInfo[] = []
  for (const { device_handle, region_offset } of memdevs) {
    const dcr = desc.dimms.find((mem) => mem.device_handle === device_handle)?.dcr
    if (dcr === undefined) {
      dev_err(k, desc.dev, 'acpi_nfit_init_interleave_set: failed to find DCR')
      return -ENODEV
    }
    infos.push({ region_offset, dcr })
  }
  const sorted = [...infos].sort((a, b) => Number(a.region_offset - b.region_offset))
  const positions = positions_of(infos, sorted)
  return {
    nd_set: {
      cookie1: nd_fletcher64(records(sorted, RECORD_V1)),
      cookie2: nd_fletcher64(records(sorted, RECORD_V2)),
      altcookie: nd_fletcher64(records([...infos].sort(cmp_map_compat), RECORD_V1)),
    },
    mappings: mappings.map((mapping, i) => ({ ...mapping, position: positions[i] ?? 0 })),
  }
}

/** As kernels before v4.11 sorted: by the bytes of the offset, lowest first. */
function cmp_map_compat({ region_offset: a }: SetInfo, { region_offset: b }: SetInfo): number {
  for (let shift = 0n; shift < 64n; shift += 8n) {
    const difference = Number((a >> shift) & 0xffn) - Number((b >> shift) & 0xffn)
    if (difference !== 0) return difference
  }
  return 0
}

/** Each place of the sorted set goes to the first mapping whose DIMM looks like it; look-alikes share the first. */
function positions_of(infos: readonly SetInfo[], sorted: readonly SetInfo[]): readonly number[] {
  const positions = infos.map(() => 0)
  for (const [place, { dcr }] of sorted.entries()) {
    const at = infos.findIndex((info) => same(info.dcr, dcr))
    if (at >= 0) positions[at] = place
  }
  return positions
}

const same = (a: NfitDcr, b: NfitDcr): boolean =>
  a.serial_number === b.serial_number &&
  a.vendor_id === b.vendor_id &&
  a.manufacturing_date === b.manufacturing_date &&
  a.manufacturing_location === b.manufacturing_location

/** The short record holds offset and serial number, the long one vendor, date and place of manufacture too. */
function records(infos: readonly SetInfo[], size: number): Uint8Array {
  const bytes = new Uint8Array(infos.length * size)
  const data = new DataView(bytes.buffer)
  for (const [i, { region_offset, dcr }] of infos.entries()) {
    data.setBigUint64(i * size, region_offset, true)
    data.setUint32(i * size + 8, dcr.serial_number, true)
    if (size < RECORD_V2) continue
    data.setUint16(i * size + 12, dcr.vendor_id, true)
    data.setUint16(i * size + 14, dcr.manufacturing_date, true)
    data.setUint8(i * size + 16, dcr.manufacturing_location)
  }
  return bytes
}
