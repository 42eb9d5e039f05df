/** What the machine runs once it is set up, as the machine sees it: a C program, or a litmus test. */

import type { Spa } from '../base/brand.ts'
import type { Diagnostic } from '../base/diagnostic.ts'
import type { Result } from '../base/result.ts'
import type { LitmusFrame, LitmusView } from '../protocol/litmus.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Platform } from './firmware/platform-of-nfit.ts'
import type { Core } from './hw/cpu/core.ts'
import type { Hardware } from './hw/hardware.ts'
import type { StateAt } from './inspect/state-at.ts'
import type { kernelLog } from './kernel-log.ts'
import type { KernelModule } from './linux/include/linux/module.ts'
import type { Kernel, KernelOptions } from './linux/kernel.ts'
import type { Director } from './litmus/player.ts'
import type { Obeyed, Obeying } from './obeying.ts'
import type { Journal } from './sim/journal.ts'
import type { Recorder } from './sim/recorder.ts'
import type { Thread } from './sim/thread.ts'
import type { Keeper } from './userspace/past/keeper.ts'
import type { Shell } from './userspace/shell/shell.ts'
import type { wholeNvdimm } from './whole-nvdimm.ts'

/** What the machine offers to what it runs. */
export interface Host {
  readonly hw: Hardware
  readonly recorder: Recorder
  readonly journal: Journal
  readonly kernel: Kernel
  /** A new thread, which starts at its first turn. */
  thread(name: string, core: number): Thread
  /** A core as one thread sees it. */
  core(index: number): Core
  /** To stdout (1) or stderr (2). */
  print(text: string, stream: 1 | 2): void
}

/** The whole shell, and what the machine needs with it and not without. */
export interface ShellParts extends Shell {
  commands(machine: Obeyed): Obeying
  readonly log: typeof kernelLog
}

/** What the screen may ask of a litmus test. */
export interface LitmusQuestions {
  view(): LitmusView
  /** `survivors`: the version of each line that a power failure would leave. */
  frame(state: StateAt, step: number, survivors: ReadonlyMap<number, number>): LitmusFrame
}

export interface Workload {
  /** Its memory at first, where that is not zeros. */
  initial(at: Spa): Uint8Array | undefined
  /** Its threads, in the order of their turns. */
  begin(host: Host): readonly Thread[]
  /** Who decides what happens, instead of policy and turns. */
  readonly director?: Director | undefined
  /** Is everything that it stored visible at its end? Then its write-combining buffers are handed over, too. */
  readonly endsVisible: boolean
  /** The whole shell, where it was brought along: for `setup:`, and for commands that a person types. */
  readonly shell?: ShellParts | undefined
  /** Does the machine boot again when power is back? */
  readonly reboots: boolean
  /** What looks at what survived, after that boot. */
  recovery(host: Host): Thread | undefined
  /** Indices of the interventions that were meant for it and that it could not carry out. */
  readonly unresolved: readonly number[]
  /** The name under which it knows an address, where the kernel has no file for it. */
  fileOf(at: number): { readonly file: string; readonly offset: number } | undefined
  readonly litmus?: LitmusQuestions
  /** Memory beside that of the NFIT. */
  readonly memory?: OtherMemory | undefined
}

/** A schedule that came as an intervention, and which. */
export interface Schedule {
  readonly choices: string
  readonly index: number
}

/** RAM that the model's page allocator may use. */
export const RAM = { spa: 0x800_0000 as Spa, length: 0x800_0000 }

/** What outlives a kernel: label areas by DIMM ("nmem0"), unreadable media, what a hypervisor has saved. */
export type Kept = Pick<KernelOptions, 'labelAreas' | 'mediaErrors' | 'savedSegments'>

/** What persistent memory needs beyond DIMMs without labels in an NFIT: hardware, and the drivers for it. */
export interface OtherMemory {
  readonly platform: Platform
  readonly modules: readonly KernelModule[]
  /** Code for labels and the block translation table. */
  readonly support: typeof wholeNvdimm
  /** Made once for all boots. */
  kept(journal: Journal): Kept
}

/** Does a scenario need such? */
export const needsOtherMemory = ({ cmdline, machine }: Scenario): boolean =>
  (cmdline ?? machine.e820 ?? machine.virtio_pmem ?? machine.media_errors ?? machine.brd) !== undefined ||
  machine.arch !== 'x86-64' ||
  machine.nvdimms.some(({ labels }) => labels !== undefined)

/** Does its setup touch tables of partitions? A kernel of a machine where none does is built without them. */
export const usesPartitions = ({ setup }: Scenario): boolean => /\bsfdisk\b|--rereadpt\b/.test(setup)

/** Does its setup mount a file system? A kernel of a machine where none does is built without them. */
export const usesFileSystems = ({ setup }: Scenario): boolean => /\bmount\b/.test(setup)

/**
 * What a boot after a power failure repeats, as /etc/fstab would: the lines of the setup that mount, and those that make
 * the mapped devices that these name. Nothing else of the setup is run again.
 */
export function bootScript({ setup }: Scenario): string {
  const lines = setup.split('\n')
  const mounts = lines.filter((line) => /^\s*mount\s+\S/.test(line))
  const named = (line: string): boolean => {
    const [, name] = /\bdmsetup\s+create\s+(?:-\S+\s+)*([^\s-]\S*)/.exec(line) ?? []
    return name !== undefined && mounts.some((mount) => mount.includes(`/dev/mapper/${name}`))
  }
  return lines.filter((line) => mounts.includes(line) || named(line)).join('\n')
}

/** What a workload is made of. */
export interface PrepareInput {
  readonly scenario: Scenario
  /** undefined: it could not be built, which is reported elsewhere. */
  readonly platform: Platform | undefined
  readonly schedules: readonly Schedule[]
  /** Hears what it takes to run the threads of the C machine again. */
  readonly keeper: Keeper | undefined
  /** Something is wrong with a key of the front matter. */
  at(key: string, message: string): Diagnostic
}

/** From a scenario to what runs, or to everything that is wrong with it. */
export type Prepare = (o: PrepareInput) => Result<Workload, readonly Diagnostic[]>
