/**
 * The way of one byte from what programs open down to the DIMM that holds it, at a step of a recording: mapped devices,
 * disk or device-dax, namespace, region, DIMM.
 *
 * A byte that is given by its address is followed upwards first: to the mapped device that stands above all others on
 * it. Where several do, the first that was made; the rest are named.
 */

import { spa } from '../base/brand.ts'
import { address } from '../base/bytes.ts'
import type { ByteName, TranslationView } from '../protocol/devices.ts'
import type { StorageHop, StorageView } from '../protocol/storage.ts'
import { dimmOfSpa, type SpaRange } from './firmware/interleave.ts'
import type { Recording } from './inspect/recording.ts'
import { get_capacity } from './linux/block/genhd.ts'
import { all_devices, device_path } from './linux/drivers/base/core.ts'
import { dax_bus_devices } from './linux/drivers/dax/bus.ts'
import { is_namespace, type NdNamespace, to_nd_region, to_ndns } from './linux/drivers/nvdimm/nd.ts'
import { SECTOR_SIZE } from './linux/include/linux/blk_types.ts'
import type { Device } from './linux/include/linux/device.ts'
import type { Kernel } from './linux/kernel.ts'
import { type DiskPlace, diskOfFile, mappedDeviceOf, mappedPlaces, placeBelow } from './mapped-places.ts'
import { daxHop, dimmHop, diskHop, mappedHop, namespaceHop, regionHop } from './storage-hops.ts'
import { translate } from './translate.ts'

type Found = Extract<TranslationView, { found: true }>

export function storagePath(recording: Recording, step: number, name: ByteName): StorageView {
  const { machine } = recording
  const life = machine.lives.findLast(({ from }) => from <= step)
  const byte = translate(recording, step, name)
  const hops: StorageHop[] = []
  if (life === undefined) {
    if (byte.found) hops.push(...hardwareHops(recording, undefined, byte))
    return { step, hops, also: [], ...(byte.found ? { spa: byte.spa } : { ends: byte.message }) }
  }
  machine.journal.at(step, () => {
    const top = topOf(life.kernel, name, byte)
    if (top !== undefined) hops.push(...mappedHops(top))
    if (byte.found) hops.push(...kernelHops(recording, life.kernel, byte))
  })
  if (!byte.found) return { step, hops, also: [], ends: byte.message }
  const passed = new Set(hops.filter(({ kind }) => kind === 'mapped').map(({ name: file, at }) => `${file} ${at}`))
  const also = (byte.mapped ?? []).filter(({ file, offset }) => !passed.has(`${file} ${offset}`))
  const ends = byte.dimm === undefined ? endOf(byte) : undefined
  return { step, spa: byte.spa, hops, also, ...(ends === undefined ? {} : { ends }) }
}

const endOf = ({ file, spa: at, region }: Found): string =>
  region === undefined
    ? `${file ?? 'the byte'} is kept in DRAM at ${address(at)}: a power failure takes it`
    : 'the range is volatile, and the firmware table names no DIMM for it'

const isRegion = ({ kind }: Device): boolean => /^nd_(pmem|volatile)$/.test(kind.name)

/** Where the way begins, if it begins at a mapped device. */
function topOf(k: Kernel, name: ByteName, byte: TranslationView): DiskPlace | undefined {
  if (name.kind === 'file') {
    const disk = diskOfFile(k, name.file)
    const inside =
      disk !== undefined && mappedDeviceOf(disk) !== undefined && name.offset < get_capacity(disk) * SECTOR_SIZE
    return inside ? { disk, offset: name.offset } : undefined
  }
  const disk = byte.found && byte.file !== undefined ? diskOfFile(k, byte.file) : undefined
  if (disk === undefined || !byte.found) return undefined
  let top: DiskPlace = { disk, offset: byte.offset ?? 0 }
  for (;;) {
    const [above] = mappedPlaces(k, top.disk, top.offset)
    if (above === undefined) return top.disk === disk ? undefined : top
    top = above
  }
}

function mappedHops({ disk, offset }: DiskPlace): readonly StorageHop[] {
  const md = mappedDeviceOf(disk)
  if (md === undefined) return []
  const byte = placeBelow(md, offset)
  return [mappedHop(md, offset, byte), ...(byte === undefined ? [] : mappedHops(byte.below))]
}

/** From the disk or the device-dax on. */
function kernelHops(recording: Recording, k: Kernel, byte: Found): readonly StorageHop[] {
  const region = [...all_devices(k)].find(({ name }) => name === byte.region)
  const namespace = region?.children
    .filter(is_namespace)
    .map(to_ndns)
    .find(({ start, size }) => byte.spa >= start && byte.spa < start + size)
  const hops = [...fileHops(k, byte, namespace)]
  if (region !== undefined && namespace !== undefined)
    hops.push(namespaceHop(k, namespace, to_nd_region(region), byte.spa - namespace.start))
  return [...hops, ...hardwareHops(recording, k, byte)]
}

function fileHops(k: Kernel, byte: Found, namespace: NdNamespace | undefined): readonly StorageHop[] {
  const { file, offset = 0, table } = byte
  const dax = dax_bus_devices(k).find(({ dev }) => file === `/dev/${dev.name}`)
  if (dax !== undefined) return namespace === undefined ? [] : [daxHop(dax, offset, namespace)]
  const disk = file === undefined ? undefined : diskOfFile(k, file)
  if (disk === undefined) return []
  if (namespace === undefined) return [diskHop(k, disk, offset, undefined)]
  // A sector of its own where the sectors are atomic, or else the disk as it stands.
  const length = table === undefined ? get_capacity(disk) * SECTOR_SIZE : disk.logical_block_size
  const from = offset - (offset % length)
  const first = byte.spa - namespace.start - (offset - from)
  const below = { run: { from, to: from + length }, lands: { from: first, to: first + length } }
  return [diskHop(k, disk, offset, below, table)]
}

/** What is there without a kernel, too: the range of addresses, and the DIMM. */
function hardwareHops(recording: Recording, k: Kernel | undefined, byte: Found): readonly StorageHop[] {
  const { platform } = recording.machine
  const at = spa(byte.spa)
  const range = platform.ranges.find((each) => at >= each.spa && at < each.spa + each.length)
  if (range === undefined) return []
  const devices = k === undefined ? [] : [...all_devices(k)]
  const regions = devices.filter(isRegion)
  const region = regions.find(({ name }) => name === byte.region)
  const hop = regionHop(range, region && to_nd_region(region), at, byte.dimm !== undefined)
  const place = dimmOfSpa(range, at)
  if (byte.dimm === undefined || place === undefined) return [hop]
  const nmem = devices.find(({ name }) => name === byte.nmem)
  const rangeName = (range: SpaRange): string =>
    regions.find((dev) => to_nd_region(dev).ndr_start === range.spa)?.name ?? `range at ${address(range.spa)}`
  return [hop, dimmHop(platform, place, nmem && { name: nmem.name, path: device_path(nmem) }, rangeName)]
}
