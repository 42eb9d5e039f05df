/** Each layer of storage in its own terms: what it is, how it is divided, and where a byte is in it. Reading only. */

import type { Spa } from '../base/brand.ts'
import { address, sizeText } from '../base/bytes.ts'
import type { Span, StorageHop, StoragePart, StorageTurns } from '../protocol/storage.ts'
import { type DimmPlace, runsOf, type SpaRange, turnSize } from './firmware/interleave.ts'
import type { Platform } from './firmware/platform-of-nfit.ts'
import { block_class, type Gendisk, get_capacity } from './linux/block/genhd.ts'
import { device_path } from './linux/drivers/base/core.ts'
import type { DevDax } from './linux/drivers/dax/bus.ts'
import type { MappedDevice } from './linux/drivers/md/dm-core.ts'
import {
  is_namespace,
  is_nd_btt,
  is_nd_dax,
  is_nd_pfn,
  type NdNamespace,
  type NdRegion,
  pmem_should_map_pages,
  to_nd_pfn,
  to_ndns,
} from './linux/drivers/nvdimm/nd.ts'
import { nd_pfn_range } from './linux/drivers/nvdimm/pfn_devs.ts'
import { SECTOR_SIZE } from './linux/include/linux/blk_types.ts'
import type { Kernel } from './linux/kernel.ts'
import { type Leg, type MappedByte, mappedDeviceOf, mappedFile, targetsOf } from './mapped-places.ts'

/** Pieces that are listed one by one; of more, some round the byte. */
const MOST_PIECES = 32
const FEWEST_PIECES = 8

/** Whole rounds of `period` pieces round piece `index`. */
function piecesRound(index: number, count: number, period: number): Span {
  if (count <= MOST_PIECES) return { from: 0, to: count }
  const rounds = Math.ceil(FEWEST_PIECES / period) * period
  const size = Math.min(rounds, MOST_PIECES)
  const first = rounds <= MOST_PIECES ? Math.floor(index / size) * size : index - size / 2
  const from = Math.max(0, Math.min(count - size, first))
  return { from, to: from + size }
}

/** What lies between the parts that are known, filled, so that together they are the whole. */
function divided(size: number, known: readonly StoragePart[]): readonly StoragePart[] {
  const parts: StoragePart[] = []
  let end = 0
  for (const part of [...known].sort((a, b) => a.from - b.from)) {
    if (part.from > end) parts.push({ from: end, to: part.from, name: 'free', use: 'free' })
    if (part.to > end) parts.push({ ...part, from: Math.max(part.from, end) })
    end = Math.max(end, part.to)
  }
  if (end < size) parts.push({ from: end, to: size, name: 'free', use: 'free' })
  return parts
}

const diskName = (disk: Gendisk): string => mappedDeviceOf(disk)?.name ?? disk.disk_name

const several = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** Pieces of a disk that mapped devices have, and the rest. */
function usersOf(k: Kernel, disk: Gendisk): readonly StoragePart[] {
  const users = block_class(k).flatMap((above) => {
    const md = mappedDeviceOf(above)
    const legs = md === undefined ? [] : targetsOf(md).flatMap((target) => target.legs)
    return legs
      .filter((leg) => leg.disk === disk)
      .map(({ start, size }): StoragePart => ({ from: start, to: start + size, name: md?.name ?? '', use: 'data' }))
  })
  const size = get_capacity(disk) * SECTOR_SIZE
  return users.length === 0 ? [{ from: 0, to: size, name: 'data', use: 'data' }] : divided(size, users)
}

/** `byte`: absent where nothing stands behind the byte. */
export function mappedHop(md: MappedDevice, at: number, byte: MappedByte | undefined): StorageHop {
  const { disk } = md
  const targets = targetsOf(md)
  const index = targets.findIndex(({ from, to }) => at >= from && at < to)
  const target = targets[index]
  const parts = targets.map(
    ({ from, to, type, legs }): StoragePart => ({ from, to, name: type, use: legs.length === 0 ? 'own' : 'data' }),
  )
  const hop = {
    kind: 'mapped',
    name: mappedFile(md),
    alias: disk.disk_name,
    size: get_capacity(disk) * SECTOR_SIZE,
    at,
    parts,
    leads: { kind: 'address', name: { kind: 'file', file: mappedFile(md), offset: at } },
  } as const
  const whole = `${sizeText(hop.size)}${targets.length > 1 ? `, target ${index + 1} of ${targets.length}` : ''}`
  const sector = `sector ${Math.floor(at / SECTOR_SIZE)}`
  if (target === undefined || byte === undefined)
    return { ...hop, says: `${whole}${target === undefined ? '' : `: ${target.type}`}`, place: sector }
  const { leg, below } = byte
  const name = diskName(below.disk)
  const run = runOf(byte, at)
  const lands = { from: below.offset - (at - run.from), to: below.offset + (run.to - at) }
  if (target.legs.length === 1) {
    const there = `sector ${Math.floor(below.offset / SECTOR_SIZE)} of ${name}`
    return {
      ...hop,
      says: `${whole}: ${target.type} on ${name}`,
      place: `${sector} is ${there}`,
      below: { run, lands },
    }
  }
  const { legs, chunk, from, to } = target
  const number = Math.floor((at - from) / chunk)
  const { from: first, to: last } = piecesRound(number, (to - from) / chunk, legs.length)
  const turns: StorageTurns = {
    lanes: laneNames(legs),
    lane: leg,
    size: chunk,
    count: (to - from) / chunk,
    pieces: Array.from({ length: last - first }, (_, i) => ({
      from: from + (first + i) * chunk,
      to: from + (first + i + 1) * chunk,
      lane: (first + i) % legs.length,
    })),
  }
  return {
    ...hop,
    says: `${whole}: ${target.type}, ${sizeText(chunk)} in turn on ${several(legs.length, 'disk')}`,
    place: `chunk ${number} is chunk ${Math.floor(number / legs.length)} of ${turns.lanes[leg]}`,
    turns,
    below: { run, lands },
  }
}

/** The bytes round `at` that stay together: of a target with one leg, all of it. */
function runOf({ target: { from, to, chunk, legs } }: MappedByte, at: number): Span {
  if (legs.length === 1) return { from, to }
  const start = at - ((at - from) % chunk)
  return { from: start, to: start + chunk }
}

/** A disk that is there several times is told apart by where its piece begins. */
function laneNames(legs: readonly Leg[]): readonly string[] {
  const alone = (leg: Leg): boolean => legs.filter(({ disk }) => disk === leg.disk).length === 1
  return legs.map((leg) => (alone(leg) ? diskName(leg.disk) : `${diskName(leg.disk)} +${sizeText(leg.start)}`))
}

/** The disk of a namespace; `below`: what of it stands together in the namespace, and where. */
export function diskHop(k: Kernel, disk: Gendisk, at: number, below: StorageHop['below'], table?: string): StorageHop {
  const file = `/dev/${disk.disk_name}`
  const size = get_capacity(disk) * SECTOR_SIZE
  const blocks =
    below !== undefined && table !== undefined ? `, atomic sectors of ${below.run.to - below.run.from} B` : ''
  const inside = at % SECTOR_SIZE
  return {
    kind: 'disk',
    name: file,
    says: `${sizeText(size)}${blocks}`,
    place: table ?? `sector ${Math.floor(at / SECTOR_SIZE)}${inside === 0 ? '' : `, byte ${inside}`}`,
    size,
    at,
    parts: usersOf(k, disk),
    ...(below === undefined ? {} : { below }),
    leads: { kind: 'address', name: { kind: 'file', file, offset: at } },
  }
}

export function daxHop({ dev, size, align, start }: DevDax, at: number, namespace: NdNamespace): StorageHop {
  const file = `/dev/${dev.name}`
  const lands = { from: start - namespace.start, to: start - namespace.start + size }
  return {
    kind: 'dax',
    name: file,
    says: `${sizeText(size)}, mapped in pages of ${sizeText(align)}`,
    place: `byte ${at}`,
    size,
    at,
    parts: [{ from: 0, to: size, name: 'data', use: 'data' }],
    below: { run: { from: 0, to: size }, lands },
    leads: { kind: 'address', name: { kind: 'file', file, offset: at } },
  }
}

/** As `ndctl` names it. */
function modeOf({ claim, dev }: NdNamespace): string {
  if (is_nd_btt(claim)) return 'sector'
  if (is_nd_dax(claim)) return 'devdax'
  return is_nd_pfn(claim) || pmem_should_map_pages(dev) ? 'fsdax' : 'raw'
}

export function namespaceHop(k: Kernel, namespace: NdNamespace, region: NdRegion, at: number): StorageHop {
  const { dev, size, start } = namespace
  const parts = namespaceParts(k, namespace)
  const data = parts.find(({ use }) => use === 'data')
  const from = data === undefined || data.from === 0 ? '' : `, data from ${sizeText(data.from)}`
  const part = parts.find((each) => at >= each.from && at < each.to)
  const offset = start - region.ndr_start
  return {
    kind: 'namespace',
    name: dev.name,
    says: `${modeOf(namespace)}, ${sizeText(size)}${from}`,
    place: `byte ${address(at)}${part === undefined || part.use === 'data' ? '' : `: ${part.name}`}`,
    size,
    at,
    parts,
    below: { run: { from: 0, to: size }, lands: { from: offset, to: offset + size } },
    leads: { kind: 'device', path: device_path(dev) },
  }
}

function namespaceParts(k: Kernel, namespace: NdNamespace): readonly StoragePart[] {
  const { claim, size, start } = namespace
  if (is_nd_btt(claim)) {
    const table = k.options.btt?.tables(k).find((each) => each.start === start)
    const before = (table?.base ?? start) - start
    const known = (table?.arenas ?? []).flatMap((arena): readonly StoragePart[] => {
      const part = (from: number, to: number, name: string, use: StoragePart['use'] = 'own'): StoragePart => ({
        from: before + from,
        to: before + to,
        name,
        use,
      })
      const { infooff, dataoff, mapoff, logoff, info2off } = arena
      return [
        part(infooff, dataoff, 'info block'),
        part(dataoff, mapoff, 'blocks', 'data'),
        part(mapoff, logoff, 'map'),
        part(logoff, info2off, 'log'),
        part(info2off, infooff + arena.size, 'copy of the info block'),
      ]
    })
    return divided(size, known)
  }
  const pfn = claim !== undefined && (is_nd_pfn(claim) || is_nd_dax(claim)) ? to_nd_pfn(claim) : undefined
  const range = pfn && nd_pfn_range(pfn)
  if (pfn === undefined || range === undefined) return [{ from: 0, to: size, name: 'data', use: 'data' }]
  const first = range.start - start
  const name = pfn.mode === 'pmem' ? 'info block and struct pages' : 'info block'
  return divided(size, [
    { from: 0, to: first, name, use: 'own' },
    { from: first, to: first + range.size, name: 'data', use: 'data' },
  ])
}

/** `region`: absent while the kernel has made none of it. `onDimms`: the firmware table names DIMMs for the range. */
export function regionHop(range: SpaRange, region: NdRegion | undefined, at: Spa, onDimms: boolean): StorageHop {
  const names = [...new Set(range.mappings.map(({ dimm }) => dimm))].map(dimmName)
  const turn = turnSize(range)
  const count = Math.ceil(range.length / turn)
  const inside = at - range.spa
  const period = range.mappings.reduce((most, { interleave }) => {
    return interleave === undefined ? most : Math.max(most, interleave.ways * interleave.lineOffsets.length)
  }, 1)
  const window = piecesRound(Math.floor(inside / turn), count, period)
  const end = Math.min(range.length, window.to * turn)
  const runs = runsOf(range, range.spa + window.from * turn, range.spa + end)
  const pieces = runs.map(({ spa, length, place }) => ({
    from: spa - range.spa,
    to: spa - range.spa + length,
    lane: names.indexOf(dimmName(place.dimm)),
    place,
  }))
  const own = pieces.find(({ from, to }) => inside >= from && inside < to)
  const many = names.length > 1
  const how = count > 1 ? `, ${sizeText(turn)} in turn${range.assumed ? ' (assumed)' : ''}` : ''
  const on = !onDimms ? 'DRAM' : many ? `${several(names.length, 'NVDIMM')}${how}` : names[0]
  const lasts = range.kind === 'volatile' ? ', volatile' : ''
  return {
    kind: 'region',
    name: region?.dev.name ?? 'address range',
    says: `${sizeText(range.length)} on ${on}${lasts}`,
    place: `SPA ${address(at)}${many && own !== undefined ? ` is on ${names[own.lane]}` : ''}`,
    size: range.length,
    at: inside,
    parts: region === undefined ? divided(range.length, []) : namespacesOf(region, range),
    ...(many && own !== undefined
      ? {
          turns: {
            lanes: names,
            lane: own.lane,
            size: turn,
            count,
            pieces: pieces.map(({ place: _, ...rest }) => rest),
          },
        }
      : {}),
    ...(own === undefined || !onDimms
      ? {}
      : {
          below: {
            run: { from: own.from, to: own.to },
            lands: { from: own.place.dpa, to: own.place.dpa + (own.to - own.from) },
          },
        }),
    leads:
      region === undefined
        ? { kind: 'address', name: { kind: 'spa', spa: at } }
        : { kind: 'device', path: device_path(region.dev) },
  }
}

function namespacesOf({ dev }: NdRegion, range: SpaRange): readonly StoragePart[] {
  const known = dev.children.filter(is_namespace).flatMap((child): readonly StoragePart[] => {
    const { start, size } = to_ndns(child)
    return size === 0 ? [] : [{ from: start - range.spa, to: start - range.spa + size, name: child.name, use: 'data' }]
  })
  return divided(range.length, known)
}

const dimmName = (dimm: number): string => `NVDIMM ${dimm}`

/** `nmem`: the kernel's device for it. `rangeName`: what a range is called. */
export function dimmHop(
  { dimms, ranges }: Platform,
  { dimm, dpa }: DimmPlace,
  nmem: { readonly name: string; readonly path: string } | undefined,
  rangeName: (range: SpaRange) => string,
): StorageHop {
  const size = dimms[dimm]?.size ?? 0
  const known = ranges.flatMap((range) =>
    range.mappings
      .filter((mapping) => mapping.dimm === dimm)
      .map(
        (mapping): StoragePart => ({
          from: mapping.dpa,
          to: mapping.dpa + mapping.size,
          name: rangeName(range),
          use: 'data',
        }),
      ),
  )
  return {
    kind: 'dimm',
    name: dimmName(dimm),
    ...(nmem === undefined ? {} : { alias: nmem.name }),
    says: sizeText(size),
    place: `DPA ${address(dpa)}`,
    size,
    at: dpa,
    parts: divided(size, known),
    leads:
      nmem === undefined ? { kind: 'address', name: { kind: 'dimm', dimm, dpa } } : { kind: 'device', path: nmem.path },
  }
}
