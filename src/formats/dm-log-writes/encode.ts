/** A log to bytes, as the kernel writes them. */

import { view } from '../../base/bytes.ts'
import { ENTRY_BYTES, type Log, MAGIC, VERSION } from './log.ts'

export function encodeLog({ sectorsize, entries }: Log): Uint8Array {
  const size = entries.reduce((sum, { data }) => sum + sectorsize + data.length, sectorsize)
  const bytes = new Uint8Array(size)
  const fields = view(bytes)
  fields.setBigUint64(0, MAGIC, true)
  fields.setBigUint64(8, BigInt(VERSION), true)
  fields.setBigUint64(16, BigInt(entries.length), true)
  fields.setUint32(24, sectorsize, true)
  let at = sectorsize
  for (const { sector, nrSectors, flags, dataLength, text, data } of entries) {
    const numbers = [BigInt(sector), BigInt(nrSectors), flags, BigInt(dataLength)]
    for (const [i, number] of numbers.entries()) fields.setBigUint64(at + 8 * i, number, true)
    if (text !== undefined) bytes.set(text, at + ENTRY_BYTES)
    bytes.set(data, at + sectorsize)
    at += sectorsize + data.length
  }
  return bytes
}
