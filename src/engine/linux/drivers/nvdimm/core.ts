/** drivers/nvdimm/core.c: helpers of the whole subsystem. */

import { hyphenated } from '../../../../base/bytes.ts'

/**
 * Fletcher's checksum over 32-bit words: the low half sums the words, the high half sums the sums, both modulo 2^32.
 * Used for interleave-set cookies, labels and info blocks.
 */
export function nd_fletcher64(bytes: Uint8Array): bigint {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let lo = 0
  let hi = 0n
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    lo = (lo + data.getUint32(at, true)) >>> 0
    hi += BigInt(lo)
  }
  return (BigInt.asUintN(32, hi) << 32n) | BigInt(lo)
}

/** `00112233-4455-…` and back, in the order of the bytes (%pUb). */
export function uuid_text(bytes: Uint8Array): string {
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hyphenated(digits)
}

export const NIL_UUID = '00000000-0000-0000-0000-000000000000'

/** undefined when it is not 16 bytes in hexadecimal; dashes are optional, as upstream. */
export function uuid_bytes(text: string): Uint8Array | undefined {
  const digits = text.trim().replaceAll('-', '')
  if (!/^[0-9a-f]{32}$/i.test(digits)) return undefined
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16))
}
