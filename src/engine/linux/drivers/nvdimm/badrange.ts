/**
 * drivers/nvdimm/badrange.c: unreadable ranges that the bus knows of, and which sectors of a region, a namespace or a
 * disk they are. For `KernelOptions.poison`.
 *
 * Source: torvalds/linux v6.1; reference/kernel.md §3.9; groundtruth capture ops10. Left out: errors reported by
 * machine checks.
 */

import { struct } from '../../../sim/struct.ts'
import { type BadBlocks, badblocks_set } from '../../block/badblocks.ts'
import type { Device } from '../../include/linux/device.ts'
import type { MediaError } from '../../include/linux/libnvdimm.ts'
import type { Kernel } from '../../kernel.ts'
import { dev_dbg } from '../base/core.ts'

const SECTOR = 512

/** Known errors of the bus, and scrubs so far. */
export const badrange = struct<{ list: readonly MediaError[]; scrubs: number }>('badrange', { list: [], scrubs: 0 })

/** badrange_forget(): what is left of `errors` outside of a range. */
export function withoutRange(errors: readonly MediaError[], start: number, length: number): readonly MediaError[] {
  return errors.flatMap((error) => {
    const end = error.start + error.length
    const from = Math.max(error.start, start + length)
    return [
      { start: error.start, length: Math.min(end, start) - error.start },
      { start: from, length: end - from },
    ].filter((left) => left.length > 0)
  })
}

/** Bad sectors of the SPA range, counted from its start. */
export function nvdimm_badblocks_populate(k: Kernel, dev: Device, start: number, size: number): readonly BadBlocks[] {
  let blocks: readonly BadBlocks[] = []
  for (const error of k.global(badrange).list) {
    const from = Math.max(error.start, start) - start
    const to = Math.min(error.start + error.length, start + size) - start
    if (from >= to) continue
    const sector = Math.floor(from / SECTOR)
    const count = Math.ceil(to / SECTOR) - sector
    const hex = (sectors: number): string => `0x${(sectors * SECTOR).toString(16)}`
    dev_dbg(k, dev, `Found a bad range (${hex(sector)}, ${hex(count)})`)
    blocks = badblocks_set(blocks, sector, count)
  }
  return blocks
}
