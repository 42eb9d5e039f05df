/** block/badblocks.c: sectors that can't be read. Left out: acknowledgement, a limit of entries, writing the file. */

/** 512-byte sectors. */
export interface BadBlocks {
  readonly sector: number
  readonly count: number
}

const SECTOR = 512

/** In order, with what touches joined. */
function normal(blocks: readonly BadBlocks[]): readonly BadBlocks[] {
  const joined: BadBlocks[] = []
  for (const { sector, count } of [...blocks].sort((a, b) => a.sector - b.sector)) {
    const last = joined[joined.length - 1]
    if (last === undefined || last.sector + last.count < sector) joined.push({ sector, count })
    else {
      const end = Math.max(last.sector + last.count, sector + count)
      joined[joined.length - 1] = { sector: last.sector, count: end - last.sector }
    }
  }
  return joined
}

export const badblocks_set = (blocks: readonly BadBlocks[], sector: number, count: number): readonly BadBlocks[] =>
  normal([...blocks, { sector, count }])

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
