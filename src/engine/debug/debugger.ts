/** What a debugger may ask of a recording: where its threads are, what their variables hold, at any step and tick. */

import type { Place, PlaceView } from '../../protocol/debug.ts'
import type { DebugAnswers, DebugQuestion } from '../../protocol/messages.ts'
import type { Recording } from '../inspect/recording.ts'
import type { Pasts } from '../userspace/past/pasts.ts'
import { innermost } from './frames.ts'
import { Stepping } from './stepping.ts'
import { Threads } from './threads.ts'
import { Variables } from './variables.ts'

export class Debugger {
  readonly recording: Recording
  private readonly threads: Threads
  private readonly variables: Variables
  private readonly stepping: Stepping

  /** `pasts`: what was kept while it was recorded. */
  constructor(recording: Recording, pasts: Pasts) {
    this.recording = recording
    const { machine } = recording
    this.threads = new Threads(machine, pasts)
    this.variables = new Variables(recording, this.threads)
    this.stepping = new Stepping(machine, this.threads, this.variables)
  }

  /** May take long: whoever drives it looks up at every `yield`. */
  *answer(q: DebugQuestion): Generator<void, DebugAnswers[keyof DebugAnswers]> {
    const { threads, variables } = this
    const place = threads.places.inside(q)
    switch (q.ask) {
      case 'place':
        return this.place(place)
      case 'instruction':
        return threads.places.next(place, q.direction)
      case 'statement':
        return yield* this.stepping.target({ ...q, from: place })
      case 'locals':
        return threads.alive(place).flatMap((thread) => variables.thread(thread, place) ?? [])
      case 'globals':
        return variables.globals(q.thread, place)
      case 'value':
        return variables.value(q, place)
      case 'evaluate':
        return variables.evaluate(q, place)
    }
  }

  private place(place: Place): PlaceView {
    const { machine } = this.recording
    const { places } = this.threads
    const thread = this.threads.of(place)
    const replay = thread < 0 ? undefined : this.threads.at(thread, place)
    return {
      ...place,
      ticks: places.stretch(place.step)?.ticks ?? 0,
      line: replay === undefined ? machine.trace.line.get(place.step) : innermost(replay).line,
      ...(thread < 0 ? {} : { thread: machine.threads[thread]?.name ?? '' }),
    }
  }
}
