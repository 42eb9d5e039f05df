/**
 * drivers/nvdimm/label.h: index blocks and namespace labels as bytes (UEFI 2.7 §13.19, and before it Intel's v1.1).
 *
 * An area is two index blocks and an array of labels. An index block says with a bit a slot which labels are in force;
 * labels of version 1.1 are 128 bytes, of 1.2 256 bytes with two GUIDs and a checksum. Left out: labels of block
 * windows, CXL regions.
 */

import { view } from '../../../../base/bytes.ts'
import { nd_fletcher64, uuid_bytes, uuid_text } from './core.ts'
import type { ClaimClass } from './nd.ts'

/** Bytes of an index block before its bitmap. */
export const NSINDEX_HEAD = 72
export const NSINDEX_ALIGN = 256
export const NSINDEX_SEQ_MASK = 3
export const NSLABEL_FLAG_UPDATING = 8
export const NSLABEL_NAME_LEN = 64
/** Labels of this size and more have type, abstraction and checksum. */
export const NSLABEL_V1_2 = 256

const SIGNATURE = 'NAMESPACE_INDEX\0'
const INDEX_CHECKSUM = 64
/** Byte of a label v1.2. */
export const LABEL_CHECKSUM = 248

/** The type that labels v1.2 of persistent memory name. */
const PMEM_TYPE = '66f0d379-b4f3-4074-ac43-0d3318b78cdb'

/** What labels v1.2 say of the namespace's use. */
const abstractions: readonly (readonly [ClaimClass, string])[] = [
  ['', '00000000-0000-0000-0000-000000000000'],
  ['btt', '8aed63a2-29a2-4c66-8b12-f05d15d3922a'],
  ['btt2', '18633bfc-1735-4217-8ac9-17239282d3f8'],
  ['pfn', '266400ba-fb9f-4677-bcb0-968f11d0d225'],
  ['dax', '97a86d9c-3cdd-4eda-986f-5068b4f80088'],
]

/** GUIDs of ACPI: the first three fields are little-endian numbers. */
function guid_bytes(text: string): Uint8Array {
  const bytes = uuid_bytes(text) ?? new Uint8Array(16)
  return swapped(bytes)
}

const guid_order: readonly number[] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
const swapped = (bytes: Uint8Array): Uint8Array => Uint8Array.from(guid_order, (from) => bytes[from] ?? 0)

export interface NsIndex {
  /** The signature is there. */
  readonly signed: boolean
  readonly labelsize: number
  readonly seq: number
  readonly myoff: bigint
  readonly mysize: bigint
  readonly otheroff: bigint
  readonly labeloff: bigint
  readonly nslot: number
  readonly major: number
  readonly minor: number
  readonly checksum: bigint
}

/** `bytes` holds at least the head of the block. */
export function decode_index(bytes: Uint8Array): NsIndex {
  const data = view(bytes)
  return {
    signed: Array.from(SIGNATURE).every((char, i) => bytes[i] === char.charCodeAt(0)),
    labelsize: data.getUint8(19),
    seq: data.getUint32(20, true),
    myoff: data.getBigUint64(24, true),
    mysize: data.getBigUint64(32, true),
    otheroff: data.getBigUint64(40, true),
    labeloff: data.getBigUint64(48, true),
    nslot: data.getUint32(56, true),
    major: data.getUint16(60, true),
    minor: data.getUint16(62, true),
    checksum: data.getBigUint64(INDEX_CHECKSUM, true),
  }
}

const without = (bytes: Uint8Array, at: number): Uint8Array => {
  const blank = bytes.slice()
  blank.fill(0, at, at + 8)
  return blank
}

export const index_checksum = (bytes: Uint8Array): bigint => nd_fletcher64(without(bytes, INDEX_CHECKSUM))

/** The head of block `i` of an area with labels of `labelSize`; the bitmap of `bytes` stays as it is. */
export function encode_index(bytes: Uint8Array, i: number, seq: number, nslot: number, labelSize: number): Uint8Array {
  const block = bytes.slice()
  const data = view(block)
  for (let at = 0; at < SIGNATURE.length; at++) block[at] = SIGNATURE.charCodeAt(at)
  block.fill(0, 16, 19)
  data.setUint8(19, labelSize >> 8)
  data.setUint32(20, seq, true)
  data.setBigUint64(24, BigInt(i * block.length), true)
  data.setBigUint64(32, BigInt(block.length), true)
  data.setBigUint64(40, BigInt((1 - i) * block.length), true)
  data.setBigUint64(48, BigInt(2 * block.length), true)
  data.setUint32(56, nslot, true)
  data.setUint16(60, 1, true)
  data.setUint16(62, labelSize < NSLABEL_V1_2 ? 1 : 2, true)
  data.setBigUint64(INDEX_CHECKSUM, index_checksum(block), true)
  return block
}

/** The bitmap of an index block whose first `free` slots are free. */
export function blank_index(size: number, free: number): Uint8Array {
  const bytes = new Uint8Array(size)
  for (let slot = 0; slot < free; slot++) {
    const at = NSINDEX_HEAD + (slot >> 3)
    bytes[at] = (bytes[at] ?? 0) | (1 << (slot & 7))
  }
  return bytes
}

export const slot_is_free = (index: Uint8Array, slot: number): boolean =>
  ((index[NSINDEX_HEAD + (slot >> 3)] ?? 0) & (1 << (slot & 7))) !== 0

export function with_slot(index: Uint8Array, slot: number, free: boolean): Uint8Array {
  const bytes = index.slice()
  const at = NSINDEX_HEAD + (slot >> 3)
  const bit = 1 << (slot & 7)
  bytes[at] = free ? (bytes[at] ?? 0) | bit : (bytes[at] ?? 0) & ~bit
  return bytes
}

export interface NsLabel {
  readonly uuid: string
  readonly name: string
  readonly flags: number
  readonly nlabel: number
  readonly position: number
  readonly isetcookie: bigint
  readonly lbasize: number
  /** DPA, bytes. */
  readonly dpa: bigint
  readonly rawsize: bigint
  readonly slot: number
  /** Labels v1.2: type of the range, in the order of its bytes; else undefined. */
  readonly type_guid: string | undefined
  /** Labels v1.2: use of the namespace. */
  readonly claim_class: ClaimClass
}

export function encode_label(label: NsLabel, size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  const data = view(bytes)
  bytes.set(uuid_bytes(label.uuid) ?? [], 0)
  bytes.set(new TextEncoder().encode(label.name).subarray(0, NSLABEL_NAME_LEN), 16)
  data.setUint32(80, label.flags, true)
  data.setUint16(84, label.nlabel, true)
  data.setUint16(86, label.position, true)
  data.setBigUint64(88, label.isetcookie, true)
  data.setBigUint64(96, BigInt(label.lbasize), true)
  data.setBigUint64(104, label.dpa, true)
  data.setBigUint64(112, label.rawsize, true)
  data.setUint32(120, label.slot, true)
  if (size < NSLABEL_V1_2) return bytes
  bytes.set(uuid_bytes(label.type_guid ?? '') ?? [], 128)
  const [, abstraction] = abstractions.find(([name]) => name === label.claim_class) ?? []
  if (abstraction !== undefined) bytes.set(guid_bytes(abstraction), 144)
  data.setBigUint64(LABEL_CHECKSUM, nd_fletcher64(bytes), true)
  return bytes
}

/** The name ends at its first zero. */
function name_of(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end))
}

/** A label of 128 or 256 bytes; whether it counts is for the slot's check to say. */
export function decode_label(bytes: Uint8Array): NsLabel {
  const data = view(bytes)
  const typed = bytes.length >= NSLABEL_V1_2
  const abstraction = typed ? uuid_text(swapped(bytes.subarray(144, 160))) : ''
  return {
    uuid: uuid_text(bytes.subarray(0, 16)),
    name: name_of(bytes.subarray(16, 80)),
    flags: data.getUint32(80, true),
    nlabel: data.getUint16(84, true),
    position: data.getUint16(86, true),
    isetcookie: data.getBigUint64(88, true),
    lbasize: Number(data.getBigUint64(96, true)),
    dpa: data.getBigUint64(104, true),
    rawsize: data.getBigUint64(112, true),
    slot: data.getUint32(120, true),
    type_guid: typed ? uuid_text(bytes.subarray(128, 144)) : undefined,
    claim_class: typed ? (abstractions.find(([, guid]) => guid === abstraction)?.[0] ?? '<unknown>') : '',
  }
}

/** The type GUID of a range, as a label holds it. */
export const label_type_of = (type_guid: string | undefined): string => uuid_text(guid_bytes(type_guid ?? PMEM_TYPE))

/** The checksum that a label v1.2 should carry, and the one that it does. */
export const label_checksums = (bytes: Uint8Array): readonly [bigint, bigint] => [
  nd_fletcher64(without(bytes, LABEL_CHECKSUM)),
  view(bytes).getBigUint64(LABEL_CHECKSUM, true),
]
