/**
 * A byte of persistent memory by any of its names → all of them: system physical address, DIMM and device physical
 * address, device file and offset. Both ways through interleave sets.
 */

import { dpa, spa } from '../base/brand.ts'
import { address } from '../base/bytes.ts'
import type { ByteName, TranslationView } from '../protocol/devices.ts'
import { dimmOfSpa, spaOfDimm } from './firmware/interleave.ts'
import type { Recording } from './inspect/recording.ts'
import { block_class } from './linux/block/genhd.ts'
import { all_devices } from './linux/drivers/base/core.ts'
import { dax_bus_devices } from './linux/drivers/dax/bus.ts'
import { device_attributes } from './linux/fs/sysfs/dir.ts'
import type { Device } from './linux/include/linux/device.ts'
import type { Kernel } from './linux/kernel.ts'

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
  const life = machine.lives.findLast(({ from }) => from <= step)
  const seen = life && machine.journal.at(step, () => known(life.kernel))
  const at = spaOf(recording, seen?.files ?? [], name)
  if (typeof at === 'string') return lost(at)
  const { ranges } = machine.platform
  const range = ranges.find((each) => at >= each.spa && at < each.spa + each.length)
  if (range === undefined) return lost(`nothing persistent answers at ${address(at)}`)
  if (range.kind === 'volatile') return lost(`${address(at)} is in a volatile range`)
  const place = dimmOfSpa(range, spa(at))
  if (place === undefined) return lost(`no DIMM is mapped at ${address(at)}`)
  const file = seen?.files.find((each) => at >= each.start && at < each.start + each.size)
  const handle = machine.platform.dimms[place.dimm]?.handle
  const nmem = seen?.dimms.find((each) => each.handle === handle)?.name
  const region = seen?.regions.find((each) => at >= each.start && at < each.start + each.size)?.name
  return {
    found: true,
    spa: at,
    dimm: place.dimm,
    dpa: place.dpa,
    ...(nmem === undefined ? {} : { nmem }),
    ...(region === undefined ? {} : { region }),
    ...(file === undefined ? {} : { file: file.file, offset: at - file.start }),
  }
}

function known(k: Kernel) {
  const devices = [...all_devices(k)]
  const of = (kind: RegExp): readonly Device[] => devices.filter((dev) => kind.test(dev.kind.name))
  return {
    files: windows(k),
    dimms: of(/^nvdimm$/).map((dev) => ({ name: dev.name, handle: numberOf(k, dev, 'nfit/handle') })),
    regions: of(/^nd_(pmem|volatile)$/).map((dev) => ({
      name: dev.name,
      start: numberOf(k, dev, 'resource') ?? 0,
      size: numberOf(k, dev, 'size') ?? 0,
    })),
  }
}

/** The physical address, or why there is none. */
function spaOf({ machine }: Recording, files: readonly Window[], name: ByteName): number | string {
  if (name.kind === 'spa') return name.spa
  if (name.kind === 'dimm') {
    if (machine.platform.dimms[name.dimm] === undefined) return `there is no NVDIMM ${name.dimm}`
    for (const range of machine.platform.ranges) {
      const at = spaOfDimm(range, { dimm: name.dimm, dpa: dpa(name.dpa) })
      if (at !== undefined) return at
    }
    return `no range maps DPA ${address(name.dpa)} of NVDIMM ${name.dimm}`
  }
  const file = files.find((each) => each.file === name.file)
  if (file === undefined) return `at this step no file ${name.file} shows memory byte by byte`
  return name.offset < file.size ? file.start + name.offset : `${name.file} ends at ${file.size} bytes`
}
