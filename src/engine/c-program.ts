/** A C program as what the machine runs: its functions as threads, then, after a power failure, `recover()`. */

import { assert, ensure } from '../base/assert.ts'
import type { Spa } from '../base/brand.ts'
import type { Diagnostic } from '../base/diagnostic.ts'
import { err, ok, type Result } from '../base/result.ts'
import type { CFunction, Program } from '../lang/c/program.ts'
import { newProcess } from './linux/kernel/fork.ts'
import { contextFor } from './linux/kernel.ts'
import { Killed, type Thread } from './sim/thread.ts'
import { CActivation } from './userspace/activation.ts'
import { CProcess, type Library } from './userspace/c-process.ts'
import type { Intrinsics } from './userspace/intrinsics.ts'
import { MOST_THREADS } from './userspace/memory.ts'
import type { Keeper } from './userspace/past/keeper.ts'
import type { Spawned } from './userspace/process.ts'
import { pointedFunction } from './userspace/vm/pointer.ts'
import type { Host, OtherMemory, Prepare, PrepareInput, ShellParts, Workload } from './workload.ts'

/** How a text becomes a program, and the functions that the program finds. */
export interface Parts {
  compile(text: string): Result<Program, readonly Diagnostic[]>
  readonly library: Library
  readonly intrinsics: Intrinsics
  /** Persistent memory that no NFIT describes. */
  readonly memory?: (o: PrepareInput) => Result<OtherMemory | undefined, readonly Diagnostic[]>
  readonly shell?: ShellParts
}

const has = ({ library, intrinsics }: Parts, name: string): boolean => Boolean(library[name] ?? intrinsics[name])

export const cProgramWith =
  (parts: Parts): Prepare =>
  (o) => {
    const { scenario, schedules, at, keeper } = o
    const { what, threads } = scenario
    assert(what.kind === 'c', 'a C program is prepared from C')
    const program = parts.compile(what.text)
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
