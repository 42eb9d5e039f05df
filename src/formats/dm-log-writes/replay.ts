/**
 * Entries onto the bytes of a device, as replay-log writes them to a file: a discard writes zeros, unless it is so long that
 * nothing is done. The file grows where an entry writes behind its end.
 */

import { err, ok, type Result } from '../../base/result.ts'
import { DISCARD, type Log, type LogEntry, replayingLine } from './log.ts'

/** Bytes of an image, at most. */
const MOST_IMAGE = 2 ** 30
/** Of a discard that is written as zeros, and of a piece of one: bytes. */
const MAX_ZERO = 128 * 2 ** 20
const MAX_CHUNK = 2 ** 30

export interface Replayed {
  readonly image: Uint8Array
  /** What replay-log -v prints. */
  readonly lines: readonly string[]
}

class Target {
  private bytes: Uint8Array
  length: number

  constructor(image: Uint8Array) {
    this.bytes = image.slice()
    this.length = image.length
  }

  /** Room up to `end`. */
  reach(end: number): void {
    if (end > this.bytes.length) {
      const more = new Uint8Array(Math.max(end, 2 * this.bytes.length))
      more.set(this.bytes)
      this.bytes = more
    }
    this.length = Math.max(this.length, end)
  }

  write(at: number, data: Uint8Array): void {
    this.reach(at + data.length)
    this.bytes.set(data, at)
  }

  zero(at: number, length: number): void {
    this.reach(at + length)
    this.bytes.fill(0, at, at + length)
  }

  image(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }
}

/** Where zeros are written for a discard, and what is said of pieces that are too long. */
function discard(target: Target, start: number, size: number, lines: string[]): void {
  for (let at = 0; at < size; at += MAX_CHUNK) {
    const length = Math.min(MAX_CHUNK, size - at)
    if (length > MAX_ZERO) lines.push(`discard len ${length} larger than max ${MAX_ZERO}`)
    else target.zero(start + at, length)
  }
}

/** The error names the entry. */
export function replayLog(
  { sectorsize, entries }: Log,
  from: number,
  to: number,
  onto: Uint8Array,
  discards = true,
): Result<Replayed, string> {
  const target = new Target(onto)
  const lines: string[] = []
  let told = false
  for (let index = from; index < to; index++) {
    const entry = entries[index] as LogEntry
    lines.push(replayingLine(index, entry, sectorsize))
    const start = entry.sector * sectorsize
    const size = entry.nrSectors * sectorsize
    const discarded = (entry.flags & DISCARD) !== 0n
    if (size === 0 || (discarded && !discards)) continue
    if (discarded && !told) lines.push("replay device doesn't support discard, switching to writing zeros")
    told ||= discarded
    const written = discarded && size > MAX_ZERO ? 0 : start + size
    if (written > MOST_IMAGE)
      return err(`entry ${index} ends at byte ${written}; an image has ${MOST_IMAGE} bytes at most`)
    if (discarded) discard(target, start, size, lines)
    else target.write(start, entry.data)
  }
  return ok({ image: target.image(), lines })
}
