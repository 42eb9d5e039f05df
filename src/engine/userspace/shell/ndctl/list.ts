/**
 * ndctl list: buses, DIMMs, regions and namespaces as sysfs shows them, in the JSON of the real tool.
 *
 * Source: ndctl 76.1 (ndctl/list.c, ndctl/json.c), its output in test/fixtures/groundtruth. Left out: health and
 * firmware (-H, -F), which are answers of firmware that the machine does not give; CXL.
 */

import type { Kernel } from '../../../linux/kernel.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { done } from '../tool.ts'
import { scrub_state } from './bus.ts'
import { hexJson, type Json, jsonText, sizeJson } from './json-text.ts'
import {
  buses,
  DEVICES,
  get,
  is_enabled,
  ND_DEVICE_NAMESPACE_PMEM,
  namespaces,
  numberOf,
  passes,
  regions as regionsOf,
  sysfs_device_parse,
  wrongly,
} from './lib.ts'
import { modeOf } from './modes.ts'
import { nodeJson, util_badblocks_to_json, util_namespace_to_json } from './namespace-json.ts'
import { type Given, optionTable, parseOptions, USAGE, usage } from './options.ts'

const LIST = 'shell: ndctl/list.c'

const LIST_OPTIONS = optionTable(`
  b/bus=bus-id r/region=region-id d/dimm=dimm-id n/namespace=namespace-id m/mode=namespace-mode t/type=region-type
  U/numa-node=numa-node B/buses D/dimms F/firmware H/health R/regions N/namespaces X/device-dax C/capabilities i/idle
  c/configured M/media-errors u/human v/verbose
`)

/** What is listed. */
interface Shown {
  readonly buses: boolean
  readonly dimms: boolean
  readonly regions: boolean
  readonly namespaces: boolean
  readonly daxregions: boolean
  readonly mappings: boolean
  readonly capabilities: boolean
  readonly media: boolean
  readonly idle: boolean
  /** Namespaces that have a size though they are disabled. */
  readonly configured: boolean
  readonly human: boolean
  readonly verbose: boolean
  readonly filters: ReadonlyMap<string, string>
}

function shownBy({ flags, values: filters }: Given): Shown {
  const verbose = flags.get('verbose') ?? 0
  const given = (flag: string, from = Number.POSITIVE_INFINITY): boolean =>
    (flags.get(flag) ?? 0) > 0 || (flags.get(flag) !== 0 && verbose >= from)
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
    capabilities: given('capabilities', 3),
    media: given('media-errors'),
    idle: given('idle', 3),
    configured: given('configured'),
    human: given('human'),
    verbose: verbose >= 1,
    filters,
  }
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
  const id = yield* get(k, dev, 'nfit/id')
  const handle = numberOf(yield* get(k, dev, 'nfit/handle'))
  const phys_id = numberOf(yield* get(k, dev, 'nfit/phys_id'))
  const flags = ((yield* get(k, dev, 'nfit/flags')) ?? '').split(' ')
  const enabled = yield* is_enabled(k, dev)
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
    const text = (yield* get(k, region, `mapping${index}`)) ?? ''
    const [dimm = '', offset, length, position] = text.split(',')
    return {
      dimm,
      offset: hexJson(Number(offset), human),
      length: hexJson(Number(length), human),
      position: Number(position),
    }
  },
)

const numbers = (text: string | undefined): readonly number[] =>
  (text ?? '')
    .replaceAll(/[[\]]/g, '')
    .split(' ')
    .filter((word) => word !== '')
    .map(Number)

/** The modes that the kernel offers for new namespaces of a region. */
const util_region_capabilities_to_json = kfunc(
  LIST,
  function* util_region_capabilities_to_json(k: Kernel, region: string) {
    const btt = (yield* get(k, region, 'btt_seed')) ?? ''
    const pfn = (yield* get(k, region, 'pfn_seed')) ?? ''
    const dax = (yield* get(k, region, 'dax_seed')) ?? ''
    const list: Json[] = []
    if (btt !== '') list.push({ mode: 'sector', sector_sizes: numbers(yield* get(k, btt, 'sector_size')) })
    if (pfn !== '') list.push({ mode: 'fsdax', alignments: numbers(yield* get(k, pfn, 'supported_alignments')) })
    if (dax !== '') list.push({ mode: 'devdax', alignments: numbers(yield* get(k, dax, 'supported_alignments')) })
    return list.length === 0 ? undefined : list
  },
)

const region_to_json = kfunc(LIST, function* region_to_json(k: Kernel, dev: string, shown: Shown) {
  const { human, verbose } = shown
  const own = (name: string) => get(k, dev, name)
  const labelled = numberOf(yield* own('nstype')) === ND_DEVICE_NAMESPACE_PMEM
  const align = numberOf(yield* own('align'))
  const cookie = labelled ? yield* own('set_cookie') : undefined
  const count = numberOf(yield* own('mappings')) ?? 0
  const mappings: Json[] = []
  // Each is put before those that there are.
  for (let i = count - 1; i >= 0 && shown.mappings; i--) mappings.push(yield* util_mapping_to_json(k, dev, i, human))
  const enabled = yield* is_enabled(k, dev)
  const size = numberOf(yield* own('size')) ?? 0
  const available = labelled ? (numberOf(yield* own('available_size')) ?? 0) : 0
  const extent = labelled ? (numberOf(yield* own('max_available_extent')) ?? 0) : 0
  const node = nodeJson(yield* own('numa_node'))
  const target = nodeJson(yield* own('target_node'))
  const { badblock_count, badblocks } = yield* util_badblocks_to_json(k, dev, undefined, shown)
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
    badblock_count,
    badblocks,
    capabilities: shown.capabilities ? yield* util_region_capabilities_to_json(k, dev) : undefined,
    persistence_domain: (yield* own('persistence_domain')) ?? 'unknown',
  } as Record<string, Json | undefined>
})

/** 64 bits, more than a JSON number of ours can hold: written digit by digit. */
const isetJson = (cookie: string, human: boolean): Json => (human ? cookie : BigInt(cookie))

const filter_namespaces = kfunc(LIST, function* filter_namespace(k: Kernel, region: string, shown: Shown) {
  const { filters } = shown
  const mode = filters.get('mode')
  const list: Json[] = []
  for (const dev of yield* namespaces(k, region)) {
    if (!passes(filters.get('namespace'), 'namespace', dev)) continue
    const json = yield* util_namespace_to_json(k, dev, shown)
    const seed = json['size'] === 0 || json['size'] === '0'
    if (json['state'] === 'disabled' && !shown.idle && !(shown.configured && !seed)) continue
    if (mode === undefined || modeOf(mode) === json['mode']) list.push(json)
  }
  return list
})

const filter_regions = kfunc(LIST, function* filter_region(k: Kernel, bus: string, shown: Shown) {
  const { filters } = shown
  const regions: Json[] = []
  const inside: Json[] = []
  const type = filters.get('type')
  if (type !== undefined && type !== 'pmem') return { regions, namespaces: inside }
  for (const dev of yield* regionsOf(k, bus, filters.get('region'))) {
    const node = filters.get('numa-node')
    if (node !== undefined && node !== 'all' && (yield* get(k, dev, 'numa_node')) !== node) continue
    const dimm = filters.get('dimm')
    const json = yield* region_to_json(k, dev, { ...shown, mappings: shown.mappings || dimm !== undefined })
    const of = (json['mappings'] ?? []) as readonly { readonly dimm: string }[]
    if (dimm !== undefined && !of.some((mapping) => passes(dimm, 'nmem', mapping.dimm))) continue
    if (!shown.idle && json['state'] === 'disabled') continue
    const own = shown.namespaces ? yield* filter_namespaces(k, dev, shown) : []
    inside.push(...own)
    const { mappings: _, ...rest } = json
    const kept = shown.mappings ? json : rest
    regions.push(own.length === 0 ? kept : { ...kept, namespaces: own })
  }
  return { regions, namespaces: inside }
})

const filter_dimms = kfunc(LIST, function* filter_dimm(k: Kernel, bus: string, shown: Shown) {
  const list: Json[] = []
  for (const dev of yield* sysfs_device_parse(k, `${DEVICES}/${bus}`, /^nmem\d+$/)) {
    if (!passes(shown.filters.get('dimm'), 'nmem', dev)) continue
    const json = yield* util_dimm_to_json(k, dev, shown)
    if (shown.idle || json.state === undefined) list.push(json)
  }
  return list
})

/** One list stands alone; several are the members of an object, even when one of them is inside of another. */
function display(lists: Readonly<Record<string, readonly Json[]>>, human: boolean, nested: boolean): string {
  const some = Object.entries(lists).filter(([, list]) => list.length > 0)
  const [only] = some
  if (only === undefined) return ''
  if (some.length > 1 || nested) return `${jsonText(Object.fromEntries(some))}\n`
  const [, list] = only
  return `${jsonText(human && list.length === 1 && list[0] !== undefined ? list[0] : list)}\n`
}

const LINE = 'ndctl list [<options>]'

export const cmd_list = kfunc(LIST, function* cmd_list(k: Kernel, args: readonly string[]) {
  const given = parseOptions(LIST_OPTIONS, args)
  if (!given.ok) return wrongly(`${given.error}\n${usage(LINE)}`, USAGE)
  const [extra] = given.value.rest
  if (extra !== undefined) return wrongly(`  Error: unknown parameter "${extra}"\n\n${usage(LINE)}`, USAGE)
  const shown = shownBy(given.value)
  const all = { buses: [] as Json[], dimms: [] as Json[], regions: [] as Json[], namespaces: [] as Json[] }
  for (const bus of yield* buses(k, shown.filters.get('bus'))) {
    const provider = yield* get(k, bus, 'provider')
    const dimms = shown.dimms ? yield* filter_dimms(k, bus, shown) : []
    const { regions, namespaces } =
      shown.regions || shown.namespaces ? yield* filter_regions(k, bus, shown) : { regions: [], namespaces: [] }
    const below = {
      dimms: dimms.length > 0 ? dimms : undefined,
      regions: shown.regions && regions.length > 0 ? regions : undefined,
      namespaces: !shown.regions && namespaces.length > 0 ? namespaces : undefined,
    }
    all.buses.push({ provider: provider ?? '', dev: bus, scrub_state: yield* scrub_state(k, bus), ...below })
    all.dimms.push(...dimms)
    all.regions.push(...regions)
    all.namespaces.push(...namespaces)
  }
  const { human } = shown
  if (shown.buses) return done(display({ buses: all.buses }, human, false))
  const { dimms, regions, namespaces } = all
  const nested = shown.regions && namespaces.length > 0
  return done(
    display(
      {
        dimms,
        ...(shown.regions ? { regions } : {}),
        ...(shown.namespaces && !nested ? { namespaces } : {}),
      },
      human,
      nested,
    ),
  )
})
