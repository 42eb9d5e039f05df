/**
 * drivers/block/brd.c: disks in RAM, /dev/ramN. A page comes with the first write to it, and all go with the power.
 *
 * Up to v4.14 their memory can be accessed directly, a page at a time; nothing of them is ever written back.
 * Source: torvalds/linux (an early version, read; what later ones do: reference/kernel.md §8.3); attributes as recorded
 * in groundtruth ops4-dm. Left out: discard, BLKFLSBUF that frees the pages, devices that come when their node is opened.
 */

import { type Spa, spa } from '../../../../base/brand.ts'
import { kfunc, type Op, type Request } from '../../../sim/kfunc.ts'
import { loadBytes } from '../../../sim/op.ts'
import { type Identity, struct } from '../../../sim/struct.ts'
import { memcpy } from '../../arch/x86/lib/memcpy_64.ts'
import { blk_set_default_limits } from '../../block/blk-settings.ts'
import { blk_alloc_disk, device_add_disk, type Gendisk } from '../../block/genhd.ts'
import { type Bio, SECTOR_SIZE } from '../../include/linux/blk_types.ts'
import { EIO, ENOMEM } from '../../include/linux/errno.ts'
import { PAGE_SIZE } from '../../include/linux/mm_types.ts'
import type { KernelModule } from '../../include/linux/module.ts'
import { printk } from '../../kernel/printk.ts'
import type { Kernel } from '../../kernel.ts'
import { copy_from_iter, type IovIter } from '../../lib/iov_iter.ts'
import { alloc_page } from '../../mm/memory.ts'
import { alloc_dax, type DaxDevice, type DaxOperations } from '../dax/super.ts'

const BRD = 'drivers/block/brd.c'
const RAMDISK_MAJOR = 1

interface BrdDeviceFields {
  /** brd_pages: by number, in groups of 64. */
  groups: readonly (readonly (Spa | undefined)[] | undefined)[]
}

type BrdDevice = BrdDeviceFields & Identity

const brd_device = struct<BrdDeviceFields>('brd_device', { groups: [] })

const GROUP = 64

const brd_lookup_page = ({ groups }: BrdDevice, idx: number): Spa | undefined =>
  groups[Math.floor(idx / GROUP)]?.[idx % GROUP]

const replaced = <T>(list: readonly (T | undefined)[], at: number, value: T): readonly (T | undefined)[] =>
  Array.from({ length: Math.max(list.length, at + 1) }, (_, i) => (i === at ? value : list[i]))

/** The page, a zeroed one if there was none; undefined when RAM is used up. */
const brd_insert_page = kfunc(BRD, function* brd_insert_page(k: Kernel, brd: BrdDevice, idx: number) {
  yield* []
  const known = brd_lookup_page(brd, idx)
  if (known !== undefined) return known
  const pfn = alloc_page(k)
  if (pfn === undefined) return undefined
  const page = spa(pfn * PAGE_SIZE)
  const group = Math.floor(idx / GROUP)
  brd.groups = replaced(brd.groups, group, replaced(brd.groups[group] ?? [], idx % GROUP, page))
  return page
})

/** Pieces of a range of bytes of the disk, none of which crosses a page. */
function* pieces(pos: number, length: number): Generator<{ idx: number; from: number; at: number; size: number }> {
  for (let at = 0; at < length; ) {
    const from = (pos + at) % PAGE_SIZE
    const size = Math.min(length - at, PAGE_SIZE - from)
    yield { idx: Math.floor((pos + at) / PAGE_SIZE), from, at, size }
    at += size
  }
}

const copy_to_brd = kfunc(BRD, function* copy_to_brd(k: Kernel, brd: BrdDevice, pos: number, bytes: Uint8Array) {
  for (const { idx, from, at, size } of pieces(pos, bytes.length)) {
    const page = yield* brd_insert_page(k, brd, idx)
    if (page === undefined) return -ENOMEM
    yield* memcpy(k, spa(page + from), bytes.subarray(at, at + size))
  }
  return 0
})

/** What was never written is zeros, and stays without a page. */
const copy_from_brd = kfunc(BRD, function* copy_from_brd(k: Kernel, brd: BrdDevice, pos: number, into: Uint8Array) {
  for (const { idx, from, at, size } of pieces(pos, into.length)) {
    const page = brd_lookup_page(brd, idx)
    if (page === undefined) into.fill(0, at, at + size)
    else into.set(yield* loadBytes(k, spa(page + from), size), at)
  }
})

const brd_of = (disk: Gendisk): BrdDevice => disk.private_data as BrdDevice

/** Where a byte of a RAM disk stands; undefined: it is no RAM disk, or its page has not been written yet. Reading only. */
export function brd_place(disk: Gendisk, pos: number): Spa | undefined {
  if (disk.major !== RAMDISK_MAJOR) return undefined
  const page = brd_lookup_page(brd_of(disk), Math.floor(pos / PAGE_SIZE))
  return page === undefined ? undefined : spa(page + (pos % PAGE_SIZE))
}

function* carry_out(k: Kernel, disk: Gendisk, bio: Bio): Generator<Request, number> {
  const pos = bio.sector * SECTOR_SIZE
  if (bio.op === 'write') return yield* copy_to_brd(k, brd_of(disk), pos, bio.data)
  if (bio.op !== 'read') return -EIO
  yield* copy_from_brd(k, brd_of(disk), pos, bio.data)
  return 0
}

const brd_make_request = kfunc(BRD, function* brd_make_request(k: Kernel, disk: Gendisk, bio: Bio) {
  return yield* carry_out(k, disk, bio)
})

const submit = kfunc(BRD, function* brd_submit_bio(k: Kernel, disk: Gendisk, bio: Bio) {
  return yield* carry_out(k, disk, bio)
})

/** By the name that the release has for it. */
const brd_submit_bio = (k: Kernel, disk: Gendisk, bio: Bio): Op<number> =>
  (k.has('submit_bio_of_drivers') ? submit : brd_make_request)(k, disk, bio)

const brd_rw_page = kfunc(
  BRD,
  function* brd_rw_page(k: Kernel, disk: Gendisk, sector: number, into: Uint8Array): Generator<Request, number> {
    yield* copy_from_brd(k, brd_of(disk), sector * SECTOR_SIZE, into)
    return 0
  },
)

/** One page at a time: those of a RAM disk lie anywhere. */
const brd_dax_direct_access = kfunc(
  BRD,
  function* brd_dax_direct_access(k: Kernel, dax: DaxDevice, pgoff: number, _nr_pages: number) {
    const kaddr = yield* brd_insert_page(k, dax.private as BrdDevice, pgoff)
    return kaddr === undefined ? -ENOMEM : { pages: 1, kaddr }
  },
)

/** RAM needs no more than an ordinary copy. */
const brd_dax_copy_from_iter = kfunc(
  BRD,
  function* brd_dax_copy_from_iter(k: Kernel, _dax: DaxDevice, _at: number, addr: Spa, bytes: number, iter: IovIter) {
    return yield* copy_from_iter(k, addr, bytes, iter)
  },
)

const brd_dax_ops = (k: Kernel): DaxOperations => ({
  name: 'brd_dax_ops',
  direct_access: brd_dax_direct_access,
  ...(k.has('dax_copy_needs_driver') ? { copy_from_iter: brd_dax_copy_from_iter } : {}),
})

/** A disk of `size` bytes. */
const brd_alloc = kfunc(BRD, function* brd_alloc(k: Kernel, i: number, size: number) {
  const brd = brd_device.create(k.journal)
  const dax = !k.has('brd_without_dax')
  const disk = blk_alloc_disk(k, {
    disk_name: `ram${i}`,
    major: RAMDISK_MAJOR,
    first_minor: i,
    sectors: size / SECTOR_SIZE,
    dax,
    // So that file systems align what they put on it.
    physical_block_size: PAGE_SIZE,
    limits: { ...blk_set_default_limits, max_sectors: 254, max_hw_sectors: 254 },
    submit_bio: brd_submit_bio,
    rw_page: brd_rw_page,
    private_data: brd,
  })
  if (dax) alloc_dax(k, disk.disk_name, brd_dax_ops(k)).private = brd
  yield* device_add_disk(k, undefined, disk, [])
})

/** One disk for each size, bytes. */
export const brd = (sizes: readonly number[]): KernelModule => ({
  init: kfunc(BRD, function* brd_init(k: Kernel) {
    for (const [i, size] of sizes.entries()) yield* brd_alloc(k, i, size)
    printk(k, 'info', 'brd: module loaded')
  }),
})
