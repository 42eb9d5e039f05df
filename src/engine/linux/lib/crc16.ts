/** lib/crc16.c: x¹⁶ + x¹⁵ + x² + 1, bits from the lowest. Reads bytes of the model: no steps. */

const TABLE: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0xa001 : 0)
  return crc
})

/** Goes on from `crc`. */
export function crc16(crc: number, bytes: Uint8Array): number {
  let now = crc & 0xffff
  for (const byte of bytes) now = (now >>> 8) ^ (TABLE[(now ^ byte) & 0xff] as number)
  return now
}
