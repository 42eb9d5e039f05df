/**
 * ndctl list: buses, DIMMs, regions and namespaces as sysfs shows them, in the JSON of the real tool.
 *
 * Source: ndctl 76.1 (ndctl/list.c, ndctl/json.c), its output in test/fixtures/groundtruth. Left out: health, firmware
 * and capabilities, which are answers of firmware; media errors; CXL.
 */

import { err, ok, type Result } from '../../../base/result.ts'
import { kernfs_order } from '../../linux/fs/kernfs/dir.ts'
import { sys_getdents64 } from '../../linux/fs/readdir.ts'
import type { Kernel } from '../../linux/kernel.ts'
import { kfunc } from '../../sim/kfunc.ts'
import { entering, readText } from './files.ts'
import { hexJson, type Json, jsonText, sizeJson } from './ndctl-json.ts'
import { done, failed } from './tool.ts'

const LIST = 'shell: ndctl/list.c'
const LIBNDCTL = 'shell: ndctl/lib/libndctl.c'
const DEVICES = '/sys/bus/nd/devices'
const ND_DEVICE_NAMESPACE_PMEM = 5

const FLAGS = {
  B: 'buses',
  D: 'dimms',
  R: 'regions',
  N: 'namespaces',
  X: 'device-dax',
  H: 'health',
  F: 'firmware',
  C: 'capabilities',
  M: 'media-errors',
  i: 'idle',
  u: 'human',
  v: 'verbose',
} as const
const FILTERS = { b: 'bus', d: 'dimm', r: 'region', n: 'namespace', m: 'mode', t: 'type', U: 'numa-node' } as const

type Flag = (typeof FLAGS)[keyof typeof FLAGS]
type Filter = (typeof FILTERS)[keyof typeof FILTERS]

interface Options {
  /** How often each is given. */
  readonly flags: ReadonlyMap<Flag, number>
  readonly filters: ReadonlyMap<Filter, string>
}

function parseList(args: readonly string[]): Result<Options, string> {
  const flags = new Map<Flag, number>()
  const filters = new Map<Filter, string>()
  const waiting = [...args]
  for (let arg = waiting.shift(); arg !== undefined; arg = waiting.shift()) {
    const [, long, , text] = /^--([a-z-]+)(=(.*))?$/.exec(arg) ?? []
    const [, short, rest = ''] = /^-([a-zA-Z])(.*)$/.exec(arg) ?? []
    if (long === undefined && short === undefined) return err(`unknown parameter "${arg}"`)
    const flag =
      long === undefined ? FLAGS[short as keyof typeof FLAGS] : Object.values(FLAGS).find((name) => name === long)
    if (flag !== undefined) {
      flags.set(flag, (flags.get(flag) ?? 0) + 1)
      if (rest !== '') waiting.unshift(`-${rest}`)
      continue
    }
    const filter =
      long === undefined ? FILTERS[short as keyof typeof FILTERS] : Object.values(FILTERS).find((name) => name === long)
    if (filter === undefined)
      return err(`  Error: unknown ${long === undefined ? 'switch' : 'option'} \`${long ?? short}'`)
    const value = text ?? (rest !== '' ? rest.replace(/^=/, '') : waiting.shift())
    if (value === undefined)
      return err(`  Error: ${long === undefined ? 'switch' : 'option'} \`${long ?? short}' requires a value`)
    filters.set(filter, value)
  }
  return ok({ flags, filters })
}

/** What is listed. */
interface Shown {
  readonly buses: boolean
  readonly dimms: boolean
  readonly regions: boolean
  readonly namespaces: boolean
  readonly daxregions: boolean
  readonly mappings: boolean
  readonly idle: boolean
  readonly human: boolean
  readonly verbose: boolean
  readonly filters: ReadonlyMap<Filter, string>
}

function shownBy({ flags, filters }: Options): Shown {
  const verbose = flags.get('verbose') ?? 0
  const given = (flag: Flag, from: number): boolean => flags.has(flag) || verbose >= from
  const asked = {
    buses: given('buses', 2),
    dimms: given('dimms', 2),
    regions: given('regions', 2),
    namespaces: given('namespaces', 1),
  }
  // Without any of them, what the filters name; without those, namespaces.
  const none = !Object.values(asked).includes(true)
  const filtered = {
    buses: filters.has('bus'),
    dimms: filters.has('dimm'),
    regions: filters.has('region'),
    namespaces: filters.has('namespace') || filters.has('mode') || !/bus|dimm|region/.test([...filters.keys()].join()),
  }
  return {
    ...(none ? filtered : asked),
    daxregions: given('device-dax', 1),
    mappings: asked.dimms,
    idle: given('idle', 3),
    human: flags.has('human'),
    verbose: verbose >= 1,
    filters,
  }
}

/** An attribute without its newline; undefined when it can't be read. */
const attribute = kfunc(LIBNDCTL, function* sysfs_read_attr(k: Kernel, path: string) {
  const text = yield* readText(k, path)
  return typeof text === 'number' ? undefined : text.replace(/\n$/, '')
})

/** Names in a folder: the tool puts each found before those that it has. */
const found = kfunc(LIBNDCTL, function* sysfs_device_parse(k: Kernel, path: string, name: RegExp) {
  const names = yield* sys_getdents64(entering(k), path)
  if (typeof names === 'number') return []
  return kernfs_order(names.filter((each) => name.test(each))).reverse()
})

const isBound = kfunc(LIBNDCTL, function* is_enabled(k: Kernel, device: string) {
  return (yield* attribute(k, `${DEVICES}/${device}/driver/${device}/modalias`)) !== undefined
})

const number = (text: string | undefined): number | undefined =>
  text === undefined || text === '' ? undefined : Number(text)
const nodeJson = (text: string | undefined): number | undefined => {
  const node = number(text)
  return node === undefined || node < 0 ? undefined : node
}

/** What nfit/flags says, and what the tool calls it. */
const DIMM_FLAGS: Readonly<Record<string, string>> = {
  map_fail: 'flag_failed_map',
  save_fail: 'flag_failed_save',
  not_armed: 'flag_failed_arm',
  restore_fail: 'flag_failed_restore',
  flush_fail: 'flag_failed_flush',
  smart_event: 'flag_smart_event',
}

const util_dimm_to_json = kfunc(LIST, function* util_dimm_to_json(k: Kernel, dev: string, { human }: Shown) {
  const at = `${DEVICES}/${dev}`
  const id = yield* attribute(k, `${at}/nfit/id`)
  const handle = number(yield* attribute(k, `${at}/nfit/handle`))
  const phys_id = number(yield* attribute(k, `${at}/nfit/phys_id`))
  const flags = ((yield* attribute(k, `${at}/nfit/flags`)) ?? '').split(' ')
  const enabled = yield* isBound(k, dev)
  const told = Object.entries(DIMM_FLAGS).flatMap(([flag, key]) => (flags.includes(flag) ? [[key, true]] : []))
  return {
    dev,
    id,
    handle: handle === undefined ? undefined : hexJson(handle, human),
    phys_id: phys_id === undefined ? undefined : hexJson(phys_id, human),
    state: enabled ? undefined : 'disabled',
    ...(Object.fromEntries(told) as Record<string, Json>),
  }
})

const util_mapping_to_json = kfunc(
  LIST,
  function* util_mapping_to_json(k: Kernel, region: string, index: number, human: boolean) {
    const text = (yield* attribute(k, `${DEVICES}/${region}/mapping${index}`)) ?? ''
    const [dimm = '', offset, length, position] = text.split(',')
    return {
      dimm,
      offset: hexJson(Number(offset), human),
      length: hexJson(Number(length), human),
      position: Number(position),
    }
  },
)

/** Bad sectors of a device: how many in all. */
const badSectors = kfunc(LIST, function* util_region_badblocks_to_json(k: Kernel, at: string) {
  const lines = ((yield* attribute(k, `${at}/badblocks`)) ?? '').split('\n').filter((line) => line !== '')
  const count = lines.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0)
  return count === 0 ? undefined : count
})

const region_to_json = kfunc(LIST, function* region_to_json(k: Kernel, dev: string, shown: Shown) {
  const { human, verbose } = shown
  const at = `${DEVICES}/${dev}`
  const get = (name: string) => attribute(k, `${at}/${name}`)
  const labelled = number(yield* get('nstype')) === ND_DEVICE_NAMESPACE_PMEM
  const align = number(yield* get('align'))
  const cookie = labelled ? yield* get('set_cookie') : undefined
  const count = number(yield* get('mappings')) ?? 0
  const mappings: Json[] = []
  // Each is put before those that there are.
  for (let i = count - 1; i >= 0 && shown.mappings; i--) mappings.push(yield* util_mapping_to_json(k, dev, i, human))
  const enabled = yield* isBound(k, dev)
  const size = number(yield* get('size')) ?? 0
  const available = labelled ? (number(yield* get('available_size')) ?? 0) : 0
  const extent = labelled ? (number(yield* get('max_available_extent')) ?? 0) : 0
  const node = nodeJson(yield* get('numa_node'))
  const target = nodeJson(yield* get('target_node'))
  return {
    dev,
    size: sizeJson(size, human),
    align: align,
    available_size: sizeJson(available, human),
    max_available_extent: sizeJson(extent, human),
    type: 'pmem',
    numa_node: verbose ? node : undefined,
    target_node: verbose ? target : undefined,
    iset_id: cookie === undefined ? undefined : isetJson(cookie, human),
    mappings: mappings.length === 0 ? undefined : mappings,
    state: enabled ? undefined : 'disabled',
    badblock_count: yield* badSectors(k, at),
    persistence_domain: (yield* get('persistence_domain')) ?? 'unknown',
  } as Record<string, Json | undefined>
})

/** 64 bits, more than a JSON number of ours can hold: written digit by digit. */
const isetJson = (cookie: string, human: boolean): Json => (human ? cookie : Number(cookie))

const util_namespace_to_json = kfunc(LIST, function* util_namespace_to_json(k: Kernel, dev: string, shown: Shown) {
  const { human, verbose } = shown
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
  const size = number(yield* attribute(k, `${kind === undefined ? at : claimed}/size`)) ?? 0
  const [disk] = yield* found(k, `${claimed}/block`, /^pmem/)
  const chardev = mode === 'devdax' ? dev.replace('namespace', 'dax') : undefined
  const enabled = (yield* isBound(k, kind === undefined ? dev : holder)) || (yield* isBound(k, dev))
  const sectors = kind === 'btt' ? yield* own('sector_size') : yield* get('sector_size')
  const sector = Number(/\[(\d+)\]/.exec(sectors ?? '')?.[1] ?? 512)
  const align = kind === 'pfn' || kind === 'dax' ? number(yield* own('align')) : undefined
  const name = yield* get('alt_name')
  const count = disk === undefined ? undefined : yield* badSectors(k, `${claimed}/block/${disk}`)
  const target = nodeJson(yield* get('target_node'))
  const daxregion =
    mode === 'devdax' && enabled && shown.daxregions
      ? yield* util_daxctl_region_to_json(k, holder, dev, size, align ?? 0, human)
      : undefined
  return {
    dev,
    mode,
    map,
    size: sizeJson(size, human),
    uuid: uuid === undefined || uuid === '' ? undefined : uuid,
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
    badblock_count: count,
  } as Record<string, Json | undefined>
})

const util_daxctl_region_to_json = kfunc(
  LIST,
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

const MODES: Readonly<Record<string, string>> = { memory: 'fsdax', safe: 'sector', dax: 'devdax' }

/** Does a filter let a device through? A bare number means the device of that number. */
const passes = (filter: string | undefined, prefix: string, name: string): boolean =>
  filter === undefined || filter === 'all' || filter === name || `${prefix}${filter}` === name

const filter_namespaces = kfunc(LIST, function* filter_namespace(k: Kernel, region: string, shown: Shown) {
  const { filters } = shown
  const mode = filters.get('mode')
  const list: Json[] = []
  const number = region.replace('region', '')
  for (const dev of yield* found(k, `${DEVICES}/${region}`, new RegExp(`^namespace${number}\\.`))) {
    if (!passes(filters.get('namespace'), 'namespace', dev)) continue
    const json = yield* util_namespace_to_json(k, dev, shown)
    if (!shown.idle && json['state'] === 'disabled') continue
    if (mode === undefined || (MODES[mode] ?? mode) === json['mode']) list.push(json)
  }
  return list
})

const filter_regions = kfunc(LIST, function* filter_region(k: Kernel, bus: string, shown: Shown) {
  const { filters } = shown
  const regions: Json[] = []
  const namespaces: Json[] = []
  for (const dev of yield* found(k, `${DEVICES}/${bus}`, /^region\d+$/)) {
    if (!passes(filters.get('region'), 'region', dev)) continue
    const dimm = filters.get('dimm')
    const json = yield* region_to_json(k, dev, { ...shown, mappings: shown.mappings || dimm !== undefined })
    const of = (json['mappings'] ?? []) as readonly { readonly dimm: string }[]
    if (dimm !== undefined && !of.some((mapping) => passes(dimm, 'nmem', mapping.dimm))) continue
    if (!shown.idle && json['state'] === 'disabled') continue
    const inside = shown.namespaces ? yield* filter_namespaces(k, dev, shown) : []
    namespaces.push(...inside)
    const { mappings: _, ...rest } = json
    const kept = shown.mappings ? json : rest
    regions.push(inside.length === 0 ? kept : { ...kept, namespaces: inside })
  }
  return { regions, namespaces }
})

const filter_dimms = kfunc(LIST, function* filter_dimm(k: Kernel, bus: string, shown: Shown) {
  const list: Json[] = []
  for (const dev of yield* found(k, `${DEVICES}/${bus}`, /^nmem\d+$/)) {
    if (!passes(shown.filters.get('dimm'), 'nmem', dev)) continue
    const json = yield* util_dimm_to_json(k, dev, shown)
    if (shown.idle || json.state === undefined) list.push(json)
  }
  return list
})

/** One list stands alone; several are the members of an object. */
function display(lists: Readonly<Record<string, readonly Json[]>>, human: boolean): string {
  const some = Object.entries(lists).filter(([, list]) => list.length > 0)
  const [only] = some
  if (only === undefined) return ''
  if (Object.keys(lists).length > 1) return `${jsonText(Object.fromEntries(some))}\n`
  const [, list] = only
  return `${jsonText(human && list.length === 1 && list[0] !== undefined ? list[0] : list)}\n`
}

export const cmd_list = kfunc(LIST, function* cmd_list(k: Kernel, args: readonly string[]) {
  const options = parseList(args)
  if (!options.ok) return failed(options.error)
  const shown = shownBy(options.value)
  const all = { buses: [] as Json[], dimms: [] as Json[], regions: [] as Json[], namespaces: [] as Json[] }
  // The tool finds them by their character devices, `ndctl0` of ndbus0.
  const nodes = (yield* found(k, DEVICES, /^ndbus\d+$/)).map((bus) => bus.replace('bus', 'ctl'))
  for (const node of kernfs_order(nodes).reverse()) {
    const bus = node.replace('ctl', 'bus')
    if (!passes(shown.filters.get('bus'), 'ndbus', bus)) continue
    const provider = yield* attribute(k, `${DEVICES}/${bus}/provider`)
    const dimms = shown.dimms ? yield* filter_dimms(k, bus, shown) : []
    const { regions, namespaces } =
      shown.regions || shown.namespaces ? yield* filter_regions(k, bus, shown) : { regions: [], namespaces: [] }
    const below = {
      dimms: dimms.length > 0 ? dimms : undefined,
      regions: shown.regions && regions.length > 0 ? regions : undefined,
      namespaces: !shown.regions && namespaces.length > 0 ? namespaces : undefined,
    }
    all.buses.push({ provider: provider ?? '', dev: bus, ...below })
    all.dimms.push(...dimms)
    all.regions.push(...regions)
    all.namespaces.push(...namespaces)
  }
  const { human } = shown
  if (shown.buses) return done(display({ buses: all.buses }, human))
  return done(
    display(
      {
        ...(shown.dimms ? { dimms: all.dimms } : {}),
        ...(shown.regions ? { regions: all.regions } : {}),
        ...(shown.namespaces ? { namespaces: shown.regions ? [] : all.namespaces } : {}),
      },
      human,
    ),
  )
})
