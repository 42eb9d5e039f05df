/** A recorded program under a debugger. */

import { ensure } from '../src/base/assert.ts'
import { Debugger } from '../src/engine/debug/debugger.ts'
import { prepareAny } from '../src/engine/prepare.ts'
import { record } from '../src/engine/record.ts'
import { Pasts } from '../src/engine/userspace/past/pasts.ts'
import type { Breakpoint, CThreadView, EvaluatedView, Place, PlaceView, Stop } from '../src/protocol/debug.ts'
import type { DebugQuestion } from '../src/protocol/messages.ts'
import { readScenario } from '../src/scenario/read.ts'

type Refused = { readonly message: string; readonly breakpoint: number }

export class DebugSession {
  readonly pasts = new Pasts()
  readonly debugger: Debugger

  constructor(text: string) {
    const parsed = readScenario(text)
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
    const recording = record(parsed.value, text, { prepare: prepareAny, keeper: this.pasts })
    if (!recording.ok) throw new Error(JSON.stringify(recording.error))
    this.debugger = new Debugger(recording.value, this.pasts)
  }

  get machine() {
    return this.debugger.recording.machine
  }

  ask<T>(q: DebugQuestion): T {
    const work = this.debugger.answer(q)
    for (;;) {
      const next = work.next()
      if (next.done === true) return next.value as T
    }
  }

  threads({ step, tick }: Place): readonly CThreadView[] {
    return this.ask({ ask: 'locals', step, tick })
  }

  /** The first place at which the thread that acts next stands at a line. */
  at(line: number): Place {
    const { machine } = this
    for (let step = machine.programStart + 1; step < machine.end; step++) {
      const { ticks } = this.ask<PlaceView>({ ask: 'place', step, tick: 0 })
      for (let tick = 0; tick <= ticks; tick++)
        if (this.ask<PlaceView>({ ask: 'place', step, tick }).line === line) return { step, tick }
    }
    throw new Error(`line ${line} is never reached`)
  }

  evaluated(
    { step, tick }: Place,
    text: string,
    o: { frame?: number; path?: number[]; name?: string } = {},
  ): EvaluatedView {
    const { frame = 0, path = [], name } = o
    const threads = this.threads({ step, tick })
    const thread = ensure(
      name === undefined ? threads[0] : threads.find((each) => each.name === name),
      'it runs',
    ).thread
    return this.ask({ ask: 'evaluate', step, tick, thread, frame, text, path, from: 0 })
  }

  /** The value's text, or the error with its column. */
  said(at: Place, text: string, o: { frame?: number; path?: number[]; name?: string } = {}): string {
    const found = this.evaluated(at, text, o)
    return found.kind === 'value' ? found.value.text : `${found.column}: ${found.message}`
  }

  run({ step, tick }: Place, direction: 'forward' | 'back', breakpoints: readonly Breakpoint[]): Stop | Refused | null {
    return this.ask({ ask: 'statement', step, tick, verb: 'continue', direction, breakpoints })
  }

  /** Places at which `continue` stops, from the first of the recording or back from the last: all, or so many. */
  stops(direction: 'forward' | 'back', breakpoints: readonly Breakpoint[], most = Number.POSITIVE_INFINITY): Stop[] {
    const { trace } = this.machine
    const found: Stop[] = []
    let at: Place = { step: direction === 'forward' ? 0 : trace.length - 1, tick: 0 }
    for (;;) {
      const stop = this.run(at, direction, breakpoints)
      if (stop !== null && 'message' in stop) throw new Error(stop.message)
      if (stop === null || found.length === most) return direction === 'forward' ? found : found.reverse()
      if (stop.breakpoint !== undefined) found.push(stop)
      at = stop
    }
  }
}
