/**
 * drivers/s390/block/dcssblk.c: a disk whose memory the hypervisor z/VM keeps under a name. What is on it outlives the
 * guest when it has been saved, by `echo 1 > /sys/devices/dcssblk/NAME/save`, and not otherwise: no flush is of any use.
 *
 * Source: torvalds/linux 03ab8e6297ac (v5.19); operations for direct access per release: reference/kernel.md §8.3. The
 * module's parameter `segments` names each segment of `machine.dcssblk`.
 */

import { ensure } from '../../../../../base/assert.ts'
import { type Spa, spa } from '../../../../../base/brand.ts'
import { kfunc, type Request } from '../../../../sim/kfunc.ts'
import { loadBytes } from '../../../../sim/op.ts'
import { type Identity, struct } from '../../../../sim/struct.ts'
import {
  type SavedSegment,
  type SegmentType,
  segment_load,
  segment_modify_shared,
  segment_save,
  segment_unload,
  segment_warning,
} from '../../../arch/s390/mm/extmem.ts'
import { memcpy, memset } from '../../../arch/x86/lib/memcpy_64.ts'
import { blk_alloc_disk, del_gendisk, device_add_disk, type Gendisk } from '../../../block/genhd.ts'
import { type Bio, SECTOR_SIZE } from '../../../include/linux/blk_types.ts'
import { type Device, type DeviceAttribute, device } from '../../../include/linux/device.ts'
import { EBUSY, EEXIST, EINVAL, EIO, ENAMETOOLONG, ENODEV } from '../../../include/linux/errno.ts'
import { PAGE_SIZE } from '../../../include/linux/mm_types.ts'
import type { KernelModule } from '../../../include/linux/module.ts'
import { printk } from '../../../kernel/printk.ts'
import type { Kernel } from '../../../kernel.ts'
import { copy_from_iter, type IovIter } from '../../../lib/iov_iter.ts'
import { device_add, device_del } from '../../base/core.ts'
import { dax_direct_access, dax_flush } from '../../dax/access.ts'
import { alloc_dax, type DaxDevice, type DaxOperations, kill_dax } from '../../dax/super.ts'

const DCSSBLK = 'drivers/s390/block/dcssblk.c'
/** The first that is free for drivers without one of their own, behind device mapper's. */
const DCSSBLK_MAJOR = 253
const LONGEST_NAME = 8

interface DcssblkDevInfoFields {
  dev: Device
  segment_name: string
  gd: Gendisk
  dax_dev: DaxDevice
  /** SPA, bytes. */
  start: Spa
  size: number
  /** Of the first segment. */
  segment_type: SegmentType
  save_pending: boolean
  is_shared: boolean
  seg_list: readonly SavedSegment[]
}

type DcssblkDevInfo = DcssblkDevInfoFields & Identity

const dcssblk_dev_info = struct<DcssblkDevInfoFields>('dcssblk_dev_info', {
  dev: undefined as never,
  segment_name: '',
  gd: undefined as never,
  dax_dev: undefined as never,
  start: spa(0),
  size: 0,
  segment_type: 'SW',
  save_pending: false,
  is_shared: true,
  seg_list: [],
})

const devices = struct<{ list: readonly DcssblkDevInfo[] }>('dcssblk_devices', { list: [] })

const all = (k: Kernel): readonly DcssblkDevInfo[] => k.global(devices).list
const of_dev = (dev: Device): DcssblkDevInfo => dev.container as DcssblkDevInfo
const of_disk = (disk: Gendisk): DcssblkDevInfo => disk.private_data as DcssblkDevInfo
const use_count = ({ gd }: DcssblkDevInfo): number => gd.part0.bd_openers
/** Read only, to all who share them. */
const is_ro_type = (type: SegmentType): boolean => type === 'SR' || type === 'ER' || type === 'SC'

const say = (k: Kernel, level: 'err' | 'warn' | 'info', text: string): void => printk(k, level, `dcssblk: ${text}`)

/** One character, "0" or "1"; undefined for anything else. */
const bit = (text: string): boolean | undefined => {
  const [, said] = /^([01])\n?$/.exec(text) ?? []
  return said === undefined ? undefined : said === '1'
}

const unload = function* (k: Kernel, segments: readonly SavedSegment[]) {
  for (const { name } of segments) yield* segment_unload(k, name)
}

const dcssblk_load_segment = kfunc(DCSSBLK, function* dcssblk_load_segment(k: Kernel, name: string) {
  if (all(k).some(({ seg_list }) => seg_list.some((segment) => segment.name === name))) return -EEXIST
  const segment = yield* segment_load(k, name, false)
  if (typeof segment === 'number') segment_warning(k, segment, name)
  return segment
})

/** 0 when segments make one range in one mode; else -EINVAL, which the log explains. */
const dcssblk_is_continuous = kfunc(
  DCSSBLK,
  function* dcssblk_is_continuous(k: Kernel, segments: readonly SavedSegment[]) {
    yield* []
    const sorted = [...segments].sort((a, b) => a.start - b.start)
    // EN and EW are allowed in one device.
    const mixes = (type: SegmentType): boolean => type === 'EN' || type === 'EW'
    for (const [i, segment] of sorted.entries()) {
      const next = sorted[i + 1]
      if (next === undefined) break
      if (segment.start + segment.size !== next.start) {
        say(k, 'err', `Adjacent DCSSs ${segment.name} and ${next.name} are not contiguous`)
        return -EINVAL
      }
      if (segment.type !== next.type && !(mixes(segment.type) && mixes(next.type))) {
        say(k, 'err', `DCSS ${segment.name} and DCSS ${next.name} have incompatible types`)
        return -EINVAL
      }
    }
    return 0
  },
)

/** Remove a device that nobody has open. */
const forget = function* (k: Kernel, info: DcssblkDevInfo) {
  k.global(devices).list = all(k).filter((other) => other !== info)
  kill_dax(k, info.dax_dev)
  del_gendisk(k, info.gd)
  yield* unload(k, info.seg_list)
  device_del(k, info.dev)
}

/** Loading in the other mode brings back what was saved last. */
const dcssblk_shared_store = kfunc(DCSSBLK, function* dcssblk_shared_store(k: Kernel, dev: Device, text: string) {
  const info = of_dev(dev)
  const shared = bit(text)
  if (text.length > 1 && text[1] !== '\n') return -EINVAL
  if (use_count(info) > 0) return -EBUSY
  if (shared === undefined) return -EINVAL
  if (!shared && info.segment_type === 'SC') {
    say(k, 'err', `DCSS ${info.segment_name} is of type SC and cannot be loaded as exclusive-writable`)
    return -EINVAL
  }
  for (const { name } of info.seg_list) yield* segment_modify_shared(k, name, !shared)
  info.is_shared = shared
  if (!shared) info.gd.ro = false
  else if (is_ro_type(info.segment_type)) info.gd.ro = true
  return 0
})

const save_all = function* (k: Kernel, { seg_list }: DcssblkDevInfo) {
  for (const { name, type } of seg_list) {
    if (type === 'EN' || type === 'SN') say(k, 'warn', `DCSS ${name} is of type SN or EN and cannot be saved`)
    else yield* segment_save(k, name)
  }
}

/** At once, or when the last who has it open closes it; "0" takes that back. */
const dcssblk_save_store = kfunc(DCSSBLK, function* dcssblk_save_store(k: Kernel, dev: Device, text: string) {
  const info = of_dev(dev)
  const save = bit(text)
  if (save === undefined) return -EINVAL
  const { segment_name } = info
  if (!save) {
    if (info.save_pending) say(k, 'info', `A pending save request for device ${segment_name} has been canceled`)
    info.save_pending = false
  } else if (use_count(info) > 0) {
    say(k, 'info', `Device ${segment_name} is in use, its DCSSs will be saved when it becomes idle`)
    info.save_pending = true
  } else {
    say(k, 'info', `All DCSSs that map to device ${segment_name} are saved`)
    yield* save_all(k, info)
  }
  return 0
})

const dcssblk_dev_attrs: readonly DeviceAttribute[] = [
  {
    name: 'shared',
    mode: 0o600,
    show: (_k, dev) => (of_dev(dev).is_shared ? '1' : '0'),
    store: dcssblk_shared_store,
  },
  { name: 'save', mode: 0o600, show: (_k, dev) => (of_dev(dev).save_pending ? '1' : '0'), store: dcssblk_save_store },
  {
    name: 'seglist',
    mode: 0o400,
    show: (_k, dev) =>
      of_dev(dev)
        .seg_list.map(({ name }) => name)
        .join('\n'),
  },
]

/** A bio is of whole pages. */
const dcssblk_submit_bio = kfunc(DCSSBLK, function* dcssblk_submit_bio(k: Kernel, disk: Gendisk, bio: Bio): Generator<
  Request,
  number
> {
  const info = of_disk(disk)
  const at = bio.sector * SECTOR_SIZE
  if (at % PAGE_SIZE !== 0 || bio.data.length % PAGE_SIZE !== 0) return -EIO
  if (bio.op === 'write' && info.is_shared && is_ro_type(info.segment_type)) {
    say(k, 'warn', `Writing to ${info.dev.name} failed because it is a read-only device`)
    return -EIO
  }
  for (let done = 0; done < bio.data.length; done += PAGE_SIZE) {
    const page = bio.data.subarray(done, done + PAGE_SIZE)
    const source_addr = spa(info.start + at + done)
    if (bio.op === 'write') yield* memcpy(k, source_addr, page)
    else page.set(yield* loadBytes(k, source_addr, PAGE_SIZE))
  }
  return 0
})

/** The last who closes it lets a save go ahead that was asked for. */
const dcssblk_release = kfunc(DCSSBLK, function* dcssblk_release(k: Kernel, disk: Gendisk): Generator<Request, void> {
  const info = of_disk(disk)
  if (use_count(info) > 0 || !info.save_pending) return
  say(k, 'info', `Device ${info.segment_name} has become idle and is being saved now`)
  yield* save_all(k, info)
  info.save_pending = false
})

const dcssblk_dax_direct_access = kfunc(
  DCSSBLK,
  function* dcssblk_dax_direct_access(_k: Kernel, dax: DaxDevice, pgoff: number, _nr_pages: number) {
    yield* []
    const { start, size } = dax.private as DcssblkDevInfo
    const offset = pgoff * PAGE_SIZE
    return { pages: Math.floor((size - offset) / PAGE_SIZE), kaddr: spa(start + offset) }
  },
)

const dcssblk_dax_copy_from_iter = kfunc(
  DCSSBLK,
  function* dcssblk_dax_copy_from_iter(k: Kernel, _dax: DaxDevice, _at: number, to: Spa, bytes: number, iter: IovIter) {
    return yield* copy_from_iter(k, to, bytes, iter)
  },
)

const dcssblk_dax_zero_page_range = kfunc(
  DCSSBLK,
  function* dcssblk_dax_zero_page_range(k: Kernel, dax: DaxDevice, pgoff: number, nr_pages: number) {
    const found = yield* dax_direct_access(k, dax, pgoff, nr_pages)
    if (typeof found === 'number') return found
    yield* memset(k, found.kaddr, 0, nr_pages * PAGE_SIZE)
    yield* dax_flush(k, dax, pgoff, found.kaddr, nr_pages * PAGE_SIZE)
    return 0
  },
)

const dcssblk_dax_ops = (k: Kernel): DaxOperations => ({
  name: 'dcssblk_dax_ops',
  direct_access: dcssblk_dax_direct_access,
  ...(k.has('dax_copy_needs_driver') && !k.has('dax_nocache') ? { copy_from_iter: dcssblk_dax_copy_from_iter } : {}),
  ...(k.has('dax_zero_page_range') ? { zero_page_range: dcssblk_dax_zero_page_range } : {}),
})

function dcssblk_assign_free_minor(k: Kernel): number {
  const taken = all(k).map(({ gd }) => gd.first_minor)
  let minor = 0
  while (taken.includes(minor)) minor++
  return minor
}

/** "A:B": segments that make one device; or a negative error number. */
const dcssblk_load_segments = function* (k: Kernel, text: string) {
  const segments: SavedSegment[] = []
  for (const name of text.toUpperCase().split(':')) {
    const found = name === '' || name.length > LONGEST_NAME ? -ENAMETOOLONG : yield* dcssblk_load_segment(k, name)
    if (typeof found === 'number') {
      yield* unload(k, segments)
      return found
    }
    segments.push(found)
  }
  const rc = yield* dcssblk_is_continuous(k, segments)
  if (rc < 0) yield* unload(k, segments)
  return rc < 0 ? rc : segments
}

const dcssblk_add_store = kfunc(DCSSBLK, function* dcssblk_add_store(k: Kernel, root: Device, text: string) {
  const said = text.split('\n')[0] ?? ''
  if (said === '') return -ENAMETOOLONG
  const seg_list = yield* dcssblk_load_segments(k, said)
  if (typeof seg_list === 'number') return seg_list
  const first = ensure(seg_list[0], 'a device has a segment')
  const info = dcssblk_dev_info.create(k.journal, {
    segment_name: first.name,
    segment_type: first.type,
    seg_list,
    start: spa(Math.min(...seg_list.map(({ start }) => start))),
    size: seg_list.reduce((sum, { size }) => sum + size, 0),
  })
  const { size } = info
  const first_minor = dcssblk_assign_free_minor(k)
  info.gd = blk_alloc_disk(k, {
    disk_name: `dcssblk${first_minor}`,
    major: DCSSBLK_MAJOR,
    first_minor,
    sectors: size / SECTOR_SIZE,
    dax: true,
    ro: is_ro_type(first.type),
    logical_block_size: PAGE_SIZE,
    physical_block_size: PAGE_SIZE,
    submit_bio: dcssblk_submit_bio,
    release: dcssblk_release,
    private_data: info,
  })
  say(k, 'info', `Loaded ${said} with total size ${size} bytes and capacity ${size / SECTOR_SIZE} sectors`)
  k.global(devices).list = [...all(k), info]
  info.dev = device.create(k.journal, { name: first.name, parent: root, groups: dcssblk_dev_attrs, container: info })
  device_add(k, info.dev)
  info.dax_dev = alloc_dax(k, info.gd.disk_name, dcssblk_dax_ops(k))
  info.dax_dev.private = info
  yield* device_add_disk(k, info.dev, info.gd, [])
  return 0
})

const dcssblk_remove_store = kfunc(DCSSBLK, function* dcssblk_remove_store(k: Kernel, _root: Device, text: string) {
  const name = (text.split('\n')[0] ?? '').toUpperCase()
  if (name === '' || name.length > LONGEST_NAME) return -ENAMETOOLONG
  const info = all(k).find(({ segment_name }) => segment_name === name)
  if (info === undefined) {
    say(k, 'warn', `Device ${name} cannot be removed because it is not a known device`)
    return -ENODEV
  }
  if (use_count(info) > 0) {
    say(k, 'warn', `Device ${name} cannot be removed while it is in use`)
    return -EBUSY
  }
  yield* forget(k, info)
  return 0
})

const root_attributes: readonly DeviceAttribute[] = [
  { name: 'add', mode: 0o200, store: dcssblk_add_store },
  { name: 'remove', mode: 0o200, store: dcssblk_remove_store },
]

/** `segments`: the module's parameter. */
export const dcssblk = (segments: readonly string[]): KernelModule => ({
  init: kfunc(DCSSBLK, function* dcssblk_init(k: Kernel) {
    const root = device.create(k.journal, { name: 'dcssblk', groups: root_attributes })
    device_add(k, root)
    for (const name of segments) yield* dcssblk_add_store(k, root, name)
  }),
})
