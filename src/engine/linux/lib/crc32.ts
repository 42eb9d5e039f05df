/** lib/crc32.c: the checksum of Ethernet, zip and the GPT; bits from the lowest. Reads bytes of the model: no steps. */

const table = (polynomial: number): Uint32Array =>
  Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? polynomial : 0)
    return crc >>> 0
  })

const CRC32 = table(0xedb88320)

function run(lookup: Uint32Array, crc: number, bytes: Uint8Array): number {
  let now = crc
  for (const byte of bytes) now = (now >>> 8) ^ (lookup[(now ^ byte) & 0xff] as number)
  return now >>> 0
}

/** Goes on from `crc`; who begins and ends with all bits inverted gets what zip calls a CRC. */
export const crc32_le = (crc: number, bytes: Uint8Array): number => run(CRC32, crc, bytes)
