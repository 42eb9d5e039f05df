/**
 * block/genhd.c, blk-settings.c: disks and the limits of their queues.
 *
 * Left out: partitions, request queues (pmem takes bios directly), statistics.
 */

import type { Op } from '../../sim/kfunc.ts'
import { type Identity, struct } from '../../sim/struct.ts'
import { device_add, device_del } from '../drivers/base/core.ts'
import { type Device, type DeviceAttribute, type DeviceType, device } from '../include/linux/device.ts'
import type { Kernel } from '../kernel.ts'
import type { AddressSpace } from '../mm/filemap.ts'
import type { BadBlocks } from './badblocks.ts'
import type { SubmitBio } from './blk-core.ts'
import { blk_set_default_limits, type OtherLimits } from './blk-settings.ts'
import { disk_attributes } from './blk-sysfs.ts'

interface GendiskFields {
  dev: Device
  disk_name: string
  /** Its numbers, where the driver has its own; major 0: none. */
  major: number
  first_minor: number
  /** It can't have partitions. */
  no_part: boolean
  /** 512-byte sectors. */
  sectors: number
  ro: boolean
  /** QUEUE_FLAG_WC, QUEUE_FLAG_FUA, QUEUE_FLAG_DAX. */
  write_cache: boolean
  fua: boolean
  dax: boolean
  /** Bytes. */
  logical_block_size: number
  physical_block_size: number
  limits: OtherLimits
  /** The driver's: bios, and pages that are read without one. */
  submit_bio: SubmitBio | undefined
  rw_page: ((k: Kernel, disk: Gendisk, sector: number, into: Uint8Array) => Op<number>) | undefined
  /** Somebody has closed it. */
  release: ((k: Kernel, disk: Gendisk) => Op<void>) | undefined
  /** Openers that have not closed it, who has the disk to itself and how often, and its pages in the page cache. */
  bd_openers: number
  bd_holder: unknown
  bd_holders: number
  bd_mapping: AddressSpace | undefined
  private_data: unknown
  /** Of a disk of persistent memory: where its bytes are, SPA. */
  media: { readonly start: number; readonly size: number } | undefined
  bb: readonly BadBlocks[]
  /** A number that no other disk since boot has had. */
  diskseq: number
  /** What was written to the attributes that only request queues obey. */
  settings: Readonly<Record<string, string>>
}

export type Gendisk = GendiskFields & Identity

const gendisk = struct<GendiskFields>('gendisk', {
  dev: undefined as never,
  disk_name: '',
  major: 0,
  first_minor: 0,
  no_part: false,
  sectors: 0,
  ro: false,
  write_cache: false,
  fua: false,
  dax: false,
  logical_block_size: 512,
  physical_block_size: 512,
  limits: blk_set_default_limits,
  submit_bio: undefined,
  rw_page: undefined,
  release: undefined,
  bd_openers: 0,
  bd_holder: undefined,
  bd_holders: 0,
  bd_mapping: undefined,
  private_data: undefined,
  media: undefined,
  bb: [],
  diskseq: 0,
  settings: {},
})

const disks = struct<{ list: readonly Gendisk[]; diskseq: number }>('block_class', { list: [], diskseq: 0 })

/** Every disk, in the order of registration. */
export const block_class = (k: Kernel): readonly Gendisk[] => k.global(disks).list

const disk_type: DeviceType = { name: 'disk', attributes: disk_attributes }
/** Major number of disks without one of their own. */
const BLOCK_EXT_MAJOR = 259

export function blk_alloc_disk(k: Kernel, initial: Partial<GendiskFields>): Gendisk {
  const all = k.global(disks)
  all.diskseq++
  return gendisk.create(k.journal, { ...initial, diskseq: all.diskseq })
}

/** The lowest number that is free. */
function blk_alloc_ext_minor(k: Kernel): number {
  const taken = new Set(block_class(k).map(({ dev }) => dev.devt))
  let minor = 0
  while (taken.has(`${BLOCK_EXT_MAJOR}:${minor}`)) minor++
  return minor
}

/** `parent` undefined: no hardware is behind it. */
export function device_add_disk(
  k: Kernel,
  parent: Device | undefined,
  disk: Gendisk,
  groups: readonly DeviceAttribute[],
): void {
  const all = k.global(disks)
  const { major, first_minor } = disk
  disk.dev = device.create(k.journal, {
    name: disk.disk_name,
    parent,
    folder: parent === undefined ? 'virtual/block' : 'block',
    kind: disk_type,
    groups,
    devt: major === 0 ? `${BLOCK_EXT_MAJOR}:${blk_alloc_ext_minor(k)}` : `${major}:${first_minor}`,
    container: disk,
  })
  all.list = [...all.list, disk]
  device_add(k, disk.dev)
}

/** Is a device a disk? */
export const is_disk = ({ kind }: Device): boolean => kind === disk_type

export function del_gendisk(k: Kernel, disk: Gendisk): void {
  const all = k.global(disks)
  all.list = all.list.filter((other) => other !== disk)
  device_del(k, disk.dev)
}
