/**
 * The devices of a recorded machine at a step, with their attributes in sysfs, and the bytes of firmware that made them.
 *
 * Which structures belong to a device is what its attributes name: `nfit/range_index` of a region, `nfit/handle` of a
 * DIMM. What has none of its own comes from where its parent comes from.
 */

import { sizeText } from '../base/bytes.ts'
import type {
  AttributeView,
  DevicesView,
  DeviceView,
  FieldView,
  StructureView,
  TableView,
} from '../protocol/devices.ts'
import { checkNfit } from './firmware/acpi/nfit-check.ts'
import { decodeNfit } from './firmware/acpi/nfit-decode.ts'
import {
  fixedSize,
  layoutOf,
  NFIT_CAPABILITIES,
  NFIT_DCR,
  NFIT_FLUSH,
  NFIT_HEADER,
  NFIT_INTERLEAVE,
  NFIT_MEMDEV,
  NFIT_SPA,
  sizeOf,
} from './firmware/acpi/nfit-layout.ts'
import { endOfNfit, type PlacedStructure, structuresIn, tailCount } from './firmware/acpi/nfit-structures.ts'
import { attributesOf } from './inspect/attributes.ts'
import { biosOf } from './inspect/bios.ts'
import type { Recording } from './inspect/recording.ts'
import { is_disk } from './linux/block/genhd.ts'
import { all_devices, device_path } from './linux/drivers/base/core.ts'
import type { Device } from './linux/include/linux/device.ts'
import type { Kernel } from './linux/kernel.ts'
import { strerror } from './userspace/shell/files.ts'

/** Of a long trail, so many are sent. */
const MOST_BIOS = 400

export function devicesAt(recording: Recording, step: number): DevicesView {
  const { machine } = recording
  const { nfit } = machine.platform
  const placed = nfit === undefined ? [] : placedIn(nfit)
  const life = machine.lives.findLast(({ from }) => from <= step)
  const roots = life === undefined ? [] : machine.journal.at(step, () => new Tree(life.kernel, placed).roots())
  const bios = biosOf(recording, step).slice(-MOST_BIOS)
  return { step, bios, ...(nfit === undefined ? {} : { table: tableOf(nfit, placed) }), roots }
}

const placedIn = (nfit: Uint8Array): readonly PlacedStructure[] => {
  const end = endOfNfit(nfit)
  return end.ok ? structuresIn(nfit, end.value) : []
}

function tableOf(nfit: Uint8Array, placed: readonly PlacedStructure[]): TableView {
  const decoded = decodeNfit(nfit)
  return {
    bytes: [...nfit],
    structures: [headerOf(nfit), ...placed.map(structureOf)],
    findings: decoded.ok ? checkNfit(decoded.value) : [],
  }
}

const HEADER: readonly (readonly [string, number, number])[] = [
  ['signature', 0, 4],
  ['length', 4, 4],
  ['revision', 8, 1],
  ['checksum', 9, 1],
  ['oem_id', 10, 6],
  ['oem_table_id', 16, 8],
  ['oem_revision', 24, 4],
  ['creator_id', 28, 4],
  ['creator_revision', 32, 4],
  ['reserved', 36, 4],
]
const TEXTS: readonly string[] = ['signature', 'oem_id', 'oem_table_id', 'creator_id']

function headerOf(nfit: Uint8Array): StructureView {
  const fields = HEADER.filter(([, offset, size]) => offset + size <= nfit.length).map(([name, offset, size]) => {
    const bytes = nfit.subarray(offset, offset + size)
    const value = TEXTS.includes(name) ? JSON.stringify(String.fromCharCode(...bytes)) : numberText(littleEndian(bytes))
    return { name, offset, size, value }
  })
  return { offset: 0, length: Math.min(NFIT_HEADER, nfit.length), type: -1, name: 'ACPI header', fields }
}

const littleEndian = (bytes: Uint8Array): number => bytes.reduceRight((sum, byte) => sum * 256 + byte, 0)

/** Small numbers as they are, others in hexadecimal too. */
const numberText = (value: number): string => (value < 10 ? String(value) : `${value} (0x${value.toString(16)})`)

function structureOf({ offset, type, length, own, fields }: PlacedStructure): StructureView {
  const layout = layoutOf(type)
  const text = (value: unknown): string => (typeof value === 'number' ? numberText(value) : String(value))
  const views: FieldView[] = [
    { name: 'type', offset, size: 2, value: String(type) },
    { name: 'length', offset: offset + 2, size: 2, value: numberText(length) },
  ]
  const fixed = layout === undefined ? 0 : Math.min(fixedSize(layout, own.length), own.length)
  for (const field of layout?.fields ?? []) {
    const size = sizeOf(field.kind)
    if (field.offset + size <= fixed)
      views.push({ name: field.name, offset: offset + field.offset, size, value: text(fields[field.name]) })
  }
  const tail = layout?.tail
  if (layout !== undefined && tail !== undefined) {
    const size = sizeOf(tail.kind)
    const list = fields[tail.name]
    for (let i = 0; i < tailCount(layout, own.length, fields) && Array.isArray(list); i++)
      views.push({
        name: `${tail.name}[${i}]`,
        offset: offset + tail.offset + i * size,
        size,
        value: text(list[i]),
      })
  }
  return { offset, length: own.length, type, name: layout?.name ?? `unknown type ${type}`, fields: views }
}

class Tree {
  private readonly k: Kernel
  private readonly placed: readonly PlacedStructure[]

  constructor(k: Kernel, placed: readonly PlacedStructure[]) {
    this.k = k
    this.placed = placed
  }

  roots(): readonly DeviceView[] {
    return [...all_devices(this.k)].filter(({ parent }) => parent === undefined).map((dev) => this.view(dev, []))
  }

  private view(dev: Device, inherited: readonly number[]): DeviceView {
    const attributes = this.attributes(dev)
    const value = (name: string): string | undefined => attributes.find((each) => each.name === name)?.value
    const structures = this.structuresOf(value) ?? inherited
    return {
      name: dev.name,
      path: device_path(dev),
      kind: is_disk(dev) ? 'disk' : dev.kind.name,
      ...(dev.driver === undefined ? {} : { driver: dev.driver.name }),
      says: says(dev, value),
      attributes,
      structures,
      children: dev.children.map((child) => this.view(child, structures)),
    }
  }

  private attributes(dev: Device): readonly AttributeView[] {
    return attributesOf(this.k, dev).map(({ shown, ...own }) =>
      shown === undefined
        ? own
        : typeof shown === 'number'
          ? { ...own, error: strerror(shown) }
          : { ...own, value: shown },
    )
  }

  /** undefined: its attributes name none. */
  private structuresOf(value: (name: string) => string | undefined): readonly number[] | undefined {
    const range = value('nfit/range_index')
    const handle = value('nfit/handle')
    const of = (type: number, field: string, wanted: number): readonly PlacedStructure[] =>
      this.placed.filter((each) => each.type === type && each.fields[field] === wanted)
    const offsets = (list: readonly PlacedStructure[]): readonly number[] =>
      [...new Set(list.map(({ offset }) => offset))].sort((a, b) => a - b)
    if (range !== undefined) {
      const memdevs = of(NFIT_MEMDEV, 'range_index', Number(range))
      const interleaves = memdevs.flatMap(({ fields }) =>
        of(NFIT_INTERLEAVE, 'interleave_index', Number(fields['interleave_index'])),
      )
      const capabilities = this.placed.filter(({ type }) => type === NFIT_CAPABILITIES)
      return offsets([...of(NFIT_SPA, 'range_index', Number(range)), ...memdevs, ...interleaves, ...capabilities])
    }
    if (handle !== undefined) {
      const memdevs = of(NFIT_MEMDEV, 'device_handle', Number(handle))
      const regions = memdevs.flatMap(({ fields }) => of(NFIT_DCR, 'region_index', Number(fields['region_index'])))
      return offsets([...memdevs, ...regions, ...of(NFIT_FLUSH, 'device_handle', Number(handle))])
    }
    return value('nfit/revision') === undefined ? undefined : [0, ...offsets(this.placed)]
  }
}

function says(dev: Device, value: (name: string) => string | undefined): string {
  const size = Number(value('size') ?? 0)
  const parts: string[] = []
  if (is_disk(dev)) parts.push(sizeText(size * 512))
  else if (size > 0) parts.push(sizeText(size))
  const mode = value('mode')
  if (/^namespace/.test(dev.name) && mode !== undefined) parts.push(size > 0 ? mode : 'seed')
  const name = value('alt_name')
  if (name !== undefined && name !== '') parts.push(`“${name}”`)
  const id = value('nfit/id')
  if (id !== undefined) parts.push(id)
  const flags = value('nfit/flags')?.trim()
  if (flags !== undefined && flags !== '') parts.push(flags)
  if (value('read_only') === '1' || value('ro') === '1') parts.push('read-only')
  const provider = value('provider')
  if (provider !== undefined) parts.push(provider)
  return parts.join(', ')
}
