/**
 * drivers/md/dm-core.h, include/linux/device-mapper.h: mapped devices, their tables, and what a type of target can do.
 *
 * A `hash_cell` of upstream is part of its device here, a `dm_dev_internal` part of its `dm_dev`.
 */

import type { Spa } from '../../../../base/brand.ts'
import type { Op } from '../../../sim/kfunc.ts'
import { type Identity, struct } from '../../../sim/struct.ts'
import type { QueueLimits } from '../../block/blk-settings.ts'
import type { Gendisk } from '../../block/genhd.ts'
import type { Bio, BlockDevice } from '../../include/linux/blk_types.ts'
import type { FileOperations } from '../../include/linux/fs.ts'
import { printk } from '../../kernel/printk.ts'
import type { Kernel } from '../../kernel.ts'
import type { IovIter } from '../../lib/iov_iter.ts'
import type { DaxAccess, DaxDevice } from '../dax/super.ts'

interface DmDevFields {
  bdev: BlockDevice
  /** What `bdev` is, or a part of. */
  disk: Gendisk
  /** "259:0" */
  name: string
  /** What it offered to direct access when it was opened. */
  dax_dev: DaxDevice | undefined
  /** Targets of the mapped device, in both its tables, that use it. */
  count: number
}

/** struct dm_dev: a disk that a mapped device has open. */
export type DmDev = DmDevFields & Identity

export const dm_dev = struct<DmDevFields>('dm_dev', {
  bdev: undefined as never,
  disk: undefined as never,
  name: '',
  dax_dev: undefined,
  count: 0,
})

interface DmTargetFields {
  table: DmTable
  target_type: TargetType
  /** 512-byte sectors of the mapped device. */
  begin: number
  len: number
  /** Sectors between boundaries that no bio may cross; 0: there are none. */
  max_io_len: number
  /** How many bios a flush of it takes, and a discard; 0: it has no use for one. */
  num_flush_bios: number
  num_discard_bios: number
  /** It wants them whatever the devices below can do. */
  flush_supported: boolean
  discards_supported: boolean
  private: unknown
  /** Why it could not be made. */
  error: string
}

export type DmTarget = DmTargetFields & Identity

export const dm_target = struct<DmTargetFields>('dm_target', {
  table: undefined as never,
  target_type: undefined as never,
  begin: 0,
  len: 0,
  max_io_len: 0,
  num_flush_bios: 0,
  num_discard_bios: 0,
  flush_supported: false,
  discards_supported: false,
  private: undefined,
  error: 'Unknown error',
})

/** enum dm_queue_mode, with the numbers of v6.1. */
export const DM_TYPE_NONE = 0
export const DM_TYPE_BIO_BASED = 1
export const DM_TYPE_DAX_BIO_BASED = 3

interface DmTableFields {
  md: MappedDevice
  /** May its devices be written to? */
  writable: boolean
  /** enum dm_queue_mode. */
  queue_mode: number
  targets: readonly DmTarget[]
  /** The devices that its targets asked for, as often as they did. */
  devices: readonly DmDev[]
}

export type DmTable = DmTableFields & Identity

export const dm_table = struct<DmTableFields>('dm_table', {
  md: undefined as never,
  writable: true,
  queue_mode: DM_TYPE_NONE,
  targets: [],
  devices: [],
})

interface MappedDeviceFields {
  name: string
  uuid: string
  disk: Gendisk
  dax_dev: DaxDevice
  queue_mode: number
  /** Is its disk in sysfs and in /dev? */
  registered: boolean
  /** The live table, and one that waits for a resume. */
  map: DmTable | undefined
  new_map: DmTable | undefined
  suspended: boolean
  event_nr: number
  table_devices: readonly DmDev[]
}

export type MappedDevice = MappedDeviceFields & Identity

export const mapped_device = struct<MappedDeviceFields>('mapped_device', {
  name: '',
  uuid: '',
  disk: undefined as never,
  dax_dev: undefined as never,
  queue_mode: DM_TYPE_NONE,
  registered: false,
  map: undefined,
  new_map: undefined,
  suspended: false,
  event_nr: 0,
  table_devices: [],
})

const dm_hash = struct<{ list: readonly MappedDevice[] }>('dm_hash_cells', { list: [] })

/** Every mapped device, by name. */
export const mapped_devices = (k: Kernel): readonly MappedDevice[] => k.global(dm_hash).list

export function set_mapped_devices(k: Kernel, list: readonly MappedDevice[]): void {
  k.global(dm_hash).list = [...list].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** True ends the iteration. `start`, `len`: the piece of the device that is used, sectors. */
export type IterateDevices = (dev: DmDev, start: number, len: number) => boolean

/** struct target_type. */
export interface TargetType {
  readonly name: string
  /** As of v6.1. */
  readonly version: string
  /** 0, or a negative error number with `ti.error`. */
  ctr(k: Kernel, ti: DmTarget, argv: readonly string[]): Op<number>
  dtr?(k: Kernel, ti: DmTarget): Op<void>
  /** The bio for a device below, or how it ended. `nr`: which of the bios of a flush it is. */
  map(k: Kernel, ti: DmTarget, bio: Bio, nr: number): Op<Bio | number>
  /** A bio below, as `map` gave it, is done: 0, or a negative error number. */
  end_io?(k: Kernel, ti: DmTarget, bio: Bio, error: number): Op<void>
  /** What user space tells it: 0, or a negative error number. */
  message?(k: Kernel, ti: DmTarget, argv: readonly string[]): Op<number>
  status(ti: DmTarget, what: 'info' | 'table'): string
  iterate_devices?(ti: DmTarget, fn: IterateDevices): boolean
  io_hints?(ti: DmTarget, limits: QueueLimits): QueueLimits
  direct_access?(k: Kernel, ti: DmTarget, pgoff: number, nr_pages: number): Op<DaxAccess | number>
  dax_copy_from_iter?(k: Kernel, ti: DmTarget, pgoff: number, addr: Spa, bytes: number, iter: IovIter): Op<number>
  dax_flush?(k: Kernel, ti: DmTarget, pgoff: number, addr: Spa, size: number): Op<void>
  dax_zero_page_range?(k: Kernel, ti: DmTarget, pgoff: number, nr_pages: number): Op<number>
}

/** Device mapper as the rest of the kernel sees it, for `KernelOptions.dm`. */
export interface DeviceMapper {
  /** /dev/mapper/control. */
  readonly control: FileOperations
  /** What /dev/mapper shows beside it: a name and the disk that it stands for; the disks below that. */
  devices(k: Kernel): readonly Pick<MappedDevice, 'name' | 'disk' | 'table_devices'>[]
}

/** "254:0" */
export const dm_device_name = ({ disk }: MappedDevice): string => `${disk.major}:${disk.first_minor}`

type DmMessage = (k: Kernel, prefix: 'core' | 'table' | 'ioctl' | 'log-writes', text: string) => void

export const DMERR: DmMessage = (k, prefix, text) => printk(k, 'err', `device-mapper: ${prefix}: ${text}`)

export const DMWARN: DmMessage = (k, prefix, text) => printk(k, 'warn', `device-mapper: ${prefix}: ${text}`)

/** What became an error in v6.0. */
export const DMFATAL: DmMessage = (k, prefix, text) => (k.has('dm_errors') ? DMERR : DMWARN)(k, prefix, text)

/** "%llu" and nothing behind it; it wraps. */
export const sector_of = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(BigInt.asUintN(64, BigInt(text))) : undefined
