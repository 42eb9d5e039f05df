/**
 * drivers/nvdimm/label.c: writing a namespace into the labels of its DIMMs, and taking it out again.
 *
 * Each DIMM gets a new label in a free slot, then an index that has the new slot and no longer the old one. Since v5.9
 * that is done twice: with the flag UPDATING on every DIMM of the set, then without it.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { ENXIO } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { dev_dbg } from '../base/core.ts'
import { nd_dbg_dpa, nd_label_gen_id } from './dpa.ts'
import {
  nd_label_alloc_slot,
  nd_label_free_slot,
  nd_label_init_index,
  nd_label_write,
  nd_label_write_index,
  nd_region_interleave_set_cookie,
  to_label,
} from './label.ts'
import { encode_label, label_type_of, NSLABEL_FLAG_UPDATING } from './label_bytes.ts'
import type { NdLabelEnt, NdNamespace, NdRegion } from './nd.ts'

const LABEL = 'drivers/nvdimm/label.c'

const set_labels = (region: NdRegion, i: number, list: readonly NdLabelEnt[]): void => {
  region.labels = region.mappings.map((_, at) => (at === i ? list : (region.labels[at] ?? [])))
}

const __pmem_label_update = kfunc(
  LABEL,
  function* __pmem_label_update(k: Kernel, region: NdRegion, ndns: NdNamespace, i: number, flags: number) {
    const ndd = region.mappings[i]?.nvdimm.ndd
    const uuid = ndns.uuid
    const taken = ndd?.dpa.find(({ name }) => name === nd_label_gen_id(uuid ?? ''))
    if (ndd === undefined || uuid === undefined || taken === undefined) return -ENXIO
    const slot = nd_label_alloc_slot(ndd)
    if (slot === undefined) return -ENXIO
    dev_dbg(k, ndd.nvdimm.dev, `allocated: ${slot}`)
    const bytes = encode_label(
      {
        uuid,
        name: ndns.alt_name ?? '',
        flags,
        nlabel: region.mappings.length,
        position: i,
        isetcookie: nd_region_interleave_set_cookie(region, ndd),
        lbasize: ndns.lbasize,
        dpa: BigInt(taken.start),
        rawsize: BigInt(taken.size),
        slot,
        type_guid: label_type_of(region.nd_set?.type_guid),
        claim_class: ndns.claim_class,
      },
      ndd.nslabel_size,
    )
    nd_dbg_dpa(k, region, ndd, taken, '')
    const rc = yield* nd_label_write(k, ndd, slot, bytes)
    if (rc < 0) return rc
    const kept: NdLabelEnt[] = []
    for (const entry of region.labels[i] ?? []) {
      const old = to_label(ndd, entry.slot)
      if (entry.slot === undefined || old === undefined) continue
      if (!entry.reap && old.uuid !== uuid) kept.push(entry)
      else {
        dev_dbg(k, ndd.nvdimm.dev, `free: ${entry.slot}`)
        nd_label_free_slot(ndd, entry.slot)
      }
    }
    const written = yield* nd_label_write_index(k, ndd)
    if (written === 0) set_labels(region, i, [...kept, { slot, reap: false }])
    return written
  },
)

/** Free the slots of the namespace's labels; the index is written even when there were none. */
const del_labels = kfunc(LABEL, function* del_labels(k: Kernel, region: NdRegion, uuid: string | undefined, i: number) {
  const ndd = region.mappings[i]?.nvdimm.ndd
  if (uuid === undefined || ndd === undefined || ndd.ns_next < 0) return 0
  const kept: NdLabelEnt[] = []
  for (const entry of region.labels[i] ?? []) {
    if (to_label(ndd, entry.slot)?.uuid !== uuid) kept.push(entry)
    else if (entry.slot !== undefined) {
      nd_label_free_slot(ndd, entry.slot)
      dev_dbg(k, ndd.nvdimm.dev, `free: ${entry.slot}`)
    }
  }
  set_labels(region, i, kept)
  if (kept.length === 0) dev_dbg(k, ndd.nvdimm.dev, 'no more active labels')
  return yield* nd_label_write_index(k, ndd)
})

/** Bring the labels in line with the namespace; one of size zero loses its labels. */
export const nd_pmem_namespace_label_update = kfunc(
  LABEL,
  function* nd_pmem_namespace_label_update(k: Kernel, region: NdRegion, ndns: NdNamespace) {
    for (const i of region.mappings.keys()) {
      if (ndns.size === 0) {
        const rc = yield* del_labels(k, region, ndns.uuid, i)
        if (rc < 0) return rc
        continue
      }
      const ndd = region.mappings[i]?.nvdimm.ndd
      if (ndd === undefined) return -ENXIO
      const ready = yield* nd_label_init_index(k, ndd)
      if (ready < 0) return ready
      const rc = yield* __pmem_label_update(k, region, ndns, i, NSLABEL_FLAG_UPDATING)
      if (rc < 0) return rc
    }
    if (ndns.size === 0 || !k.has('label_updating_cleared')) return 0
    for (const i of region.mappings.keys()) {
      const rc = yield* __pmem_label_update(k, region, ndns, i, 0)
      if (rc < 0) return rc
    }
    return 0
  },
)
