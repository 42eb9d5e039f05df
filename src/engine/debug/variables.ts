/** The variables of the C threads at a place, and what expressions of them come to. */

import { err, type Result } from '../../base/result.ts'
import type { CThreadView, EvaluatedView, Place, ValueView } from '../../protocol/debug.ts'
import type { StackFrame } from '../../protocol/frame.ts'
import type { DebugQuestion } from '../../protocol/messages.ts'
import { callsFrom } from '../inspect/frame.ts'
import type { Recording } from '../inspect/recording.ts'
import type { Replay } from '../userspace/past/replay.ts'
import type { ThreadPast } from '../userspace/past/thread-past.ts'
import { evaluate, holds } from './evaluate.ts'
import { Expressions, type Refusal } from './expressions.ts'
import { type CFrame, framesOf, innermost, placeOf, typeIn } from './frames.ts'
import { MemoryAt } from './memory-at.ts'
import type { Threads } from './threads.ts'
import { type CObject, Values } from './values.ts'

/** Globals that are told. */
const MOST_GLOBALS = 500
const NO_WORDS = new Int32Array(0)
const LOST = 'what it received by here was too much to be kept: its variables are not known from here on'

export class Variables {
  private readonly recording: Recording
  private readonly threads: Threads
  private readonly expressions: Expressions

  constructor(recording: Recording, threads: Threads) {
    this.recording = recording
    this.threads = threads
    const { what } = recording.machine.scenario
    this.expressions = new Expressions(what.kind === 'c' ? what.text : '', threads.program)
  }

  thread(thread: number, place: Place): CThreadView | undefined {
    const past = this.threads.past(thread)
    if (past === undefined) return undefined
    const { name } = past.origin
    const replay = this.threads.at(thread, place)
    const calls = this.calls(thread, place)
    if (replay === undefined) return { thread, name, calls: false, note: LOST, frames: [], stack: calls }
    const { waits } = replay
    const found = this.frames(replay, thread, place).map((frame) => ({
      frame,
      locals: this.locals(frame, replay.vm.words),
    }))
    const { values } = this.memory(thread, past, place)
    const frames = found.map(({ frame, locals }) => {
      return { function: frame.fn.name, line: frame.line, locals: locals.map((object) => values.view(object)) }
    })
    let outer = 0
    const stack = calls.map((call) => {
      const line = call.kind === 'program' ? found[outer++]?.frame.line : undefined
      return line === undefined ? call : { ...call, line }
    })
    return { thread, name, calls: waits, frames, stack }
  }

  globals(thread: number, place: Place): readonly ValueView[] {
    const past = this.threads.past(thread)
    if (past === undefined) return []
    const { values } = this.memory(thread, past, place)
    return this.globalsOf(past)
      .slice(0, MOST_GLOBALS)
      .map((object) => values.view(object))
  }

  value(q: DebugQuestion & { ask: 'value' }, place: Place): ValueView | null {
    const past = this.threads.past(q.thread)
    if (past === undefined) return null
    const replay = this.threads.at(q.thread, place)
    const frame = replay && this.frames(replay, q.thread, place)[q.frame]
    const locals = frame === undefined ? [] : this.locals(frame, replay?.vm.words ?? NO_WORDS)
    const { values } = this.memory(q.thread, past, place)
    const object = [...locals, ...this.globalsOf(past)].find(({ name }) => name === q.name)
    return object === undefined ? null : values.opened(object, q.path, q.from)
  }

  evaluate(q: DebugQuestion & { ask: 'evaluate' }, place: Place): EvaluatedView {
    const refused = (message: string, column = 1): EvaluatedView => ({ kind: 'error', message, column })
    const past = this.threads.past(q.thread)
    if (past === undefined) return refused('no C program runs in this thread')
    if (this.threads.isLost(q.thread, place)) return refused(LOST)
    const replay = this.threads.at(q.thread, place)
    const frame =
      replay && this.threads.lives(q.thread, place) ? this.frames(replay, q.thread, place)[q.frame] : undefined
    const expression = this.expressions.expression(q.text, frame)
    if (!expression.ok) return refused(expression.error.message, expression.error.column)
    const { values, memory } = this.memory(q.thread, past, place)
    const words = replay?.vm.words.slice() ?? NO_WORDS
    const object = evaluate(expression.value, {
      frame,
      words,
      read: (va, length) => memory.read(va, length),
      whyNot: (va) => memory.whyNot(va),
    })
    if (!object.ok) return refused(object.error.message, object.error.column)
    const value = values.opened(object.value, q.path, q.from)
    return value === null ? refused('it has no such part') : { kind: 'value', value }
  }

  /** Does a condition hold in the innermost frame of a thread? */
  holds(text: string, thread: number, place: Place): Result<boolean, Refusal> {
    const past = this.threads.past(thread)
    const replay = this.threads.at(thread, place)
    if (past === undefined || replay === undefined)
      return err({ message: 'no function of the program runs in the thread that comes here', column: 1 })
    const frame = innermost(replay)
    const expression = this.expressions.expression(text, frame)
    if (!expression.ok) return expression
    let found: MemoryAt | undefined
    const memory = (): MemoryAt => {
      found ??= this.memory(thread, past, place).memory
      return found
    }
    return holds(expression.value, {
      frame,
      words: replay.vm.words,
      read: (va, length) => replay.direct(va, length) ?? memory().read(va, length),
      whyNot: (va) => memory().whyNot(va),
    })
  }

  private calls(thread: number, place: Place): readonly StackFrame[] {
    const { trace } = this.recording.machine
    const { places } = this.threads
    return callsFrom(trace, places.call(thread, place), trace.line.get(places.lastOf(thread, place.step).step))
  }

  /** Where the thread begins, of the function that it is about to call; at its end not of the one that it has left. */
  private frames(replay: Replay, thread: number, place: Place): readonly CFrame[] {
    const calls = this.calls(thread, place)
    const isBeginning = calls.length === 0 && !replay.waits
    const open = calls.filter(({ kind }) => kind === 'program').length
    return framesOf(replay).slice(0, isBeginning ? 1 : open)
  }

  private memory(thread: number, past: ThreadPast, place: Place): { memory: MemoryAt; values: Values } {
    const memory = new MemoryAt(this.recording, this.threads, thread, past, place)
    return { memory, values: new Values(memory, past.origin.program) }
  }

  /** Copied: other threads may be looked at on the way. */
  private locals(frame: CFrame, words: Int32Array): readonly CObject[] {
    return this.expressions.locals(frame).map((local) => {
      return { name: local.name, type: typeIn(local.type, frame, words), at: placeOf(local, frame, words) }
    })
  }

  private globalsOf(past: ThreadPast): readonly CObject[] {
    const { globals } = past.origin.program
    return globals.filter(({ name }) => name !== '').map(({ name, type, address }) => ({ name, type, at: address }))
  }
}
