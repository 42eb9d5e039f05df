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
import { EBUSY, EINVAL, EIO, ENOTTY, ENXIO, EPERM } from '../../include/linux/errno.ts'
import { type File, type FileOperations, O_ACCMODE, O_RDONLY } from '../../include/linux/fs.ts'
import type { MediaError, MediaErrors } from '../../include/linux/libnvdimm.ts'
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

/** The platform's commands for media errors on purpose (ACPI 6.2 §9.20.7.9 … 9.20.7.11). */
export interface NfitArsInject {
  readonly function: 'set' | 'clear' | 'get'
  /** SPA, and bytes; 0: as little as can be cleared. */
  readonly address: number
  readonly length: number
  /** The operating system is told, and scrubs. */
  readonly notify: boolean
  /** What `get` found. */
  found: readonly MediaError[]
}

const acpi_nfit_inject = kfunc(
  'drivers/acpi/nfit/core.c',
  function* acpi_nfit_ctl(k: Kernel, media: MediaErrors, call: NfitArsInject) {
    yield* []
    const length = call.length === 0 ? media.clear_err_unit : call.length
    const { address } = call
    if (call.function === 'get')
      call.found = media.records.filter(
        (error) => error.start < address + length && address < error.start + error.length,
      )
    else {
      const rest = withoutRange(media.records, address, length)
      media.records = call.function === 'set' ? [...rest, { start: address, length }] : rest
    }
    if (!call.notify) return 0
    scrub(k)
    revalidate(k)
    return 0
  },
)

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
    const media = k.options.mediaErrors
    if (media === undefined) return -ENOTTY
    if (cmd === 'ND_IOCTL_ARS_CAP') {
      ;(arg as NdCmdArsCap).clear_err_unit = media.clear_err_unit
      return 0
    }
    if (cmd === 'ND_IOCTL_CALL' && media.injectable) return yield* acpi_nfit_inject(k, media, arg as NfitArsInject)
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

const nvdimm_bus_fops: FileOperations = { name: 'nvdimm_bus_fops', unlocked_ioctl: nvdimm_bus_ioctl }

export const poison_support: NvdimmPoison = {
  nvdimm_badblocks_populate,
  nvdimm_clear_poison,
  nsio_clear_poison,
  bus_attributes,
  nvdimm_bus_fops,
}
