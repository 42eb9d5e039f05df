/** drivers/acpi/nfit/core.c: the nfit folders in sysfs of the bus, its DIMMs and its regions. */

import { kfunc } from '../../../../sim/kfunc.ts'
import type { Device, DeviceAttribute } from '../../../include/linux/device.ts'
import { EINVAL, ENXIO } from '../../../include/linux/errno.ts'
import type { Kernel } from '../../../kernel.ts'
import { kstrtoul } from '../../../lib/kstrtox.ts'
import { nvdimm_provider_data } from '../../nvdimm/dimm_devs.ts'
import { to_nvdimm } from '../../nvdimm/nd.ts'
import {
  ACPI_NFIT_MEM_FLUSH_FAILED,
  ACPI_NFIT_MEM_HEALTH_ENABLED,
  ACPI_NFIT_MEM_HEALTH_OBSERVED,
  ACPI_NFIT_MEM_MAP_FAILED,
  ACPI_NFIT_MEM_NOT_ARMED,
  ACPI_NFIT_MEM_RESTORE_FAILED,
  ACPI_NFIT_MEM_SAVE_FAILED,
  type AcpiNfitDesc,
  type NfitDcr,
  type NfitMem,
  type NfitMemdev,
} from './nfit.ts'

/** The memdev that stands for the DIMM: that of its control range, else of its persistent range. */
export const memdev_of = (mem: NfitMem): NfitMemdev | undefined => mem.memdev_dcr ?? mem.memdev_pmem

const mem_of = (k: Kernel, dev: Device): NfitMem | undefined => {
  const data = nvdimm_provider_data(k, to_nvdimm(dev))
  return data === undefined ? undefined : (data as NfitMem)
}

const digits = (n: number, width: number): string => n.toString(16).padStart(width, '0')
/** Numbers of a control region are shown with their bytes swapped. */
const swap16 = (n: number): number => ((n & 0xff) << 8) | (n >>> 8)
const swap32 = (n: number): number => swap16(n & 0xffff) * 0x1_0000 + swap16(n >>> 16)
const be16 = (n: number): string => digits(swap16(n), 4)

/** The manufacturing fields of the control region are filled in. */
const MFG_INFO_VALID = 1

function id_of(dcr: NfitDcr): string {
  const serial = digits(swap32(dcr.serial_number), 8)
  if ((dcr.valid_fields & MFG_INFO_VALID) === 0) return `${be16(dcr.vendor_id)}-${serial}`
  const location = digits(dcr.manufacturing_location, 2)
  return `${be16(dcr.vendor_id)}-${location}-${be16(dcr.manufacturing_date)}-${serial}`
}

const health = [
  [ACPI_NFIT_MEM_SAVE_FAILED, 'save_fail '],
  [ACPI_NFIT_MEM_RESTORE_FAILED, 'restore_fail '],
  [ACPI_NFIT_MEM_FLUSH_FAILED, 'flush_fail '],
  [ACPI_NFIT_MEM_NOT_ARMED, 'not_armed '],
  [ACPI_NFIT_MEM_HEALTH_OBSERVED, 'smart_event '],
  [ACPI_NFIT_MEM_MAP_FAILED, 'map_fail '],
  [ACPI_NFIT_MEM_HEALTH_ENABLED, 'smart_notify '],
] as const

const flags_text = (flags: number): string => health.map(([bit, word]) => ((flags & bit) === 0 ? '' : word)).join('')

const of_mem = (name: string, show: (mem: NfitMem, k: Kernel, dev: Device) => string | number): DeviceAttribute => ({
  name: `nfit/${name}`,
  mode: 0o444,
  show: (k, dev) => {
    const mem = mem_of(k, dev)
    return mem === undefined ? -ENXIO : show(mem, k, dev)
  },
})

/** Hidden on a DIMM without control region. */
const of_dcr = (name: string, show: (dcr: NfitDcr) => string): DeviceAttribute => ({
  name: `nfit/${name}`,
  mode: 0o444,
  visible: (k, dev) => (mem_of(k, dev)?.dcr === undefined ? 0 : 0o444),
  show: (k, dev) => {
    const dcr = mem_of(k, dev)?.dcr
    return dcr === undefined ? -ENXIO : show(dcr)
  },
})

const has_labels = (dev: Device): boolean => to_nvdimm(dev).config_size > 0

export const acpi_nfit_dimm_attributes: readonly DeviceAttribute[] = [
  of_mem('handle', (mem) => `0x${(memdev_of(mem)?.device_handle ?? 0).toString(16)}`),
  of_mem('phys_id', (mem) => `0x${(memdev_of(mem)?.physical_id ?? 0).toString(16)}`),
  of_dcr('vendor', (dcr) => `0x${be16(dcr.vendor_id)}`),
  of_dcr('device', (dcr) => `0x${be16(dcr.device_id)}`),
  of_dcr('rev_id', (dcr) => `0x${be16(dcr.revision_id)}`),
  of_dcr('subsystem_vendor', (dcr) => `0x${be16(dcr.subsystem_vendor_id)}`),
  of_dcr('subsystem_device', (dcr) => `0x${be16(dcr.subsystem_device_id)}`),
  of_dcr('subsystem_rev_id', (dcr) => `0x${be16(dcr.subsystem_revision_id)}`),
  of_dcr('format', (dcr) => `0x${digits(dcr.code, 4)}`),
  of_dcr('serial', (dcr) => `0x${digits(swap32(dcr.serial_number), 8)}`),
  of_dcr('id', id_of),
  of_mem('formats', (mem, k) => {
    const windows = mem.memdev_bdw !== undefined && !k.has('no_block_apertures')
    return String((mem.memdev_pmem ? 1 : 0) + (windows ? 1 : 0))
  }),
  of_mem('flags', (mem) => flags_text(memdev_of(mem)?.flags ?? 0)),
  // A DIMM with a label area belongs to the Intel family, one without to none.
  of_mem('family', (_mem, _k, dev) => (has_labels(dev) ? '0' : -ENXIO)),
  of_mem('dsm_mask', (_mem, _k, dev) => (has_labels(dev) ? '0x70' : -ENXIO)),
]

/** Address range scrub is functions 1 to 4, injected errors 7 to 9. */
const bus_dsm_mask = (k: Kernel): string => {
  const media = k.options.mediaErrors
  return media === undefined ? '0x0' : media.injectable ? '0x39e' : '0x1e'
}

/** Whether an error that hardware reports starts a scrub of everything: 0 or 1. */
const hw_error_scrub_store = kfunc(
  'drivers/acpi/nfit/core.c',
  function* hw_error_scrub_store(_k: Kernel, desc: AcpiNfitDesc, text: string) {
    yield* []
    const value = kstrtoul(text)
    if (value < 0) return value
    if (value !== 0 && value !== 1) return -EINVAL
    desc.scrub_mode = value
    return 0
  },
)

export const acpi_nfit_attributes = (desc: AcpiNfitDesc): readonly DeviceAttribute[] => [
  { name: 'nfit/revision', mode: 0o444, show: () => String(desc.revision) },
  {
    name: 'nfit/hw_error_scrub',
    mode: 0o644,
    show: () => String(desc.scrub_mode),
    store: (k, _dev, text) => hw_error_scrub_store(k, desc, text),
  },
  { name: 'nfit/dsm_mask', mode: 0o444, show: (k) => bus_dsm_mask(k) },
]

export const acpi_nfit_region_attributes = (range_index: number): readonly DeviceAttribute[] => [
  { name: 'nfit/range_index', mode: 0o444, show: () => String(range_index) },
]
