/**
 * drivers/nvdimm/badrange.c, bus.c, drivers/acpi/nfit/core.c: what a scrub finds becomes bad sectors of regions,
 * namespaces and disks; a write that covers them clears them. For `KernelOptions.poison`.
 *
 * Source: torvalds/linux v6.1; reference/kernel.md §3.9; groundtruth capture ops10. Left out: scrubs that take time,
 * errors reported by machine checks.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { struct } from '../../../sim/struct.ts'
import { type BadBlocks, badblocks_clear, badblocks_set } from '../../block/badblocks.ts'
import { block_class } from '../../block/genhd.ts'
import type { Device, DeviceAttribute } from '../../include/linux/device.ts'
import { EINVAL, EIO, ENXIO } from '../../include/linux/errno.ts'
import type { MediaError } from '../../include/linux/libnvdimm.ts'
import type { Kernel } from '../../kernel.ts'
import { kstrtoul } from '../../lib/kstrtox.ts'
import { all_devices, dev_dbg } from '../base/core.ts'
import { is_namespace, is_nd_pmem, type NdNamespace, type NvdimmPoison, to_nd_region, to_ndns } from './nd.ts'

const SECTOR = 512

/** Known errors of the bus, and scrubs so far. */
const badrange = struct<{ list: readonly MediaError[]; scrubs: number }>('badrange', { list: [], scrubs: 0 })

/** badrange_forget(): what is left of `errors` outside of a range. */
function withoutRange(errors: readonly MediaError[], start: number, length: number): readonly MediaError[] {
  return errors.flatMap((error) => {
    const end = error.start + error.length
    const from = Math.max(error.start, start + length)
    return [
      { start: error.start, length: Math.min(end, start) - error.start },
      { start: from, length: end - from },
    ].filter((left) => left.length > 0)
  })
}

/** Take over what the platform knows; it has scrubbed before the kernel asks for the first time. */
function scrub(k: Kernel): void {
  const known = k.global(badrange)
  const found = (k.options.mediaErrors?.records ?? []).filter(
    ({ start, length }) => !known.list.some((other) => other.start === start && other.length === length),
  )
  known.list = [...known.list, ...found]
  known.scrubs++
}

function errors(k: Kernel): readonly MediaError[] {
  const known = k.global(badrange)
  if (known.scrubs === 0) scrub(k)
  return known.list
}

/** Bad sectors of the SPA range, counted from its start. */
function nvdimm_badblocks_populate(k: Kernel, dev: Device, start: number, size: number): readonly BadBlocks[] {
  let blocks: readonly BadBlocks[] = []
  for (const error of errors(k)) {
    const from = Math.max(error.start, start) - start
    const to = Math.min(error.start + error.length, start + size) - start
    if (from >= to) continue
    const sector = Math.floor(from / SECTOR)
    const count = Math.ceil(to / SECTOR) - sector
    const hex = (sectors: number): string => `0x${(sectors * SECTOR).toString(16)}`
    dev_dbg(k, dev, `Found a bad range (${hex(sector)}, ${hex(count)})`)
    blocks = badblocks_set(blocks, sector, count)
  }
  return blocks
}

/** Bytes cleared, or a negative error number; the region's sectors are good again, its caller sees to its own. */
const nvdimm_clear_poison = kfunc(
  'drivers/nvdimm/bus.c',
  function* nvdimm_clear_poison(k: Kernel, start: number, length: number) {
    yield* []
    const media = k.options.mediaErrors
    // Without firmware that could clear, a write is believed to have done it.
    if (media === undefined) return length
    if (start % media.clear_err_unit !== 0 || length % media.clear_err_unit !== 0) return -ENXIO
    media.records = withoutRange(media.records, start, length)
    const known = k.global(badrange)
    known.list = withoutRange(known.list, start, length)
    for (const dev of all_devices(k)) {
      if (!is_nd_pmem(dev)) continue
      const region = to_nd_region(dev)
      const at = Math.floor((start - region.ndr_start) / SECTOR)
      region.bb = badblocks_clear(region.bb, at, Math.floor(length / SECTOR))
    }
    return length
  },
)

/** What nsio_rw_bytes() does about bad sectors: only whole ones can be cleared, and not by who can't sleep. */
const nsio_clear_poison = kfunc(
  'drivers/nvdimm/claim.c',
  function* nsio_clear_poison(k: Kernel, ndns: NdNamespace, offset: number, length: number, atomic: boolean) {
    if (offset % SECTOR !== 0 || length % SECTOR !== 0 || atomic) return -EIO
    const cleared = yield* nvdimm_clear_poison(k, ndns.start + offset, length)
    if (cleared > 0) ndns.bb = badblocks_clear(ndns.bb, offset / SECTOR, Math.floor(cleared / SECTOR))
    return cleared < length ? -EIO : 0
  },
)

/** Regions and disks learn what a scrub has found. */
const revalidate = (k: Kernel): void => {
  for (const dev of all_devices(k)) {
    if (is_nd_pmem(dev)) {
      const region = to_nd_region(dev)
      region.bb = nvdimm_badblocks_populate(k, dev, region.ndr_start, region.ndr_size)
    }
    if (is_namespace(dev)) to_ndns(dev).bb = nvdimm_badblocks_populate(k, dev, to_ndns(dev).start, to_ndns(dev).size)
  }
  for (const disk of block_class(k))
    if (disk.media !== undefined) disk.bb = nvdimm_badblocks_populate(k, disk.dev, disk.media.start, disk.media.size)
}

const scrub_store = kfunc('drivers/acpi/nfit/core.c', function* scrub_store(k: Kernel, _dev: Device, text: string) {
  yield* []
  if (kstrtoul(text) !== 1) return -EINVAL
  scrub(k)
  revalidate(k)
  return 0
})

/** `nfit/scrub` of the bus: how many there have been; writing 1 starts another. */
const bus_attributes: readonly DeviceAttribute[] = [
  { name: 'nfit/scrub', mode: 0o644, show: (k) => String(k.global(badrange).scrubs), store: scrub_store },
]

export const poison_support: NvdimmPoison = {
  nvdimm_badblocks_populate,
  nvdimm_clear_poison,
  nsio_clear_poison,
  bus_attributes,
}
