/** block/partitions/check.h: what a parser of tables is given, and what it says. */

import type { Op } from '../../../sim/kfunc.ts'
import { type BlockDevice, SECTOR_SIZE } from '../../include/linux/blk_types.ts'
import type { Kernel } from '../../kernel.ts'
import { filemap_read } from '../../mm/filemap.ts'
import { bd_mapping } from '../bdev.ts'

/** A partition that a table names; 512-byte sectors. */
interface ParsedPart {
  readonly from: number
  readonly size: number
}

export interface ParsedPartitions {
  readonly bdev: BlockDevice
  /** "pmem0p": what a number is put behind. */
  readonly name: string
  /** By number. */
  readonly parts: Map<number, ParsedPart>
  /** What the log says in the end: " pmem0: p1 p2". */
  pp_buf: string
}

/** 1: this was the table. 0: it is another's. Negative: it could not be read. */
export type Parser = (k: Kernel, state: ParsedPartitions) => Op<number>

/** The last number a disk may have. */
export const DISK_MAX_PARTS = 256

export function put_partition(state: ParsedPartitions, n: number, from: number, size: number): void {
  if (n >= DISK_MAX_PARTS) return
  state.parts.set(n, { from, size })
  state.pp_buf += ` ${state.name}${n}`
}

/** Sector `n`, through the page cache of the whole disk; undefined when it can't be read. */
export function* read_part_sector(k: Kernel, { bdev }: ParsedPartitions, n: number) {
  if (n >= bdev.bd_nr_sectors) return undefined
  const bytes = new Uint8Array(SECTOR_SIZE)
  const rc = yield* filemap_read(k, bd_mapping(k, bdev), n * SECTOR_SIZE, bytes)
  return rc < 0 ? undefined : bytes
}
