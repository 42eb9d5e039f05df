/**
 * Looks into the C threads of what was recorded. What that takes is kept while it is recorded; a recording that was made
 * before anybody looked is made again, in slices, and replaced by its equal.
 */

import { assert } from '../base/assert.ts'
import { Debugger } from '../engine/debug/debugger.ts'
import type { Run } from '../engine/record.ts'
import { Pasts } from '../engine/userspace/past/pasts.ts'
import type { DebugAnswers, DebugQuestion } from '../protocol/messages.ts'
import type { Recorded } from './recorded.ts'

export class Debugging {
  private found: Debugger | undefined
  private again: { readonly of: Recorded; readonly run: Run; readonly pasts: Pasts } | undefined

  keeper(): Pasts {
    return new Pasts()
  }

  /** May take long: whoever drives it looks up at every `yield`. */
  *answer(recorded: Recorded, q: DebugQuestion): Generator<void, DebugAnswers[keyof DebugAnswers]> {
    if (recorded.keeper === undefined) yield* this.recordAgain(recorded)
    const { recording, keeper } = recorded
    assert(keeper instanceof Pasts, 'this keeper was given to the recording')
    if (this.found?.recording !== recording) this.found = new Debugger(recording, keeper)
    return yield* this.found.answer(q)
  }

  /** Questions that come meanwhile share the work. */
  private *recordAgain(recorded: Recorded): Generator<void, void> {
    if (this.again?.of !== recorded) {
      const pasts = this.keeper()
      const run = recorded.start(pasts)
      assert(run.ok, 'what was recorded once can be recorded again')
      this.again = { of: recorded, run: run.value, pasts }
    }
    const { run, pasts } = this.again
    while (!run.advance()) yield
    if (recorded.keeper !== undefined) return
    const { recording } = recorded
    recorded.recording = run.recording()
    assert(recorded.recording.steps === recording.steps, 'keeping changes nothing')
    recorded.keeper = pasts
    this.again = undefined
  }
}
