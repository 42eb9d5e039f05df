/**
 * drivers/nvdimm/namespace_devs.c, dimm.c: from the labels of a region's DIMMs to its namespaces.
 *
 * Source: torvalds/linux v4.12 … v6.1; groundtruth captures ops7, ops7b, ops9. Left out: block windows, CXL, sharing
 * of a DIMM between namespaces of several kinds.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { type Device, device } from '../../include/linux/device.ts'
import { EAGAIN, EBUSY, EINVAL, ENXIO } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { dev_dbg, dev_err } from '../base/core.ts'
import { nvdimm_bus_type } from './bus.ts'
import { nd_dbg_dpa, nd_label_gen_id, nd_namespace_pmem_set_resource, nvdimm_allocate_dpa } from './dpa.ts'
import {
  nd_label_active,
  nd_label_active_count,
  nd_label_data_init,
  nd_region_interleave_set_cookie,
  to_label,
} from './label.ts'
import { label_type_of, type NsLabel } from './label_bytes.ts'
import { namespace_pmem_device_type } from './namespace_pmem.ts'
import { type NdNamespace, type NdRegion, type NvdimmDrvdata, nd_namespace_pmem, to_nvdimm } from './nd.ts'

const NAMESPACE_DEVS = 'drivers/nvdimm/namespace_devs.c'

const nd_label_reserve_dpa = kfunc(
  'drivers/nvdimm/label.c',
  function* nd_label_reserve_dpa(k: Kernel, ndd: NvdimmDrvdata) {
    yield* []
    for (const slot of nd_label_active(k, ndd)) {
      const label = to_label(ndd, slot)
      if (label === undefined) continue
      const { uuid, dpa, rawsize } = label
      const taken = nvdimm_allocate_dpa(ndd, nd_label_gen_id(uuid), Number(dpa), Number(rawsize))
      nd_dbg_dpa(k, undefined, ndd, taken, 'reserve')
      if (taken === undefined) return -EBUSY
    }
    return 0
  },
)

/** A DIMM with a label area: read it, and set aside what its labels have taken. */
export const nvdimm_probe_labels = kfunc('drivers/nvdimm/dimm.c', function* nvdimm_probe(k: Kernel, dev: Device) {
  const nvdimm = to_nvdimm(dev)
  dev_dbg(k, dev, 'failed to unlock dimm: -5')
  const ndd = yield* nd_label_data_init(k, nvdimm)
  if (typeof ndd === 'number') return ndd
  dev_dbg(k, dev, `config data size: ${nvdimm.config_size}`)
  if (ndd.ns_current >= 0) {
    const rc = yield* nd_label_reserve_dpa(k, ndd)
    if (rc !== 0) return rc
    // From now on the region's namespaces come from labels, even when these are lost later.
    nvdimm.labeling = true
  }
  nvdimm.ndd = ndd
  return 0
})

/** The labels in use on the DIMM of a mapping. */
export function note_active_labels(k: Kernel, region: NdRegion, i: number, ndd: NvdimmDrvdata): void {
  const active = nd_label_active_count(k, ndd)
  const dev = region.mappings[i]?.nvdimm.dev
  if (dev !== undefined) dev_dbg(k, dev, `count: ${active.length}`)
  const entries = active.map((slot) => ({ slot, reap: false }))
  region.labels = region.mappings.map((_, at) => (at === i ? entries : (region.labels[at] ?? [])))
}

const cookie_of = (region: NdRegion): bigint => {
  const ndd = region.mappings[0]?.nvdimm.ndd
  return ndd === undefined ? 0n : nd_region_interleave_set_cookie(region, ndd)
}

function labels_of(region: NdRegion, i: number): readonly NsLabel[] {
  const ndd = region.mappings[i]?.nvdimm.ndd
  if (ndd === undefined) return []
  return (region.labels[i] ?? []).flatMap(({ slot }) => to_label(ndd, slot) ?? [])
}

/** Labels v1.2 name the type of their range. */
function type_fits(k: Kernel, region: NdRegion, i: number, label: NsLabel): boolean {
  const expected = label_type_of(region.nd_set?.type_guid)
  const nvdimm = region.mappings[i]?.nvdimm
  if (label.type_guid === undefined || label.type_guid === expected || nvdimm === undefined) return true
  dev_dbg(k, nvdimm.dev, `expect type_guid ${expected} got ${label.type_guid}`)
  return false
}

/** Some DIMM has the label of position `position`; two labels of one uuid on a DIMM spoil it. */
function has_uuid_at_pos(k: Kernel, region: NdRegion, uuid: string, cookie: bigint, position: number): boolean {
  for (const [i, { nvdimm }] of region.mappings.entries()) {
    let found = false
    for (const label of labels_of(region, i)) {
      if (label.isetcookie !== cookie || label.uuid !== uuid || !type_fits(k, region, i, label)) continue
      if (found) {
        dev_dbg(k, nvdimm.dev, 'duplicate entry for uuid')
        return false
      }
      found = true
      if (label.nlabel === region.mappings.length && label.position === position) return true
    }
  }
  return false
}

/** One label of each DIMM, checked against the ranges of the NFIT and moved to the front; -EINVAL. */
function select_pmem_id(k: Kernel, region: NdRegion, uuid: string): readonly NsLabel[] | number {
  const selected: NsLabel[] = []
  for (const [i, mapping] of region.mappings.entries()) {
    const ndd = region.mappings[i]?.nvdimm.ndd
    const entries = region.labels[i] ?? []
    const entry = entries.find(({ slot }) => ndd !== undefined && to_label(ndd, slot)?.uuid === uuid)
    const label = ndd && to_label(ndd, entry?.slot)
    if (entry === undefined || label === undefined) return -EINVAL
    const start = Number(label.dpa)
    const end = start + Number(label.rawsize)
    const hw_end = mapping.start + mapping.size
    if (!(start >= mapping.start && start < hw_end && end <= hw_end && end > mapping.start)) {
      dev_dbg(k, region.dev, `${mapping.nvdimm.dev.name} invalid label for ${uuid}`)
      return -EINVAL
    }
    const others = entries.filter((other) => other !== entry)
    region.labels = region.labels.map((list, at) => (at === i ? [entry, ...others] : list))
    selected.push(label)
  }
  return selected
}

/** A namespace that no device has a name for yet. */
export const new_namespace_pmem = (k: Kernel, region: NdRegion): NdNamespace =>
  nd_namespace_pmem.create(k.journal, { nsid: -1, start: region.ndr_start })

/** The namespace that `label` belongs to; -EAGAIN: the label is none of ours, others can still be good. */
const create_namespace_pmem = kfunc(
  NAMESPACE_DEVS,
  function* create_namespace_pmem(k: Kernel, region: NdRegion, label: NsLabel) {
    yield* []
    const cookie = cookie_of(region)
    const altcookie = region.nd_set?.altcookie ?? 0n
    if (cookie === 0n) {
      dev_dbg(k, region.dev, 'invalid interleave-set-cookie')
      return -ENXIO
    }
    if (label.isetcookie !== cookie) {
      dev_dbg(k, region.dev, `invalid cookie in label: ${label.uuid}`)
      if (label.isetcookie !== altcookie) return -EAGAIN
      dev_dbg(k, region.dev, `valid altcookie in label: ${label.uuid}`)
    }
    const missing = region.mappings.findIndex(
      (_, i) =>
        !has_uuid_at_pos(k, region, label.uuid, cookie, i) && !has_uuid_at_pos(k, region, label.uuid, altcookie, i),
    )
    if (missing >= 0) {
      dev_err(k, region.dev, `${region.mappings[missing]?.nvdimm.dev.name} missing label for ${label.uuid}`)
      return invalid(k, region)
    }
    const selected = select_pmem_id(k, region, label.uuid)
    if (typeof selected === 'number') return invalid(k, region)
    const first = selected.find(({ position }) => position === 0)
    if (first === undefined) return invalid(k, region)
    const ndns = new_namespace_pmem(k, region)
    ndns.uuid = first.uuid
    ndns.alt_name = first.name
    ndns.lbasize = first.lbasize
    ndns.claim_class = first.claim_class
    nd_namespace_pmem_set_resource(
      region,
      ndns,
      selected.reduce((sum, { rawsize }) => sum + Number(rawsize), 0),
    )
    return ndns
  },
)

function invalid(k: Kernel, region: NdRegion): number {
  dev_dbg(k, region.dev, 'invalid label(s)')
  return -EINVAL
}

const scan_labels = kfunc(NAMESPACE_DEVS, function* scan_labels(k: Kernel, region: NdRegion) {
  const [mapping] = region.mappings
  const found: NdNamespace[] = []
  for (const label of labels_of(region, 0)) {
    const dpa = Number(label.dpa)
    if (mapping === undefined || dpa < mapping.start || dpa >= mapping.start + mapping.size) continue
    if (found.some(({ uuid }) => uuid === label.uuid)) {
      dev_err(k, region.dev, `error: conflicting extents for uuid: ${label.uuid}`)
      return -ENXIO
    }
    const created = yield* create_namespace_pmem(k, region, label)
    if (typeof created !== 'number') found.push(created)
    else if (created !== -EAGAIN) return created
  }
  dev_dbg(k, region.dev, `discovered ${found.length} namespace${found.length === 1 ? '' : 's'}`)
  if (found.length === 0) {
    // One of size zero, for user space to configure.
    region.labels = region.labels.map((list, i) => (i === 0 ? [] : list))
    return [new_namespace_pmem(k, region)]
  }
  // Selected labels stand in front; the rest is not ours.
  region.labels = region.labels.map((list) => list.slice(0, found.length))
  return found.sort((a, b) => a.start - b.start)
})

/** Name the namespace and give it a device. */
export function name_namespace(k: Kernel, region: NdRegion, ndns: NdNamespace): void {
  const nsid = region.ns_ida.reduce((lowest, n) => (n === lowest ? lowest + 1 : lowest), 0)
  region.ns_ida = [...region.ns_ida, nsid].sort((a, b) => a - b)
  ndns.nsid = nsid
  ndns.dev = device.create(k.journal, {
    name: `namespace${region.number}.${nsid}`,
    parent: region.dev,
    kind: namespace_pmem_device_type,
    bus: nvdimm_bus_type,
    numa_node: region.dev.numa_node,
    target_node: region.dev.target_node,
    container: ndns,
  })
}

/** The labelled namespaces of a region, by address; a negative error number when the labels contradict each other. */
export const create_namespaces = kfunc(NAMESPACE_DEVS, function* create_namespaces(k: Kernel, region: NdRegion) {
  if (region.mappings.length === 0) return -ENXIO
  const found = yield* scan_labels(k, region)
  if (typeof found === 'number') return found
  for (const ndns of found) name_namespace(k, region, ndns)
  return found
})
