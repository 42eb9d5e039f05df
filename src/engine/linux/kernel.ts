/**
 * What kernel code knows of its surroundings: the core it runs on, the task it runs for, the release that it is.
 *
 * All contexts of one boot share their objects. Variables that C would make static are structs, found by their
 * declaration with `k.global(declaration)`; nothing that can change lives anywhere else.
 */

import type { Spa } from '../../base/brand.ts'
import type { Cpu } from '../sim/cpu.ts'
import type { Journal } from '../sim/journal.ts'
import type { OnCpu } from '../sim/op.ts'
import type { Identity, StructType } from '../sim/struct.ts'
import type { SavedSegment } from './arch/s390/mm/extmem.ts'
import type { PartitionTables } from './block/partitions/core.ts'
import type { DeviceMapper } from './drivers/md/dm-core.ts'
import type { NvdimmBtt, NvdimmLabels, NvdimmPoison } from './drivers/nvdimm/nd.ts'
import type { Bio } from './include/linux/blk_types.ts'
import type { FileSystemType, Vfs } from './include/linux/fs.ts'
import type { LabelArea, MediaErrors } from './include/linux/libnvdimm.ts'
import type { MmStruct } from './include/linux/mm_types.ts'
import type { KernelModule } from './include/linux/module.ts'
import { type TaskStruct, task_struct } from './include/linux/sched.ts'
import type { Feature, Release } from './releases.ts'

export type LogLevel = 'err' | 'warn' | 'notice' | 'info' | 'debug'

/** What an x86-64 build always has: without it it is a kernel of another architecture. The last is no option but a macro. */
export type ConfigOption = 'ARCH_HAS_PMEM_API' | 'ARCH_HAS_UACCESS_FLUSHCACHE' | 'ARCH_HAS_NOCACHE_UACCESS'

/** A line of the kernel's log. */
export interface Printed {
  readonly level: LogLevel
  readonly text: string
  /** Nanoseconds since the boot. */
  readonly nsec: bigint
}

/** What firmware, boot loader and build hand to the kernel, and who listens to it. */
export interface KernelOptions {
  readonly journal: Journal
  readonly cpu: Cpu
  readonly release: Release
  /** Build options that are off; every other one is on. */
  readonly configOff?: readonly ConfigOption[]
  /** Boot arguments. */
  readonly cmdline: string
  /** The NFIT as found in memory; undefined on a machine without one. */
  readonly nfit: Uint8Array | undefined
  /** Drivers and descriptions that only some machines need: persistent memory that no NFIT describes. */
  readonly modules?: readonly KernelModule[]
  /** ACPI's name space has the root device of NVDIMMs even without an NFIT. */
  readonly nvdimmRoot?: boolean
  /** Of everything that a real kernel would draw at random. */
  readonly seed: number
  /** System RAM that nothing else uses: the page allocator's. Contents are zero at boot. */
  readonly ram: { readonly spa: Spa; readonly length: number }
  /** Label areas by device name. They belong to the DIMMs and outlive this kernel. */
  readonly labelAreas?: Readonly<Record<string, LabelArea>>
  /** The code for labels and the namespaces that they make; fetched only by who has label areas. */
  readonly labels?: NvdimmLabels
  /** The code of the block translation table; fetched only by who has namespaces in sector mode. */
  readonly btt?: NvdimmBtt
  /** File systems that can be mounted, and what they take; fetched only by who mounts one. */
  readonly filesystems?: readonly FileSystemType[]
  readonly vfs?: Vfs
  /** Tables of partitions on disks; fetched only by who has any. */
  readonly partitions?: PartitionTables
  /** Disks made of others; fetched only by who has the whole shell to make them. */
  readonly dm?: DeviceMapper
  /** Segments that the hypervisor keeps, on s390. They outlive this kernel. */
  readonly savedSegments?: readonly SavedSegment[]
  /** Unreadable media. It belongs to the platform and outlives this kernel. */
  readonly mediaErrors?: MediaErrors
  /** The code for it; fetched only by who has media errors. */
  readonly poison?: NvdimmPoison
  /** Instructions that CPUID reports; default both. */
  readonly cpuFeatures?: { readonly clwb: boolean; readonly clflushopt: boolean }
  /** Proximity domains of the SRAT; the n-th is node n. Without one, the domains 0, 1, 2 … that the NFIT names. */
  readonly srat?: readonly number[]
  onPrintk(level: LogLevel, text: string): void
  /** What has been logged since the boot; absent where nobody keeps it. */
  readonly printed?: () => readonly Printed[]
  /**
   * Firmware stores a word of a DIMM's label area, which can be seen: runs `store` and says true, or false when it has to
   * wait. Absent where nobody looks: stored at once.
   */
  readonly storeLabel?: (area: LabelArea, offset: number, store: () => void) => boolean
  /** A disk is handed a bio; `stripped`: PREFLUSH and FUA go no further. */
  readonly onBio?: (bio: Bio, stripped: boolean) => void
  /** Something was written to a sysfs attribute. */
  onSysfs(path: string, text: string): void
}

/** A piece of an address space: virtual `start` … `end` is at SPA `base`. */
export interface TlbEntry {
  mm: MmStruct | undefined
  /** The address space's tlb_gen when it was filled. */
  gen: object | undefined
  start: number
  end: number
  base: number
  write: boolean
}

export interface Kernel extends OnCpu {
  readonly journal: Journal
  readonly options: KernelOptions
  /** The task that is running. */
  readonly current: TaskStruct
  /** smp_processor_id(). */
  readonly processor: number
  /** The core's last translation. A cache: what it holds follows from the page tables. */
  readonly tlb: TlbEntry
  has(feature: Feature): boolean
  /** IS_ENABLED(CONFIG_…). */
  config(option: ConfigOption): boolean
  /** The one instance of a struct that stands for static variables of a source file. */
  global<F extends object>(declaration: StructType<F>): F & Identity
}

/** Finds the instances of declarations. What it remembers is which object is which, never a value. */
type Statics = Kernel['global']

function statics(journal: Journal): Statics {
  const instances = new Map<unknown, unknown>()
  return <F extends object>(declaration: StructType<F>): F & Identity => {
    const known = instances.get(declaration) ?? declaration.create(journal)
    instances.set(declaration, known)
    return known as F & Identity
  }
}

function context(options: KernelOptions, cpu: Cpu, processor: number, current: TaskStruct, global: Statics): Kernel {
  const { journal, release } = options
  return {
    options,
    journal,
    cpu,
    processor,
    current,
    global,
    has: (feature) => release.features.has(feature),
    config: (option) => options.configOff?.includes(option) !== true,
    tlb: { mm: undefined, gen: undefined, start: 0, end: 0, base: 0, write: false },
  }
}

/** One per boot. Its own task is the kernel itself. */
export function createKernel(options: KernelOptions): Kernel {
  const { journal, cpu } = options
  return context(options, cpu, 0, task_struct.create(journal, { pid: 1, comm: 'swapper/0' }), statics(journal))
}

/** The same kernel, running for `task` on core `processor`, through `cpu`. */
export const contextFor = (k: Kernel, cpu: Cpu, task: TaskStruct, processor: number): Kernel =>
  context(k.options, cpu, processor, task, k.global)
