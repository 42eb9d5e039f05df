/**
 * A label area as libndctl sees it: read and written through the DIMM's device, its index blocks checked and made.
 *
 * Source: ndctl 76 (ndctl/lib/dimm.c). The bytes are those of the kernel's own label code.
 */

import {
  decode_index,
  encode_index,
  NSINDEX_ALIGN,
  NSINDEX_HEAD,
  NSINDEX_SEQ_MASK,
} from '../../../linux/drivers/nvdimm/label_bytes.ts'
import {
  best_seq,
  index_problems,
  nvdimm_num_label_slots,
  sizeof_namespace_index,
} from '../../../linux/drivers/nvdimm/label_valid.ts'
import type { NdCmdGetConfigData, NdCmdGetConfigSize, NdCmdSetConfig } from '../../../linux/drivers/nvdimm/nd_ioctl.ts'
import { sys_ioctl } from '../../../linux/fs/ioctl.ts'
import { sys_close, sys_openat } from '../../../linux/fs/open.ts'
import type { Kernel } from '../../../linux/kernel.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { entering } from '../files.ts'
import { EINVAL, get, LIBNDCTL } from './lib.ts'

const O_RDWR = 2

/** Which label commands a DIMM answers, all of them or none that would do. */
const labelsSupported = kfunc(LIBNDCTL, function* ndctl_dimm_is_cmd_supported(k: Kernel, dimm: string) {
  const commands = ((yield* get(k, dimm, 'commands')) ?? '').split(' ')
  return ['get_size', 'get_data', 'set_data'].every((command) => commands.includes(command))
})

/** Its whole area, or a negative error number. */
export const ndctl_dimm_read_labels = kfunc(LIBNDCTL, function* ndctl_dimm_read_labels(k: Kernel, dimm: string) {
  if (!(yield* labelsSupported(k, dimm))) return -EINVAL
  const fd = yield* sys_openat(entering(k), `/dev/${dimm}`, O_RDWR)
  if (fd < 0) return fd
  const size: NdCmdGetConfigSize = { config_size: 0, max_xfer: 0 }
  let rc = yield* sys_ioctl(entering(k), fd, 'ND_IOCTL_GET_CONFIG_SIZE', size)
  const bytes = new Uint8Array(size.config_size)
  for (let at = 0; rc >= 0 && at < bytes.length; at += size.max_xfer) {
    const in_length = Math.min(size.max_xfer, bytes.length - at)
    const data: NdCmdGetConfigData = { in_offset: at, in_length, out_buf: new Uint8Array() }
    rc = yield* sys_ioctl(entering(k), fd, 'ND_IOCTL_GET_CONFIG_DATA', data)
    bytes.set(data.out_buf, at)
  }
  yield* sys_close(entering(k), fd)
  return rc < 0 ? rc : bytes
})

/** 0, or a negative error number. */
export const ndctl_dimm_write_labels = kfunc(
  LIBNDCTL,
  function* ndctl_dimm_write_labels(k: Kernel, dimm: string, offset: number, bytes: Uint8Array) {
    const fd = yield* sys_openat(entering(k), `/dev/${dimm}`, O_RDWR)
    if (fd < 0) return fd
    const size: NdCmdGetConfigSize = { config_size: 0, max_xfer: 0 }
    let rc = yield* sys_ioctl(entering(k), fd, 'ND_IOCTL_GET_CONFIG_SIZE', size)
    const end = Math.min(bytes.length, size.config_size - offset)
    for (let at = 0; rc >= 0 && at < end; at += size.max_xfer) {
      const in_buf = bytes.subarray(at, Math.min(end, at + size.max_xfer))
      const data: NdCmdSetConfig = { in_offset: offset + at, in_buf }
      rc = yield* sys_ioctl(entering(k), fd, 'ND_IOCTL_SET_CONFIG_DATA', data)
    }
    yield* sys_close(entering(k), fd)
    return rc
  },
)

/** Which index block is in force among labels of a size; -1: none is valid. libndctl asks as the kernel does. */
function validate(area: Uint8Array, labelSize: number): number {
  const size = sizeof_namespace_index(area.length, labelSize)
  if (size === 0) return -1
  const blocks = [0, 1].map((i) => area.subarray(i * size, (i + 1) * size))
  const [first, second] = blocks.flatMap((block, i) =>
    index_problems(block, i, labelSize, area.length).length > 0
      ? []
      : [{ i, seq: decode_index(block).seq & NSINDEX_SEQ_MASK }],
  )
  if (first === undefined) return -1
  if (second === undefined) return first.i
  return best_seq(first.seq, second.seq) === second.seq ? second.i : first.i
}

/** Which index block is in force; -1: none is valid. */
export const ndctl_dimm_validate_labels = (area: Uint8Array): number => {
  for (const labelSize of [128, 256]) {
    const current = validate(area, labelSize)
    if (current >= 0) return current
  }
  return -1
}

/** Two index blocks, all slots free; empty: the area is too small. What stands behind their bitmaps stays. */
export function blankIndexes(area: Uint8Array, labelSize: number): Uint8Array {
  const size = sizeof_namespace_index(area.length, labelSize)
  const nslot = nvdimm_num_label_slots(area.length, labelSize)
  const bytes = area.slice(0, 2 * size)
  for (const i of [0, 1]) {
    const block = bytes.slice(i * size, (i + 1) * size)
    // Whole words of the bitmap say free, also behind the last slot.
    block.fill(0xff, NSINDEX_HEAD, NSINDEX_HEAD + Math.ceil(nslot / 64) * 8)
    bytes.set(encode_index(block, i, 3 - i, nslot, labelSize), i * size)
  }
  return bytes
}

/** Bytes of a label, by what the index blocks say of their version. */
export const ndctl_dimm_sizeof_namespace_label = (area: Uint8Array): number => {
  const minors = [0, NSINDEX_ALIGN].map((at) => decode_index(area.subarray(at, at + NSINDEX_HEAD)))
  const of = (minor: number): number => minors.filter((index) => index.major === 1 && index.minor === minor).length
  return of(2) > of(1) ? 256 : 128
}
