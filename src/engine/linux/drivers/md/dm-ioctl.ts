/**
 * drivers/md/dm-ioctl.c: what user space asks of device mapper, on /dev/mapper/control.
 *
 * Source: torvalds/linux 00c4fc3b1f59, v6.1. Left out: geometry, messages to device mapper itself, waiting, events to user
 * space; a buffer that is too small.
 */

import { kfunc, type Op } from '../../../sim/kfunc.ts'
import { block_class, type Gendisk } from '../../block/genhd.ts'
import { EBUSY, EINVAL, ENOTTY, ENXIO } from '../../include/linux/errno.ts'
import type { File, FileOperations } from '../../include/linux/fs.ts'
import type { Kernel } from '../../kernel.ts'
import { dm_create, dm_destroy, dm_has_type, dm_resume, dm_setup_md_queue, dm_suspend, dm_swap_table } from './dm.ts'
import {
  type DeviceMapper,
  DM_TYPE_BIO_BASED,
  DM_TYPE_DAX_BIO_BASED,
  DMERR,
  DMFATAL,
  DMWARN,
  type DmTable,
  dm_table,
  type MappedDevice,
  mapped_devices,
  set_mapped_devices,
} from './dm-core.ts'
import { dm_table_find_target } from './dm-dax.ts'
import {
  type DmTargetSpec,
  dm_split_args,
  dm_table_add_target,
  dm_table_complete,
  dm_table_destroy,
} from './dm-table.ts'
import { target_types } from './dm-target.ts'

const DM_IOCTL = 'drivers/md/dm-ioctl.c'
/** Of v6.1. */
const DM_VERSION = '4.47.0'

const DM_NAME_LEN = 128
const DM_UUID_LEN = 129

/** What a device is at the moment. */
export interface DmStatus {
  readonly name: string
  readonly uuid: string
  readonly major: number
  readonly minor: number
  readonly open_count: number
  readonly event_nr: number
  readonly target_count: number
  readonly suspended: boolean
  readonly readonly: boolean
  readonly active_present: boolean
  readonly inactive_present: boolean
}

/** struct dm_ioctl and what stands behind it: a request, in which the driver fills in its answers. */
export interface DmIoctl {
  readonly name?: string
  readonly uuid?: string
  readonly minor?: number | undefined
  /** DM_READONLY_FLAG, DM_SUSPEND_FLAG, DM_SKIP_LOCKFS_FLAG, DM_STATUS_TABLE_FLAG, DM_QUERY_INACTIVE_TABLE_FLAG */
  readonly readonly?: boolean
  readonly suspend?: boolean
  readonly skip_lockfs?: boolean
  readonly status_table?: boolean
  readonly inactive?: boolean
  /** DM_UUID_FLAG: of a renaming, that it is about the UUID. */
  readonly change_uuid?: boolean
  readonly new_data?: string
  readonly targets?: readonly DmTargetSpec[]
  /** struct dm_target_msg: to the target that has this sector. */
  readonly sector?: number
  readonly message?: string
  status?: DmStatus
  lines?: readonly DmTargetSpec[]
  /** Disks, "259:0". */
  deps?: readonly string[]
  devices?: readonly { readonly name: string; readonly dev: string }[]
  versions?: readonly { readonly name: string; readonly version: string }[]
  version?: string
}

function status_of(md: MappedDevice): DmStatus {
  const { name, uuid, disk, map, event_nr, suspended } = md
  return {
    name,
    uuid,
    major: disk.major,
    minor: disk.first_minor,
    open_count: disk.part0.bd_openers,
    event_nr,
    target_count: map?.targets.length ?? 0,
    suspended,
    readonly: disk.ro,
    active_present: map !== undefined,
    inactive_present: md.new_map !== undefined,
  }
}

/** By UUID if there is one, otherwise by name. */
const find_device = (k: Kernel, { name, uuid }: DmIoctl): MappedDevice | undefined =>
  mapped_devices(k).find((md) => (uuid === undefined ? md.name === name : md.uuid === uuid && uuid !== ''))

const dev_create = kfunc(DM_IOCTL, function* dev_create(k: Kernel, param: DmIoctl) {
  const { name = '', uuid = '', minor } = param
  if (name.includes('/') || name === '') {
    DMFATAL(k, 'ioctl', 'invalid device name')
    return -EINVAL
  }
  if (mapped_devices(k).some((md) => md.name === name || (uuid !== '' && md.uuid === uuid))) return -EBUSY
  const md = yield* dm_create(k, name, uuid, minor)
  if (typeof md === 'number') return md
  param.status = status_of(md)
  return 0
})

const dev_remove = kfunc(DM_IOCTL, function* dev_remove(k: Kernel, param: DmIoctl) {
  const md = find_device(k, param)
  if (md === undefined) return -ENXIO
  if (md.disk.part0.bd_openers > 0) return -EBUSY
  yield* dm_destroy(k, md)
  return 0
})

/** The device that has this name or UUID now; or a negative error number, which the log explains. */
function dm_hash_rename(k: Kernel, { name, change_uuid }: DmIoctl, to: string): MappedDevice | number {
  const what = change_uuid === true ? 'uuid' : 'name'
  if (mapped_devices(k).some((md) => md[what] === to)) {
    DMFATAL(k, 'ioctl', `Unable to change ${what} on mapped device ${name} to one that already exists: ${to}`)
    return -EBUSY
  }
  const md = mapped_devices(k).find((each) => each.name === name)
  if (md === undefined) {
    const kind = change_uuid === true ? 'uuid ' : ''
    DMFATAL(k, 'ioctl', `Unable to rename non-existent device, ${name} to ${kind}${to}`)
    return -ENXIO
  }
  if (change_uuid === true && md.uuid !== '') {
    const set = `because uuid is already set to ${md.uuid}`
    DMFATAL(k, 'ioctl', `Unable to change uuid of mapped device ${name} to ${to} ${set}`)
    return -EINVAL
  }
  md[what] = to
  set_mapped_devices(k, mapped_devices(k))
  md.event_nr++
  return md
}

const dev_rename = kfunc(DM_IOCTL, function* dev_rename(k: Kernel, param: DmIoctl) {
  yield* []
  const { new_data = '', change_uuid } = param
  if (new_data === '' || new_data.length >= (change_uuid === true ? DM_UUID_LEN : DM_NAME_LEN)) {
    DMFATAL(k, 'ioctl', 'Invalid new mapped device name or uuid string supplied.')
    return -EINVAL
  }
  if (change_uuid !== true && new_data.includes('/')) {
    DMFATAL(k, 'ioctl', 'invalid device name')
    return -EINVAL
  }
  const md = dm_hash_rename(k, param, new_data)
  if (typeof md === 'number') return md
  param.status = status_of(md)
  return 0
})

/** Devices that are open stay. Those below others come free when the others are gone. */
const remove_all = kfunc(DM_IOCTL, function* remove_all(k: Kernel) {
  for (;;) {
    const left = mapped_devices(k)
    const md = left.find(({ disk }) => disk.part0.bd_openers === 0)
    if (md === undefined) {
      if (left.length > 0) DMWARN(k, 'ioctl', `remove_all left ${left.length} open device(s)`)
      return 0
    }
    yield* dm_destroy(k, md)
  }
})

const do_suspend = kfunc(DM_IOCTL, function* do_suspend(k: Kernel, md: MappedDevice, lockfs: boolean) {
  return md.suspended ? 0 : yield* dm_suspend(k, md, lockfs)
})

/** With the table that waits, if one does. A table that can't be used is gone, and the device stays suspended. */
const do_resume = kfunc(DM_IOCTL, function* do_resume(k: Kernel, md: MappedDevice, lockfs: boolean) {
  const { new_map } = md
  md.new_map = undefined
  if (new_map !== undefined) {
    if (!md.suspended) yield* dm_suspend(k, md, lockfs)
    const old = yield* dm_swap_table(k, md, new_map)
    if (typeof old === 'number') {
      yield* dm_table_destroy(k, new_map)
      return old
    }
    md.disk.ro = !new_map.writable
    const rc = yield* dm_resume(k, md)
    yield* dm_table_destroy(k, old)
    return rc
  }
  return md.suspended ? yield* dm_resume(k, md) : 0
})

const dev_suspend = kfunc(DM_IOCTL, function* dev_suspend(k: Kernel, param: DmIoctl) {
  const md = find_device(k, param)
  if (md === undefined) return -ENXIO
  const lockfs = param.skip_lockfs !== true
  const rc = param.suspend === true ? yield* do_suspend(k, md, lockfs) : yield* do_resume(k, md, lockfs)
  param.status = status_of(md)
  return rc
})

const dev_status = kfunc(DM_IOCTL, function* dev_status(k: Kernel, param: DmIoctl) {
  yield* []
  const md = find_device(k, param)
  if (md === undefined) return -ENXIO
  param.status = status_of(md)
  return 0
})

const populate_table = kfunc(DM_IOCTL, function* populate_table(k: Kernel, t: DmTable, param: DmIoctl) {
  const { targets = [] } = param
  if (targets.length === 0) {
    DMFATAL(k, 'ioctl', 'populate_table: no targets specified')
    return -EINVAL
  }
  for (const target of targets) {
    const rc = yield* dm_table_add_target(k, t, target)
    if (rc === 0) continue
    DMFATAL(k, 'ioctl', 'error adding target to table')
    return rc
  }
  dm_table_complete(k, t)
  return 0
})

/** The kind of a device stays, but for a plain one that learns direct access. */
const is_valid_type = (k: Kernel, old: number, now: number): boolean =>
  old === now || (k.has('dm_type_upgrade') && old === DM_TYPE_BIO_BASED && now === DM_TYPE_DAX_BIO_BASED)

const check_table = kfunc(DM_IOCTL, function* check_table(k: Kernel, md: MappedDevice, t: DmTable) {
  if (!dm_has_type(md)) {
    const rc = yield* dm_setup_md_queue(k, md, t)
    if (rc !== 0) DMFATAL(k, 'ioctl', 'unable to set up device queue for new table.')
    return rc
  }
  if (is_valid_type(k, md.queue_mode, t.queue_mode)) return 0
  const types = k.has('dm_type_upgrade') ? ` (old=${md.queue_mode} vs new=${t.queue_mode})` : ''
  DMFATAL(k, 'ioctl', `can't change device type${types} after initial table load.`)
  return -EINVAL
})

const table_load = kfunc(DM_IOCTL, function* table_load(k: Kernel, param: DmIoctl) {
  const md = find_device(k, param)
  if (md === undefined) return -ENXIO
  const t = dm_table.create(k.journal, { md, writable: param.readonly !== true })
  let rc = yield* populate_table(k, t, param)
  if (rc === 0) rc = yield* check_table(k, md, t)
  if (rc !== 0) {
    yield* dm_table_destroy(k, t)
    return rc
  }
  const old = md.new_map
  md.new_map = t
  param.status = status_of(md)
  yield* dm_table_destroy(k, old)
  return 0
})

const table_clear = kfunc(DM_IOCTL, function* table_clear(k: Kernel, param: DmIoctl) {
  const md = find_device(k, param)
  if (md === undefined) return -ENXIO
  const old = md.new_map
  md.new_map = undefined
  param.status = status_of(md)
  yield* dm_table_destroy(k, old)
  return 0
})

const wanted_table = (md: MappedDevice, { inactive }: DmIoctl): DmTable | undefined =>
  inactive === true ? md.new_map : md.map

const table_deps = kfunc(DM_IOCTL, function* table_deps(k: Kernel, param: DmIoctl) {
  yield* []
  const md = find_device(k, param)
  if (md === undefined) return -ENXIO
  const deps = new Set((wanted_table(md, param)?.devices ?? []).map(({ name }) => name))
  param.status = status_of(md)
  // The last that was opened first.
  param.deps = [...deps].reverse()
  return 0
})

const table_status = kfunc(DM_IOCTL, function* table_status(k: Kernel, param: DmIoctl) {
  yield* []
  const md = find_device(k, param)
  if (md === undefined) return -ENXIO
  param.status = status_of(md)
  const what = param.status_table === true ? 'table' : 'info'
  param.lines = (wanted_table(md, param)?.targets ?? []).map((ti) => ({
    sector_start: ti.begin,
    length: ti.len,
    target_type: ti.target_type.name,
    params: ti.target_type.status(ti, what),
  }))
  return 0
})

/** A message for device mapper itself begins with "@"; there is none that it knows here. */
const target_message = kfunc(DM_IOCTL, function* target_message(k: Kernel, param: DmIoctl) {
  const md = find_device(k, param)
  if (md === undefined) return -ENXIO
  const argv = dm_split_args(param.message ?? '')
  const refuse = (why: string): number => {
    DMFATAL(k, 'ioctl', why)
    return -EINVAL
  }
  param.status = status_of(md)
  if (argv[0] === undefined) {
    DMFATAL(k, 'ioctl', 'Empty message received.')
    return 0
  }
  if (argv[0].startsWith('@')) {
    DMERR(k, 'core', `Unsupported message sent to DM core: ${argv[0]}`)
    return -EINVAL
  }
  if (md.map === undefined) return 0
  const ti = dm_table_find_target(md.map, param.sector ?? 0)
  if (ti === undefined) return refuse('Target message sector outside device.')
  if (ti.target_type.message === undefined) return refuse('Target type does not support messages')
  return yield* ti.target_type.message(k, ti, argv)
})

const list_devices = kfunc(DM_IOCTL, function* list_devices(k: Kernel, param: DmIoctl) {
  yield* []
  param.devices = mapped_devices(k).map(({ name, disk }) => ({ name, dev: `${disk.major}:${disk.first_minor}` }))
  return 0
})

const list_versions = kfunc(DM_IOCTL, function* list_versions(k: Kernel, param: DmIoctl) {
  yield* []
  param.versions = target_types(k).map(({ name, version }) => ({ name, version }))
  return 0
})

type Ioctl = (k: Kernel, param: DmIoctl) => Op<number>

const lookup_ioctl: Readonly<Record<string, Ioctl>> = {
  *DM_VERSION(_k, param) {
    yield* []
    param.version = DM_VERSION
    return 0
  },
  DM_REMOVE_ALL: remove_all,
  DM_LIST_DEVICES: list_devices,
  DM_DEV_CREATE: dev_create,
  DM_DEV_REMOVE: dev_remove,
  DM_DEV_RENAME: dev_rename,
  DM_DEV_SUSPEND: dev_suspend,
  DM_DEV_STATUS: dev_status,
  DM_TABLE_LOAD: table_load,
  DM_TABLE_CLEAR: table_clear,
  DM_TABLE_DEPS: table_deps,
  DM_TABLE_STATUS: table_status,
  DM_LIST_VERSIONS: list_versions,
  DM_TARGET_MSG: target_message,
}

const dm_ctl_ioctl = kfunc(DM_IOCTL, function* dm_ctl_ioctl(k: Kernel, _file: File, cmd: string, arg: object) {
  const own = lookup_ioctl[cmd]
  return own === undefined ? -ENOTTY : yield* own(k, arg as DmIoctl)
})

const _ctl_fops: FileOperations = { name: '_ctl_fops', unlocked_ioctl: dm_ctl_ioctl }

const is_mapped = ({ disk_name }: Gendisk): boolean => disk_name.startsWith('dm-')

/** For `KernelOptions.dm`. */
export const device_mapper: DeviceMapper = {
  control: _ctl_fops,
  // A machine that has none is as one without device mapper: looking makes no object.
  devices: (k) => (block_class(k).some(is_mapped) ? mapped_devices(k).filter(({ registered }) => registered) : []),
}
