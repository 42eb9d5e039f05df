/**
 * A byte of the memory that firmware describes by any of its names → all of them: system physical address, DIMM and
 * device physical address, device file and offset. Both ways through interleave sets, through the block translation
 * table of a disk in sector mode, and through device mapper. Volatile ranges have addresses and files too; mostly no
 * DIMM stands behind them. RAM disks lie where the kernel found a page: from file to address only.
 */

import { dpa, spa } from '../base/brand.ts'
import { address } from '../base/bytes.ts'
import type { ByteName, TranslationView } from '../protocol/devices.ts'
import { ANONYMOUS, dimmOfSpa, spaOfDimm } from './firmware/interleave.ts'
import type { Recording } from './inspect/recording.ts'
import { block_class, type Gendisk, get_capacity } from './linux/block/genhd.ts'
import { all_devices } from './linux/drivers/base/core.ts'
import { brd_place } from './linux/drivers/block/brd.ts'
import { dax_bus_devices } from './linux/drivers/dax/bus.ts'
import { device_attributes } from './linux/fs/sysfs/dir.ts'
import { SECTOR_SIZE } from './linux/include/linux/blk_types.ts'
import type { Device } from './linux/include/linux/device.ts'
import type { Kernel } from './linux/kernel.ts'
import { diskOfFile, mappedDeviceOf, mappedFile, mappedPlaces, placeBelowAll } from './mapped-places.ts'
import { placeOfSector, sectorOfPlace } from './sector-places.ts'

/** A device file whose bytes stand one after the other in physical memory. */
interface Window {
  readonly file: string
  readonly start: number
  readonly size: number
}

function windows(k: Kernel): readonly Window[] {
  const files: Window[] = []
  for (const { dev, start, size } of dax_bus_devices(k))
    if (dev.driver !== undefined) files.push({ file: `/dev/${dev.name}`, start, size })
  for (const { disk_name, media } of block_class(k))
    if (media !== undefined) files.push({ file: `/dev/${disk_name}`, start: media.start, size: media.size })
  return files
}

const numberOf = (k: Kernel, dev: Device, name: string): number | undefined => {
  const shown = device_attributes(dev)
    .find((each) => each.name === name)
    ?.show?.(k, dev)
  return typeof shown === 'string' ? Number(shown) : undefined
}

const lost = (message: string): TranslationView => ({ found: false, message })

export function translate(recording: Recording, step: number, name: ByteName): TranslationView {
  const { machine } = recording
  const value = name.kind === 'spa' ? name.spa : name.kind === 'dimm' ? name.dpa : name.offset
  if (!Number.isSafeInteger(value) || value < 0)
    return lost(`${value} is no address: whole numbers from 0 to 2^53 - 1 are`)
  const life = machine.lives.findLast(({ from }) => from <= step)
  if (life === undefined) return located(recording, step, undefined, name)
  return machine.journal.at(step, () => located(recording, step, life.kernel, name))
}

/** `k`: absent before the kernel runs. */
function located(recording: Recording, step: number, k: Kernel | undefined, name: ByteName): TranslationView {
  const { ranges, dimms } = recording.machine.platform
  const asked = spaOf(recording, step, k, name)
  if (typeof asked === 'string') return lost(asked)
  const at = asked.spa
  if (asked.ram !== undefined) return { found: true, spa: at, volatile: true, ...asked.ram }
  const range = ranges.find((each) => at >= each.spa && at < each.spa + each.length)
  if (range === undefined) return lost(`nothing persistent answers at ${address(at)}`)
  const place = dimmOfSpa(range, spa(at))
  if (place === undefined) return lost(`no DIMM is mapped at ${address(at)}`)
  const handle = dimms[place.dimm]?.handle ?? ANONYMOUS
  const isVolatile = range.kind === 'volatile'
  return {
    found: true,
    spa: at,
    ...(isVolatile ? { volatile: true } : {}),
    // A volatile range needs no DIMM: the one that stands for it has no name.
    ...(isVolatile && handle >= ANONYMOUS ? {} : { dimm: place.dimm, dpa: place.dpa }),
    ...(range.assumed ? { assumed: true } : {}),
    ...(k === undefined ? {} : { ...namedBy(k, at, handle), ...mapped(k, asked.in ?? inFile(recording, step, k, at)) }),
  }
}

/** With the mapped devices that lead there. */
function mapped(k: Kernel, named: InFile): Pick<Extract<TranslationView, { found: true }>, keyof InFile | 'mapped'> {
  const disk = named.file === undefined ? undefined : diskOfFile(k, named.file)
  if (disk === undefined) return named
  const places = mappedPlaces(k, disk, named.offset ?? 0).flatMap((place) => {
    const md = mappedDeviceOf(place.disk)
    return md === undefined ? [] : [{ file: mappedFile(md), offset: place.offset }]
  })
  return places.length === 0 ? named : { ...named, mapped: places }
}

function namedBy(k: Kernel, at: number, handle: number): { readonly nmem?: string; readonly region?: string } {
  const devices = [...all_devices(k)]
  const nmem = devices.find((dev) => dev.kind.name === 'nvdimm' && numberOf(k, dev, 'nfit/handle') === handle)
  const region = devices.find((dev) => {
    if (!/^nd_(pmem|volatile)$/.test(dev.kind.name)) return false
    const inside = at - (numberOf(k, dev, 'resource') ?? 0)
    return inside >= 0 && inside < (numberOf(k, dev, 'size') ?? 0)
  })
  return { ...(nmem && { nmem: nmem.name }), ...(region && { region: region.name }) }
}

interface InFile {
  readonly file?: string
  readonly offset?: number
  readonly table?: string
}

function inFile(recording: Recording, step: number, k: Kernel, at: number): InFile {
  const file = windows(k).find((each) => at >= each.start && at < each.start + each.size)
  if (file !== undefined) return { file: file.file, offset: at - file.start }
  return sectorOfPlace(recording, step, k, at) ?? {}
}

/**
 * The physical address, or why there is none; `in`: where it is in the file that was asked about; `ram`: the same, of a
 * RAM disk, whose pages are in no range of the table.
 */
function spaOf(
  recording: Recording,
  step: number,
  k: Kernel | undefined,
  name: ByteName,
): { readonly spa: number; readonly in?: InFile; readonly ram?: InFile } | string {
  const { platform } = recording.machine
  if (name.kind === 'spa') return { spa: name.spa }
  if (name.kind === 'dimm') {
    if (platform.dimms[name.dimm] === undefined) return `there is no NVDIMM ${name.dimm}`
    for (const range of platform.ranges) {
      const at = spaOfDimm(range, { dimm: name.dimm, dpa: dpa(name.dpa) })
      if (at !== undefined) return { spa: at }
    }
    return `no range maps DPA ${address(name.dpa)} of NVDIMM ${name.dimm}`
  }
  const { file, offset } = name
  const window = k && windows(k).find((each) => each.file === file)
  if (window !== undefined)
    return offset < window.size
      ? { spa: window.start + offset, in: { file, offset } }
      : `${file} ends at ${window.size} bytes`
  const sector = k && placeOfSector(recording, step, k, { file, offset })
  if (typeof sector === 'object') return { spa: sector.spa, in: { file, offset, table: sector.table } }
  if (sector !== undefined) return sector
  const disk = k && diskOfFile(k, file)
  return k === undefined || disk === undefined
    ? `at this step there is no ${file}`
    : throughDisk(recording, step, k, { disk, file, offset })
}

/** The byte of a mapped device or of a RAM disk. */
function throughDisk(
  recording: Recording,
  step: number,
  k: Kernel,
  { disk, file, offset }: { readonly disk: Gendisk; readonly file: string; readonly offset: number },
): ReturnType<typeof spaOf> {
  const size = get_capacity(disk) * SECTOR_SIZE
  if (offset >= size) return `${file} ends at ${size} bytes`
  if (mappedDeviceOf(disk) === undefined) {
    const page = brd_place(disk, offset)
    return page === undefined
      ? `${file} has no page for byte ${offset} yet: it reads as zeros`
      : { spa: page, ram: { file, offset } }
  }
  const below = placeBelowAll({ disk, offset })
  const last = mappedDeviceOf(below.disk)
  if (last !== undefined) return `no disk stands behind byte ${below.offset} of ${mappedFile(last)}`
  return spaOf(recording, step, k, { kind: 'file', file: `/dev/${below.disk.disk_name}`, offset: below.offset })
}
