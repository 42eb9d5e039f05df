/**
 * drivers/md/dm-stripe.c: pieces of several devices, chunk by chunk in turn.
 *
 * Source: torvalds/linux abebfbe2f731, 00716545c894, v6.1; reference/kernel.md §6. Left out: discard.
 */

import type { Spa } from '../../../../base/brand.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { type Identity, struct } from '../../../sim/struct.ts'
import type { QueueLimits } from '../../block/blk-settings.ts'
import { type Bio, SECTOR_SIZE } from '../../include/linux/blk_types.ts'
import { EINVAL, EOPNOTSUPP } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import type { IovIter } from '../../lib/iov_iter.ts'
import { dax_copy_from_iter, dax_direct_access, dax_flush, dax_zero_page_range } from '../dax/access.ts'
import { type DmDev, type DmTarget, sector_of, type TargetType } from './dm-core.ts'
import { leg_dax_pgoff, PAGE_SECTORS, whole_pages } from './dm-dax.ts'
import { dm_get_device, dm_put_device } from './dm-device.ts'

const DM_STRIPE = 'drivers/md/dm-stripe.c'
const PAGE = 4096
const DM_IO_ERROR_THRESHOLD = 15

/** struct stripe: a leg. */
interface Stripe {
  readonly dev: DmDev
  readonly physical_start: number
}

interface StripeCFields {
  stripe: readonly Stripe[]
  /** Sectors. */
  chunk_size: number
  stripe_width: number
  /** Of each leg. */
  error_count: readonly number[]
}

const stripe_c = struct<StripeCFields>('stripe_c', { stripe: [], chunk_size: 0, stripe_width: 0, error_count: [] })

const context = (ti: DmTarget): StripeCFields & Identity => ti.private as StripeCFields & Identity

/** kstrtouint(): 0 for what is none, too. */
const count_of = (text: string | undefined): number =>
  text !== undefined && /^\+?\d{1,10}$/.test(text) && Number(text) < 2 ** 32 ? Number(text) : 0

const get_stripe = kfunc(DM_STRIPE, function* get_stripe(k: Kernel, ti: DmTarget, path: string, at: string) {
  const physical_start = sector_of(at)
  if (physical_start === undefined) return -EINVAL
  const dev = yield* dm_get_device(k, ti, path)
  return typeof dev === 'number' ? dev : ({ dev, physical_start } satisfies Stripe)
})

const stripe_ctr = kfunc(DM_STRIPE, function* stripe_ctr(k: Kernel, ti: DmTarget, argv: readonly string[]) {
  const refuse = (error: string): number => {
    ti.error = error
    return -EINVAL
  }
  if (argv.length < 2) return refuse('Not enough arguments')
  const stripes = count_of(argv[0])
  const chunk_size = count_of(argv[1])
  if (stripes === 0) return refuse('Invalid stripe count')
  if (chunk_size === 0) return refuse('Invalid chunk_size')
  if (ti.len % stripes !== 0) return refuse('Target length not divisible by number of stripes')
  const stripe_width = ti.len / stripes
  if (stripe_width % chunk_size !== 0) return refuse('Target length not divisible by chunk size')
  if (argv.length !== 2 + 2 * stripes) return refuse('Not enough destinations specified')
  const stripe: Stripe[] = []
  for (let i = 2; i < argv.length; i += 2) {
    const leg = yield* get_stripe(k, ti, argv[i] as string, argv[i + 1] as string)
    if (typeof leg === 'number') {
      for (const { dev } of stripe) yield* dm_put_device(k, ti, dev)
      ti.error = "Couldn't parse stripe destination"
      return leg
    }
    stripe.push(leg)
  }
  ti.max_io_len = chunk_size
  ti.num_flush_bios = stripes
  ti.private = stripe_c.create(k.journal, { stripe, chunk_size, stripe_width, error_count: stripe.map(() => 0) })
  return 0
})

const stripe_dtr = kfunc(DM_STRIPE, function* stripe_dtr(k: Kernel, ti: DmTarget) {
  for (const { dev } of context(ti).stripe) yield* dm_put_device(k, ti, dev)
})

/** The leg behind a sector of the mapped device, and the sector of that leg's device. */
function stripe_map_sector(ti: DmTarget, sector: number): { readonly dev: DmDev; readonly sector: number } {
  const { stripe, chunk_size } = context(ti)
  const offset = sector - ti.begin
  const chunk = Math.floor(offset / chunk_size)
  const { dev, physical_start } = stripe[chunk % stripe.length] as Stripe
  const row = Math.floor(chunk / stripe.length)
  return { dev, sector: physical_start + row * chunk_size + (offset % chunk_size) }
}

const stripe_map = kfunc(DM_STRIPE, function* stripe_map(_k: Kernel, ti: DmTarget, bio: Bio, nr: number) {
  yield* []
  if (bio.preflush === true) {
    const { dev } = context(ti).stripe[nr] as Stripe
    return { ...bio, bi_bdev: dev.bdev } as Bio
  }
  const { dev, sector } = stripe_map_sector(ti, bio.sector)
  return { ...bio, bi_bdev: dev.bdev, sector } as Bio
})

/** Each leg on the device that failed is counted as failing. */
const stripe_end_io = kfunc(DM_STRIPE, function* stripe_end_io(_k: Kernel, ti: DmTarget, bio: Bio, error: number) {
  yield* []
  if (error === 0 || bio.rahead === true || error === -EOPNOTSUPP) return
  const sc = context(ti)
  const failed = sc.stripe.map(({ dev }) => dev.bdev === bio.bi_bdev)
  sc.error_count = sc.error_count.map((count, i) => (failed[i] === true ? count + 1 : count))
  if (sc.error_count.some((count, i) => failed[i] === true && count < DM_IO_ERROR_THRESHOLD)) ti.table.md.event_nr++
})

const stripe_dax_direct_access = kfunc(
  DM_STRIPE,
  function* stripe_dax_direct_access(k: Kernel, ti: DmTarget, pgoff: number, nr_pages: number) {
    const { dev, sector } = stripe_map_sector(ti, pgoff * PAGE_SECTORS)
    const at = leg_dax_pgoff(k, dev, sector, nr_pages * PAGE)
    return at < 0 ? at : yield* dax_direct_access(k, dev.dax_dev, at, nr_pages)
  },
)

const stripe_dax_copy_from_iter = kfunc(
  DM_STRIPE,
  function* stripe_dax_copy_from_iter(k: Kernel, ti: DmTarget, pgoff: number, addr: Spa, bytes: number, iter: IovIter) {
    const { dev, sector } = stripe_map_sector(ti, pgoff * PAGE_SECTORS)
    const at = leg_dax_pgoff(k, dev, sector, whole_pages(bytes))
    return at < 0 || dev.dax_dev === undefined ? 0 : yield* dax_copy_from_iter(k, dev.dax_dev, at, addr, bytes, iter)
  },
)

const stripe_dax_flush = kfunc(
  DM_STRIPE,
  function* stripe_dax_flush(k: Kernel, ti: DmTarget, pgoff: number, addr: Spa, size: number) {
    const { dev, sector } = stripe_map_sector(ti, pgoff * PAGE_SECTORS)
    const at = leg_dax_pgoff(k, dev, sector, whole_pages(size))
    if (at >= 0 && dev.dax_dev !== undefined) yield* dax_flush(k, dev.dax_dev, at, addr, size)
  },
)

const stripe_dax_zero_page_range = kfunc(
  DM_STRIPE,
  function* stripe_dax_zero_page_range(k: Kernel, ti: DmTarget, pgoff: number, nr_pages: number) {
    const { dev, sector } = stripe_map_sector(ti, pgoff * PAGE_SECTORS)
    const at = leg_dax_pgoff(k, dev, sector, nr_pages * PAGE)
    if (at < 0) return at
    return dev.dax_dev === undefined ? -EOPNOTSUPP : yield* dax_zero_page_range(k, dev.dax_dev, at, nr_pages)
  },
)

function stripe_status(ti: DmTarget, what: 'info' | 'table'): string {
  const { stripe, chunk_size, error_count } = context(ti)
  if (what === 'table')
    return `${stripe.length} ${chunk_size} ${stripe.map((each) => `${each.dev.name} ${each.physical_start}`).join(' ')}`
  const health = error_count.map((count) => (count > 0 ? 'D' : 'A')).join('')
  return `${stripe.length} ${stripe.map(({ dev }) => dev.name).join(' ')} 1 ${health}`
}

function stripe_io_hints(ti: DmTarget, limits: QueueLimits): QueueLimits {
  const { stripe, chunk_size } = context(ti)
  const bytes = chunk_size * SECTOR_SIZE
  const io_min = Math.max(bytes, limits.logical_block_size, limits.physical_block_size)
  return { ...limits, io_min, io_opt: bytes * stripe.length }
}

export const stripe_target: TargetType = {
  name: 'striped',
  version: '1.6.0',
  ctr: stripe_ctr,
  dtr: stripe_dtr,
  map: stripe_map,
  end_io: stripe_end_io,
  status: stripe_status,
  iterate_devices: (ti, fn) =>
    context(ti).stripe.some(({ dev, physical_start }) => fn(dev, physical_start, context(ti).stripe_width)),
  io_hints: stripe_io_hints,
  direct_access: stripe_dax_direct_access,
  dax_copy_from_iter: stripe_dax_copy_from_iter,
  dax_flush: stripe_dax_flush,
  dax_zero_page_range: stripe_dax_zero_page_range,
}
