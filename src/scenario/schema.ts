/**
 * Every key of a scenario's front matter: its type, its default, one line of help (design.md §5).
 *
 * Left out, and refused by name: keys of the format that nothing carries out yet (`later`).
 */

import type { Model } from '../engine/explore/model.ts'
import type { CacheGeometry, CpuConfig, NvdimmConfig, PolicyName, PowerFail, RegionConfig } from './scenario.ts'
import {
  base64,
  choice,
  flag,
  integer,
  type Key,
  key,
  lines,
  list,
  type MapType,
  map,
  pattern,
  powerOfTwo,
  size,
  type Type,
  text,
} from './types.ts'

const K = 1024
const M = 1024 * K
const G = 1024 * M

const DEFAULT_SETUP = 'ndctl create-namespace -e namespace0.0 -f --mode=devdax --map=mem\n'

/** "v6.1", "v4.12+series:13", "v4.18-4557641b4c70": whether it exists is for the kernel's table of releases. */
const release = pattern(
  'a kernel release such as v6.1, v4.12+series:13 or v4.18-4557641b4c70',
  /^v\d{1,2}\.\d{1,3}(\+series:\d{1,2})?([+-][0-9a-f]{7,40}){0,16}$/,
)

const functionName = pattern('the name of a C function', /^[A-Za-z_]\w{0,63}$/)

/** A key that holds a map: missing, it means the same as empty. */
const nested = <T>(type: MapType<T>, summary: string): Key<T> => key(type, type.defaults, summary)

const geometry = (sets: number, ways: number, maxSets: number, maxWays: number): MapType<CacheGeometry> =>
  map({
    sets: key(powerOfTwo(1, maxSets), sets, 'Sets of the cache; a line of 64 bytes can be in one of them.'),
    ways: key(powerOfTwo(1, maxWays), ways, 'Lines that one set holds.'),
  })

const caches = map({
  l1: nested(geometry(64, 8, 1024, 32), 'The cache of each core.'),
  l3: nested(geometry(256, 16, 16384, 64), 'The cache that all cores share.'),
})

const cpu = map<CpuConfig>({
  clwb: key(flag, true, 'The processor has clwb: write a line back and keep it.'),
  clflushopt: key(flag, true, 'The processor has clflushopt: write a line back and drop it, unordered.'),
  movdir64b: key(flag, false, 'The processor has movdir64b: store 64 bytes at once.'),
  avx: key(flag, false, 'The processor has AVX: non-temporal stores of more than 16 bytes.'),
  clwb_evicts: key(flag, false, 'clwb drops the line as clflushopt does; some processors do.'),
})

const model = map<Model>({
  unit: key(choice(['line', 'word']), 'line', 'What reaches media as one snapshot: a line, or each eight bytes.'),
  movnt: key(choice(['visible', 'fence']), 'visible', 'A movnt is durable once visible, or at its next fence.'),
  cas: key(choice(['sdm', 'paper']), 'sdm', 'A compare-and-swap that fails is a full barrier, or a plain load.'),
})

export const nvdimm = map<NvdimmConfig>(
  {
    size: key(size(16 * M, 64 * G, 4 * K), 64 * M, 'Bytes of the DIMM.'),
    flush_hints: key(integer(0, 16), 0, 'Flush-hint addresses that the NFIT gives this DIMM.'),
    adr_fails: key(flag, false, 'On power failure this DIMM loses its write-pending queue.'),
  },
  ['image', 'labels', 'flags'],
)

const regionType: Type<'pmem'> = {
  ...choice(['pmem']),
  read(node, path, reading) {
    const any = choice(['pmem', 'volatile', 'vdisk', 'vcd', 'pdisk', 'pcd']).read(node, path, reading)
    if (any === undefined || any === 'pmem') return any
    reading.error(path, `a region of type \`${any}\` is not supported by this version yet`)
    return undefined
  },
}

interface RegionText extends Omit<RegionConfig, 'nvdimms'> {
  readonly nvdimms: readonly number[] | undefined
}

const region = map<RegionText>(
  {
    type: key(regionType, 'pmem', 'What the address range is.'),
    nvdimms: key<readonly number[] | undefined>(
      list(integer(0, 15), 1, 16),
      undefined,
      'Numbers of the DIMMs, from 0, in interleave order.',
    ),
    interleave: key(size(256, G, 256, true), 4 * K, 'Bytes that each DIMM holds in turn.'),
  },
  ['size'],
)

type Capabilities = 'none' | 'memory_controller' | 'cpu_cache'

export interface MachineText {
  readonly cores: number | undefined
  readonly cpu: CpuConfig
  readonly power_fail: PowerFail
  readonly policy: PolicyName
  readonly seed: number
  readonly nvdimms: readonly NvdimmConfig[] | undefined
  readonly regions: readonly RegionText[] | undefined
  readonly firmware: { readonly capabilities: Capabilities | undefined }
  readonly nfit: string | undefined
  readonly caches: { readonly l1: CacheGeometry; readonly l3: CacheGeometry }
  readonly store_buffer: number
  readonly wc_buffers: number
  readonly wpq: number
}

const machine = map<MachineText>(
  {
    cores: key<number | undefined>(integer(1, 8), undefined, 'Cores; one a thread unless given.'),
    cpu: nested(cpu, 'Which instructions the processor has.'),
    power_fail: key(
      choice(['none', 'adr', 'eadr']),
      'adr',
      'What survives beside media: nothing, the write-pending queue (adr), the caches too (eadr).',
    ),
    policy: key(
      choice(['lazy', 'eager', 'random', 'person']),
      'lazy',
      'When hardware moves bytes of its own accord: late, at once, at any time, or when a person says so.',
    ),
    seed: key(integer(0, 2 ** 32 - 1), 1, 'Seed of the random policy.'),
    nvdimms: key<readonly NvdimmConfig[] | undefined>(
      list(nvdimm, 1, 16),
      undefined,
      'The DIMMs; one of 64M unless given.',
    ),
    regions: key<readonly RegionText[] | undefined>(
      list(region, 1, 16),
      undefined,
      'Address ranges that the firmware describes; one a DIMM unless given.',
    ),
    firmware: nested(
      map<{ readonly capabilities: Capabilities | undefined }>({
        capabilities: key<Capabilities | undefined>(
          choice(['none', 'memory_controller', 'cpu_cache']),
          undefined,
          'What the NFIT claims about power failure; the truth unless given.',
        ),
      }),
      'What the firmware says.',
    ),
    nfit: key<string | undefined>(base64(64 * K), undefined, 'A real NFIT; it describes the hardware too.'),
    caches: nested(caches, 'Sets and ways of the caches.'),
    store_buffer: key(integer(1, 1024), 56, 'Entries of the store buffer of each core.'),
    wc_buffers: key(integer(1, 64), 10, 'Write-combining buffers of each core.'),
    wpq: key(integer(1, 1024), 16, 'Lines that the write-pending queue of each memory controller holds.'),
  },
  ['e820', 'brd', 'dcssblk', 'axonram', 'virtio_pmem'],
)

/** Steps and ticks after which a runaway program is cut off. */
const budget = map<{ steps: number; ticks: number }>({
  steps: key(integer(1_000, 20_000_000), 2_000_000, 'Recorded steps.'),
  ticks: key(integer(1_000, 2_000_000_000), 200_000_000, 'Instructions that touch only private memory.'),
})

export interface ScenarioText {
  readonly title: string
  readonly kernel: string
  readonly machine: MachineText
  readonly model: Model
  readonly setup: string
  readonly threads: readonly string[]
  readonly budget: { readonly steps: number; readonly ticks: number }
}

/** The front matter. */
export const scenarioKeys = map<ScenarioText>(
  {
    title: key(text(200), 'Untitled', 'What the scenario shows, in a few words.'),
    kernel: key(release, 'v6.1', 'Linux release, with or without single commits.'),
    machine: nested(machine, 'The hardware and its firmware.'),
    model: nested(model, 'Which reading of x86 persistency holds, where the sources differ.'),
    setup: key(lines, DEFAULT_SETUP, 'Shell lines that run before the program.'),
    threads: key<readonly string[]>(list(functionName, 1, 8), ['main'], 'C functions that run at the same time.'),
    budget: nested(budget, 'Where a runaway program is cut off.'),
  },
  ['cmdline', 'config', 'args', 'stdin', 'timers'],
)
