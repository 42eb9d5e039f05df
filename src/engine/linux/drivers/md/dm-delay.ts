/**
 * drivers/md/dm-delay.c: a device on which everything takes longer, and where reads, writes and flushes may go to different
 * ones.
 *
 * Ours: who submits a bio waits until it has been delayed, and time passes meanwhile; upstream a timer submits it, and who
 * waits is who waits for the bio, as everybody here does. So nothing is ever on its way when the device is suspended.
 * Source: torvalds/linux 028867ac28e5, v6.1 as recalled: the third class, messages. Up to v4.17 there are two. Left out: zones.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import type { Bio } from '../../include/linux/blk_types.ts'
import { EINVAL } from '../../include/linux/errno.ts'
import { TICK_NSEC, timekeeping_advance } from '../../kernel/time/timekeeping.ts'
import type { Kernel } from '../../kernel.ts'
import { uint_of } from './dm-arg.ts'
import { type DmDev, type DmTarget, sector_of, type TargetType } from './dm-core.ts'
import { dm_get_device, dm_put_device } from './dm-device.ts'

const DM_DELAY = 'drivers/md/dm-delay.c'
const TICK_MSEC = Number(TICK_NSEC / 1_000_000n)

/** struct delay_class. */
interface DelayClass {
  readonly dev: DmDev
  readonly start: number
  /** Milliseconds. */
  readonly delay: number
}

/** struct delay_c: reads, writes, flushes. Those that were not given are like the last that was. */
interface DelayC {
  readonly classes: readonly [DelayClass, DelayClass, DelayClass]
  readonly argc: number
}

const context = (ti: DmTarget): DelayC => ti.private as DelayC

const delay_class_ctr = kfunc(
  DM_DELAY,
  function* delay_class_ctr(k: Kernel, ti: DmTarget, [path = '', at, time]: readonly string[]) {
    const start = sector_of(at)
    const delay = uint_of(time)
    if (start === undefined || delay === undefined) {
      ti.error = start === undefined ? 'Invalid device sector' : 'Invalid delay'
      return -EINVAL
    }
    const dev = yield* dm_get_device(k, ti, path)
    if (typeof dev !== 'number') return { dev, start, delay } satisfies DelayClass
    ti.error = 'Device lookup failed'
    return dev
  },
)

const delay_ctr = kfunc(DM_DELAY, function* delay_ctr(k: Kernel, ti: DmTarget, argv: readonly string[]) {
  if (![3, 6, 9].includes(argv.length)) {
    ti.error = 'Requires exactly 3, 6 or 9 arguments'
    return -EINVAL
  }
  const classes: DelayClass[] = []
  for (const at of [0, 3, 6]) {
    const from = Math.min(at, argv.length - 3)
    const own = yield* delay_class_ctr(k, ti, argv.slice(from, from + 3))
    if (typeof own === 'number') {
      for (const { dev } of classes) yield* dm_put_device(k, ti, dev)
      return own
    }
    classes.push(own)
  }
  ti.num_flush_bios = 1
  ti.num_discard_bios = 1
  ti.private = { classes: classes as unknown as DelayC['classes'], argc: argv.length } satisfies DelayC
  return 0
})

const delay_dtr = kfunc(DM_DELAY, function* delay_dtr(k: Kernel, ti: DmTarget) {
  for (const { dev } of context(ti).classes) yield* dm_put_device(k, ti, dev)
})

/** In whole ticks. */
const delay_bio = kfunc(DM_DELAY, function* delay_bio(k: Kernel, { delay }: DelayClass) {
  yield* []
  if (delay > 0) timekeeping_advance(k, BigInt(Math.ceil(delay / TICK_MSEC)) * TICK_NSEC)
})

const delay_map = kfunc(DM_DELAY, function* delay_map(k: Kernel, ti: DmTarget, bio: Bio) {
  const [read, write, flush] = context(ti).classes
  const own = bio.op === 'read' ? read : bio.preflush === true ? flush : write
  const sector = bio.nr_sectors > 0 ? own.start + (bio.sector - ti.begin) : bio.sector
  yield* delay_bio(k, own)
  return { ...bio, bi_bdev: own.dev.bdev, sector } as Bio
})

function delay_status(ti: DmTarget, what: 'info' | 'table'): string {
  // How many bios of each class are waiting.
  if (what === 'info') return '0 0 0'
  const { classes, argc } = context(ti)
  const given = classes.slice(0, argc / 3)
  return given.map(({ dev, start, delay }) => `${dev.name} ${start} ${delay}`).join(' ')
}

export const delay_target: TargetType = {
  name: 'delay',
  version: '1.3.0',
  ctr: delay_ctr,
  dtr: delay_dtr,
  map: delay_map,
  status: delay_status,
  iterate_devices: (ti, fn) => context(ti).classes.some(({ dev, start }) => fn(dev, start, ti.len)),
}
