/** A C program as what the machine runs: its functions as threads, then, after a power failure, `recover()`. */

import { assert, ensure } from '../base/assert.ts'
import type { Spa } from '../base/brand.ts'
import { err, ok } from '../base/result.ts'
import { compile } from '../lang/c/compile.ts'
import type { CFunction, Program } from '../lang/c/program.ts'
import { newProcess } from './linux/kernel/fork.ts'
import { contextFor } from './linux/kernel.ts'
import type { Thread } from './sim/thread.ts'
import { CActivation } from './userspace/activation.ts'
import { Memory } from './userspace/memory.ts'
import type { Host, Prepare, Workload } from './workload.ts'

export const cProgram: Prepare = ({ scenario, schedules, at }) => {
  const { what, threads } = scenario
  assert(what.kind === 'c', 'a C program is prepared from C')
  const program = compile(what.text)
  if (!program.ok) return err(program.error)
  const problems = threads.flatMap((name) => {
    const fn = program.value.functions.find((f) => f.name === name)
    if (fn === undefined) return [at('threads', `the program has no function ${name}() to run as a thread`)]
    const takes = fn.parameters > 0 && name !== 'main'
    return takes ? [at('threads', `${name}() takes parameters: a thread's function has none`)] : []
  })
  if (problems.length > 0) return err(problems)
  const unresolved = schedules.map(({ index }) => index)
  return ok(new CProgram(program.value, threads, unresolved))
}

class CProgram implements Workload {
  readonly endsVisible = false
  readonly reboots = true
  readonly unresolved: readonly number[]
  private readonly program: Program
  private readonly threads: readonly string[]
  private memory: Memory | undefined

  constructor(program: Program, threads: readonly string[], unresolved: readonly number[]) {
    this.program = program
    this.threads = threads
    this.unresolved = unresolved
  }

  initial(at: Spa): Uint8Array | undefined {
    return this.memory?.initial(at)
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

  /** A process whose threads are these functions. */
  private run(host: Host, process: string, threads: readonly string[]): readonly Thread[] {
    const { program } = this
    const memory = new Memory(program, threads.length)
    this.memory = memory
    const task = newProcess(host.kernel, process)
    return threads.map((name, index) => {
      const thread = host.thread(name, index % host.hw.config.cores)
      const kernel = contextFor(host.kernel, host.core(thread.core), task, thread.core)
      const entry = ensure(this.entry(name), `the program has ${name}()`)
      const print = (text: string): void => host.print(text)
      thread.start(new CActivation({ program, memory, thread, index, entry, kernel, print }))
      return thread
    })
  }
}
