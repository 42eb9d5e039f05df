/**
 * drivers/acpi/nfit/nfit.h: the structures of the table as the driver keeps them.
 *
 * Fields of 64 bits are bigints, so that what is printed and what enters a cookie is exact; who uses one as an address
 * makes a number of it.
 */

import { type SpaType, spaTypeOf } from '../../../../firmware/acpi/guid.ts'
import { type Identity, struct } from '../../../../sim/struct.ts'
import type { Device } from '../../../include/linux/device.ts'
import type { NvdimmBus } from '../../nvdimm/bus.ts'
import type { Nvdimm } from '../../nvdimm/nd.ts'

export interface NfitSpa {
  readonly range_index: number
  readonly flags: number
  readonly proximity_domain: number
  readonly range_guid: string
  readonly address: bigint
  readonly length: bigint
}

export interface NfitMemdev {
  readonly device_handle: number
  readonly physical_id: number
  readonly range_index: number
  readonly region_index: number
  readonly region_size: bigint
  readonly region_offset: bigint
  readonly address: bigint
  readonly interleave_index: number
  readonly flags: number
}

export interface NfitDcr {
  readonly region_index: number
  readonly vendor_id: number
  readonly device_id: number
  readonly revision_id: number
  readonly subsystem_vendor_id: number
  readonly subsystem_device_id: number
  readonly subsystem_revision_id: number
  readonly valid_fields: number
  readonly manufacturing_location: number
  readonly manufacturing_date: number
  readonly serial_number: number
  readonly code: number
  readonly windows: number
}

export interface NfitFlush {
  readonly device_handle: number
  /** As the table says; there may be fewer addresses than that in it. */
  readonly hint_count: number
  readonly hint_address: readonly bigint[]
}

export const ACPI_NFIT_PROXIMITY_VALID = 2
/** ACPI 6.4: the structure has 8 bytes more. */
export const ACPI_NFIT_LOCATION_COOKIE_VALID = 4

export const ACPI_NFIT_MEM_SAVE_FAILED = 0x01
export const ACPI_NFIT_MEM_RESTORE_FAILED = 0x02
export const ACPI_NFIT_MEM_FLUSH_FAILED = 0x04
export const ACPI_NFIT_MEM_NOT_ARMED = 0x08
export const ACPI_NFIT_MEM_HEALTH_OBSERVED = 0x10
export const ACPI_NFIT_MEM_HEALTH_ENABLED = 0x20
export const ACPI_NFIT_MEM_MAP_FAILED = 0x40

export const nfit_spa_type = (spa: NfitSpa): SpaType | undefined => spaTypeOf(spa.range_guid)

/** Everything the table says about one DIMM. */
export interface NfitMem {
  readonly device_handle: number
  readonly dcr: NfitDcr | undefined
  readonly memdev_dcr: NfitMemdev | undefined
  readonly memdev_pmem: NfitMemdev | undefined
  /** A block window maps the DIMM too. */
  readonly memdev_bdw: NfitMemdev | undefined
  readonly flush_wpq: readonly bigint[]
  readonly num_flush: number
}

interface AcpiNfitDescFields {
  dev: Device
  nvdimm_bus: NvdimmBus
  revision: number
  spas: readonly NfitSpa[]
  memdevs: readonly NfitMemdev[]
  dcrs: readonly NfitDcr[]
  flushes: readonly NfitFlush[]
  /** In the order of their handles. */
  dimms: readonly NfitMem[]
  nvdimms: readonly Nvdimm[]
  platform_cap: number
  /** What an error that hardware reports leads to: 1 scrubs everything. */
  scrub_mode: number
}

export type AcpiNfitDesc = AcpiNfitDescFields & Identity

export const acpi_nfit_desc = struct<AcpiNfitDescFields>('acpi_nfit_desc', {
  dev: undefined as never,
  nvdimm_bus: undefined as never,
  revision: 0,
  spas: [],
  memdevs: [],
  dcrs: [],
  flushes: [],
  dimms: [],
  nvdimms: [],
  platform_cap: 0,
  scrub_mode: 0,
})
