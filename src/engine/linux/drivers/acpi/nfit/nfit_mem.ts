/** drivers/acpi/nfit/core.c: gathering what the table says about each DIMM. */

import { ENODEV } from '../../../include/linux/errno.ts'
import type { Kernel } from '../../../kernel.ts'
import { dev_err } from '../../base/core.ts'
import { type AcpiNfitDesc, type NfitMem, type NfitMemdev, type NfitSpa, nfit_spa_type } from './nfit.ts'

/**
 * DIMMs come from the memdevs of control and persistent ranges, and of no range at all. A memdev that appears in a
 * volatile range only makes no DIMM. 0, or -ENODEV when a memdev names a control region that is not there.
 */
export function nfit_mem_init(k: Kernel, desc: AcpiNfitDesc): number {
  const dimms = new Map<number, NfitMem>()
  for (const spa of [...desc.spas, undefined]) {
    const rc = add_memdevs_of(k, desc, spa, dimms)
    if (rc !== 0) return rc
  }
  desc.dimms = [...dimms.values()].sort((a, b) => a.device_handle - b.device_handle)
  return 0
}

/** `spa` undefined: memdevs that belong to no range. */
function add_memdevs_of(k: Kernel, desc: AcpiNfitDesc, spa: NfitSpa | undefined, dimms: Map<number, NfitMem>): number {
  const type = spa === undefined ? undefined : nfit_spa_type(spa)
  if (spa !== undefined && type !== 'dimm-control-region' && type !== 'pmem') return 0
  for (const memdev of desc.memdevs) {
    if (memdev.range_index !== (spa?.range_index ?? 0)) continue
    const mem = dimms.get(memdev.device_handle) ?? blank(memdev)
    const own = desc.dcrs.find((each) => each.region_index === memdev.region_index)
    // A region with block windows says more than one without.
    const better = mem.dcr === undefined || (mem.dcr.windows === 0 && own !== undefined && own.windows !== 0)
    const dcr = better ? own : mem.dcr
    const flush = desc.flushes.find((each) => each.device_handle === memdev.device_handle)
    if (memdev.region_index !== 0 && dcr === undefined) {
      dev_err(k, desc.dev, `SPA ${spa?.range_index ?? 0} missing DCR ${memdev.region_index}`)
      return -ENODEV
    }
    dimms.set(memdev.device_handle, {
      ...mem,
      dcr,
      flush_wpq: flush?.hint_address ?? mem.flush_wpq,
      num_flush: flush?.hint_count ?? mem.num_flush,
      memdev_dcr: type === 'pmem' ? mem.memdev_dcr : memdev,
      memdev_pmem: type === 'pmem' ? memdev : mem.memdev_pmem,
      memdev_bdw: mem.memdev_bdw ?? block_window_of(desc, memdev),
    })
  }
  return 0
}

const blank = ({ device_handle }: NfitMemdev): NfitMem => ({
  device_handle,
  dcr: undefined,
  memdev_dcr: undefined,
  memdev_pmem: undefined,
  memdev_bdw: undefined,
  flush_wpq: [],
  num_flush: 0,
})

const block_window_of = (desc: AcpiNfitDesc, { device_handle }: NfitMemdev): NfitMemdev | undefined =>
  desc.memdevs.find((memdev) => {
    const spa = desc.spas.find((each) => each.range_index === memdev.range_index)
    return memdev.device_handle === device_handle && spa !== undefined && nfit_spa_type(spa) === 'block-data-window'
  })
