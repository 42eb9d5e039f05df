/**
 * block/genhd.c, blk-settings.c: disks and the limits of their queues.
 *
 * Left out: request queues (pmem takes bios directly), statistics.
 */

import type { Op, Request } from '../../sim/kfunc.ts'
import { type Identity, struct } from '../../sim/struct.ts'
import { device_add, device_del } from '../drivers/base/core.ts'
import { type BlockDevice, block_device } from '../include/linux/blk_types.ts'
import { type Device, type DeviceAttribute, type DeviceType, device } from '../include/linux/device.ts'
import type { Kernel } from '../kernel.ts'
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
  /** Numbers from there on that are its own: partitions from that on have others. */
  minors: number
  /** It can't have partitions. */
  no_part: boolean
  ro: boolean
  /** All of it, and its partitions. */
  part0: BlockDevice
  part_tbl: readonly BlockDevice[]
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
  /** Partitions that somebody has open. */
  open_partitions: number
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
  minors: 1,
  no_part: false,
  ro: false,
  part0: undefined as never,
  part_tbl: [],
  write_cache: false,
  fua: false,
  dax: false,
  logical_block_size: 512,
  physical_block_size: 512,
  limits: blk_set_default_limits,
  submit_bio: undefined,
  rw_page: undefined,
  release: undefined,
  open_partitions: 0,
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

/** `sectors`: of 512 bytes. */
export function blk_alloc_disk(
  k: Kernel,
  { sectors = 0, ...initial }: Partial<GendiskFields> & { readonly sectors?: number },
): Gendisk {
  const all = k.global(disks)
  all.diskseq++
  const disk = gendisk.create(k.journal, { ...initial, diskseq: all.diskseq })
  disk.part0 = block_device.create(k.journal, { bd_disk: disk, bd_nr_sectors: sectors })
  return disk
}

/** 512-byte sectors. */
export const get_capacity = ({ part0 }: Gendisk): number => part0.bd_nr_sectors

export function set_capacity({ part0 }: Gendisk, sectors: number): void {
  part0.bd_nr_sectors = sectors
}

/** Every disk and its partitions. */
export const block_devices = (k: Kernel): readonly BlockDevice[] =>
  block_class(k).flatMap(({ part0, part_tbl }) => [part0, ...part_tbl])

/** The lowest number that is free. */
export function blk_alloc_ext_devt(k: Kernel): string {
  const taken = new Set(block_devices(k).map(({ bd_device }) => bd_device.devt))
  let minor = 0
  while (taken.has(`${BLOCK_EXT_MAJOR}:${minor}`)) minor++
  return `${BLOCK_EXT_MAJOR}:${minor}`
}

/** `parent` undefined: no hardware is behind it. Looks for partitions, where the kernel has the code for that. */
export function* device_add_disk(
  k: Kernel,
  parent: Device | undefined,
  disk: Gendisk,
  groups: readonly DeviceAttribute[],
): Generator<Request, void> {
  const all = k.global(disks)
  const { major, first_minor } = disk
  disk.dev = device.create(k.journal, {
    name: disk.disk_name,
    parent,
    folder: parent === undefined ? 'virtual/block' : 'block',
    kind: disk_type,
    groups,
    devt: major === 0 ? blk_alloc_ext_devt(k) : `${major}:${first_minor}`,
    container: disk,
  })
  disk.part0.bd_device = disk.dev
  all.list = [...all.list, disk]
  device_add(k, disk.dev)
  yield* k.options.partitions?.disk_scan_partitions(k, disk) ?? []
}

/** Is a device a disk? */
export const is_disk = ({ kind }: Device): boolean => kind === disk_type

/** Is it a partition of one? */
export const is_partition = ({ kind }: Device): boolean => kind.name === 'partition'

export function del_gendisk(k: Kernel, disk: Gendisk): void {
  const all = k.global(disks)
  all.list = all.list.filter((other) => other !== disk)
  for (const { bd_device } of disk.part_tbl) device_del(k, bd_device)
  disk.part_tbl = []
  device_del(k, disk.dev)
}
