/** A C program as what the machine runs: its functions as threads, then, after a power failure, `recover()`. */

import { assert, ensure } from '../base/assert.ts'
import type { Spa } from '../base/brand.ts'
import type { Diagnostic } from '../base/diagnostic.ts'
import { err, ok, type Result } from '../base/result.ts'
import { compile } from '../lang/c/compile.ts'
import type { Rare } from '../lang/c/context.ts'
import { type Headers, headers } from '../lang/c/headers.ts'
import type { OwnFiles } from '../lang/c/own-files.ts'
import type { CFunction, Program } from '../lang/c/program.ts'
import { newProcess } from './linux/kernel/fork.ts'
import { contextFor } from './linux/kernel.ts'
import { Killed, type Thread } from './sim/thread.ts'
import { CActivation } from './userspace/activation.ts'
import { CProcess, type Library } from './userspace/c-process.ts'
import { type Intrinsics, intrinsics } from './userspace/intrinsics.ts'
import { library } from './userspace/libc/functions.ts'
import { MOST_THREADS } from './userspace/memory.ts'
import type { Keeper } from './userspace/past/keeper.ts'
import type { Spawned } from './userspace/process.ts'
import { pointedFunction } from './userspace/vm/pointer.ts'
import {
  type Host,
  needsOtherMemory,
  type OtherMemory,
  type Prepare,
  type PrepareInput,
  type ShellParts,
  type Workload,
} from './workload.ts'

/** The headers and functions that a program finds. */
export interface Parts {
  readonly headers: Headers
  readonly library: Library
  readonly intrinsics: Intrinsics
  readonly rare?: Rare
  /** Persistent memory that no NFIT describes. */
  readonly memory?: (o: PrepareInput) => Result<OtherMemory | undefined, readonly Diagnostic[]>
  readonly shell?: ShellParts
  /** Takes a text of several files apart. */
  files?(text: string): OwnFiles
}

const has = ({ library, intrinsics }: Parts, name: string): boolean => Boolean(library[name] ?? intrinsics[name])

export const cProgramWith =
  (parts: Parts): Prepare =>
  (o) => {
    const { scenario, schedules, at, keeper } = o
    const { what, threads } = scenario
    assert(what.kind === 'c', 'a C program is prepared from C')
    const own = parts.files?.(what.text)
    const program = compile(own?.main ?? what.text, { ...parts, ...(own === undefined ? {} : { own }) })
    if (!program.ok) return err(program.error)
    const missing = program.value.natives.find((name) => !has(parts, name))
    if (missing !== undefined) return err([at('threads', `the library has no ${missing}()`)])
    const problems = threads.flatMap((name) => {
      const fn = program.value.functions.find((f) => f.name === name)
      if (fn === undefined) return [at('threads', `the program has no function ${name}() to run as a thread`)]
      const takes = fn.parameters > 0 && name !== 'main'
      return takes ? [at('threads', `${name}() takes parameters: a thread's function has none`)] : []
    })
    if (problems.length > 0) return err(problems)
    const unresolved = schedules.map(({ index }) => index)
    const memory = parts.memory?.(o)
    if (memory?.ok === false) return memory
    return ok(new CProgram({ program: program.value, parts, threads, unresolved, keeper, memory: memory?.value }))
  }

/**
 * With the part of compiler and library that the smallest programs need. Who is refused asks again with the whole
 * (`whole-c-program.ts`): what this one accepts means the same there.
 */
const usual = cProgramWith({ headers, library, intrinsics })

export const cProgram: Prepare = (o) =>
  needsOtherMemory(o.scenario) ? err([o.at('machine', 'the machine needs drivers that are not loaded')]) : usual(o)

class CProgram implements Workload {
  readonly endsVisible = false
  readonly reboots = true
  readonly unresolved: readonly number[]
  private readonly program: Program
  private readonly parts: Parts
  private readonly threads: readonly string[]
  private readonly keeper: Keeper | undefined
  private process: CProcess | undefined
  readonly memory: OtherMemory | undefined

  constructor(o: {
    program: Program
    parts: Parts
    threads: readonly string[]
    unresolved: readonly number[]
    keeper: Keeper | undefined
    memory: OtherMemory | undefined
  }) {
    this.program = o.program
    this.parts = o.parts
    this.threads = o.threads
    this.unresolved = o.unresolved
    this.keeper = o.keeper
    this.memory = o.memory
  }

  initial(at: Spa): Uint8Array | undefined {
    return this.process?.memory.initial(at)
  }

  get shell(): ShellParts | undefined {
    return this.parts.shell
  }

  fileOf(): undefined {
    return undefined
  }

  begin(host: Host): readonly Thread[] {
    return this.run(host, 'program', this.threads)
  }

  recovery(host: Host): Thread | undefined {
    return this.entry('recover') === undefined ? undefined : this.run(host, 'recover', ['recover'])[0]
  }

  private entry(name: string): CFunction | undefined {
    return this.program.functions.find((fn) => fn.name === name)
  }

  /** A process whose threads are these functions; it may start more. */
  private run(host: Host, name: string, functions: readonly string[]): readonly Thread[] {
    const { program, parts, keeper } = this
    const task = newProcess(host.kernel, name)
    const threads: Thread[] = []
    // Which numbers are taken.
    const taken: boolean[] = []
    const start = (entry: CFunction, called: string): Begun | undefined => {
      const free = taken.indexOf(false)
      const index = free < 0 ? taken.length : free
      if (index >= MOST_THREADS) return undefined
      taken[index] = true
      const thread = host.thread(called, index % host.hw.config.cores)
      const kernel = contextFor(host.kernel, host.core(thread.core), task, thread.core)
      const activation = new CActivation({ process, thread, index, entry, kernel, keeper })
      thread.start(activation)
      threads.push(thread)
      return { thread, activation, index }
    }
    const spawn = (pointer: bigint, argument: bigint): Spawned | undefined => {
      const pointed = pointedFunction(program, Number(pointer & 0xffff_ffffn), Number(pointer >> 32n))
      const entry = pointed?.native === false ? program.functions[pointed.index] : undefined
      if (entry === undefined) throw new Killed(139, 'a thread needs a function of the program to run')
      const same = threads.filter((thread) => thread.name.replace(/#\d+$/, '') === entry.name).length
      const begun = start(entry, same === 0 ? entry.name : `${entry.name}#${same + 1}`)
      if (begun === undefined) return undefined
      const { thread, activation, index } = begun
      activation.argument(argument)
      return {
        index,
        get ended() {
          return thread.ended
        },
        get result() {
          return activation.returned()
        },
        release: () => {
          taken[index] = false
        },
      }
    }
    const print = (text: string, stream: 1 | 2): void => host.print(text, stream)
    const process = new CProcess({ program, ...parts, threads: functions.length, print, spawn })
    this.process = process
    for (const fn of functions) start(ensure(this.entry(fn), `the program has ${fn}()`), fn)
    return threads
  }
}

interface Begun {
  readonly thread: Thread
  readonly activation: CActivation
  readonly index: number
}
