/**
 * drivers/nvdimm/label.c: finding the labels of a DIMM, and changing them so that a power failure leaves either state.
 *
 * Source: torvalds/linux v4.12 … v6.1; reference/kernel.md §3.2. An index block or label in force is never written
 * over: a change writes a free slot, then the other index block with the next sequence number. Left out: labels of
 * block windows, CXL. Where upstream would leave its buffer (an index that places labels outside of the area), the
 * DIMM is refused.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { struct } from '../../../sim/struct.ts'
import { ENXIO } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { dev_dbg, dev_err } from '../base/core.ts'
import { nvdimm_get_config_data, nvdimm_set_config_data } from './label_area.ts'
import {
  blank_index,
  decode_index,
  decode_label,
  encode_index,
  LABEL_CHECKSUM,
  label_checksums,
  NSINDEX_SEQ_MASK,
  NSLABEL_V1_2,
  type NsLabel,
  slot_is_free,
  with_slot,
} from './label_bytes.ts'
import {
  best_seq,
  index_problems,
  nd_inc_seq,
  nvdimm_num_label_slots,
  sizeof_namespace_index,
  slot_problems,
} from './label_valid.ts'
import type { LabelSlot, NdRegion, Nvdimm, NvdimmDrvdata, NvdimmDrvdataFields } from './nd.ts'

const LABEL = 'drivers/nvdimm/label.c'

const nvdimm_drvdata = struct<NvdimmDrvdataFields>('nvdimm_drvdata', {
  nvdimm: undefined as never,
  nslabel_size: NSLABEL_V1_2,
  ns_current: -1,
  ns_next: -1,
  nsindex: [],
  labels: [],
  dpa: [],
})

/** Number of the index block in force, -1 when neither is valid. */
function validate_as(k: Kernel, nvdimm: Nvdimm, data: Uint8Array, labelSize: number): number {
  const size = sizeof_namespace_index(nvdimm.config_size, labelSize)
  if (size === 0) {
    dev_err(k, nvdimm.dev, `label area (${nvdimm.config_size}) too small to host (${labelSize} byte) labels`)
    return -1
  }
  const valid: number[] = []
  for (const i of [0, 1]) {
    const [problem] = index_problems(data.subarray(i * size, (i + 1) * size), i, labelSize, nvdimm.config_size)
    if (problem === undefined) valid.push(i)
    else dev_dbg(k, nvdimm.dev, `nsindex${i} ${problem.text}`)
  }
  if (valid.length < 2) return valid[0] ?? -1
  const [a = 0, b = 0] = [0, 1].map((i) => decode_index(data.subarray(i * size)).seq & NSINDEX_SEQ_MASK)
  return best_seq(a, b) === b ? 1 : 0
}

/** How large labels are can be told only by a valid index, whose place depends on it: both sizes are tried. */
const nd_label_validate = kfunc(LABEL, function* nd_label_validate(k: Kernel, ndd: NvdimmDrvdata, data: Uint8Array) {
  yield* []
  for (const labelSize of k.has('labels_v1_2') ? [128, NSLABEL_V1_2] : [128]) {
    ndd.nslabel_size = labelSize
    const current = validate_as(k, ndd.nvdimm, data, labelSize)
    if (current >= 0) return current
  }
  return -1
})

/** The labels of a DIMM, read from its area; a negative error number when that can't be used at all. */
export const nd_label_data_init = kfunc(LABEL, function* nd_label_data_init(k: Kernel, nvdimm: Nvdimm) {
  const { config_size, area } = nvdimm
  if (area === undefined) return -ENXIO
  const ndd = nvdimm_drvdata.create(k.journal, { nvdimm })
  const head = sizeof_namespace_index(config_size, 128) * 2
  if (head === 0) {
    dev_err(k, nvdimm.dev, `label area (${config_size}) too small to host (128 byte) labels`)
    return -ENXIO
  }
  const data = new Uint8Array(config_size)
  // Whole transfers: what lies behind the index blocks comes with them.
  let read = Math.min(Math.ceil(head / area.max_xfer) * area.max_xfer, config_size)
  data.set(yield* nvdimm_get_config_data(k, area, 0, read))
  ndd.ns_current = yield* nd_label_validate(k, ndd, data)
  if (ndd.ns_current < 0) return ndd
  ndd.ns_next = 1 - ndd.ns_current
  const size = sizeof_namespace_index(config_size, ndd.nslabel_size)
  const index = data.slice(ndd.ns_current * size, (ndd.ns_current + 1) * size)
  ndd.nsindex = [index, index]
  const { labeloff, nslot } = decode_index(index)
  const start = Number(labeloff)
  const end = start + nslot * ndd.nslabel_size
  if (end > config_size) {
    dev_err(k, nvdimm.dev, `labels at 0x${labeloff.toString(16)} lie outside of the area: upstream leaves its buffer`)
    return -ENXIO
  }
  for (let slot = 0, at = start; slot < nslot; slot++, at += ndd.nslabel_size) {
    if (slot_is_free(index, slot)) data.fill(0, at, at + ndd.nslabel_size)
    else if (at + ndd.nslabel_size > read) {
      const from = Math.max(read, at)
      read = Math.min(from + Math.ceil((at + ndd.nslabel_size - from) / area.max_xfer) * area.max_xfer, config_size)
      data.set(yield* nvdimm_get_config_data(k, area, from, read - from), from)
    }
  }
  // Labels are looked for behind the index blocks, wherever the block says that they are.
  const labels: LabelSlot[] = []
  for (let slot = 0; slot < nslot; slot++) {
    const at = 2 * size + slot * ndd.nslabel_size
    if (!slot_is_free(index, slot)) labels.push({ slot, bytes: data.slice(at, at + ndd.nslabel_size) })
  }
  ndd.labels = labels
  dev_dbg(k, nvdimm.dev, `len: ${end} rc: 0`)
  return ndd
})

function slot_valid(k: Kernel, ndd: NvdimmDrvdata, slot: number, bytes: Uint8Array): boolean {
  const [problem] = slot_problems(bytes, slot)
  if (problem?.at === LABEL_CHECKSUM) {
    const [expected] = label_checksums(bytes)
    dev_dbg(k, ndd.nvdimm.dev, `fail checksum. slot: ${slot} expect: 0x${expected.toString(16)}`)
  }
  return problem === undefined
}

/** Slots in force whose labels are sound, lowest first. `rejected` hears the others. */
export function nd_label_active(
  k: Kernel,
  ndd: NvdimmDrvdata,
  rejected?: (slot: number, label: NsLabel) => void,
): readonly number[] {
  const active: number[] = []
  const index = ndd.nsindex[ndd.ns_current]
  if (index === undefined) return active
  for (const { slot, bytes } of ndd.labels) {
    if (slot_is_free(index, slot)) continue
    if (slot_valid(k, ndd, slot, bytes)) active.push(slot)
    else rejected?.(slot, decode_label(bytes))
  }
  return active
}

export function nd_label_active_count(k: Kernel, ndd: NvdimmDrvdata): readonly number[] {
  return nd_label_active(k, ndd, (slot, { slot: says, dpa, rawsize }) =>
    dev_dbg(
      k,
      ndd.nvdimm.dev,
      `slot${slot} invalid slot: ${says | 0} dpa: ${dpa.toString(16)} size: ${rawsize.toString(16)}`,
    ),
  )
}

export function to_label(ndd: NvdimmDrvdata, slot: number | undefined): NsLabel | undefined {
  const found = slot === undefined ? undefined : ndd.labels.find((each) => each.slot === slot)
  return found && decode_label(found.bytes)
}

const set_next = (ndd: NvdimmDrvdata, index: Uint8Array): void => {
  ndd.nsindex = ndd.nsindex.map((old, i) => (i === ndd.ns_next ? index : old))
}

/** The lowest free slot of the next index, taken; undefined: none is free. */
export function nd_label_alloc_slot(ndd: NvdimmDrvdata): number | undefined {
  const index = ndd.nsindex[ndd.ns_next]
  if (index === undefined) return undefined
  const { nslot } = decode_index(index)
  for (let slot = 0; slot < nslot; slot++) {
    if (!slot_is_free(index, slot)) continue
    set_next(ndd, with_slot(index, slot, false))
    return slot
  }
  return undefined
}

export function nd_label_free_slot(ndd: NvdimmDrvdata, slot: number): void {
  const index = ndd.nsindex[ndd.ns_next]
  if (index !== undefined && slot < decode_index(index).nslot) set_next(ndd, with_slot(index, slot, true))
}

/** Free slots, those of a blank area when there is no index. */
export function nd_label_nfree(ndd: NvdimmDrvdata): number {
  const index = ndd.nsindex[ndd.ns_next]
  if (index === undefined) return nvdimm_num_label_slots(ndd.nvdimm.config_size, ndd.nslabel_size)
  let free = 0
  for (let slot = decode_index(index).nslot - 1; slot >= 0; slot--) if (slot_is_free(index, slot)) free++
  return free
}

/** Put the changed index in force: written behind the one that holds, with the sequence number after that. */
export const nd_label_write_index = kfunc(LABEL, function* nd_label_write_index(k: Kernel, ndd: NvdimmDrvdata) {
  const next = ndd.nsindex[ndd.ns_next]
  if (next === undefined || ndd.nvdimm.area === undefined) return -ENXIO
  const { seq, nslot } = decode_index(next)
  const block = encode_index(next, ndd.ns_next, nd_inc_seq(seq), nslot, ndd.nslabel_size)
  yield* nvdimm_set_config_data(k, ndd.nvdimm.area, ndd.ns_next * block.length, block)
  ndd.nsindex = [block, block]
  ndd.ns_current = ndd.ns_next
  ndd.ns_next = 1 - ndd.ns_next
  return 0
})

/** An area without valid index gets one: both blocks blank, the first in force. */
export const nd_label_init_index = kfunc(LABEL, function* init_labels(k: Kernel, ndd: NvdimmDrvdata) {
  const { area, config_size } = ndd.nvdimm
  if (ndd.ns_current >= 0) return 0
  const size = sizeof_namespace_index(config_size, ndd.nslabel_size)
  if (area === undefined || size === 0) return -ENXIO
  const nslot = nvdimm_num_label_slots(config_size, ndd.nslabel_size)
  const blocks: Uint8Array[] = []
  for (const i of [0, 1]) {
    const block = encode_index(blank_index(size, nslot), i, 3 - i, nslot, ndd.nslabel_size)
    blocks.push(block)
    yield* nvdimm_set_config_data(k, area, i * size, block)
  }
  ndd.nsindex = blocks
  ndd.ns_current = 0
  ndd.ns_next = 1
  return 0
})

/** Write a label into its slot. It counts once the index says so. */
export const nd_label_write = kfunc(
  LABEL,
  function* nd_label_write(k: Kernel, ndd: NvdimmDrvdata, slot: number, bytes: Uint8Array) {
    const { area } = ndd.nvdimm
    const size = ndd.nsindex[0]?.length
    if (area === undefined || size === undefined) return -ENXIO
    const others = ndd.labels.filter((each) => each.slot !== slot)
    ndd.labels = [...others, { slot, bytes }].sort((a, b) => a.slot - b.slot)
    yield* nvdimm_set_config_data(k, area, 2 * size + slot * ndd.nslabel_size, bytes)
    return 0
  },
)

/** Labels in force are of version 1.1; undefined: there is no index. */
export function nd_label_is_v1_1(ndd: NvdimmDrvdata): boolean | undefined {
  const index = ndd.nsindex[ndd.ns_current]
  if (index === undefined) return undefined
  const { major, minor } = decode_index(index)
  return major === 1 && minor === 1
}

/** The cookie that labels of this region must carry. */
export const nd_region_interleave_set_cookie = (region: NdRegion, ndd: NvdimmDrvdata): bigint =>
  (nd_label_is_v1_1(ndd) ? region.nd_set?.cookie1 : region.nd_set?.cookie2) ?? 0n
