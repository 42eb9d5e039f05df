/**
 * Commands that a person types: run by the thread "console", one after the other, between what the program does.
 *
 * A command begins when no thread is inside the kernel, where a lock may be held; then the whole of it runs before
 * anything else goes on. The console runs on a core that nobody uses, if there is one; otherwise the thread that was
 * there is switched out, which is a full barrier for that core.
 */

import type { CommandOutcome } from '../protocol/interventions.ts'
import type { Interventions } from './interventions.ts'
import { newProcess } from './linux/kernel/fork.ts'
import { contextFor, type Kernel } from './linux/kernel.ts'
import type { CallRecord } from './sim/kfunc.ts'
import type { Thread } from './sim/thread.ts'
import type { Trace } from './sim/trace.ts'
import type { Console } from './userspace/shell/shell.ts'
import type { Host, Workload } from './workload.ts'

/** Turns in a row without a step after which a command is given up. */
const STUCK_TURNS = 10_000

/** What the machine does for it. */
export interface Obeyed {
  readonly trace: Trace
  readonly interventions: Interventions
  readonly workload: Workload
  /** The threads that run at the moment. */
  threads(): readonly Thread[]
  /** Of the boot that runs at the moment. */
  host(): Host
  /** Who runs on a core. */
  runsOn(core: number): Thread | undefined
  /** False: nothing may run any more. */
  turn(thread: Thread): boolean
}

interface Session {
  readonly thread: Thread
  readonly console: Console
  readonly kernel: Kernel
  readonly host: Host
}

export class Obeying {
  readonly outcomes = new Map<number, CommandOutcome>()
  private readonly machine: Obeyed
  private session: Session | undefined

  constructor(machine: Obeyed) {
    this.machine = machine
  }

  /** A command is due, and a thread is inside the kernel. */
  get waits(): boolean {
    return this.machine.interventions.typed.length > 0
  }

  /** The power has failed: what had not begun never will. */
  interrupted(): void {
    this.session = undefined
    this.machine.interventions.forgo()
  }

  /** Every command that may begin now. */
  *all(): Generator<void, void> {
    const { interventions, workload } = this.machine
    const { shell } = workload
    while (shell !== undefined && interventions.typed.length > 0 && !this.inKernel()) {
      const { index, text } = interventions.typed.shift() as { index: number; text: string }
      this.session ??= this.open(shell.console())
      if (!(yield* this.run(this.session, index, text))) return
    }
  }

  private open(console: Console): Session {
    const host = this.machine.host()
    const { cores } = host.hw.config
    const free = Array.from({ length: cores }, (_, core) => core).findLast((core) => !this.machine.runsOn(core))
    const core = free ?? cores - 1
    const thread = host.thread('console', core)
    const kernel = contextFor(host.kernel, host.core(core), newProcess(host.kernel, 'bash'), core)
    return { thread, console, kernel, host }
  }

  /** False: the run is over. */
  private *run({ thread, console, kernel, host }: Session, index: number, text: string): Generator<void, boolean> {
    const { trace, interventions } = this.machine
    const from = trace.length
    let output = ''
    const print = (more: string, stream: 1 | 2): void => {
      output += more
      host.print(more, stream)
    }
    thread.start(console.run(kernel, text, print) as unknown as CallRecord)
    thread.ended = false
    let goesOn = true
    for (let stuck = 0; goesOn && !thread.ended && stuck < STUCK_TURNS; ) {
      const before = trace.length
      const tell = (): void => {
        this.outcomes.set(index, { from, to: trace.length - 1, output })
      }
      // The power may fail in the middle of it, which ends this turn by an exception.
      tell()
      goesOn = this.machine.turn(thread)
      tell()
      stuck = trace.length === before ? stuck + 1 : 0
      yield
    }
    const to = trace.length - 1
    interventions.taken.set(index, to)
    const status = thread.ended && typeof thread.result === 'number' ? { status: thread.result } : {}
    this.outcomes.set(index, { from, to, output, ...status })
    return goesOn
  }

  private inKernel(): boolean {
    const { trace } = this.machine
    return this.machine.threads().some((thread) => {
      for (let frame = thread.ended ? 0 : thread.frame; frame !== 0; frame = trace.frameParent.get(frame))
        if (trace.functionOf(frame).kind === 'kernel') return true
      return false
    })
  }
}
