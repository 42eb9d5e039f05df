/**
 * arch/powerpc/sysdev/axonram.c: a disk for each bank of the DDR2 memory behind the bridge of an IBM Cell blade. Ordinary
 * memory, far away; the power takes it along.
 *
 * Source: torvalds/linux 159b5bb46492 (v4.5); direct access from v4.12 on: reference/kernel.md §8.3. When it was removed
 * is recalled. Left out: memory errors (`ecc` stays 0), mapping the bank uncached: here it is ordinary memory.
 */

import { type Spa, spa } from '../../../../../base/brand.ts'
import { kfunc, type Request } from '../../../../sim/kfunc.ts'
import { loadBytes } from '../../../../sim/op.ts'
import { type Identity, struct } from '../../../../sim/struct.ts'
import { blk_alloc_disk, block_class, del_gendisk, device_add_disk, type Gendisk } from '../../../block/genhd.ts'
import { dev_err, dev_info } from '../../../drivers/base/core.ts'
import { driver_register } from '../../../drivers/base/dd.ts'
import {
  type DeviceNode,
  of_node,
  of_platform_device_create,
  platform_bus_type,
} from '../../../drivers/base/platform.ts'
import { alloc_dax, type DaxDevice, type DaxOperations, kill_dax } from '../../../drivers/dax/super.ts'
import { type Bio, SECTOR_SIZE } from '../../../include/linux/blk_types.ts'
import type { Device, DeviceAttribute, DeviceDriver } from '../../../include/linux/device.ts'
import { EFAULT, EIO, ENODEV } from '../../../include/linux/errno.ts'
import { PAGE_SIZE } from '../../../include/linux/mm_types.ts'
import type { KernelModule } from '../../../include/linux/module.ts'
import type { Kernel } from '../../../kernel.ts'
import { copy_from_iter, type IovIter } from '../../../lib/iov_iter.ts'
import { memcpy } from '../../x86/lib/memcpy_64.ts'

const AXONRAM = 'arch/powerpc/sysdev/axonram.c'
/** The first that is free for drivers without one of their own. */
const AXON_RAM_MAJOR = 253
const AXON_RAM_MINORS_PER_DISK = 16

interface AxonRamBankFields {
  disk: Gendisk
  dax_dev: DaxDevice
  /** SPA, bytes. */
  ph_addr: number
  size: number
}

type AxonRamBank = AxonRamBankFields & Identity

const axon_ram_bank = struct<AxonRamBankFields>('axon_ram_bank', {
  disk: undefined as never,
  dax_dev: undefined as never,
  ph_addr: 0,
  size: 0,
})

/** Numbers are given once: a bank that comes back has another. */
const bank_ids = struct<{ next: number; minor: number }>('axon_ram_bank_id', { next: 0, minor: 0 })

const ecc: readonly DeviceAttribute[] = [{ name: 'ecc', mode: 0o444, show: () => '0' }]

const axon_ram_make_request = kfunc(
  AXONRAM,
  function* axon_ram_make_request(k: Kernel, disk: Gendisk, bio: Bio): Generator<Request, number> {
    const { ph_addr, size } = disk.private_data as AxonRamBank
    const at = bio.sector * SECTOR_SIZE
    if (at + bio.data.length > size) return -EIO
    for (let done = 0; done < bio.data.length; done += PAGE_SIZE) {
      const piece = bio.data.subarray(done, done + PAGE_SIZE)
      const phys_mem = spa(ph_addr + at + done)
      if (bio.op === 'write') yield* memcpy(k, phys_mem, piece)
      else piece.set(yield* loadBytes(k, phys_mem, piece.length))
    }
    return 0
  },
)

const axon_ram_dax_direct_access = kfunc(
  AXONRAM,
  function* axon_ram_dax_direct_access(_k: Kernel, dax: DaxDevice, pgoff: number, _nr_pages: number) {
    yield* []
    const { ph_addr, size } = dax.private as AxonRamBank
    const offset = pgoff * PAGE_SIZE
    return { pages: Math.floor((size - offset) / PAGE_SIZE), kaddr: spa(ph_addr + offset) }
  },
)

const axon_ram_copy_from_iter = kfunc(
  AXONRAM,
  function* axon_ram_copy_from_iter(k: Kernel, _dax: DaxDevice, _at: number, addr: Spa, bytes: number, iter: IovIter) {
    return yield* copy_from_iter(k, addr, bytes, iter)
  },
)

const axon_ram_dax_ops = (k: Kernel): DaxOperations => ({
  name: 'axon_ram_dax_ops',
  direct_access: axon_ram_dax_direct_access,
  ...(k.has('dax_copy_needs_driver') ? { copy_from_iter: axon_ram_copy_from_iter } : {}),
})

const axon_ram_probe = kfunc(AXONRAM, function* axon_ram_probe(k: Kernel, dev: Device) {
  const ids = k.global(bank_ids)
  const disk_name = `axonram${ids.next++}`
  const node = of_node(dev)
  if (node === undefined) {
    dev_err(k, dev, 'Cannot access device tree')
    return -EFAULT
  }
  dev_info(k, dev, `Found memory controller on ${node.full_name}`)
  const { start, size } = node.reg
  if (size === 0) {
    dev_err(k, dev, `No DDR2 memory found for ${disk_name}`)
    return -ENODEV
  }
  dev_info(k, dev, `Register DDR2 memory device ${disk_name} with ${Math.floor(size / 2 ** 20)}MB`)
  const bank = axon_ram_bank.create(k.journal, { ph_addr: start, size })
  bank.disk = blk_alloc_disk(k, {
    disk_name,
    major: AXON_RAM_MAJOR,
    first_minor: ids.minor,
    minors: AXON_RAM_MINORS_PER_DISK,
    sectors: size / SECTOR_SIZE,
    dax: true,
    submit_bio: axon_ram_make_request,
    private_data: bank,
  })
  bank.dax_dev = alloc_dax(k, disk_name, axon_ram_dax_ops(k))
  bank.dax_dev.private = bank
  yield* device_add_disk(k, dev, bank.disk, [])
  dev.groups = ecc
  ids.minor += AXON_RAM_MINORS_PER_DISK
  return 0
})

const axon_ram_remove = kfunc(AXONRAM, function* axon_ram_remove(k: Kernel, dev: Device) {
  yield* []
  const disk = block_class(k).find((each) => each.dev.parent === dev)
  if (disk === undefined) return
  dev.groups = []
  kill_dax(k, (disk.private_data as AxonRamBank).dax_dev)
  del_gendisk(k, disk)
})

const axon_ram_driver: DeviceDriver = {
  name: 'axonram',
  bus: platform_bus_type,
  types: 0,
  of_match_table: [{ type: 'dma-memory' }],
  probe: axon_ram_probe,
  remove: axon_ram_remove,
}

/** `extents`: the banks, as the device tree has them; SPA and length in bytes. */
export const axonram = (extents: readonly DeviceNode['reg'][]): KernelModule => ({
  init: kfunc(AXONRAM, function* axon_ram_init(k: Kernel) {
    for (const reg of extents) {
      const unit = reg.start.toString(16)
      yield* of_platform_device_create(k, {
        name: `${unit}.dma-memory`,
        type: 'dma-memory',
        full_name: `/axon/dma-memory@${unit}`,
        reg,
      })
    }
    yield* driver_register(k, axon_ram_driver)
  }),
})
