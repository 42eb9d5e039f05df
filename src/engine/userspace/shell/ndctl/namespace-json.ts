/**
 * A namespace in the JSON of ndctl and daxctl, as sysfs shows it, with the media errors inside of it.
 *
 * Source: ndctl 76.1 (ndctl/json.c, util/json.c), its output in test/fixtures/groundtruth.
 */

import type { Kernel } from '../../../linux/kernel.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { hexJson, type Json, sizeJson } from './json-text.ts'
import { attribute, DEVICES, dimmsOf, get, is_enabled, NO_UUID, numberOf, sysfs_device_parse } from './lib.ts'

const JSON_C = 'shell: ndctl/json.c'
const SECTOR = 512

export interface Format {
  /** Sizes in words, numbers in hexadecimal. */
  readonly human: boolean
  readonly verbose: boolean
  /** Of device-dax: with its region. */
  readonly daxregions: boolean
  /** With a list of media errors. */
  readonly media: boolean
}

export const nodeJson = (text: string | undefined): number | undefined => {
  const node = numberOf(text)
  return node === undefined || node < 0 ? undefined : node
}

interface Badblocks {
  /** Undefined: there are none. */
  readonly badblock_count: number | undefined
  readonly badblocks: readonly Json[] | undefined
}

/** Bad sectors of a region that lie inside of a range of SPA, counted from its start. */
export const util_badblocks_to_json = kfunc(
  JSON_C,
  function* dev_badblocks_to_json(
    k: Kernel,
    region: string,
    range: { start: number; size: number } | undefined,
    { human, media }: Format,
  ) {
    const lines = ((yield* get(k, region, 'badblocks')) ?? '').split('\n').filter((line) => line !== '')
    const resource = numberOf(yield* get(k, region, 'resource')) ?? 0
    const shift = range === undefined ? 0 : (range.start - resource) / SECTOR
    const last = range === undefined ? Number.POSITIVE_INFINITY : range.size / SECTOR
    const badblocks: Json[] = []
    let count = 0
    for (const line of lines) {
      const [at = 0, length = 0] = line.split(' ').map(Number)
      const from = Math.max(at - shift, 0)
      const to = Math.min(at - shift + length, last)
      if (from >= to) continue
      count += to - from
      const dimms = media ? yield* dimmsOf(k, region) : []
      // Which DIMM of an interleaved set it is would be a question to firmware.
      const [only] = dimms
      const found = dimms.length === 1 && only !== undefined ? { dimms: [only] } : {}
      badblocks.push({ offset: hexJson(from, human), length: hexJson(to - from, human), ...found })
    }
    const none: Badblocks = { badblock_count: undefined, badblocks: undefined }
    return count === 0 ? none : { badblock_count: count, badblocks: media ? badblocks : undefined }
  },
)

export const util_namespace_to_json = kfunc(
  JSON_C,
  function* util_namespace_to_json(k: Kernel, dev: string, format: Format) {
    const { human, verbose } = format
    const at = `${DEVICES}/${dev}`
    const get = (name: string) => attribute(k, `${at}/${name}`)
    const holder = (yield* get('holder')) ?? ''
    const claimed = holder === '' ? at : `${DEVICES}/${holder}`
    const own = (name: string) => attribute(k, `${claimed}/${name}`)
    const kind = /^[a-z]+/.exec(holder)?.[0]
    const plain = (yield* get('mode')) ?? 'raw'
    const mode =
      kind === 'btt' ? 'sector' : kind === 'dax' ? 'devdax' : kind === 'pfn' || plain === 'memory' ? 'fsdax' : 'raw'
    const memory = mode === 'fsdax' || mode === 'devdax'
    const map = !memory ? undefined : kind === undefined || (yield* own('mode')) === 'ram' ? 'mem' : 'dev'
    const raw = yield* get('uuid')
    const uuid = kind === undefined ? raw : yield* own('uuid')
    const size = numberOf(yield* attribute(k, `${kind === undefined ? at : claimed}/size`)) ?? 0
    const [disk] = yield* sysfs_device_parse(k, `${claimed}/block`, /^pmem/)
    const chardev = mode === 'devdax' ? dev.replace('namespace', 'dax') : undefined
    const enabled = (yield* is_enabled(k, kind === undefined ? dev : holder)) || (yield* is_enabled(k, dev))
    const sectors = kind === 'btt' ? yield* own('sector_size') : yield* get('sector_size')
    const sector = Number(/\[(\d+)\]/.exec(sectors ?? '')?.[1] ?? 512)
    const align = kind === 'pfn' || kind === 'dax' ? numberOf(yield* own('align')) : undefined
    const name = yield* get('alt_name')
    const start = numberOf(yield* own('resource'))
    const region = dev.replace(/^namespace(\d+)\..*$/, 'region$1')
    const range = start === undefined ? undefined : { start, size }
    const { badblock_count, badblocks } = yield* util_badblocks_to_json(k, region, range, format)
    const target = nodeJson(yield* get('target_node'))
    const daxregion =
      mode === 'devdax' && enabled && format.daxregions
        ? yield* util_daxctl_region_to_json(k, holder, dev, size, align ?? 0, human)
        : undefined
    return {
      dev,
      mode,
      map,
      size: sizeJson(size, human),
      // A seed's label has none yet.
      uuid: uuid === '' && kind === undefined ? NO_UUID : uuid || undefined,
      raw_uuid: verbose && kind !== undefined && raw !== undefined && raw !== '' ? raw : undefined,
      daxregion,
      chardev: daxregion === undefined && enabled ? chardev : undefined,
      sector_size: mode === 'devdax' ? undefined : sector,
      align,
      blockdev: enabled ? disk : undefined,
      state: enabled ? undefined : 'disabled',
      name: name === undefined || name === '' ? undefined : name,
      numa_node: verbose ? nodeJson(yield* get('numa_node')) : undefined,
      target_node: verbose ? target : undefined,
      badblock_count,
      badblocks,
    } as Record<string, Json | undefined>
  },
)

const util_daxctl_region_to_json = kfunc(
  JSON_C,
  function* util_daxctl_region_to_json(
    k: Kernel,
    holder: string,
    dev: string,
    size: number,
    align: number,
    human: boolean,
  ) {
    const chardev = dev.replace('namespace', 'dax')
    const target_node = nodeJson(yield* attribute(k, `/sys/bus/dax/devices/${chardev}/target_node`))
    const device = { chardev, size: sizeJson(size, human), target_node, align, mode: 'devdax' }
    const id = Number((yield* attribute(k, `${DEVICES}/${holder}/dax_region/id`)) ?? 0)
    return { id, size: sizeJson(size, human), align, devices: [device] }
  },
)
