/** include/linux/blk_types.h: a disk or a part of it, and what is asked of one. */

import { type Identity, struct } from '../../../sim/struct.ts'
import type { Gendisk } from '../../block/genhd.ts'
import type { AddressSpace } from '../../mm/filemap.ts'
import type { Device } from './device.ts'

interface BlockDeviceFields {
  bd_disk: Gendisk
  /** 0: the whole disk. */
  bd_partno: number
  /** 512-byte sectors: from the disk's first, and how many. */
  bd_start_sect: number
  bd_nr_sectors: number
  bd_device: Device
  /** Openers that have not closed it, who has it for itself and how often, and its pages in the page cache. */
  bd_openers: number
  bd_holder: unknown
  bd_holders: number
  bd_mapping: AddressSpace | undefined
}

export type BlockDevice = BlockDeviceFields & Identity

export const block_device = struct<BlockDeviceFields>('block_device', {
  bd_disk: undefined as never,
  bd_partno: 0,
  bd_start_sect: 0,
  bd_nr_sectors: 0,
  bd_device: undefined as never,
  bd_openers: 0,
  bd_holder: undefined,
  bd_holders: 0,
  bd_mapping: undefined,
})

/** The whole disk. */
export const disk_part0 = ({ part0 }: Gendisk): BlockDevice => part0

/** "pmem0", "pmem0p1", "sda1": a digit at the end of a disk's name takes a "p". */
export const bdev_name = ({ bd_disk: { disk_name }, bd_partno }: BlockDevice): string => {
  if (bd_partno === 0) return disk_name
  return `${disk_name}${/\d$/.test(disk_name) ? 'p' : ''}${bd_partno}`
}

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
  /** dm_per_bio_data(): what the target of a mapped device that made it keeps with it. */
  readonly per_bio_data?: unknown
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
