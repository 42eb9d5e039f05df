/** block/blk-sysfs.c, genhd.c: what sysfs shows of a disk and its queue. */

import { kfunc } from '../../sim/kfunc.ts'
import type { Device, DeviceAttribute } from '../include/linux/device.ts'
import { EINVAL } from '../include/linux/errno.ts'
import type { Kernel } from '../kernel.ts'
import { badblocks_show } from './badblocks.ts'
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

export const disk_attributes: readonly DeviceAttribute[] = [
  { name: 'dev', mode: 0o444, show: (_k, dev) => dev.devt },
  { name: 'size', mode: 0o444, show: (_k, dev) => String(to_disk(dev).sectors) },
  { name: 'ro', mode: 0o444, show: (_k, dev) => bit(to_disk(dev).ro) },
  { name: 'badblocks', mode: 0o444, show: (_k, dev) => badblocks_show(to_disk(dev).bb) },
  {
    name: 'queue/write_cache',
    mode: 0o644,
    show: (_k, dev) => (to_disk(dev).write_cache ? 'write back' : 'write through'),
    store: queue_wc_store,
  },
  { name: 'queue/fua', mode: 0o444, show: (_k, dev) => bit(to_disk(dev).fua) },
  { name: 'queue/dax', mode: 0o444, show: (_k, dev) => bit(to_disk(dev).dax) },
  { name: 'queue/logical_block_size', mode: 0o444, show: (_k, dev) => String(to_disk(dev).logical_block_size) },
  { name: 'queue/hw_sector_size', mode: 0o444, show: (_k, dev) => String(to_disk(dev).logical_block_size) },
  { name: 'queue/physical_block_size', mode: 0o444, show: (_k, dev) => String(to_disk(dev).physical_block_size) },
  { name: 'queue/minimum_io_size', mode: 0o444, show: (_k, dev) => String(to_disk(dev).physical_block_size) },
  { name: 'queue/optimal_io_size', mode: 0o444, show: () => '0' },
  { name: 'queue/rotational', mode: 0o444, show: () => '0' },
]
