/**
 * The machine: hardware, firmware, kernel, program, joined. The only place that knows them all.
 *
 * It lives through boot, setup, the program, and, when the power fails, a second boot and `recover()`. `run()` is a
 * generator that yields between turns, so that whoever drives it can look up from time to time; where it yields is
 * never visible in the recording.
 */

import { ensure } from '../base/assert.ts'
import type { CommandOutcome } from '../protocol/interventions.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Platform } from './firmware/platform-of-nfit.ts'
import { Core, type InstructionClock } from './hw/cpu/core.ts'
import type { Hardware } from './hw/hardware.ts'
import { type Policy, policy } from './hw/policy.ts'
import { cutPower, type PowerConfig } from './hw/power.ts'
import { type Due, Interventions } from './interventions.ts'
import { start_kernel } from './linux/init/main.ts'
import { newProcess } from './linux/kernel/fork.ts'
import { ktime_get, timekeeping_advance } from './linux/kernel/time/timekeeping.ts'
import { contextFor, type Kernel } from './linux/kernel.ts'
import type { Release } from './linux/releases.ts'
import type { Director } from './litmus/player.ts'
import type { Obeying } from './obeying.ts'
import { hardwareOf, kernelOf } from './parts.ts'
import { namesOperation } from './sim/anchor.ts'
import { Cells } from './sim/cells.ts'
import { Journal } from './sim/journal.ts'
import type { CallRecord } from './sim/kfunc.ts'
import { Recorder } from './sim/recorder.ts'
import { Thread } from './sim/thread.ts'
import { Trace } from './sim/trace.ts'
import { isPlain, plainSetup } from './userspace/shell/plain.ts'
import type { SetupProblem } from './userspace/shell/shell.ts'
import { bootScript, type Host, type Kept, needsOtherMemory, type Workload } from './workload.ts'

export interface Problem {
  readonly message: string
  /** Program (or setup) line, 0 if none. */
  readonly line: number
  /** What stopped it is the budget: nothing is decided. */
  readonly budget: boolean
}

/** One boot: the kernel that ran from a step on. */
export interface Life {
  readonly kernel: Kernel
  readonly from: number
}

/** Instructions a thread has before the next one's turn, when there are several. */
const QUANTUM = 8
/** Instructions between two looks up when there is one. */
const SLICE = 4096
/** Steps between two looks up: hardware may take many for one instruction. */
const STEPS_A_TURN = 8192
/** Characters after which a program that prints is cut off. */
const MOST_OUTPUT = 4_000_000
/** Bytecode instructions in one turn. */
const FUEL = 65_536
/** Turns in a row in which no thread could do anything. */
const STUCK_TURNS = 10_000

class PowerCut extends Error {}

export class Machine {
  readonly scenario: Scenario
  readonly workload: Workload
  readonly platform: Platform
  readonly release: Release
  readonly cells = new Cells()
  readonly trace = new Trace(this.cells)
  readonly journal = new Journal()
  readonly recorder: Recorder
  readonly hw: Hardware
  readonly threads: Thread[] = []
  readonly exits = new Map<number, number>()
  readonly lives: Life[] = []
  readonly power: PowerConfig
  programStart = -1
  end = -1
  failedAt = -1
  ticks = 0
  problem: Problem | undefined
  /** What `recover()` came to; undefined when it did not run. */
  recovered: { readonly status: number | undefined; readonly message: string; readonly from: number } | undefined
  private readonly kept: Kept
  private readonly owners: (Thread | undefined)[] = []
  private readonly clock: InstructionClock = { count: 0 }
  private readonly policy: Policy
  /** A director decides. */
  private directing = false
  private readonly interventions: Interventions
  private readonly obeying: Obeying | undefined
  /** The threads that run at the moment. */
  private process: readonly Thread[] = []
  /** Ticks before the life that runs at the moment. */
  private ticksBefore = 0
  /** Characters that this life's programs have printed. */
  private printed = 0

  constructor(o: {
    scenario: Scenario
    workload: Workload
    platform: Platform
    release: Release
    due: readonly Due[]
  }) {
    this.scenario = o.scenario
    this.workload = o.workload
    this.platform = o.platform
    this.release = o.release
    this.kept = o.workload.memory?.kept(this.journal) ?? {}
    const config = o.scenario.machine
    this.recorder = new Recorder(this.trace, o.scenario.budget.steps)
    this.recorder.onStep = (step) => {
      this.journal.now = step
    }
    const { cells, recorder } = this
    this.hw = hardwareOf({ ...o, cells, recorder, directing: () => this.directing })
    this.policy = policy(config.policy, config.seed)
    this.power = {
      power_fail: config.power_fail,
      adr_fails: new Set([
        ...config.nvdimms.flatMap((nvdimm, i) => (nvdimm.adr_fails ? [i] : [])),
        ...o.platform.dimms.flatMap(({ adrFails }, i) => (adrFails ? [i] : [])),
      ]),
    }
    this.interventions = new Interventions(o.due, this.recorder, this.hw, {
      threadName: (thread) => this.threads[thread]?.name ?? '',
      lineOf: (step) => this.lineOf(step),
    })
    this.obeying = o.workload.shell?.commands({
      trace: this.trace,
      interventions: this.interventions,
      workload: o.workload,
      threads: () => this.process,
      host: () => this.host(ensure(this.lives.at(-1), 'a kernel runs').kernel),
      runsOn: (core) => this.owners[core],
      turn: (thread) => {
        this.turn(thread, false)
        return this.problem === undefined
      },
    })
  }

  /** Indices of the interventions that had no effect, because their place or what they ask for is not in this run. */
  get unresolved(): readonly number[] {
    return [...this.interventions.unresolved, ...this.workload.unresolved]
  }

  /** Step of each transition that a person made, by the intervention's index. */
  get taken(): ReadonlyMap<number, number> {
    return this.interventions.taken
  }

  /** What came of each command that a person typed, by the intervention's index. */
  get commands(): ReadonlyMap<number, CommandOutcome> {
    return this.obeying?.outcomes ?? new Map()
  }

  /** SPA of the line that a step is about, 0 if about none. */
  lineOf(step: number): number {
    const line = this.lineIndexOf(step)
    return line === 0 ? 0 : this.hw.lines.spa(line)
  }

  lineIndexOf(step: number): number {
    const kind = this.trace.kindOf(step)
    if (namesOperation(kind)) return this.hw.history.line(this.trace.a.get(step))
    const moves = kind === 'load' || kind === 'flush' || kind === 'wc-drain' || kind === 'evict'
    return moves || kind === 'write-back' || kind === 'wpq-drain' ? this.trace.a.get(step) : 0
  }

  /** The whole life of the machine, in slices. */
  *run(): Generator<void, void> {
    try {
      yield* this.live()
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error
      for (let again = true; again; ) {
        try {
          yield* this.recover()
          again = false
        } catch (second) {
          // The power may fail during recovery too.
          if (!(second instanceof PowerCut)) throw second
        }
      }
    }
  }

  private *live(): Generator<void, void> {
    const kernel = yield* this.boot()
    const { setup, setupLine } = this.scenario
    const preparing = this.thread('setup', 0)
    const shell = contextFor(kernel, this.core(0), newProcess(kernel, 'sh'), 0)
    // Label areas are the whole shell's, too: the small one does not initialize them.
    const small = isPlain(setup) && !needsOtherMemory(this.scenario)
    const whole = small ? undefined : this.workload.shell?.setup
    const run = (whole ?? plainSetup)(shell, setup, setupLine, (text, stream) => this.print(text, stream))
    preparing.start(run as unknown as CallRecord)
    yield* this.runThreads([preparing])
    const problem = preparing.result as SetupProblem | undefined
    if (problem !== undefined && this.problem === undefined) this.stop(problem.message, problem.line)
    this.idle()
    this.programStart = this.trace.length
    if (this.problem !== undefined) {
      this.programStart = Math.max(0, this.trace.length - 1)
      return
    }
    const all = this.workload.begin(this.host(kernel))
    const { director } = this.workload
    if (director === undefined) yield* this.runThreads(all)
    else yield* this.direct(director, all)
    yield* this.finish(all)
    yield* this.settle()
  }

  /** Power is back: boot again, then let the program's own recovery code look at what survived. */
  private *recover(): Generator<void, void> {
    if (!this.workload.reboots) return
    this.recorder.hardware('boot', 0, 0, 0)
    const kernel = yield* this.boot()
    if (this.problem !== undefined) return
    yield* this.mountAgain(kernel)
    const thread = this.workload.recovery(this.host(kernel))
    if (thread === undefined) return
    const from = this.trace.length
    yield* this.runThreads([thread])
    yield* this.obeying?.all() ?? []
    if (this.recorder.due) this.intervene()
    const problem = this.stopped()
    // A recovery that dies is a broken recovery, not a broken recording.
    this.problem = undefined
    const status = thread.ended && problem === undefined ? this.exits.get(thread.id) : undefined
    const said =
      status === undefined ? (problem?.message ?? 'recover() did not finish') : `recover() returned ${status}`
    this.recovered = { status, message: said, from }
  }

  /** What can not be mounted is said, and the recovery has to live with it. */
  private *mountAgain(kernel: Kernel): Generator<void, void> {
    const script = bootScript(this.scenario)
    const { shell } = this.workload
    if (script === '' || shell === undefined) return
    const booting = this.thread('boot', 0)
    const k = contextFor(kernel, this.core(0), newProcess(kernel, 'sh'), 0)
    const run = shell.setup(k, script, this.scenario.setupLine, (text, stream) => this.print(text, stream))
    booting.start(run as unknown as CallRecord)
    yield* this.runThreads([booting])
    this.idle()
  }

  private *boot(): Generator<void, Kernel> {
    const { scenario, platform, workload, release, journal, recorder, kept } = this
    const from = this.trace.length
    const kernel = kernelOf({
      scenario,
      platform,
      workload,
      release,
      journal,
      recorder,
      kept,
      cpu: this.core(0),
    })
    this.lives.push({ kernel, from })
    const boot = this.thread('kernel', 0)
    boot.start(start_kernel(kernel) as unknown as CallRecord)
    yield* this.runThreads([boot])
    return kernel
  }

  /** stdout is 1, stderr 2; what the setup prints counts as the former. */
  private print(text: string, stream: 1 | 2 = 1): void {
    this.printed += text.length
    this.recorder.thread('output', this.trace.intern(text), stream - 1)
  }

  /** What the machine offers to its workload. */
  private host(kernel: Kernel): Host {
    const { hw, recorder, journal } = this
    return {
      hw,
      recorder,
      journal,
      kernel,
      thread: (name, core) => this.thread(name, core),
      core: (index) => this.core(index, this.workload.director === undefined ? this.policy : policy('person', 0)),
      print: (text, stream) => this.print(text, stream),
    }
  }

  /** A core as one thread sees it. */
  private core(index: number, by = this.policy): Core {
    return new Core(index, this.hw, by, this.clock)
  }

  private thread(name: string, core: number): Thread {
    const thread = new Thread(this.threads.length, name, core, this.recorder)
    this.threads.push(thread)
    return thread
  }

  /** Let threads take turns until all have ended, the power fails, or the run is cut off. */
  private *runThreads(threads: readonly Thread[]): Generator<void, void> {
    this.process = threads
    let stuck = 0
    while (threads.some(({ ended }) => !ended)) {
      const round = this.trace.length + this.ticks
      for (const thread of threads) {
        if (thread.ended) continue
        const before = this.trace.length + this.ticks
        this.turn(thread, threads.length > 1)
        yield* this.obeying?.all() ?? []
        stuck = this.trace.length + this.ticks === before ? stuck + 1 : 0
        if (this.problem === undefined && stuck > STUCK_TURNS)
          this.stop(`deadlock: every thread waits: ${this.waiting(threads)}`, thread.sourceLine())
        if (this.problem !== undefined) return
        yield
      }
      const isIdle = this.trace.length + this.ticks === round
      if (isIdle || threads.every(({ ended, wakes }) => ended || wakes !== undefined)) this.sleepOn(threads)
    }
  }

  /** Who waits where: "main in pthread_mutex_lock, T2 in dm_wait". */
  private waiting(threads: readonly Thread[]): string {
    const place = ({ name, frame }: Thread): string =>
      frame === 0 ? name : `${name} in ${this.trace.functionOf(frame).name}`
    return threads
      .filter(({ ended }) => !ended)
      .map(place)
      .join(', ')
  }

  /** Nobody can do anything: it is as if no time had passed until the first of those who sleep wakes up. */
  private sleepOn(threads: readonly Thread[]): void {
    const { kernel } = ensure(this.lives.at(-1), 'a kernel runs')
    let next: bigint | undefined
    for (const { ended, wakes } of threads)
      if (!ended && wakes !== undefined && (next === undefined || wakes < next)) next = wakes
    const now = ktime_get(kernel)
    if (next !== undefined && next > now) timekeeping_advance(kernel, next - now)
  }

  /** Do as the director says until it says no more. Nothing moves by itself. */
  private *direct(director: Director, threads: readonly Thread[]): Generator<void, void> {
    this.process = threads
    this.directing = true
    for (;;) {
      const next = director.next()
      if (next.kind === 'over' || this.problem !== undefined) return
      if (next.kind === 'power-failure') this.failPower(this.trace.length - 1)
      if (next.kind === 'turn') this.turn(next.thread, false)
      else this.intervene()
      yield
    }
  }

  /** One thread's turn. */
  private turn(thread: Thread, shared: boolean): void {
    const { recorder } = this
    const owner = this.owners[thread.core]
    if (owner !== thread && owner !== undefined) this.empty(thread.core, true)
    this.owners[thread.core] = thread
    // What became due while nobody ran.
    if (recorder.due) this.intervene()
    recorder.actor = thread
    // A command that waits for a thread to leave the kernel begins right after that.
    if (this.obeying?.waits) recorder.begin(1, 1, 1)
    else recorder.begin(shared ? QUANTUM : SLICE, STEPS_A_TURN, shared ? QUANTUM * 16 : FUEL)
    if (!thread.started) {
      thread.started = true
      recorder.thread('thread-start', thread.id, 0)
    }
    const ticks = thread.ticks()
    const outcome = thread.turn()
    this.ticks += thread.ticks() - ticks
    if (outcome.kind === 'ended') {
      this.exits.set(thread.id, outcome.status)
      recorder.thread('thread-end', thread.id, outcome.status)
      if (outcome.problem !== undefined) this.stop(outcome.problem, thread.sourceLine())
      if (outcome.kills) this.killProcess(thread, outcome.status)
      if (this.workload.director === undefined) this.empty(thread.core, false)
      this.owners[thread.core] = undefined
    }
    this.intervene()
    this.checkBudget(thread)
  }

  /** A turn that ended because nothing may be recorded or executed any more ends the run. */
  private checkBudget(thread: Thread): void {
    const { steps, ticks } = this.scenario.budget
    const cutOff = (what: string): void =>
      this.stop(`cut off after ${what}: it may never end`, thread.sourceLine(), true)
    if (this.trace.length >= this.recorder.limit && !thread.ended) cutOff(`${steps.toLocaleString('en')} steps`)
    else if (this.ticks - this.ticksBefore > ticks) cutOff(`${ticks.toLocaleString('en')} instructions`)
    else if (this.printed > MOST_OUTPUT) cutOff(`${MOST_OUTPUT.toLocaleString('en')} characters of output`)
  }

  /** exit(), a signal, or main() has returned: the other threads of the process end too. */
  private killProcess(by: Thread, status: number): void {
    for (const thread of this.process) {
      if (thread === by || thread.ended) continue
      thread.ended = true
      this.exits.set(thread.id, status)
      this.recorder.actor = thread
      if (thread.started) this.recorder.thread('thread-end', thread.id, status)
      this.empty(thread.core, false)
    }
    this.recorder.actor = by
  }

  /** Empty a core's buffers, whatever becomes due in between. */
  private empty(core: number, flushes: boolean): void {
    while (!this.hw.empty(core, flushes)) this.intervene()
  }

  /** Between setup and the program time passes: nothing is on its way any more. */
  private idle(): void {
    for (let core = 0; core < this.hw.config.cores; core++) this.empty(core, true)
    for (let controller = 0; controller < this.hw.memory.wpqs.length; controller++)
      while ((this.hw.memory.wpqs[controller]?.count ?? 0) > 0) this.hw.memory.drain(controller, 0)
  }

  /** Everything has run: what a power failure finds afterwards. Where somebody directs, it may have stopped before. */
  private *finish(threads: readonly Thread[]): Generator<void, void> {
    const { hw, workload } = this
    if (workload.director === undefined)
      for (let core = 0; core < hw.config.cores; core++) {
        this.empty(core, false)
        while (workload.endsVisible && hw.combining.drainOldest(core)) this.intervene()
      }
    yield* this.obeying?.all() ?? []
    this.recorder.actor = undefined
    const quiet =
      hw.storeBuffers.every(({ count }) => count === 0) &&
      (!workload.endsVisible || hw.wc.every(({ used }) => used === 0))
    if (this.problem === undefined && quiet && threads.every(({ ended }) => ended))
      this.recorder.hardware('end', 0, 0, 0)
    this.end = this.trace.length - 1
  }

  /** Interventions that are due at the end. */
  private *settle(): Generator<void, void> {
    this.interventions.end()
    this.intervene()
    yield* this.obeying?.all() ?? []
    yield
  }

  private stopped(): Problem | undefined {
    return this.problem
  }

  private stop(message: string, line: number, budget = false): void {
    if (this.problem !== undefined) return
    this.problem = { message, line, budget }
    this.recorder.thread('stopped', 0, 0)
  }

  // Interventions

  /** Do what has become due. */
  private intervene(): void {
    const failure = this.interventions.take()
    if (failure !== undefined) this.failPower(failure)
  }

  private failPower(step: number): void {
    this.rewind(step)
    if (this.end > step) this.end = -1
    this.trace.closeFrames()
    this.recorder.actor = undefined
    cutPower(this.hw, this.power)
    this.failedAt = this.trace.length - 1
    this.problem = undefined
    this.clock.count = 0
    this.owners.length = 0
    for (const thread of this.threads) thread.ended = true
    // Recovery has a budget of its own.
    this.recorder.limit = this.trace.length + this.scenario.budget.steps
    this.ticksBefore = this.ticks
    this.printed = 0
    this.obeying?.interrupted()
    throw new PowerCut()
  }

  /** Hardware may have moved on within one instruction: take back every step after `step`. */
  private rewind(step: number): void {
    if (this.trace.length === step + 1) return
    this.trace.truncate(step + 1)
    this.journal.truncate(step)
    this.hw.history.truncate(step)
    this.interventions.rewound(step)
  }
}
