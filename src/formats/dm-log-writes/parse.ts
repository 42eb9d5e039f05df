/** Bytes to a log; what is wrong is told with its offset. */

import { hex, view } from '../../base/bytes.ts'
import { err, ok, type Result } from '../../base/result.ts'
import {
  DISCARD,
  ENTRY_BYTES,
  LEAST_SECTOR,
  type Log,
  type LogEntry,
  MAGIC,
  MARK,
  MOST_SECTOR,
  SUPER_BYTES,
  VERSION,
} from './log.ts'

export interface LogProblem {
  /** Bytes from the start of the log. */
  readonly offset: number
  readonly message: string
}

const wrong = (offset: number, message: string): Result<never, LogProblem> => err({ offset, message })

/** A number that a file can be as large as; otherwise what it is. */
const SAFE = BigInt(Number.MAX_SAFE_INTEGER)

const isPowerOfTwo = (n: number): boolean => (n & (n - 1)) === 0

export function parseLog(bytes: Uint8Array): Result<Log, LogProblem> {
  if (bytes.length < SUPER_BYTES)
    return wrong(bytes.length, `the super sector is cut off: ${bytes.length} of ${SUPER_BYTES} bytes`)
  const fields = view(bytes)
  const magic = fields.getBigUint64(0, true)
  if (magic !== MAGIC) return wrong(0, `magic 0x${hex(magic)}, expected 0x${hex(MAGIC)}`)
  const version = fields.getBigUint64(8, true)
  if (version !== BigInt(VERSION)) return wrong(8, `version ${version}, expected ${VERSION}`)
  const count = fields.getBigUint64(16, true)
  const sectorsize = fields.getUint32(24, true)
  if (sectorsize < LEAST_SECTOR || sectorsize > MOST_SECTOR || !isPowerOfTwo(sectorsize))
    return wrong(24, `sectors of ${sectorsize} bytes; expected a power of two from ${LEAST_SECTOR} to ${MOST_SECTOR}`)
  const entries: LogEntry[] = []
  for (let offset = sectorsize; BigInt(entries.length) < count; ) {
    const entry = parseEntry(bytes, offset, sectorsize, `entry ${entries.length} of ${count}`)
    if (!entry.ok) return entry
    entries.push(entry.value)
    offset += sectorsize + entry.value.data.length
  }
  return ok({ sectorsize, entries })
}

function parseEntry(bytes: Uint8Array, at: number, sectorsize: number, what: string): Result<LogEntry, LogProblem> {
  const left = bytes.length - at
  if (left < sectorsize) return wrong(bytes.length, `${what}: the log ends in it, after ${Math.max(0, left)} bytes`)
  const fields = view(bytes)
  const [sector, nr, flags, length] = [0, 8, 16, 24].map((field) => fields.getBigUint64(at + field, true))
  if (sector === undefined || nr === undefined || flags === undefined || length === undefined)
    return wrong(at, `${what}: no fields`)
  if (flags === 0n && nr === 0n) return wrong(at, `${what}: neither sectors nor flags`)
  const end = (sector + nr) * BigInt(sectorsize)
  if (end > SAFE) return wrong(at, `${what}: sector ${sector} and ${nr} more lie beyond every device`)
  const mark = (flags & MARK) !== 0n
  if (!mark && bytes[at + ENTRY_BYTES] !== 0)
    return wrong(at + ENTRY_BYTES, `${what}: text in an entry that is no mark`)
  const size = (flags & DISCARD) === 0n ? Number(nr) * sectorsize : 0
  const room = mark ? sectorsize - ENTRY_BYTES - 1 : size
  if (length > BigInt(room))
    return wrong(at + 24, `${what}: ${length} bytes of ${mark ? 'text' : 'data'}, where ${room} have room`)
  const from = at + sectorsize
  if (from + size > bytes.length)
    return wrong(bytes.length, `${what}: the log ends in its ${size} bytes of data, after ${bytes.length - from}`)
  const text = bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + Number(length))
  return ok({
    sector: Number(sector),
    nrSectors: Number(nr),
    flags,
    dataLength: Number(length),
    text: mark ? text : undefined,
    data: bytes.subarray(from, from + size),
  })
}
