/** drivers/md/dm-sysfs.c: what sysfs shows of a mapped device beside its disk. */

import type { Gendisk } from '../../block/genhd.ts'
import type { Device, DeviceAttribute } from '../../include/linux/device.ts'
import type { MappedDevice } from './dm-core.ts'

const to_md = (dev: Device): MappedDevice => (dev.container as Gendisk).private_data as MappedDevice

const dm_attr = (name: string, mode: number, show: (md: MappedDevice) => string): DeviceAttribute => ({
  name: `dm/${name}`,
  mode,
  show: (_k, dev) => show(to_md(dev)),
})

export const dm_attributes: readonly DeviceAttribute[] = [
  dm_attr('name', 0o444, ({ name }) => name),
  dm_attr('uuid', 0o444, ({ uuid }) => uuid),
  dm_attr('suspended', 0o444, ({ suspended }) => (suspended ? '1' : '0')),
  // Of devices that take requests.
  dm_attr('rq_based_seq_io_merge_deadline', 0o444, () => '0'),
  dm_attr('use_blk_mq', 0o444, () => '1'),
]
