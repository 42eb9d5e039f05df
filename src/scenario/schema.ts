/**
 * Every key of a scenario's front matter: its type, its default, one line of help (design.md §5).
 *
 * Left out, and refused by name: keys of the format that nothing carries out yet (`later`).
 */

import type { Model } from '../engine/explore/model.ts'
import type { SegmentType } from '../engine/linux/arch/s390/mm/extmem.ts'
import type { ConfigOption } from '../engine/linux/kernel.ts'
import type {
  Arch,
  CacheGeometry,
  CpuConfig,
  DimmFlag,
  E820Config,
  MediaErrorConfig,
  NvdimmConfig,
  PolicyName,
  PowerFail,
  RegionConfig,
  RegionType,
} from './scenario.ts'
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

const dimmFlag: Type<DimmFlag> = choice(['save_fail', 'restore_fail', 'flush_fail', 'not_armed', 'map_fail'])

export const nvdimm = map<NvdimmConfig>(
  {
    size: key(size(16 * M, 64 * G, 4 * K), 64 * M, 'Bytes of the DIMM.'),
    flush_hints: key(integer(0, 16), 0, 'Flush-hint addresses that the NFIT gives this DIMM.'),
    adr_fails: key(flag, false, 'On power failure this DIMM loses its write-pending queue.'),
    flags: key<readonly DimmFlag[] | undefined>(list(dimmFlag, 0, 5), undefined, 'Trouble that the NFIT reports.'),
    labels: key<number | undefined>(size(8 * K, 16 * M, 4 * K), undefined, 'Bytes of its label area; none without.'),
  },
  ['image'],
)

const regionType: Type<RegionType> = choice(['pmem', 'volatile', 'vdisk', 'vcd', 'pdisk', 'pcd'])

/** `y` or `n`, as in a kernel's configuration. */
const onOff: Type<boolean> = {
  ...choice(['y', 'n']),
  read(node, path, reading) {
    const said = choice(['y', 'n']).read(node, path, reading)
    return said === undefined ? undefined : said === 'y'
  },
}

const e820Type: Type<7 | 12> = {
  ...choice(['7', '12']),
  read(node, path, reading) {
    const said = choice(['7', '12']).read(node, path, reading)
    return said === undefined ? undefined : said === '7' ? 7 : 12
  },
}

/** Those that can be chosen one by one. */
export type ConfigText = Readonly<Record<Exclude<ConfigOption, 'ARCH_HAS_NOCACHE_UACCESS'>, boolean>>

export interface RegionText extends Omit<RegionConfig, 'nvdimms'> {
  readonly nvdimms: readonly number[] | undefined
}

const region = map<RegionText>({
  type: key(regionType, 'pmem', 'What the address range is.'),
  nvdimms: key<readonly number[] | undefined>(
    list(integer(0, 15), 1, 16),
    undefined,
    'Numbers of the DIMMs, from 0, in interleave order.',
  ),
  interleave: key(size(256, G, 256, true), 4 * K, 'Bytes that each DIMM holds in turn.'),
  size: key<number | undefined>(
    size(16 * M, 64 * G, 4 * K),
    undefined,
    'Bytes of a range without DIMMs: a volatile one, a virtual disk or CD.',
  ),
})

const e820 = map<E820Config>({
  start: key(size(M, 64 * G, 4 * K), 512 * M, 'Physical address of the range.'),
  size: key(size(16 * M, 64 * G, 4 * K), 64 * M, 'Bytes of the range.'),
  type: key(e820Type, 12, 'Type in the e820 map: 12 before there was an NFIT, 7 with one.'),
})

const mediaError = map<MediaErrorConfig>({
  nvdimm: key(integer(0, 15), 0, 'Number of the DIMM, from 0.'),
  at: key(size(0, 64 * G, 256), 0, 'Address on the DIMM.'),
  length: key(size(256, M, 256), 256, 'Bytes.'),
})

const config = map<ConfigText>({
  ARCH_HAS_PMEM_API: key(onOff, true, 'The kernel can write caches back; every x86-64 kernel can.'),
  ARCH_HAS_UACCESS_FLUSHCACHE: key(onOff, true, 'It has copies that pass caches by; every x86-64 kernel has.'),
})

type Capabilities = 'none' | 'memory_controller' | 'cpu_cache'

const segmentName = pattern('the name of a DCSS: up to 8 letters and digits', /^[A-Z0-9$#@]{1,8}$/)

export interface SegmentText {
  readonly name: string | undefined
  readonly size: number
  readonly type: SegmentType
}

const segment = map<SegmentText>({
  name: key<string | undefined>(segmentName, undefined, 'Name of the segment; DCSS0, DCSS1 … unless given.'),
  size: key(size(M, 16 * M, M), M, 'Bytes of the segment.'),
  type: key(
    choice<SegmentType>(['SW', 'EW', 'SR', 'ER', 'SN', 'EN', 'SC']),
    'SW',
    'Shared (S) or exclusive (E); to be written (W), read (R), or written and not saved (N); copied at a write (SC).',
  ),
})

const arch: Type<Arch> = choice(['x86-64', 's390', 'powerpc'])

export interface MachineText {
  readonly arch: Arch
  readonly cores: number | undefined
  readonly cpu: CpuConfig
  readonly power_fail: PowerFail
  readonly policy: PolicyName
  readonly seed: number
  readonly nvdimms: readonly NvdimmConfig[] | undefined
  readonly regions: readonly RegionText[] | undefined
  readonly firmware: { readonly capabilities: Capabilities | undefined }
  readonly nfit: string | undefined
  readonly e820: readonly E820Config[] | undefined
  readonly virtio_pmem: readonly { readonly size: number }[] | undefined
  readonly brd: readonly { readonly size: number }[] | undefined
  readonly dcssblk: readonly SegmentText[] | undefined
  readonly axonram: readonly { readonly size: number }[] | undefined
  readonly media_errors: readonly MediaErrorConfig[] | undefined
  readonly caches: { readonly l1: CacheGeometry; readonly l3: CacheGeometry }
  readonly store_buffer: number
  readonly wc_buffers: number
  readonly wpq: number
}

const machine = map<MachineText>({
  arch: key(arch, 'x86-64', 'Whose drivers and build options the kernel has. Processor and program stay x86-64.'),
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
    list(nvdimm, 0, 16),
    undefined,
    'The DIMMs; one of 64M unless given. None (`[]`): a machine without an NFIT.',
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
  e820: key<readonly E820Config[] | undefined>(
    list(e820, 1, 8),
    undefined,
    'Ranges that the e820 map calls persistent, on platforms older than the NFIT.',
  ),
  virtio_pmem: key<readonly { readonly size: number }[] | undefined>(
    list(map({ size: key(size(16 * M, 64 * G, 4 * K), 64 * M, 'Bytes of the device.') }), 1, 8),
    undefined,
    'Memory of a host that this machine, a guest, maps; a flush is a request to the host.',
  ),
  brd: key<readonly { readonly size: number }[] | undefined>(
    list(map({ size: key(size(4 * K, 64 * M, 4 * K), 16 * M, 'Bytes of the disk.') }), 1, 8),
    undefined,
    'Disks in RAM, /dev/ram0 and on. Up to v4.14 file systems can access them directly.',
  ),
  dcssblk: key<readonly SegmentText[] | undefined>(
    list(segment, 1, 8),
    undefined,
    'Segments that z/VM keeps under a name, /dev/dcssblk0 and on. With `arch: s390`.',
  ),
  axonram: key<readonly { readonly size: number }[] | undefined>(
    list(map({ size: key(size(M, 64 * M, M), 16 * M, 'Bytes of the bank.') }), 1, 8),
    undefined,
    'Banks of memory behind the bridge of a Cell blade, /dev/axonram0 and on. With `arch: powerpc`, up to v4.16.',
  ),
  media_errors: key<readonly MediaErrorConfig[] | undefined>(
    list(mediaError, 0, 64),
    undefined,
    'Media that cannot be read. With the key, `[]` too, firmware scrubs, clears and takes injected errors.',
  ),
  caches: nested(caches, 'Sets and ways of the caches.'),
  store_buffer: key(integer(1, 1024), 56, 'Entries of the store buffer of each core.'),
  wc_buffers: key(integer(1, 64), 10, 'Write-combining buffers of each core.'),
  wpq: key(integer(1, 1024), 16, 'Lines that the write-pending queue of each memory controller holds.'),
})

/** Steps and ticks after which a runaway program is cut off. */
const budget = map<{ steps: number; ticks: number }>({
  steps: key(integer(1_000, 20_000_000), 2_000_000, 'Recorded steps.'),
  ticks: key(integer(1_000, 2_000_000_000), 200_000_000, 'Instructions that touch only private memory.'),
})

export interface ScenarioText {
  readonly title: string
  readonly kernel: string
  readonly machine: MachineText
  readonly cmdline: string | undefined
  readonly config: ConfigText
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
    cmdline: key<string | undefined>(text(1000), undefined, 'Boot arguments, such as `memmap=64M!512M`.'),
    config: nested(config, 'Build options, `y` or `n`; all are on.'),
    model: nested(model, 'Which reading of x86 persistency holds, where the sources differ.'),
    setup: key(lines, DEFAULT_SETUP, 'Shell lines that run before the program.'),
    threads: key<readonly string[]>(list(functionName, 1, 8), ['main'], 'C functions that run at the same time.'),
    budget: nested(budget, 'Where a runaway program is cut off.'),
  },
  ['args', 'stdin', 'timers'],
)
