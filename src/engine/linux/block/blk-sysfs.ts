/**
 * block/blk-sysfs.c, genhd.c, blk-integrity.c: what sysfs shows of a disk and its queue.
 *
 * The list is that of v6.1; what other releases lack or had besides is left out. Source: torvalds/linux v6.1; values as
 * recorded in groundtruth (`sysfs-block.txt`).
 */

import { kfunc } from '../../sim/kfunc.ts'
import type { Device, DeviceAttribute } from '../include/linux/device.ts'
import { EINVAL, ENODEV } from '../include/linux/errno.ts'
import type { Kernel } from '../kernel.ts'
import { kstrtoul } from '../lib/kstrtox.ts'
import { badblocks_show, badblocks_store } from './badblocks.ts'
import { DISCARD_MAX_BYTES, queue_limits } from './blk-settings.ts'
import type { Gendisk } from './genhd.ts'

const to_disk = (dev: Device): Gendisk => dev.container as Gendisk
const bit = (flag: boolean): string => (flag ? '1' : '0')

/** A promise about the device, not a switch in it: flushes are no longer sent when it says "write through". */
const queue_wc_store = kfunc('block/blk-sysfs.c', function* queue_wc_store(_k: Kernel, dev: Device, text: string) {
  yield* []
  if (text.startsWith('write back')) to_disk(dev).write_cache = true
  else if (text.startsWith('write through') || text.startsWith('none')) to_disk(dev).write_cache = false
  else return -EINVAL
  return 0
})

const disk_badblocks_store = kfunc(
  'block/genhd.c',
  function* disk_badblocks_store(_k: Kernel, dev: Device, text: string) {
    yield* []
    return badblocks_store(to_disk(dev), text)
  },
)

/** queue_var_store(): a decimal number of 32 bits. */
function number_of(text: string): number {
  const value = /^[0-9\n]+$/.test(text) ? kstrtoul(text.replace(/^0+(?=\d)/, '')) : -EINVAL
  return value < 2 ** 32 ? value : -EINVAL
}

/** What a number that is written makes of the text that is shown; a negative error number refuses. */
type Setting = (value: number, shown: string) => string | number

const bit_setting: Setting = (value) => (value === 0 ? '0' : '1')
const UP_TO_2: Setting = (value, shown) => (value <= 2 ? String(value) : shown)
const SECTOR = 512
const PAGE_KB = 4
const READ_AHEAD_KB = 128
const MAX_SECTORS = 2 ** 32 - 1
/** Of queues with requests, which a driver of bios does not have. */
const needs_requests: Setting = () => -EINVAL

/** The value at first, and what may be written. */
type Row = readonly [string | ((disk: Gendisk) => string), Setting]

const shown_setting = (disk: Gendisk, name: string, [initial]: Row): string =>
  disk.settings[name] ?? (typeof initial === 'string' ? initial : initial(disk))

/** Settings that only request queues obey: kept and shown. */
const settings: Readonly<Record<string, Row>> = {
  'queue/add_random': ['0', bit_setting],
  // No hardware here discards, so that nothing but 0 is within its limit.
  [DISCARD_MAX_BYTES]: [
    ({ limits }) => String(limits.max_discard_sectors * SECTOR),
    (value, shown) => (value === 0 || (shown !== '0' && value % SECTOR === 0) ? '0' : -EINVAL),
  ],
  'queue/io_poll': ['0', needs_requests],
  'queue/io_poll_delay': ['0', needs_requests],
  'queue/iostats': ['0', bit_setting],
  'queue/max_sectors_kb': [
    ({ limits }) => String(Math.floor(limits.max_sectors / 2)),
    (value) => (value >= PAGE_KB && value <= Math.floor(MAX_SECTORS / 2) ? String(value) : -EINVAL),
  ],
  'queue/nomerges': ['0', (value) => (value === 2 ? '2' : bit_setting(value, ''))],
  'queue/nr_requests': ['128', needs_requests],
  'queue/read_ahead_kb': [
    ({ limits }) => String(Math.max(READ_AHEAD_KB, (2 * limits.io_opt) / 1024)),
    (value) => String(value - (value % PAGE_KB)),
  ],
  'queue/rotational': ['0', bit_setting],
  'queue/rq_affinity': ['0', UP_TO_2],
  'queue/stable_writes': ['0', bit_setting],
  'integrity/read_verify': ['0', bit_setting],
  'integrity/write_generate': ['0', bit_setting],
  events_poll_msecs: ['-1', () => -ENODEV],
}

const setting =
  (name: string) =>
  (disk: Gendisk): number =>
    Number(shown_setting(disk, name, settings[name] as Row))

/** What a queue reads ahead, and what a request has at most, KiB. */
export const read_ahead_kb = setting('queue/read_ahead_kb')
export const max_sectors_kb = setting('queue/max_sectors_kb')

const queue_attr_store = kfunc(
  'block/blk-sysfs.c',
  function* queue_attr_store(_k: Kernel, disk: Gendisk, name: string, row: Row, text: string) {
    yield* []
    const value = number_of(text)
    if (value < 0) return value
    const shown = row[1](value, shown_setting(disk, name, row))
    if (typeof shown === 'number') return shown
    disk.settings = { ...disk.settings, [name]: shown }
    return 0
  },
)

/** A queue without requests has no scheduler, and ignores who asks for one. */
const elv_iosched_store = kfunc('block/elevator.c', function* elv_iosched_store() {
  yield* []
  return 0
})

const queue_wb_lat_store = kfunc('block/blk-sysfs.c', function* queue_wb_lat_store() {
  yield* []
  return -EINVAL
})

/** What no driver here sets. */
const constants: Readonly<Record<string, string>> = {
  '0': `hidden integrity/device_is_integrity_capable
    integrity/protection_interval_bytes integrity/tag_size queue/chunk_sectors
    queue/discard_max_hw_bytes queue/discard_zeroes_data queue/max_integrity_segments queue/nr_zones
    queue/virt_boundary_mask queue/write_same_max_bytes queue/write_zeroes_max_bytes
    queue/zone_append_max_bytes queue/zone_write_granularity removable`,
  '': 'events events_async',
  '511': 'queue/dma_alignment',
  none: 'integrity/format queue/zoned',
  '       0        0': 'inflight',
}

const read_only = (name: string, show: (disk: Gendisk) => string | number): DeviceAttribute => ({
  name,
  mode: 0o444,
  show: (_k, dev) => show(to_disk(dev)),
})

export const disk_attributes: readonly DeviceAttribute[] = [
  read_only('dev', ({ dev }) => dev.devt),
  read_only('size', ({ part0 }) => String(part0.bd_nr_sectors)),
  read_only('ro', ({ ro }) => bit(ro)),
  read_only('diskseq', ({ diskseq }) => String(diskseq)),
  read_only('capability', ({ no_part }) => (no_part ? '4' : '0')),
  read_only('range', ({ no_part }) => bit(no_part)),
  read_only('ext_range', ({ no_part }) => (no_part ? '1' : '256')),
  ...['alignment_offset', 'discard_alignment'].map((name) =>
    read_only(name, ({ limits }) => String(limits.misaligned ? -1 : limits.alignment_offset)),
  ),
  // Statistics are off (queue/iostats).
  read_only('stat', () => Array(17).fill('       0').join(' ')),
  {
    name: 'badblocks',
    mode: 0o644,
    visible: (_k, dev) => (to_disk(dev).no_part ? 0 : 0o644),
    show: (_k, dev) => badblocks_show(to_disk(dev).bb),
    store: disk_badblocks_store,
  },
  {
    name: 'queue/write_cache',
    mode: 0o644,
    show: (_k, dev) => (to_disk(dev).write_cache ? 'write back' : 'write through'),
    store: queue_wc_store,
  },
  read_only('queue/fua', ({ fua }) => bit(fua)),
  read_only('queue/dax', ({ dax }) => bit(dax)),
  read_only('queue/logical_block_size', ({ logical_block_size }) => String(logical_block_size)),
  read_only('queue/hw_sector_size', ({ logical_block_size }) => String(logical_block_size)),
  read_only('queue/physical_block_size', ({ physical_block_size }) => String(physical_block_size)),
  read_only('queue/minimum_io_size', (disk) => String(queue_limits(disk).io_min)),
  read_only('queue/optimal_io_size', ({ limits }) => String(limits.io_opt)),
  read_only('queue/max_segments', ({ limits }) => String(limits.max_segments)),
  read_only('queue/max_segment_size', ({ limits }) => String(limits.max_segment_size)),
  read_only('queue/discard_granularity', ({ limits }) => String(limits.discard_granularity)),
  read_only('queue/max_discard_segments', ({ limits }) => String(limits.max_discard_segments)),
  // Whole blocks.
  read_only('queue/max_hw_sectors_kb', ({ limits: { max_hw_sectors }, logical_block_size }) =>
    String(Math.floor((max_hw_sectors - (max_hw_sectors % (logical_block_size / 512))) / 2)),
  ),
  { name: 'queue/scheduler', mode: 0o644, show: () => 'none', store: elv_iosched_store },
  { name: 'queue/wbt_lat_usec', mode: 0o644, show: () => -EINVAL, store: queue_wb_lat_store },
  ...Object.entries(constants).flatMap(([value, names]) =>
    names.split(/\s+/).map((name) => read_only(name, () => value)),
  ),
  ...Object.entries(settings).map(
    ([name, row]): DeviceAttribute => ({
      name,
      mode: 0o644,
      show: (_k, dev) => shown_setting(to_disk(dev), name, row),
      store: (k, dev, text) => queue_attr_store(k, to_disk(dev), name, row, text),
    }),
  ),
]
