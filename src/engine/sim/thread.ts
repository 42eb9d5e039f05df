/**
 * A thread: what runs on it, as an explicit stack. The bottom is the C machine (or a kernel function, for boot and
 * setup); above it the library and kernel functions that are being executed. That stack is the call stack.
 */

import { CallRecord, type Request, Sleep, WAIT } from './kfunc.ts'
import type { Actor, Recorder } from './recorder.ts'
import type { FunctionKind } from './trace.ts'

/** Something other than a generator that can stand at the bottom of a thread: the C machine. */
export interface Activation {
  /** Runs until it has used up `fuel` instructions, must wait, has called something, or is finished. */
  resume(fuel: number): 'fuel' | 'stopped' | 'returned' | { readonly trap: string }
  /** The result of what it called. */
  deliver(value: unknown): void
  /** What it returned, as an exit status. */
  status(): number
  /** Does its return end the process? */
  isMain(): boolean
  sourceLine(): number
  ticks(): number
}

/** Thrown by library and kernel code when the program can't go on: a signal that kills it, `exit()`. */
export class Killed extends Error {
  override readonly name = 'Killed'
  readonly status: number
  /** undefined: an orderly exit. */
  readonly reason: string | undefined
  /** The process ends with the thread. */
  readonly kills: boolean
  constructor(status: number, reason: string | undefined, kills = true) {
    super(reason ?? `exit ${status}`)
    this.status = status
    this.reason = reason
    this.kills = kills
  }
}

/** Operand a of a return step: nothing was returned, b is the number, b is the index of its text. */
const RETURNS_NOTHING = 0
export const RETURNS_NUMBER = 1
export const RETURNS_TEXT = 2

function resultWord(result: unknown, intern: (text: string) => number): [number, number] {
  const value = typeof result === 'boolean' ? Number(result) : result
  if (typeof value === 'number' || typeof value === 'bigint') {
    const signed = typeof value === 'bigint' ? BigInt.asIntN(64, value) : value
    if (Number(signed) === (Number(signed) | 0)) return [RETURNS_NUMBER, Number(signed)]
    return [RETURNS_TEXT, intern(`0x${BigInt.asUintN(64, BigInt(Math.trunc(Number(signed)))).toString(16)}`)]
  }
  return typeof value === 'string' ? [RETURNS_TEXT, intern(`"${value}"`)] : [RETURNS_NOTHING, 0]
}

interface Call {
  readonly generator: Generator<Request, unknown, unknown>
  readonly frame: number
  value: unknown
}

export type Turn =
  /** Its turn is over; it can go on. */
  | { readonly kind: 'paused' }
  | { readonly kind: 'waiting' }
  /** `kills`: the whole process ends with it. */
  | { readonly kind: 'ended'; readonly status: number; readonly kills: boolean; readonly problem?: string }

export class Thread implements Actor {
  readonly id: number
  readonly name: string
  readonly core: number
  frame = 0
  ticksSeen = 0
  ended = false
  started = false
  /** When it wakes up, nanoseconds since the boot, if it does nothing but sleep. */
  wakes: bigint | undefined
  private readonly recorder: Recorder
  private readonly calls: Call[] = []
  private activation: Activation | undefined
  /** The call that the thread consists of, until it begins. */
  private first: CallRecord | undefined
  private lastLine = 0

  constructor(id: number, name: string, core: number, recorder: Recorder) {
    this.id = id
    this.name = name
    this.core = core
    this.recorder = recorder
  }

  /** What the thread consists of: a C function's activation, or a kernel function to call. */
  start(body: Activation | CallRecord): void {
    if (body instanceof CallRecord) this.first = body
    else this.activation = body
  }

  sourceLine(): number {
    if (this.activation !== undefined) this.lastLine = this.activation.sourceLine()
    return this.lastLine
  }

  ticks(): number {
    return this.activation?.ticks() ?? 0
  }

  /** Steps recorded by now. */
  steps(): number {
    return this.recorder.trace.length
  }

  /** Ticks of library code; false when the thread must hand over first. */
  spend(ticks: number): boolean {
    return this.recorder.spend(ticks)
  }

  /** The C machine has done `ticks`. */
  burn(ticks: number): void {
    this.recorder.fuel -= ticks
  }

  /** Instructions that are left of its turn. */
  fuel(): number {
    return this.recorder.fuel
  }

  /** Something is due before the thread may do anything more. */
  mustPause(): boolean {
    return this.recorder.paused
  }

  /** Open a call frame for something that the thread enters; the step is the call itself. */
  enter(name: string, file: string, kind: FunctionKind): void {
    const { trace } = this.recorder
    this.frame = trace.openFrame(this.frame, trace.functionId(name, file, kind), this.id)
    this.recorder.thread('call', this.frame, 0)
  }

  /** `result`: what the call evaluates to; undefined for nothing worth showing. */
  leave(result: unknown): void {
    const { trace } = this.recorder
    const [form, word] = resultWord(result, (text) => trace.intern(text))
    this.recorder.thread('return', form, word)
    trace.closeFrame(this.frame)
    this.frame = trace.frameParent.get(this.frame)
  }

  /** Begin a call of a modelled function on top of the stack. */
  push(record: CallRecord): void {
    const { fn, context, args } = record
    this.enter(fn.name, fn.file, fn.file.startsWith('libc') || fn.file.startsWith('shell') ? 'library' : 'kernel')
    this.calls.push({
      generator: fn.body(context as never, ...(args as never[])),
      frame: this.frame,
      value: undefined,
    })
  }

  /** Run until the recorder pauses it, it has to wait, or it has ended. */
  turn(): Turn {
    this.wakes = undefined
    try {
      return this.run()
    } catch (error) {
      if (!(error instanceof Killed)) throw error
      this.ended = true
      const problem = error.reason === undefined ? {} : { problem: error.reason }
      return { kind: 'ended', status: error.status, kills: error.kills, ...problem }
    }
  }

  private run(): Turn {
    for (;;) {
      if (this.recorder.paused) return { kind: 'paused' }
      if (this.first !== undefined) {
        this.push(this.first)
        this.first = undefined
        continue
      }
      const call = this.calls[this.calls.length - 1]
      if (call !== undefined) {
        const next = call.generator.next(call.value)
        if (next.done === true) this.finish(next.value)
        else if (next.value === WAIT) {
          // It may have put something on the stack by itself, which then comes first.
          if (this.calls[this.calls.length - 1] === call) return { kind: 'waiting' }
        } else if (next.value instanceof Sleep) {
          this.wakes = next.value.until
          return { kind: 'waiting' }
        } else this.push(next.value)
        continue
      }
      const { activation } = this
      if (activation === undefined) return this.end(0, false)
      const outcome = activation.resume(this.recorder.fuel)
      if (typeof outcome === 'object') throw new Killed(139, outcome.trap)
      if (outcome === 'returned') return this.end(activation.status(), activation.isMain())
      if (outcome === 'fuel') return { kind: 'paused' }
      if (this.calls.length === 0) return { kind: this.recorder.paused ? 'paused' : 'waiting' }
    }
  }

  /** Result of the last function that returned to the bottom of a thread without an activation. */
  result: unknown

  private finish(value: unknown): void {
    this.calls.pop()
    this.leave(value)
    const below = this.calls[this.calls.length - 1]
    if (below !== undefined) below.value = value
    else if (this.activation !== undefined) this.activation.deliver(value)
    else this.result = value
  }

  private end(status: number, kills: boolean): Turn {
    this.ended = true
    return { kind: 'ended', status, kills }
  }
}
