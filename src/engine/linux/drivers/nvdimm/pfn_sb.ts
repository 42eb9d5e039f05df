/**
 * drivers/nvdimm/pfn.h: the info block of pfn and dax devices, 4 KiB at offset 4 KiB of the namespace.
 *
 * The same on media in all releases but for the last fields, which version 1.4 added.
 */

import { view } from '../../../../base/bytes.ts'
import { nd_fletcher64, uuid_bytes, uuid_text } from './core.ts'
import type { NdPfnSb } from './nd.ts'

export const PFN_SIG = 'NVDIMM_PFN_INFO'
export const DAX_SIG = 'NVDIMM_DAX_INFO'
export const PFN_SB_SIZE = 4096
/** Of the info block, from the start of the namespace. */
export const PFN_SB_OFFSET = 4096

const CHECKSUM = 4088
/** What a block says that is older than the fields. */
const PAGE_SIZE = 4096
const STRUCT_PAGE_SIZE = 64

export function encode_pfn_sb(sig: string, sb: NdPfnSb): Uint8Array {
  const bytes = new Uint8Array(PFN_SB_SIZE)
  const data = view(bytes)
  for (let i = 0; i < sig.length; i++) bytes[i] = sig.charCodeAt(i)
  bytes.set(uuid_bytes(sb.uuid) ?? [], 16)
  bytes.set(uuid_bytes(sb.parent_uuid) ?? [], 32)
  data.setUint16(52, 1, true)
  data.setUint16(54, sb.version_minor, true)
  data.setBigUint64(56, BigInt(sb.dataoff), true)
  data.setBigUint64(64, BigInt(sb.npfns), true)
  data.setUint32(72, sb.mode, true)
  data.setUint32(76, sb.start_pad, true)
  data.setUint32(80, sb.end_trunc, true)
  data.setUint32(84, sb.align, true)
  if (sb.version_minor >= 4) {
    data.setUint32(88, sb.page_size, true)
    data.setUint16(92, sb.page_struct_size, true)
  }
  data.setBigUint64(CHECKSUM, nd_fletcher64(bytes), true)
  return bytes
}

/** undefined when there is no such block: wrong signature or checksum. */
export function decode_pfn_sb(sig: string, bytes: Uint8Array): NdPfnSb | undefined {
  if (!signatureIs(bytes, sig)) return undefined
  const data = view(bytes)
  const blank = bytes.slice()
  blank.fill(0, CHECKSUM, CHECKSUM + 8)
  if (data.getBigUint64(CHECKSUM, true) !== nd_fletcher64(blank)) return undefined
  const version_minor = data.getUint16(54, true)
  const padded = version_minor >= 1
  const sized = version_minor >= 4
  return {
    uuid: uuid_text(bytes.subarray(16, 32)),
    parent_uuid: uuid_text(bytes.subarray(32, 48)),
    version_minor,
    dataoff: Number(data.getBigUint64(56, true)),
    npfns: Number(data.getBigUint64(64, true)),
    mode: data.getUint32(72, true),
    start_pad: padded ? data.getUint32(76, true) : 0,
    end_trunc: padded ? data.getUint32(80, true) : 0,
    align: version_minor >= 2 ? data.getUint32(84, true) : 0,
    page_size: sized ? data.getUint32(88, true) : PAGE_SIZE,
    page_struct_size: sized ? data.getUint16(92, true) : STRUCT_PAGE_SIZE,
  }
}

/** The first 16 bytes are `sig`, padded with zeros. */
export function signatureIs(bytes: Uint8Array, sig: string): boolean {
  for (let i = 0; i < 16; i++) if (bytes[i] !== (i < sig.length ? sig.charCodeAt(i) : 0)) return false
  return true
}
