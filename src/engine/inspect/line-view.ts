/** One line under the glass: its bytes, where it belongs, and the life of one of its bytes. */

import type { LifeEvent, LineView, Stage } from '../../protocol/frame.ts'
import { byteViews } from './bytes.ts'
import type { Recording } from './recording.ts'
import { sentence } from './sentence.ts'

const MOST_EVENTS = 40

/** `spa`: any address in the line; `byte`: 0…63. undefined when the machine never touched that line. */
export function lineView(recording: Recording, step: number, spa: number, byte: number): LineView | undefined {
  const { hw } = recording.machine
  const line = hw.lines.peek(spa)
  if (line === 0) return undefined
  const home = hw.lines.home(line)
  const start = hw.lines.spa(line)
  const file = recording.fileOf(start, step)
  return {
    line: start,
    ...(file === undefined ? {} : file),
    ...(home.kind === 'nvdimm' ? { dimm: home.dimm, dpa: home.dpa } : {}),
    bytes: byteViews(recording.at(step), line, (at) => recording.sourceLine(at)),
    life: life(recording, step, line, byte),
  }
}

/** What happened to one byte, from its newest store at or before `step` on: how far that store came. */
function life(recording: Recording, step: number, line: number, byte: number): readonly LifeEvent[] {
  const { machine } = recording
  const { trace, hw } = machine
  const { history } = hw
  const events: LifeEvent[] = []
  const covers = (op: number): boolean =>
    history.isWrite(op) && byte >= history.offset(op) && byte < history.offset(op) + history.size(op)
  /** Step at which the newest store to the byte so far became visible; what moves a version made earlier leaves it behind. */
  let since = 0
  const add = (at: number, stage: Stage): void => {
    if (events.length < MOST_EVENTS)
      events.push({ step: at, stage, sentence: sentence(recording, at), future: at > step })
  }
  for (const at of recording.stepsOf(line)) {
    const a = trace.a.get(at)
    const b = trace.b.get(at)
    const kind = trace.kindOf(at)
    switch (kind) {
      case 'store':
      case 'movnt':
      case 'movdir64b':
        for (let op = a; op < a + b; op++) if (history.line(op) === line && covers(op)) add(at, 'store-buffer')
        break
      case 'lock':
      case 'drain':
        for (let op = a; op < a + (kind === 'lock' ? b & 0xff : 1); op++)
          if (history.line(op) === line && covers(op)) {
            add(at, 'dirty')
            since = at
          }
        break
      case 'wc-fill':
        if (covers(a)) add(at, 'wc')
        break
      case 'clwb':
      case 'clflushopt':
      case 'clflush':
        if (events.length > 0) add(at, 'flight')
        break
      case 'wc-drain':
        // A buffer may drain in part: what became visible now.
        for (let made = b; history.madeAt(made) === at; made = history.parent(made))
          if (covers(history.op(made)) && since < at) {
            add(at, 'wpq')
            since = at
          }
        break
      case 'flush':
      case 'write-back':
        if (b !== 0 && events.length > 0 && history.madeAt(b) >= since) add(at, 'wpq')
        break
      case 'evict':
        if (events.length > 0 && history.madeAt(b) >= since) add(at, 'dirty')
        break
      case 'wpq-drain':
        if (events.length > 0 && history.madeAt(b) >= since) add(at, 'media')
        break
      default:
        break
    }
  }
  const { failedAt } = machine
  if (failedAt >= 0 && recording.lostAtFailure().some((lost) => lost.line === line && lost.offset === byte))
    events.push({
      step: failedAt,
      stage: 'lost',
      sentence: 'The power failed: this store is lost.',
      future: failedAt > step,
    })
  return events.sort((x, y) => x.step - y.step)
}
