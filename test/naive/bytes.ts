/**
 * Values as text: two hex digits a byte, lowest address first, so that a store is a cut and paste.
 *
 * Registers and cells are eight bytes: 1 is `0100000000000000`.
 */

export type Bytes = string

/** The lowest `size` bytes of `value`; negative numbers are two's complement. */
export function bytesOf(value: bigint, size: number): Bytes {
  const digits = BigInt.asUintN(8 * size, value)
    .toString(16)
    .padStart(2 * size, '0')
  return (digits.match(/../g) ?? []).reverse().join('')
}

export function numberOf(bytes: Bytes): bigint {
  return BigInt(`0x${(bytes.match(/../g) ?? []).reverse().join('')}`)
}

export const part = (bytes: Bytes, offset: number, size: number): Bytes => bytes.slice(2 * offset, 2 * (offset + size))

export const paste = (bytes: Bytes, offset: number, patch: Bytes): Bytes =>
  bytes.slice(0, 2 * offset) + patch + bytes.slice(2 * offset + patch.length)
