/**
 * drivers/acpi/nfit/core.c: from the NFIT to DIMMs and regions.
 *
 * Source: torvalds/linux v4.12 … v6.1; reference/kernel.md §§2.2–2.5. Left out: ACPI methods, updates by _FIT, block
 * apertures. Address range scrub is in ars.ts.
 */

import { spa as to_spa } from '../../../../../base/brand.ts'
import { hex } from '../../../../../base/bytes.ts'
import { NFIT_HEADER } from '../../../../firmware/acpi/nfit-layout.ts'
import { kfunc, type Request } from '../../../../sim/kfunc.ts'
import { struct } from '../../../../sim/struct.ts'
import { type BusType, type Device, type DeviceDriver, device } from '../../../include/linux/device.ts'
import { ENODEV, ENOMEM, ENXIO } from '../../../include/linux/errno.ts'
import { insert_resource, region_intersects } from '../../../kernel/resource.ts'
import type { Kernel } from '../../../kernel.ts'
import { dev_dbg, dev_err, dev_info, dev_warn, device_add } from '../../base/core.ts'
import { device_attach } from '../../base/dd.ts'
import { nd_synchronize, nvdimm_bus_register, nvdimm_bus_unregister } from '../../nvdimm/bus.ts'
import { nvdimm_bus_check_dimm_count, nvdimm_create } from '../../nvdimm/dimm_devs.ts'
import { type NdMapping, type NdRegion, nd_mapping } from '../../nvdimm/nd.ts'
import { nvdimm_pmem_region_create, nvdimm_volatile_region_create } from '../../nvdimm/region_devs.ts'
import { add_tables } from './add_table.ts'
import {
  acpi_nfit_attributes,
  acpi_nfit_dimm_attributes,
  acpi_nfit_region_attributes,
  memdev_of,
} from './attributes.ts'
import { interleave_set } from './interleave_set.ts'
import {
  ACPI_NFIT_MEM_FLUSH_FAILED,
  ACPI_NFIT_MEM_MAP_FAILED,
  ACPI_NFIT_MEM_NOT_ARMED,
  ACPI_NFIT_MEM_RESTORE_FAILED,
  ACPI_NFIT_MEM_SAVE_FAILED,
  ACPI_NFIT_PROXIMITY_VALID,
  type AcpiNfitDesc,
  acpi_nfit_desc,
  type NfitSpa,
  nfit_spa_type,
} from './nfit.ts'
import { nfit_mem_init } from './nfit_mem.ts'
import { node_of_pxm } from './pxm.ts'

const CORE = 'drivers/acpi/nfit/core.c'
const ND_MAX_MAPPINGS = 32
const CAPABILITY_CACHE_FLUSH = 1
const CAPABILITY_MEM_FLUSH = 2

/** What a DIMM with a label area answers: label commands of the Intel family. */
const LABEL_COMMANDS = ['get_size', 'get_data', 'set_data', 'cmd_call'] as const
const NO_COMMANDS = ['cmd_call'] as const

const acpi_nfit_register_dimms = kfunc(CORE, function* acpi_nfit_register_dimms(k: Kernel, desc: AcpiNfitDesc) {
  for (const mem of desc.dimms) {
    const flags = memdev_of(mem)?.flags ?? 0
    const number = desc.nvdimms.length
    const name = `nmem${number}`
    const labels = (k.options.labelAreas?.[name]?.size ?? 0) > 0
    if (!labels) dev_dbg(k, desc.dev, 'unknown dimm command family')
    const nvdimm = yield* nvdimm_create(k, desc.nvdimm_bus, {
      unarmed: (flags & ACPI_NFIT_MEM_NOT_ARMED) !== 0,
      aliasing: mem.memdev_bdw !== undefined && mem.memdev_pmem !== undefined && !k.has('labels_without_aliasing'),
      commands: labels ? LABEL_COMMANDS : NO_COMMANDS,
      flush_wpq: mem.flush_wpq.map((hint) => to_spa(Number(hint))),
      num_flush: mem.num_flush,
      groups: acpi_nfit_dimm_attributes,
      provider_data: mem,
    })
    desc.nvdimms = [...desc.nvdimms, nvdimm]
    const failed = failures(flags)
    if (failed === '') continue
    if (k.has('dimm_flags_are_errors')) dev_err(k, desc.dev, `Error found in NVDIMM nmem${number} flags:${failed}`)
    else dev_info(k, desc.dev, `nmem${number} flags:${failed}`)
  }
  return yield* nvdimm_bus_check_dimm_count(k, desc.nvdimm_bus, desc.nvdimms.length)
})

const failures = (flags: number): string =>
  [
    [ACPI_NFIT_MEM_SAVE_FAILED, ' save_fail'] as const,
    [ACPI_NFIT_MEM_RESTORE_FAILED, ' restore_fail'] as const,
    [ACPI_NFIT_MEM_FLUSH_FAILED, ' flush_fail'] as const,
    [ACPI_NFIT_MEM_NOT_ARMED, ' not_armed'] as const,
    [ACPI_NFIT_MEM_MAP_FAILED, ' map_fail'] as const,
  ]
    .map(([bit, word]) => ((flags & bit) === 0 ? '' : word))
    .join('')

const nfit_spa_is_virtual = (spa: NfitSpa): boolean => /-(disk|cd)$/.test(nfit_spa_type(spa) ?? '')

function nfit_spa_is_volatile(k: Kernel, spa: NfitSpa): boolean {
  const type = nfit_spa_type(spa)
  if (!k.has('nfit_volatile_ranges')) return type === 'volatile'
  return type === 'volatile' || type === 'volatile-disk' || type === 'volatile-cd'
}

/** The node that firmware names, or that the address suggests. Only one node has memory here: node 0. */
function nodes_of(k: Kernel, desc: AcpiNfitDesc, spa: NfitSpa): { numa_node: number; target_node: number } {
  const valid = (spa.flags & ACPI_NFIT_PROXIMITY_VALID) !== 0
  const node = valid ? node_of_pxm(k, spa.proximity_domain, desc.spas) : -1
  if (node >= 0 || !k.has('nfit_numa_fallback')) return { numa_node: node, target_node: node }
  const at = (n: bigint): string => `0x${hex(BigInt.asUintN(64, n), 16)}`
  const range = `[${at(spa.address)}-${at(spa.address + spa.length - 1n)}]`
  dev_info(k, desc.dev, `changing numa node from -1 to 0 for nfit region ${range}`)
  dev_info(k, desc.dev, `changing target node from -1 to -1 for nfit region ${range}`)
  return { numa_node: 0, target_node: -1 }
}

/** One mapping for each memdev of the range, in the order of the table; a negative error number when one is lost. */
function mappings_of(k: Kernel, desc: AcpiNfitDesc, spa: NfitSpa): NdMapping[] | number {
  const mappings: NdMapping[] = []
  for (const memdev of desc.memdevs) {
    if (memdev.range_index !== spa.range_index) continue
    if (mappings.length >= ND_MAX_MAPPINGS) {
      dev_err(k, desc.dev, `spa${spa.range_index} exceeds max mappings ${ND_MAX_MAPPINGS}`)
      return -ENXIO
    }
    const at = desc.dimms.findIndex((mem) => mem.device_handle === memdev.device_handle)
    const nvdimm = desc.nvdimms[at]
    if (nvdimm === undefined) {
      const handle = `0x${memdev.device_handle.toString(16)}`
      dev_err(k, desc.dev, `spa${spa.range_index} dimm: ${handle} not found`)
      return -ENODEV
    }
    mappings.push(nd_mapping(nvdimm, memdev.address, memdev.region_size))
  }
  return mappings
}

const create_region = function* (k: Kernel, desc: AcpiNfitDesc, spa: NfitSpa): Generator<Request, number, unknown> {
  const nodes = nodes_of(k, desc, spa)
  const found = mappings_of(k, desc, spa)
  if (typeof found === 'number') return found
  const set = interleave_set(k, desc, spa, found)
  if (typeof set === 'number') return set
  const cap = desc.platform_cap
  const region_desc = {
    start: spa.address,
    size: spa.length,
    mappings: set.mappings,
    nd_set: set.nd_set,
    persistence: persistence_of(cap),
    ...nodes,
    groups: acpi_nfit_region_attributes(spa.range_index),
  }
  const type = nfit_spa_type(spa)
  let region: NdRegion | undefined
  if (type === 'pmem') {
    const [start, end] = [Number(spa.address), Number(spa.address + spa.length - 1n)]
    const known = region_intersects(k, start, end, 'Persistent Memory')
    const rc = known ? 0 : insert_resource(k, start, end, 'Persistent Memory')
    if (rc !== 0) {
      dev_warn(k, desc.dev, `failed to insert pmem resource to iomem: ${rc}`)
      return rc
    }
    region = yield* nvdimm_pmem_region_create(k, desc.nvdimm_bus, region_desc)
  } else if (nfit_spa_is_volatile(k, spa))
    region = yield* nvdimm_volatile_region_create(k, desc.nvdimm_bus, region_desc)
  else if (nfit_spa_is_virtual(spa)) region = yield* nvdimm_pmem_region_create(k, desc.nvdimm_bus, region_desc)
  else return 0
  if (region === undefined) return -ENOMEM
  return 0
}

/** What platform power-fail protection covers; caches imply the memory controller. */
function persistence_of(cap: number): NdRegion['persistence'] {
  if ((cap & CAPABILITY_CACHE_FLUSH) !== 0) return 'cpu_cache'
  return (cap & CAPABILITY_MEM_FLUSH) !== 0 ? 'memory_controller' : undefined
}

const acpi_nfit_register_region = kfunc(
  CORE,
  function* acpi_nfit_register_region(k: Kernel, desc: AcpiNfitDesc, spa: NfitSpa) {
    if (spa.range_index === 0 && !nfit_spa_is_virtual(spa)) {
      dev_dbg(k, desc.dev, 'detected invalid spa index')
      return 0
    }
    const rc = yield* create_region(k, desc, spa)
    if (rc !== 0) dev_err(k, desc.dev, `failed to register spa range ${spa.range_index}`)
    return rc
  },
)

/** Control ranges are registered too, though none becomes a region; block windows and unknown ranges are skipped. */
const acpi_nfit_register_regions = kfunc(CORE, function* acpi_nfit_register_regions(k: Kernel, desc: AcpiNfitDesc) {
  for (const spa of desc.spas) {
    const type = nfit_spa_type(spa)
    if (type === undefined || type === 'block-data-window') continue
    const rc = yield* acpi_nfit_register_region(k, desc, spa)
    if (rc !== 0) return rc
  }
  return 0
})

/** What firmware answers for the bus: media errors, if there may be any. */
const bus_commands = (k: Kernel): string =>
  k.options.mediaErrors === undefined ? 'cmd_call ' : 'ars_cap ars_start ars_status clear_error cmd_call '

const acpi_nfit_init = kfunc(CORE, function* acpi_nfit_init(k: Kernel, desc: AcpiNfitDesc, table: Uint8Array) {
  desc.nvdimm_bus = yield* nvdimm_bus_register(k, desc.dev, 'ACPI.NFIT', acpi_nfit_attributes(desc), bus_commands(k))
  const parsed = yield* add_tables(k, desc, table, NFIT_HEADER)
  if (parsed !== 0) {
    dev_dbg(k, desc.dev, `nfit table parsing error: ${parsed}`)
    return parsed
  }
  const dimms = nfit_mem_init(k, desc)
  if (dimms !== 0) return dimms
  const registered = yield* acpi_nfit_register_dimms(k, desc)
  if (registered !== 0) return registered
  const rc = yield* acpi_nfit_register_regions(k, desc)
  yield* nd_synchronize(k)
  return rc
})

/** The probe's result, for who asks after boot; undefined: the machine has no NFIT. */
const nfit_probe = struct<{ rc: number | undefined }>('nfit_probe', { rc: undefined })
export const nfit_probe_result = (k: Kernel): number | undefined => k.global(nfit_probe).rc

const acpi_nfit_add = kfunc(CORE, function* acpi_nfit_add(k: Kernel, dev: Device) {
  const table = k.options.nfit
  if (table === undefined) {
    // DIMMs may be plugged in later.
    dev_dbg(k, dev, 'failed to find NFIT at startup')
    return 0
  }
  const desc = acpi_nfit_desc.create(k.journal, { dev, revision: table[8] ?? 0 })
  const rc = yield* acpi_nfit_init(k, desc, table)
  k.global(nfit_probe).rc = rc
  if (rc !== 0) yield* nvdimm_bus_unregister(k, desc.nvdimm_bus)
  return rc
})

const acpi_bus_type: BusType = {
  name: 'acpi',
  match: () => true,
  probe: (k, dev) => (dev.driver as DeviceDriver).probe(k, dev),
  remove: kfunc('drivers/acpi/bus.c', function* acpi_device_remove() {
    yield* []
  }),
}

export const acpi_nfit_driver: DeviceDriver = { name: 'nfit', bus: acpi_bus_type, types: 0, probe: acpi_nfit_add }

/** The root device that ACPI's name space has when there are NVDIMMs. */
export const acpi_scan_nvdimm_root = kfunc('drivers/acpi/scan.c', function* acpi_bus_scan(k: Kernel) {
  if (k.options.nfit === undefined && k.options.nvdimmRoot !== true) return
  const dev = device.create(k.journal, {
    name: 'ACPI0012:00',
    folder: 'LNXSYSTM:00/LNXSYBUS:00',
    bus: acpi_bus_type,
  })
  device_add(k, dev)
  yield* device_attach(k, dev)
})
