/** include/linux/blk_types.h: a disk or a part of it. Left out: partitions are found by nobody yet; bios. */

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
