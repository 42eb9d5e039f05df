/** The 64 bytes of a line at a step: what they are, how far each has come, who wrote it. */

import type { ByteView, Stage } from '../../protocol/frame.ts'
import type { StateAt } from './state-at.ts'

interface ByteState {
  readonly stage: Stage
  /** Newest store to the byte, 0 if none ever. */
  readonly op: number
}

/** Stage and newest writer of each byte of a line, the nearest to the core winning. */
function byteStates(state: StateAt, line: number): readonly ByteState[] {
  const { history } = state.hw
  const bytes: ByteState[] = Array.from({ length: 64 }, () => ({ stage: 'clean', op: 0 }))
  const lay = (op: number, stage: Stage): void => {
    for (let i = history.offset(op); i < history.offset(op) + history.size(op); i++)
      if (bytes[i]?.op === 0) bytes[i] = { stage, op }
  }
  for (const { op, where } of [...state.pending(line)].reverse()) lay(op, where)
  const visible = state.visible(line)
  const accepted = state.accepted(line)
  const media = state.media(line)
  const dirty: Stage = state.inFlight(line) ? 'flight' : 'dirty'
  for (const op of state.between(visible, accepted)) lay(op, dirty)
  for (const op of state.between(accepted, media)) lay(op, 'wpq')
  for (let at = media; at !== 0 && bytes.some((byte) => byte.op === 0); at = history.parent(at))
    lay(history.op(at), 'media')
  return bytes
}

/** What a load of each byte would return: visible contents under the buffered stores, of all cores or of one. */
export function visibleBytes(state: StateAt, line: number, only?: number): Uint8Array {
  const { hw } = state
  const bytes = Uint8Array.from(hw.history.contents(state.visible(line), hw.lines.initial(line)))
  for (const { op, core } of state.pending(line))
    if (only === undefined || core === only) hw.history.applyTo(bytes, 0, op)
  return bytes
}

export function byteViews(state: StateAt, line: number, sourceLine: (step: number) => number): readonly ByteView[] {
  const { hw } = state
  const values = visibleBytes(state, line)
  const media = hw.history.contents(state.media(line), hw.lines.initial(line))
  return byteStates(state, line).map(({ stage, op }, i) => {
    const base = { value: values[i] as number, media: media[i] as number, stage }
    if (op === 0) return base
    const step = hw.history.step(op)
    const line = sourceLine(step)
    return line === 0 ? { ...base, step } : { ...base, step, sourceLine: line }
  })
}
