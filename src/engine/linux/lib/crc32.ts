/**
 * lib/crc32.c: checksums of four bytes, bits from the lowest: that of Ethernet, zip and the GPT, and Castagnoli's, which
 * ext4 and iSCSI have. Reads bytes of the model: no steps.
 */

const table = (polynomial: number): Uint32Array =>
  Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? polynomial : 0)
    return crc >>> 0
  })

const CRC32 = table(0xedb88320)
const CRC32C = table(0x82f63b78)

function run(lookup: Uint32Array, crc: number, bytes: Uint8Array): number {
  let now = crc
  for (const byte of bytes) now = (now >>> 8) ^ (lookup[(now ^ byte) & 0xff] as number)
  return now >>> 0
}

/** Goes on from `crc`; who begins and ends with all bits inverted gets what zip calls a CRC. */
export const crc32_le = (crc: number, bytes: Uint8Array): number => run(CRC32, crc, bytes)

/** The same with Castagnoli's polynomial. */
export const crc32c_le = (crc: number, bytes: Uint8Array): number => run(CRC32C, crc, bytes)
