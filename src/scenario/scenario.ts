/** A scenario after reading: everything that decides a recording, defaults filled in. Plain data. */

import type { Model } from '../engine/explore/model.ts'
import type { SegmentType } from '../engine/linux/arch/s390/mm/extmem.ts'
import type { ConfigOption } from '../engine/linux/kernel.ts'
import type { LitmusTest } from '../engine/litmus/test.ts'

export type PowerFail = 'none' | 'adr' | 'eadr'
export type PolicyName = 'lazy' | 'eager' | 'random' | 'person'

export interface CpuConfig {
  readonly clwb: boolean
  readonly clflushopt: boolean
  readonly movdir64b: boolean
  readonly avx: boolean
  /** clwb drops the line from the caches, too. */
  readonly clwb_evicts: boolean
}

/** What firmware says of a DIMM in trouble. */
export type DimmFlag = 'save_fail' | 'restore_fail' | 'flush_fail' | 'not_armed' | 'map_fail'

export interface NvdimmConfig {
  /** Bytes, a multiple of 4 KiB. */
  readonly size: number
  /** Number of flush-hint addresses that the NFIT gives this DIMM. */
  readonly flush_hints: number
  /** What this DIMM's ADR does on power failure. */
  readonly adr_fails: boolean
  readonly flags?: readonly DimmFlag[] | undefined
  /** Bytes of its label area, blank at first; without one it has no labels. */
  readonly labels?: number | undefined
}

/** What an address range is for: memory, or a virtual disk or CD, volatile or persistent. */
export type RegionType = 'pmem' | 'volatile' | 'vdisk' | 'vcd' | 'pdisk' | 'pcd'

export interface RegionConfig {
  readonly type: RegionType
  /** Bytes; of a range that no NVDIMM stands behind. */
  readonly size?: number | undefined
  /** Indices into `nvdimms`, in interleave order. */
  readonly nvdimms: readonly number[]
  /** Bytes each DIMM holds in turn; only with more than one DIMM. */
  readonly interleave: number
}

/** A range that the e820 map calls persistent: type 12 on platforms older than the NFIT. */
export interface E820Config {
  /** SPA, bytes. */
  readonly start: number
  readonly size: number
  readonly type: 7 | 12
}

/** Media of a DIMM that can't be read when the machine starts. */
export interface MediaErrorConfig {
  /** Index into `nvdimms`; of a real table the DIMMs in the order of their handles. */
  readonly nvdimm: number
  /** DPA and length, bytes. */
  readonly at: number
  readonly length: number
}

export interface CacheGeometry {
  readonly sets: number
  readonly ways: number
}

/** The architecture whose drivers and build options the kernel has; the processor stays what it is. */
export type Arch = 'x86-64' | 's390' | 'powerpc'

/** A segment that the hypervisor z/VM keeps: its name, bytes, and who may do what with it. */
export interface SegmentConfig {
  readonly name: string
  readonly size: number
  readonly type: SegmentType
}

export interface MachineConfig {
  readonly arch: Arch
  readonly cores: number
  readonly cpu: CpuConfig
  readonly power_fail: PowerFail
  readonly policy: PolicyName
  /** Seed of the `random` policy. */
  readonly seed: number
  readonly nvdimms: readonly NvdimmConfig[]
  readonly regions: readonly RegionConfig[]
  /** What the firmware claims; undefined = the truth about `power_fail`. */
  readonly firmware: { readonly capabilities?: 'none' | 'memory_controller' | 'cpu_cache' }
  /** A real table (base64) instead of a generated one: it then describes the hardware too. */
  readonly nfit?: string
  readonly e820?: readonly E820Config[] | undefined
  readonly virtio_pmem?: readonly { readonly size: number }[] | undefined
  /** Disks in RAM; sizes in bytes. */
  readonly brd?: readonly { readonly size: number }[] | undefined
  readonly dcssblk?: readonly SegmentConfig[] | undefined
  /** Banks of memory behind the Axon bridge; sizes in bytes. */
  readonly axonram?: readonly { readonly size: number }[] | undefined
  /** Present: firmware looks for media errors, clears them and takes injected ones. */
  readonly media_errors?: readonly MediaErrorConfig[] | undefined
  readonly caches: { readonly l1: CacheGeometry; readonly l3: CacheGeometry }
  /** Entries: store buffer a core, write-combining buffers a core, WPQ lines a memory controller. */
  readonly store_buffer: number
  readonly wc_buffers: number
  readonly wpq: number
}

/** What runs. */
type What =
  /** C, with as many empty lines in front as the front matter has: line numbers are those of the whole text. */
  { readonly kind: 'c'; readonly text: string } | { readonly kind: 'litmus'; readonly test: LitmusTest }

export interface Scenario {
  readonly title: string
  /** A release name as `linux/releases` knows it: "v6.1". */
  readonly kernel: string
  readonly machine: MachineConfig
  /** Boot arguments; of those, `memmap=nn!ss` counts. */
  readonly cmdline?: string | undefined
  /** Build options that are off. */
  readonly configOff?: readonly ConfigOption[]
  /** Which reading of x86 persistency holds, where the sources differ. */
  readonly model: Model
  /** Shell lines, run before the program; `setupLine` is the 1-based line of the first in the text. */
  readonly setup: string
  readonly setupLine: number
  /** C functions that run as threads, ["main"] when the front matter names none; P0, P1, … of a litmus test. */
  readonly threads: readonly string[]
  readonly what: What
  /** Steps, ticks after which a runaway program is cut off. */
  readonly budget: { readonly steps: number; readonly ticks: number }
}
