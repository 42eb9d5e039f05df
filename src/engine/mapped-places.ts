/**
 * Device mapper seen from beside it: where a byte of a mapped device stands one layer down, and which mapped devices have
 * a byte of a disk. Reading only; ask at a moment of the journal.
 *
 * A table is read as user space does, from what each target says of itself; `dm_table_find_target` and the targets' own
 * maps, which move bios, are the kernel's (drivers/md), and the test holds both against each other.
 */

import { block_class, type Gendisk } from './linux/block/genhd.ts'
import type { DmTarget, MappedDevice } from './linux/drivers/md/dm-core.ts'
import { SECTOR_SIZE } from './linux/include/linux/blk_types.ts'
import type { Kernel } from './linux/kernel.ts'

/** A piece of a disk that a target has, bytes. */
export interface Leg {
  readonly disk: Gendisk
  readonly start: number
  readonly size: number
}

/** A byte of a disk. */
export interface DiskPlace {
  readonly disk: Gendisk
  /** Bytes. */
  readonly offset: number
}

/** A target of a mapped device, in bytes of that device. */
export interface TargetExtent {
  /** "linear", "striped" */
  readonly type: string
  readonly from: number
  readonly to: number
  readonly legs: readonly Leg[]
  /** Bytes that each leg has in turn; with one leg, all. */
  readonly chunk: number
}

/** A byte of a mapped device, and where it is one layer down. */
export interface MappedByte {
  readonly target: TargetExtent
  /** Which of the target's legs. */
  readonly leg: number
  readonly below: DiskPlace
}

/** The mapped device whose disk this is. */
export const mappedDeviceOf = ({ disk_name, private_data }: Gendisk): MappedDevice | undefined =>
  /^dm-\d+$/.test(disk_name) ? (private_data as MappedDevice) : undefined

/** As programs name it. */
export const mappedFile = ({ name }: MappedDevice): string => `/dev/mapper/${name}`

/** The disk that a path of /dev names: /dev/pmem0, /dev/dm-0, /dev/mapper/NAME. */
export function diskOfFile(k: Kernel, file: string): Gendisk | undefined {
  return block_class(k).find((disk) => {
    const md = mappedDeviceOf(disk)
    return file === `/dev/${disk.disk_name}` || (md !== undefined && file === mappedFile(md))
  })
}

function extentOf(ti: DmTarget): TargetExtent {
  const { begin, len, target_type } = ti
  const legs: Leg[] = []
  target_type.iterate_devices?.(ti, ({ disk, bdev }, start, size) => {
    legs.push({ disk, start: (bdev.bd_start_sect + start) * SECTOR_SIZE, size: size * SECTOR_SIZE })
    return false
  })
  const [, chunk = ''] = target_type.name === 'striped' ? target_type.status(ti, 'table').split(' ') : []
  return {
    type: target_type.name,
    from: begin * SECTOR_SIZE,
    to: (begin + len) * SECTOR_SIZE,
    legs,
    chunk: Number(chunk) * SECTOR_SIZE || len * SECTOR_SIZE,
  }
}

/** The live table; a device that has none yet has no targets. */
export const targetsOf = ({ map }: MappedDevice): readonly TargetExtent[] => map?.targets.map(extentOf) ?? []

/** undefined: nothing stands behind it (targets zero and error, the end of the table). */
export function placeBelow(md: MappedDevice, offset: number): MappedByte | undefined {
  const target = targetsOf(md).find(({ from, to }) => offset >= from && offset < to)
  if (target === undefined || target.legs.length === 0) return undefined
  const { legs, chunk, from } = target
  const number = Math.floor((offset - from) / chunk)
  const leg = number % legs.length
  const { disk, start } = legs[leg] as Leg
  const row = Math.floor(number / legs.length)
  return { target, leg, below: { disk, offset: start + row * chunk + ((offset - from) % chunk) } }
}

/** The byte of the mapped device that stands at `offset` of a leg; the inverse of `placeBelow`. */
function offsetAbove({ from, legs, chunk }: TargetExtent, leg: number, offset: number): number {
  const inside = offset - (legs[leg] as Leg).start
  const row = Math.floor(inside / chunk)
  return from + (row * legs.length + leg) * chunk + (inside % chunk)
}

/** Every place of a mapped device that leads to this byte of a disk: those right above it first, then those above them. */
export function mappedPlaces(k: Kernel, disk: Gendisk, offset: number): readonly DiskPlace[] {
  const found: DiskPlace[] = []
  for (const above of block_class(k)) {
    const md = mappedDeviceOf(above)
    for (const target of md === undefined ? [] : targetsOf(md))
      for (const [leg, own] of target.legs.entries())
        if (own.disk === disk && offset >= own.start && offset < own.start + own.size)
          found.push({ disk: above, offset: offsetAbove(target, leg, offset) })
  }
  return [...found, ...found.flatMap((each) => mappedPlaces(k, each.disk, each.offset))]
}

/** Where a byte of a disk ends up when no mapped device is left: the disk below all, or the mapped device that has nothing. */
export function placeBelowAll(place: DiskPlace): DiskPlace {
  const md = mappedDeviceOf(place.disk)
  const found = md && placeBelow(md, place.offset)
  return found === undefined ? place : placeBelowAll(found.below)
}
