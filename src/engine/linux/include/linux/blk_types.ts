/** include/linux/blk_types.h: a disk or a part of it, and what is asked of one. Left out: partitions that nobody finds: tables on disks are not read. */

import type { Gendisk } from '../../block/genhd.ts'

/** struct block_device. A whole disk begins at sector 0. */
export interface BlockDevice {
  readonly bd_disk: Gendisk
  /** 512-byte sectors, from the disk's first. */
  readonly bd_start_sect: number
  readonly bd_nr_sectors: number
}

/** The whole disk. */
export const disk_part0 = (disk: Gendisk): BlockDevice => ({
  bd_disk: disk,
  bd_start_sect: 0,
  bd_nr_sectors: disk.sectors,
})

export type BioOp = 'read' | 'write' | 'discard' | 'write_zeroes'

/** REQ_…: what is asked for besides the operation. */
export interface BioFlags {
  /** What the device has accepted before is durable before this begins. */
  readonly preflush?: boolean
  /** What this writes is durable when it is done. */
  readonly fua?: boolean
  readonly sync?: boolean
  readonly idle?: boolean
  readonly meta?: boolean
  readonly rahead?: boolean
}

/** struct bio. A write without data is a flush. */
export interface Bio extends BioFlags {
  readonly bi_bdev: BlockDevice
  readonly op: BioOp
  /** 512-byte sectors, from the first of `bi_bdev`. */
  readonly sector: number
  /** What is written, or where what is read goes. It belongs to who submits. */
  readonly data: Uint8Array
  /** 512-byte sectors that it is about: those of `data`, and of an operation without data a number of its own. */
  readonly nr_sectors: number
}

export const SECTOR_SIZE = 512

export function new_bio(
  bi_bdev: BlockDevice,
  op: BioOp,
  sector: number,
  data: Uint8Array = new Uint8Array(0),
  flags: BioFlags = {},
): Bio {
  return { ...flags, bi_bdev, op, sector, data, nr_sectors: data.length / SECTOR_SIZE }
}

/** blk_fill_rwbs(): the letters that blktrace prints for it. */
export function rwbs({ op, preflush, fua, sync, meta, rahead }: Bio): string {
  const flush = preflush === true ? 'F' : ''
  const what = { read: 'R', write: 'W', discard: 'D', write_zeroes: 'W' }[op]
  const more = [fua && 'F', rahead && 'A', sync && 'S', meta && 'M'].filter(Boolean).join('')
  return `${flush}${what}${more}`
}
