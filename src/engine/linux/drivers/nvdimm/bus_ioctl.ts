/**
 * drivers/nvdimm/bus.c: what the bus does for user space about media errors, on /dev/ndctlN, and who hears of new ones.
 * For `KernelOptions.poison`.
 *
 * Source: torvalds/linux v6.1; reference/kernel.md §§2.8, 3.9. Left out: commands that start a scrub or ask for its
 * results; sysfs stands for them.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { block_class } from '../../block/genhd.ts'
import { EBUSY, ENOTTY, EPERM } from '../../include/linux/errno.ts'
import { type File, type FileOperations, O_ACCMODE, O_RDONLY } from '../../include/linux/fs.ts'
import type { Kernel } from '../../kernel.ts'
import { all_devices } from '../base/core.ts'
import { nvdimm_badblocks_populate } from './badrange.ts'
import { nvdimm_clear_poison } from './clear_poison.ts'
import { has_badblocks, is_namespace, to_nd_region, to_ndns } from './nd.ts'

/** Regions and disks learn what a scrub has found. */
export const revalidate = (k: Kernel): void => {
  for (const dev of all_devices(k)) {
    if (has_badblocks(k, dev)) {
      const region = to_nd_region(dev)
      region.bb = nvdimm_badblocks_populate(k, dev, region.ndr_start, region.ndr_size)
    }
    if (is_namespace(dev)) to_ndns(dev).bb = nvdimm_badblocks_populate(k, dev, to_ndns(dev).start, to_ndns(dev).size)
  }
  for (const disk of block_class(k))
    if (disk.media !== undefined) disk.bb = nvdimm_badblocks_populate(k, disk.dev, disk.media.start, disk.media.size)
}

/** struct nd_cmd_clear_error: SPA and length, bytes; what was cleared. */
export interface NdCmdClearError {
  readonly address: number
  readonly length: number
  cleared: number
}

/** struct nd_cmd_ars_cap: what a range can be cleared by, bytes. */
export interface NdCmdArsCap {
  readonly address: number
  readonly length: number
  clear_err_unit: number
}

/** Errors of a namespace in use are the driver's to forget. */
const nd_ns_forget_poison_check = (k: Kernel, { address, length }: NdCmdClearError): boolean =>
  [...all_devices(k)].some((dev) => {
    if (!is_namespace(dev) || dev.driver === undefined) return false
    const { start, size } = to_ndns(dev)
    return address < start + size && start < address + length
  })

const nvdimm_bus_ioctl = kfunc(
  'drivers/nvdimm/bus.c',
  function* nd_ioctl(k: Kernel, file: File, cmd: string, arg: object) {
    const { mediaErrors: media, poison } = k.options
    if (media === undefined || poison === undefined) return -ENOTTY
    if (cmd === 'ND_IOCTL_ARS_CAP') {
      ;(arg as NdCmdArsCap).clear_err_unit = media.clear_err_unit
      return 0
    }
    if (cmd === 'ND_IOCTL_CALL' && media.injectable) return yield* poison.ndctl(k, media, arg)
    if (cmd !== 'ND_IOCTL_CLEAR_ERROR') return -ENOTTY
    if ((file.flags & O_ACCMODE) === O_RDONLY) return -EPERM
    const clear = arg as NdCmdClearError
    if (nd_ns_forget_poison_check(k, clear)) return -EBUSY
    const cleared = yield* nvdimm_clear_poison(k, clear.address, clear.length)
    if (cleared < 0) return cleared
    clear.cleared = cleared
    return 0
  },
)

export const nvdimm_bus_fops: FileOperations = { name: 'nvdimm_bus_fops', unlocked_ioctl: nvdimm_bus_ioctl }
