/** What a power failure loses and leaves, as runs of bytes with the program line that wrote each. */

import type { LossView, LostRange, SurvivingRange } from '../../protocol/frame.ts'
import type { CachedRun } from './cache-loss.ts'
import type { KeptByte, LostByte } from './loss.ts'
import type { Recording } from './recording.ts'

export function lossView(recording: Recording, step: number): LossView {
  const { lost, kept } = recording.loss(step)
  const cached = recording.cached(step)
  return {
    step,
    lostBytes: lost.length + cached.reduce((sum, { bytes }) => sum + bytes.length, 0),
    lost: [
      ...runs(lost, (a, b) => a.where === b.where && sameLine(recording, a, b)).map((run) =>
        lostRange(recording, run, step),
      ),
      // Files first: a program's own bytes matter more than what the file system keeps of them.
      ...cached.filter(({ file }) => file !== undefined).map((run) => cachedRange(recording, run)),
      ...cached.filter(({ file }) => file === undefined).map((run) => cachedRange(recording, run)),
    ],
    survivingBytes: kept.length,
    survived: runs(kept, (a, b) => sameLine(recording, a, b)).map((run) => keptRange(recording, run, step)),
  }
}

const sameLine = (recording: Recording, a: { readonly op: number }, b: { readonly op: number }): boolean => {
  const { history } = recording.machine.hw
  return recording.sourceLine(history.step(a.op)) === recording.sourceLine(history.step(b.op))
}

/** Neighbouring bytes that belong together. */
function runs<B extends LostByte | KeptByte>(bytes: readonly B[], together: (a: B, b: B) => boolean): B[][] {
  const all: B[][] = []
  for (const byte of bytes) {
    const run = all[all.length - 1]
    const last = run?.[run.length - 1]
    if (
      run !== undefined &&
      last !== undefined &&
      last.line === byte.line &&
      last.offset + 1 === byte.offset &&
      together(last, byte)
    )
      run.push(byte)
    else all.push([byte])
  }
  return all
}

function place(recording: Recording, run: readonly (LostByte | KeptByte)[], step: number) {
  const { hw } = recording.machine
  const first = run[0] as LostByte | KeptByte
  const spa = hw.lines.spa(first.line) + first.offset
  const sourceLine = recording.sourceLine(hw.history.step(first.op))
  return {
    spa,
    length: run.length,
    ...recording.placeOf(spa, step),
    sourceLine,
    source: recording.source(sourceLine),
  }
}

const lostRange = (recording: Recording, run: readonly LostByte[], step: number): LostRange => ({
  ...place(recording, run, step),
  where: (run[0] as LostByte).where,
  written: run.map((byte) => byte.written),
  left: run.map((byte) => byte.left),
})

function cachedRange(recording: Recording, { where, file, offset, block, bytes, step }: CachedRun): LostRange {
  const sourceLine = recording.sourceLine(step)
  return {
    length: bytes.length,
    where,
    ...(file === undefined ? {} : { file, offset }),
    ...(block === undefined ? {} : { block }),
    sourceLine,
    source: recording.source(sourceLine),
    written: [...bytes],
    left: [],
  }
}

const keptRange = (recording: Recording, run: readonly KeptByte[], step: number): SurvivingRange => ({
  ...place(recording, run, step),
  bytes: run.map((byte) => byte.value),
})
