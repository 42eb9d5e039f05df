/**
 * drivers/nvdimm/label.c: how a label area is laid out, and what an index block or a label must be to count.
 *
 * Source: torvalds/linux v4.12 … v6.1. Upstream stops at the first problem; here all are said, in its order and words, each
 * with its byte, for those who want to know more. Left out: labels of block windows, CXL.
 */

import {
  decode_index,
  decode_label,
  index_checksum,
  LABEL_CHECKSUM,
  label_checksums,
  NSINDEX_ALIGN,
  NSINDEX_HEAD,
  NSINDEX_SEQ_MASK,
  NSLABEL_V1_2,
} from './label_bytes.ts'

const SLOT_ALIGN = 4096n

/** 1, 2, 3, 1 … */
export const nd_inc_seq = (seq: number): number => [0, 2, 3, 1][seq & NSINDEX_SEQ_MASK] ?? 0

export function best_seq(a: number, b: number): number {
  if (a === 0 || a === b) return b
  if (b === 0) return a
  return nd_inc_seq(a) === b ? b : a
}

const index_size_for = (nslot: number): number =>
  Math.ceil((NSINDEX_HEAD + Math.ceil(nslot / 8)) / NSINDEX_ALIGN) * NSINDEX_ALIGN

/** Labels of `labelSize` bytes that fit besides the two index blocks. */
export function nvdimm_num_label_slots(config_size: number, labelSize: number): number {
  const most = Math.floor(config_size / labelSize)
  return Math.floor((config_size - 2 * index_size_for(most)) / labelSize)
}

/** Size of one index block, bytes; 0: the area is too small for two of them and two labels. */
export function sizeof_namespace_index(config_size: number, labelSize: number): number {
  const nslot = nvdimm_num_label_slots(config_size, labelSize)
  const size = index_size_for(nslot)
  return 2 * size <= config_size - nslot * labelSize && nslot >= 2 ? size : 0
}

export interface LabelProblem {
  /** Byte of the index block or label. */
  readonly at: number
  readonly text: string
}

const hex = (n: number | bigint): string => `0x${n.toString(16)}`

/** What keeps index block `i` from being valid. */
export function index_problems(
  block: Uint8Array,
  i: number,
  labelSize: number,
  config_size: number,
): readonly LabelProblem[] {
  const index = decode_index(block)
  if (!index.signed) return [{ at: 0, text: 'signature invalid' }]
  const problems: LabelProblem[] = []
  const must = (holds: boolean, at: number, text: string): void => {
    if (!holds) problems.push({ at, text })
  }
  const size = index.major * 100 + index.minor >= 102 ? 2 ** (7 + (index.labelsize & 31)) : 128
  must(size === labelSize, 19, `labelsize ${index.labelsize} invalid`)
  must(index.checksum === index_checksum(block), 64, 'checksum invalid')
  must((index.seq & NSINDEX_SEQ_MASK) !== 0, 20, `sequence: ${hex(index.seq)} invalid`)
  must(index.myoff === BigInt(i * block.length), 24, `myoff: ${hex(index.myoff)} invalid`)
  must(index.otheroff === BigInt((1 - i) * block.length), 40, `otheroff: ${hex(index.otheroff)} invalid`)
  const fits = index.mysize <= BigInt(block.length) && index.mysize >= BigInt(NSINDEX_HEAD)
  must(fits, 32, `mysize: ${hex(index.mysize)} invalid`)
  const room = index.nslot * labelSize + 2 * block.length <= config_size
  must(room, 56, `nslot: ${index.nslot} invalid, config_size: ${hex(config_size)}`)
  return problems
}

/** What keeps a label in force from counting: it stands where it says, on whole pages, and its checksum holds. */
export function slot_problems(bytes: Uint8Array, slot: number): readonly LabelProblem[] {
  const label = decode_label(bytes)
  const problems: LabelProblem[] = []
  if (label.slot !== slot) problems.push({ at: 120, text: `slot: ${label.slot} invalid` })
  if (label.dpa % SLOT_ALIGN !== 0n) problems.push({ at: 104, text: `dpa: ${hex(label.dpa)} invalid` })
  if (label.rawsize % SLOT_ALIGN !== 0n) problems.push({ at: 112, text: `rawsize: ${hex(label.rawsize)} invalid` })
  if (bytes.length < NSLABEL_V1_2) return problems
  const [expected, found] = label_checksums(bytes)
  if (expected !== found)
    problems.push({ at: LABEL_CHECKSUM, text: `checksum: ${hex(found)} invalid, expect: ${hex(expected)}` })
  return problems
}
