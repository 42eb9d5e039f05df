/**
 * block/blk-settings.c: what a queue can do, and what is left of that when devices are stacked.
 *
 * Source: torvalds/linux v6.1; the values of groundtruth ops4-dm. Left out: zones, merging across boundaries.
 */

import type { Gendisk } from './genhd.ts'

/** struct queue_limits. Sizes in bytes, `max_sectors` in 512-byte sectors. */
export interface QueueLimits {
  readonly logical_block_size: number
  readonly physical_block_size: number
  /** The smallest I/O that costs no more than itself, and the best; 0: nothing is better. */
  readonly io_min: number
  readonly io_opt: number
  /** Where the first physical block begins. */
  readonly alignment_offset: number
  /** No offset says it. */
  readonly misaligned: boolean
  readonly max_sectors: number
  readonly max_hw_sectors: number
  readonly max_segments: number
  readonly max_segment_size: number
  readonly max_discard_segments: number
  /** Bytes, and sectors of one discard; 0: it has none. */
  readonly discard_granularity: number
  readonly max_discard_sectors: number
}

/** What a disk keeps beside the sizes of its blocks. */
export type OtherLimits = Omit<QueueLimits, 'logical_block_size' | 'physical_block_size'>

const SECTOR = 512
export const DISCARD_MAX_BYTES = 'queue/discard_max_bytes'
const UINT_MAX = 2 ** 32 - 1
const USHRT_MAX = 2 ** 16 - 1
const BLK_DEF_MAX_SECTORS = 2560

/** Of a driver that says nothing but how large its blocks are. */
export const blk_set_default_limits: Readonly<OtherLimits> = {
  io_min: SECTOR,
  io_opt: 0,
  alignment_offset: 0,
  misaligned: false,
  max_sectors: BLK_DEF_MAX_SECTORS,
  max_hw_sectors: UINT_MAX,
  max_segments: 128,
  max_segment_size: 65536,
  max_discard_segments: 1,
  discard_granularity: 0,
  max_discard_sectors: 0,
}

/** Of a device that adds no limits to those of the devices below it. */
export const blk_set_stacking_limits: QueueLimits = {
  logical_block_size: SECTOR,
  physical_block_size: SECTOR,
  io_min: SECTOR,
  io_opt: 0,
  alignment_offset: 0,
  misaligned: false,
  max_sectors: UINT_MAX,
  max_hw_sectors: UINT_MAX,
  max_segments: USHRT_MAX,
  max_segment_size: UINT_MAX,
  max_discard_segments: USHRT_MAX,
  discard_granularity: 0,
  max_discard_sectors: 0,
}

export const queue_limits = ({ limits, logical_block_size, physical_block_size }: Gendisk): QueueLimits => ({
  ...limits,
  logical_block_size,
  physical_block_size,
  io_min: Math.max(limits.io_min, physical_block_size),
})

/** Sectors of one discard; 0: there is none, or user space has turned it off. */
export const bdev_max_discard_sectors = ({ limits, settings }: Gendisk): number =>
  settings[DISCARD_MAX_BYTES] === undefined ? limits.max_discard_sectors : Number(settings[DISCARD_MAX_BYTES]) / SECTOR

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
const lcm_not_zero = (a: number, b: number): number => (a === 0 || b === 0 ? a + b : (a / gcd(a, b)) * b)
const granularity = ({ physical_block_size, io_min }: QueueLimits): number => Math.max(physical_block_size, io_min)

/** Bytes from `sector` on to where a physical block begins. */
export function queue_limit_alignment_offset(limits: QueueLimits, sector: number): number {
  const size = granularity(limits)
  return (size + limits.alignment_offset - ((sector * SECTOR) % size)) % size
}

/** What `top` becomes over `bottom` from sector `start` on; `aligned`: their blocks fit each other. */
export function blk_stack_limits(
  top: QueueLimits,
  bottom: QueueLimits,
  start: number,
): { readonly limits: QueueLimits; readonly aligned: boolean } {
  const alignment = queue_limit_alignment_offset(bottom, start)
  let aligned = true
  if (top.alignment_offset !== alignment) {
    const intervals = [granularity(top) + top.alignment_offset, granularity(bottom) + alignment]
    if (Math.max(...intervals) % Math.min(...intervals) !== 0) aligned = false
  }
  const most = (field: keyof OtherLimits | 'logical_block_size' | 'physical_block_size'): number =>
    Math.max(Number(top[field]), Number(bottom[field]))
  const least = (field: keyof OtherLimits): number => Math.min(Number(top[field]), Number(bottom[field]))
  const logical_block_size = most('logical_block_size')
  let physical_block_size = most('physical_block_size')
  let io_min = most('io_min')
  let io_opt = lcm_not_zero(top.io_opt, bottom.io_opt)
  if (physical_block_size % logical_block_size !== 0) {
    physical_block_size = logical_block_size
    aligned = false
  }
  if (io_min % physical_block_size !== 0) {
    io_min = physical_block_size
    aligned = false
  }
  if (io_opt % physical_block_size !== 0) {
    io_opt = 0
    aligned = false
  }
  const alignment_offset = lcm_not_zero(top.alignment_offset, alignment) % Math.max(physical_block_size, io_min)
  if (alignment_offset % logical_block_size !== 0) aligned = false
  const both = top.max_discard_sectors > 0 && bottom.max_discard_sectors > 0
  const limits = {
    logical_block_size,
    physical_block_size,
    io_min,
    io_opt,
    alignment_offset,
    misaligned: top.misaligned || bottom.misaligned || !aligned,
    max_sectors: least('max_sectors'),
    max_hw_sectors: least('max_hw_sectors'),
    max_segments: least('max_segments'),
    max_segment_size: least('max_segment_size'),
    max_discard_segments: least('max_discard_segments'),
    discard_granularity: most('discard_granularity'),
    max_discard_sectors: both ? least('max_discard_sectors') : most('max_discard_sectors'),
  }
  return { limits, aligned }
}
