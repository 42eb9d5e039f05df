/**
 * block/badblocks.c: sectors that can't be read.
 *
 * As in the kernel up to v6.6 an entry is at most 512 sectors long and a page holds 512 entries. Left out:
 * acknowledgement; which of several equal ways a run that grew in the middle is cut into entries.
 */

import { EINVAL, ENOSPC } from '../include/linux/errno.ts'

/** 512-byte sectors. */
export interface BadBlocks {
  readonly sector: number
  readonly count: number
}

const SECTOR = 512
const BB_MAX_LEN = 512
const MAX_BADBLOCKS = 512

/** What touches is one run; a run is cut into entries from its start. */
function joined(blocks: readonly BadBlocks[], sector: number, count: number): readonly BadBlocks[] {
  let start = sector
  let end = sector + count
  const apart: BadBlocks[] = []
  // Ascending, then descending: an entry may be reached only through its neighbour.
  for (const each of [...blocks, ...blocks.toReversed()]) {
    if (each.sector > end || each.sector + each.count < start) continue
    start = Math.min(start, each.sector)
    end = Math.max(end, each.sector + each.count)
  }
  for (const each of blocks) if (each.sector > end || each.sector + each.count < start) apart.push(each)
  for (let at = start; at < end && apart.length <= MAX_BADBLOCKS; at += BB_MAX_LEN)
    apart.push({ sector: at, count: Math.min(BB_MAX_LEN, end - at) })
  return apart.sort((a, b) => a.sector - b.sector)
}

/** What finds no room is dropped. */
export const badblocks_set = (blocks: readonly BadBlocks[], sector: number, count: number): readonly BadBlocks[] =>
  joined(blocks, sector, count).slice(0, MAX_BADBLOCKS)

export const badblocks_clear = (blocks: readonly BadBlocks[], sector: number, count: number): readonly BadBlocks[] =>
  blocks.flatMap((each) => {
    const end = each.sector + each.count
    const from = Math.max(each.sector, sector + count)
    return [
      { sector: each.sector, count: Math.min(end, sector) - each.sector },
      { sector: from, count: end - from },
    ].filter((left) => left.count > 0)
  })

/** Whether a range of bytes touches a bad sector. */
export const is_bad = (blocks: readonly BadBlocks[], offset: number, length: number): boolean =>
  blocks.some(
    ({ sector, count }) =>
      sector * SECTOR < Math.ceil((offset + length) / SECTOR) * SECTOR && (sector + count) * SECTOR > offset,
  )

/** The `badblocks` file: a line a range. */
export const badblocks_show = (blocks: readonly BadBlocks[]): string =>
  blocks.map(({ sector, count }) => `${sector} ${count}`).join('\n')

/** "SECTOR COUNT", a newline allowed: 0, -EINVAL, or -ENOSPC when there was no room for all of it. */
export function badblocks_store(of: { bb: readonly BadBlocks[] }, text: string): number {
  const [, sector, count] = /^\s*(\d+)\s+(\d+)(?:\n|$)/.exec(text) ?? []
  if (!Number.isSafeInteger(Number(sector)) || !(Number(count) > 0 && Number(count) < 2 ** 31)) return -EINVAL
  const all = joined(of.bb, Number(sector), Number(count))
  of.bb = all.slice(0, MAX_BADBLOCKS)
  return all.length > MAX_BADBLOCKS ? -ENOSPC : 0
}
