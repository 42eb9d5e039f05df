/**
 * drivers/md/dm-flakey.c: a device that is well for some seconds and out of order for some, again and again.
 *
 * There is no timer in it: each bio asks what time it is. Source: torvalds/linux v6.1 (03b18887703c). Ours: bytes that are
 * corrupted on their way to the disk are a copy's; upstream, up to v6.4, they are those of who wrote them. Left out: ioctls of
 * the device below, zones.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import type { Bio } from '../../include/linux/blk_types.ts'
import { EINVAL, EIO } from '../../include/linux/errno.ts'
import { ktime_get, TICK_NSEC } from '../../kernel/time/timekeeping.ts'
import type { Kernel } from '../../kernel.ts'
import { type DmArg, type DmArgSet, dm_read_arg, dm_shift_arg, UINT_MAX } from './dm-arg.ts'
import { type DmDev, type DmTarget, sector_of, type TargetType } from './dm-core.ts'
import { dm_get_device, dm_put_device } from './dm-device.ts'

const DM_FLAKEY = 'drivers/md/dm-flakey.c'
const HZ = 250n

interface Corrupt {
  /** 1: the first. */
  readonly byte: number
  readonly rw: 'r' | 'w'
  readonly value: number
  /** Only of bios with all these bits of bi_opf. */
  readonly flags: number
}

/** struct flakey_c. */
interface FlakeyC {
  readonly dev: DmDev
  readonly start: number
  /** Ticks. */
  readonly start_time: bigint
  /** Seconds. */
  readonly up_interval: number
  readonly down_interval: number
  readonly drop_writes: boolean
  readonly error_writes: boolean
  readonly corrupt: Corrupt | undefined
}

type Features = Pick<FlakeyC, 'drop_writes' | 'error_writes' | 'corrupt'>

const context = (ti: DmTarget): FlakeyC => ti.private as FlakeyC

const FEATURES: DmArg = { min: 0, max: 6, error: 'Invalid number of feature args' }
const CORRUPT: readonly DmArg[] = [
  { min: 1, max: UINT_MAX, error: 'Invalid corrupt bio byte' },
  { min: 0, max: 255, error: 'Invalid corrupt value to write into bio byte (0-255)' },
  { min: 0, max: UINT_MAX, error: 'Invalid corrupt bio flags mask' },
]

function refuse(ti: DmTarget, error: string): number {
  ti.error = error
  return -EINVAL
}

/** corrupt_bio_byte <Nth_byte> <direction> <value> <bio_flags> */
function parse_corrupt(as: DmArgSet, ti: DmTarget): Corrupt | number {
  const [first, second, third] = CORRUPT as readonly [DmArg, DmArg, DmArg]
  const byte = dm_read_arg(first, as, ti)
  if (byte < 0) return byte
  const rw = dm_shift_arg(as)?.toLowerCase()
  if (rw !== 'r' && rw !== 'w') return refuse(ti, 'Invalid corrupt bio direction (r or w)')
  const value = dm_read_arg(second, as, ti)
  if (value < 0) return value
  const flags = dm_read_arg(third, as, ti)
  return flags < 0 ? flags : { byte, rw, value, flags }
}

function parse_features(as: DmArgSet, ti: DmTarget): Features | number {
  let features: Features = { drop_writes: false, error_writes: false, corrupt: undefined }
  if (as.argv.length === 0) return features
  const count = dm_read_arg(FEATURES, as, ti, true)
  if (count < 0) return count
  for (let left = count; left > 0; ) {
    const name = dm_shift_arg(as)?.toLowerCase()
    left--
    if (name === undefined) return refuse(ti, 'Insufficient feature arguments')
    if (name === 'drop_writes') {
      if (features.drop_writes) return refuse(ti, 'Feature drop_writes duplicated')
      if (features.error_writes) return refuse(ti, 'Feature drop_writes conflicts with feature error_writes')
      features = { ...features, drop_writes: true }
    } else if (name === 'error_writes') {
      if (features.error_writes) return refuse(ti, 'Feature error_writes duplicated')
      if (features.drop_writes) return refuse(ti, 'Feature error_writes conflicts with feature drop_writes')
      features = { ...features, error_writes: true }
    } else if (name === 'corrupt_bio_byte') {
      if (left === 0) return refuse(ti, 'Feature corrupt_bio_byte requires parameters')
      const corrupt = parse_corrupt(as, ti)
      if (typeof corrupt === 'number') return corrupt
      features = { ...features, corrupt }
      left -= 4
    } else return refuse(ti, 'Unrecognised flakey feature requested')
  }
  const what = features.drop_writes ? 'drop_writes' : 'error_writes'
  if ((features.drop_writes || features.error_writes) && features.corrupt?.rw === 'w')
    return refuse(ti, `${what} is incompatible with corrupt_bio_byte with the WRITE flag set`)
  return features
}

const jiffies = (k: Kernel): bigint => ktime_get(k) / TICK_NSEC

const flakey_ctr = kfunc(DM_FLAKEY, function* flakey_ctr(k: Kernel, ti: DmTarget, argv: readonly string[]) {
  if (argv.length < 4) return refuse(ti, 'Invalid argument count')
  const start_time = jiffies(k)
  const as: DmArgSet = { argv }
  const path = dm_shift_arg(as) as string
  const start = sector_of(dm_shift_arg(as))
  if (start === undefined) return refuse(ti, 'Invalid device sector')
  const up_interval = dm_read_arg({ min: 0, max: UINT_MAX, error: 'Invalid up interval' }, as, ti)
  if (up_interval < 0) return up_interval
  const down_interval = dm_read_arg({ min: 0, max: UINT_MAX, error: 'Invalid down interval' }, as, ti)
  if (down_interval < 0) return down_interval
  const total = up_interval + down_interval
  if (total % (UINT_MAX + 1) === 0) return refuse(ti, 'Total (up + down) interval is zero')
  if (total > UINT_MAX) return refuse(ti, 'Interval overflow')
  const features = parse_features(as, ti)
  if (typeof features === 'number') return features
  const dev = yield* dm_get_device(k, ti, path)
  if (typeof dev === 'number') {
    ti.error = 'Device lookup failed'
    return dev
  }
  ti.num_flush_bios = 1
  ti.num_discard_bios = 1
  ti.private = { dev, start, start_time, up_interval, down_interval, ...features } satisfies FlakeyC
  return 0
})

/** Bits of bi_opf. */
function opf_of({ op, sync, meta, idle, fua, preflush, rahead }: Bio): number {
  const flags = [sync && 11, meta && 12, idle && 15, fua && 17, preflush && 18, rahead && 19]
  const number = { read: 0, write: 1, discard: 3, write_zeroes: 9 }[op]
  return flags.reduce<number>((bits, bit) => (typeof bit === 'number' ? bits | (1 << bit) : bits), number)
}

/** Is there a byte of this bio to corrupt? */
function corrupts(fc: FlakeyC, rw: 'r' | 'w', bio: Bio): Corrupt | undefined {
  const { corrupt } = fc
  if (corrupt?.rw !== rw || bio.data.length < corrupt.byte) return undefined
  return (opf_of(bio) & corrupt.flags) >>> 0 === corrupt.flags ? corrupt : undefined
}

/** `down`: it was submitted while the device was out of order. */
function flakey_map_bio(ti: DmTarget, bio: Bio, down: boolean): Bio {
  const { dev, start } = context(ti)
  const sector = bio.nr_sectors > 0 ? start + (bio.sector - ti.begin) : bio.sector
  return { ...bio, bi_bdev: dev.bdev, sector, per_bio_data: down }
}

const flakey_map = kfunc(DM_FLAKEY, function* flakey_map(k: Kernel, ti: DmTarget, bio: Bio) {
  yield* []
  const fc = context(ti)
  const elapsed = Number((jiffies(k) - fc.start_time) / HZ)
  if (elapsed % (fc.up_interval + fc.down_interval) < fc.up_interval) return flakey_map_bio(ti, bio, false)
  if (bio.op === 'read') return fc.corrupt || fc.drop_writes || fc.error_writes ? flakey_map_bio(ti, bio, true) : -EIO
  if (fc.drop_writes) return 0
  if (fc.error_writes || fc.corrupt === undefined) return -EIO
  const corrupt = corrupts(fc, 'w', bio)
  if (corrupt === undefined) return flakey_map_bio(ti, bio, true)
  const data = bio.data.slice()
  data[corrupt.byte - 1] = corrupt.value
  return flakey_map_bio(ti, { ...bio, data }, true)
})

const flakey_end_io = kfunc(DM_FLAKEY, function* flakey_end_io(_k: Kernel, ti: DmTarget, bio: Bio, error: number) {
  yield* []
  if (error !== 0 || bio.per_bio_data !== true || bio.op !== 'read') return
  const corrupt = corrupts(context(ti), 'r', bio)
  if (corrupt !== undefined) bio.data[corrupt.byte - 1] = corrupt.value
})

function flakey_status(ti: DmTarget, what: 'info' | 'table'): string {
  if (what === 'info') return ''
  const { dev, start, up_interval, down_interval, drop_writes, error_writes, corrupt } = context(ti)
  const count = (drop_writes || error_writes ? 1 : 0) + (corrupt === undefined ? 0 : 5)
  const words = [
    ...(drop_writes ? ['drop_writes'] : error_writes ? ['error_writes'] : []),
    ...(corrupt === undefined ? [] : ['corrupt_bio_byte', corrupt.byte, corrupt.rw, corrupt.value, corrupt.flags >> 0]),
  ]
  return `${[dev.name, start, up_interval, down_interval, count, ...words].join(' ')} `
}

export const flakey_target: TargetType = {
  name: 'flakey',
  version: '1.5.0',
  ctr: flakey_ctr,
  dtr: (k, ti) => dm_put_device(k, ti, context(ti).dev),
  map: flakey_map,
  end_io: flakey_end_io,
  status: flakey_status,
  iterate_devices: (ti, fn) => fn(context(ti).dev, context(ti).start, ti.len),
}
