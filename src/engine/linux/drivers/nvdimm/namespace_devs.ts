/**
 * drivers/nvdimm/namespace_devs.c: namespaces. Without labels a region is one namespace.
 *
 * What labels make of a region is in `namespace_labels.ts` and `namespace_pmem.ts`.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { type Device, type DeviceAttribute, type DeviceType, device } from '../../include/linux/device.ts'
import { EBUSY, EINVAL, ENODEV, ENXIO } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { kstrtobool } from '../../lib/kstrtox.ts'
import { dev_dbg, dev_err } from '../base/core.ts'
import { nd_device_register, nvdimm_bus_type } from './bus.ts'
import { NIL_UUID } from './core.ts'
import {
  is_namespace_pmem,
  is_nd_btt,
  is_nd_dax,
  is_nd_pfn,
  ND_DEVICE_NAMESPACE_PMEM,
  type NdNamespace,
  type NdRegion,
  nd_device_attributes,
  nd_namespace_io,
  nd_numa_attributes,
  nd_region_to_nstype,
  nsio_res,
  pmem_should_map_pages,
  resource_mode,
  to_nd_pfn,
  to_nd_region,
  to_ndns,
} from './nd.ts'

const NAMESPACE_DEVS = 'drivers/nvdimm/namespace_devs.c'
/** ND_MIN_NAMESPACE_SIZE: one page. */
const MIN_SIZE = 4096

function mode_of({ claim, dev }: NdNamespace): string {
  if (claim === undefined && pmem_should_map_pages(dev)) return 'memory'
  if (is_nd_btt(claim)) return 'safe'
  if (is_nd_pfn(claim)) return 'memory'
  return is_nd_dax(claim) ? 'dax' : 'raw'
}

const force_raw_store = kfunc(NAMESPACE_DEVS, function* force_raw_store(_k: Kernel, dev: Device, text: string) {
  const force_raw = kstrtobool(text)
  yield* []
  if (force_raw === undefined) return -EINVAL
  to_ndns(dev).force_raw = force_raw
  return 0
})

/** Remember what the namespace is meant for. */
function __holder_class_store(k: Kernel, dev: Device, text: string): number {
  const { labels } = k.options
  const ndns = to_ndns(dev)
  const name = text.trim()
  if (dev.driver !== undefined || ndns.claim !== undefined) return -EBUSY
  if (name !== '' && name !== 'btt' && name !== 'pfn' && name !== 'dax') return -EINVAL
  const claim_class = name === 'btt' && labels !== undefined ? labels.btt_claim_class(dev) : name
  if (claim_class === undefined) return -ENXIO
  ndns.claim_class = claim_class
  return 0
}

/** Without labels there is nowhere to write it down: it holds until the namespace goes, and -ENXIO says so. */
export const holder_class_store = kfunc(
  'drivers/nvdimm/namespace_devs.c',
  function* holder_class_store(k: Kernel, dev: Device, text: string) {
    const { labels } = k.options
    const rc = __holder_class_store(k, dev, text)
    const labelled = is_namespace_pmem(dev) && labels !== undefined
    const written = rc === 0 && labelled ? yield* labels.nd_namespace_label_update(k, dev) : rc
    dev_dbg(k, dev, `${written < 0 ? 'fail ' : ''}(${written})`)
    return rc === 0 && !labelled ? -ENXIO : written
  },
)

export const namespace_attributes: readonly DeviceAttribute[] = [
  {
    name: 'nstype',
    mode: 0o444,
    show: (_k, dev) => (dev.parent === undefined ? -ENXIO : String(nd_region_to_nstype(to_nd_region(dev.parent)))),
  },
  { name: 'size', mode: 0o444, show: (_k, dev) => String(nsio_res(to_ndns(dev))[1]) },
  { name: 'mode', mode: 0o444, show: (_k, dev) => mode_of(to_ndns(dev)) },
  {
    name: 'resource',
    mode: 0o400,
    visible: resource_mode,
    show: (_k, dev) => `0x${nsio_res(to_ndns(dev))[0].toString(16)}`,
  },
  { name: 'holder', mode: 0o444, show: (_k, dev) => to_ndns(dev).claim?.name ?? '' },
  {
    name: 'holder_class',
    mode: 0o644,
    visible: (k) => (k.has('holder_class') ? 0o644 : 0),
    show: (_k, dev) => to_ndns(dev).claim_class.replace('btt2', 'btt'),
    store: holder_class_store,
  },
  {
    name: 'force_raw',
    mode: 0o644,
    show: (_k, dev) => (to_ndns(dev).force_raw ? '1' : '0'),
    store: force_raw_store,
  },
  ...nd_device_attributes,
  ...nd_numa_attributes,
]

const namespace_io_device_type: DeviceType = { name: 'nd_namespace_io', attributes: namespace_attributes }

const create_namespace_io = kfunc(NAMESPACE_DEVS, function* create_namespace_io(k: Kernel, region: NdRegion) {
  const ndns = nd_namespace_io.create(k.journal, { start: region.ndr_start, size: region.ndr_size })
  ndns.dev = device.create(k.journal, {
    name: `namespace${region.number}.0`,
    parent: region.dev,
    kind: namespace_io_device_type,
    bus: nvdimm_bus_type,
    numa_node: region.dev.numa_node,
    target_node: region.dev.target_node,
    container: ndns,
  })
  yield* []
  return ndns
})

const init_active_labels = kfunc(NAMESPACE_DEVS, function* init_active_labels(k: Kernel, region: NdRegion) {
  yield* []
  const { labels } = k.options
  for (const [i, { nvdimm }] of region.mappings.entries()) {
    const { ndd } = nvdimm
    if (ndd === undefined) {
      if (!nvdimm.labeling) continue
      dev_err(k, region.dev, `${nvdimm.dev.name}: is disabled, failing probe`)
      deactivate_labels(region)
      return -ENXIO
    }
    region.label_dimms = [...region.label_dimms, nvdimm]
    nvdimm.busy++
    labels?.note_active_labels(k, region, i, ndd)
  }
  return 0
})

/** The region lets go of its DIMMs. */
export function deactivate_labels(region: NdRegion): void {
  for (const nvdimm of region.label_dimms) nvdimm.busy--
  region.label_dimms = []
  region.labels = []
  region.ns_ida = []
}

/** Number of namespaces, or a negative error number when this kind of region has none or its labels are at odds. */
export const nd_region_register_namespaces = kfunc(
  NAMESPACE_DEVS,
  function* nd_region_register_namespaces(k: Kernel, region: NdRegion) {
    const { labels } = k.options
    const rc = yield* init_active_labels(k, region)
    if (rc !== 0) return rc
    const type = nd_region_to_nstype(region)
    if (type === 0) return -ENODEV
    const found =
      type === ND_DEVICE_NAMESPACE_PMEM && labels !== undefined
        ? yield* labels.create_namespaces(k, region)
        : [yield* create_namespace_io(k, region)]
    if (typeof found === 'number') {
      deactivate_labels(region)
      return -ENODEV
    }
    region.ns_seed = found[0]?.dev
    for (const ndns of found) nd_device_register(k, ndns.dev)
    return found.length
  },
)

/** Another namespace to configure, once the last one has been. */
export function nd_region_create_ns_seed(k: Kernel, region: NdRegion): void {
  if (nd_region_to_nstype(region) !== ND_DEVICE_NAMESPACE_PMEM) return
  const seed = k.options.labels?.nd_namespace_pmem_create(k, region)
  region.ns_seed = seed?.dev
  if (seed !== undefined) nd_device_register(k, seed.dev)
}

/** `pmem0`, `pmem0.1`; `s` behind it when sectors are atomic. */
export function nvdimm_namespace_disk_name(ndns: NdNamespace): string {
  const { parent } = ndns.dev
  const number = parent === undefined ? 0 : to_nd_region(parent).number
  return `pmem${number}${ndns.nsid > 0 ? `.${ndns.nsid}` : ''}${is_nd_btt(ndns.claim) ? 's' : ''}`
}

/** Bytes of a logical block: what the label says, 512 without one. */
export const pmem_sector_size = (ndns: NdNamespace): number => (ndns.lbasize === 4096 ? 4096 : 512)

/** Whom info blocks on the namespace name as their parent. */
export const nd_dev_to_uuid = (ndns: NdNamespace): string => ndns.uuid ?? NIL_UUID

/** The namespace that a driver has been asked to serve through `dev`; a negative error number when it must not. */
export const nvdimm_namespace_common_probe = kfunc(
  NAMESPACE_DEVS,
  function* nvdimm_namespace_common_probe(k: Kernel, dev: Device) {
    yield* []
    const personality = is_nd_btt(dev) || is_nd_pfn(dev) || is_nd_dax(dev)
    const ndns = personality ? to_nd_pfn(dev).ndns : to_ndns(dev)
    if (ndns === undefined) return -ENODEV
    if (personality && ndns.dev.driver !== undefined) {
      dev_dbg(k, dev, 'is active, can not bind')
      return -EBUSY
    }
    if (!personality && ndns.claim !== undefined) {
      dev_dbg(k, dev, `claimed by ${ndns.claim.name}, failing probe`)
      return -ENXIO
    }
    if (ndns.size < MIN_SIZE) {
      dev_dbg(k, ndns.dev, `${ndns.size}, too small must be at least 0x1000`)
      return -ENODEV
    }
    return is_namespace_pmem(ndns.dev) && ndns.uuid === undefined ? -ENODEV : ndns
  },
)
