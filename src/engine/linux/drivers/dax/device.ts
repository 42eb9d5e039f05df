/**
 * drivers/dax/device.c: device-dax, a character device whose mapping is the memory itself.
 *
 * Every fault maps one piece of the device's alignment: 4 KiB or 2 MiB (1 GiB falls back to nothing here).
 * Left out: 1 GiB pages, kill while mapped.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import type { Device, DeviceDriver } from '../../include/linux/device.ts'
import { EBUSY, EINVAL, ENXIO } from '../../include/linux/errno.ts'
import type { File, FileOperations } from '../../include/linux/fs.ts'
import {
  PAGE_SIZE,
  PMD_SIZE,
  type VmAreaStruct,
  type VmFault,
  type VmOperations,
} from '../../include/linux/mm_types.ts'
import { devm_request_mem_region } from '../../kernel/resource.ts'
import type { Kernel } from '../../kernel.ts'
import { vmf_insert_pfn_pmd } from '../../mm/huge_memory.ts'
import { vmf_insert_mixed } from '../../mm/memory.ts'
import { dev_info, dev_warn } from '../base/core.ts'
import { type DevDax, dax_bus_type, to_dev_dax } from './bus.ts'

const DEVICE = 'drivers/dax/device.c'

const dev_dax_of = (file: File | undefined): DevDax => file?.private_data as DevDax

/** A mapping must be shared and made of whole pieces of the device's alignment. */
function check_vma(k: Kernel, dax: DevDax, vma: VmAreaStruct, func: string): number {
  if (!dax.dax_dev.alive) return -ENXIO
  const fail = (why: string): number => {
    dev_info(k, dax.dev, `${k.current.comm}: ${func}: fail, ${why}`)
    return -EINVAL
  }
  if (!vma.shared) return fail('attempted private mapping')
  const hex = (n: number): string => `0x${n.toString(16)}`
  if (vma.start % dax.align !== 0 || vma.end % dax.align !== 0)
    return fail(`unaligned vma (${hex(vma.start)} - ${hex(vma.end)}, ${hex(dax.align - 1)})`)
  return 0
}

/** SPA of page `pgoff` when `size` bytes from there lie inside the device. */
function dax_pgoff_to_phys(dax: DevDax, pgoff: number, size: number): number | undefined {
  const offset = pgoff * PAGE_SIZE
  return offset + size <= dax.size ? dax.start + offset : undefined
}

const pgoff_at = (vma: VmAreaStruct, address: number): number => vma.pgoff + (address - vma.start) / PAGE_SIZE

const __dev_dax_pte_fault = kfunc(
  DEVICE,
  function* __dev_dax_pte_fault(k: Kernel, dax: DevDax, vma: VmAreaStruct, address: number) {
    if (check_vma(k, dax, vma, '__dev_dax_pte_fault') !== 0 || dax.align > PAGE_SIZE) return 'sigbus' as VmFault
    const page = address - (address % PAGE_SIZE)
    const phys = dax_pgoff_to_phys(dax, pgoff_at(vma, page), PAGE_SIZE)
    if (phys === undefined) return 'sigbus' as VmFault
    return yield* vmf_insert_mixed(k, page, phys / PAGE_SIZE, vma.write)
  },
)

const __dev_dax_pmd_fault = kfunc(
  DEVICE,
  function* __dev_dax_pmd_fault(k: Kernel, dax: DevDax, vma: VmAreaStruct, address: number) {
    if (check_vma(k, dax, vma, '__dev_dax_pmd_fault') !== 0 || dax.align > PMD_SIZE) return 'sigbus' as VmFault
    if (dax.align < PMD_SIZE) return 'fallback' as VmFault
    const page = address - (address % PMD_SIZE)
    if (page < vma.start || page + PMD_SIZE > vma.end) return 'sigbus' as VmFault
    const phys = dax_pgoff_to_phys(dax, pgoff_at(vma, page), PMD_SIZE)
    if (phys === undefined) return 'sigbus' as VmFault
    return yield* vmf_insert_pfn_pmd(k, page, phys / PAGE_SIZE, vma.write)
  },
)

const dev_dax_huge_fault = kfunc(
  DEVICE,
  function* dev_dax_huge_fault(k: Kernel, vma: VmAreaStruct, address: number, _write: boolean, size: number) {
    const dax = dev_dax_of(vma.file)
    const fault = size === PMD_SIZE ? __dev_dax_pmd_fault : __dev_dax_pte_fault
    return yield* fault(k, dax, vma, address)
  },
)

const dax_vm_ops: VmOperations = {
  name: 'dax_vm_ops',
  fault: dev_dax_huge_fault,
  pagesize: (vma) => dev_dax_of(vma.file).align,
}

const dax_mmap = kfunc(DEVICE, function* dax_mmap(k: Kernel, file: File, vma: VmAreaStruct) {
  yield* []
  const rc = check_vma(k, dev_dax_of(file), vma, 'dax_mmap')
  if (rc !== 0) return rc
  vma.vm_ops = dax_vm_ops
  return 0
})

const dax_open = kfunc(DEVICE, function* dax_open(_k: Kernel, file: File) {
  yield* []
  return dev_dax_of(file).dax_dev.alive ? 0 : -ENXIO
})

export const dax_fops: FileOperations = {
  name: 'dax_fops',
  open: dax_open,
  mmap: dax_mmap,
  mapAlign: (file) => dev_dax_of(file).align,
}

const dev_dax_probe = kfunc(DEVICE, function* dev_dax_probe(k: Kernel, dev: Device) {
  yield* []
  const { start, size } = to_dev_dax(dev)
  if (devm_request_mem_region(k, dev, start, size, dev.name) !== undefined) return 0
  const hex = (n: number): string => `0x${n.toString(16)}`
  dev_warn(k, dev, `mapping0: ${hex(start)}-${hex(start + size - 1)} could not reserve range`)
  return -EBUSY
})

export const device_dax_driver: DeviceDriver = {
  name: 'device_dax',
  bus: dax_bus_type,
  types: 0,
  probe: dev_dax_probe,
}
