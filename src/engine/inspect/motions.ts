/** What moved in a step: from which place to which, in which stage. */

import type { Motion, Place, Stage } from '../../protocol/frame.ts'
import { survivors } from '../hw/power.ts'
import type { Recording } from './recording.ts'

/** Movements of the steps after `since` up to `step`; at most `most`, the last ones. */
export function motions(recording: Recording, since: number, step: number, most: number): readonly Motion[] {
  const all: Motion[] = []
  for (let at = step; at > since && all.length < most; at--) {
    const motion = motionOf(recording, at)
    if (motion !== undefined) all.push(motion)
    if (recording.machine.trace.kindOf(at) === 'power-failure') all.push(...saved(recording, at, most))
  }
  return all.reverse()
}

function motionOf(recording: Recording, step: number): Motion | undefined {
  const { machine } = recording
  const { trace, hw } = machine
  const { history } = hw
  const kind = trace.kindOf(step)
  const core = trace.core.get(step)
  const a = trace.a.get(step)
  const b = trace.b.get(step)
  const lineIndex = machine.lineIndexOf(step)
  if (lineIndex === 0) return undefined
  const line = hw.lines.spa(lineIndex)
  const home = hw.lines.home(lineIndex)
  const make = (from: Place, to: Place, stage: Stage, words: number, label: string): Motion => ({
    step,
    from,
    to,
    stage,
    words,
    label,
  })
  /** From the cache that had the line dirty to its memory controller. */
  const writeBack = (stage: Stage, label: string): Motion => {
    const owner = recording.at(step - 1).dirty(lineIndex)?.core ?? -1
    const from: Place = owner < 0 ? { kind: 'l3', line } : { kind: 'l1', core: owner, line }
    const to: Place = { kind: 'wpq', controller: home.controller, line }
    return make(from, to, stage, changed(recording, step, lineIndex, b), label)
  }
  /** Words of the line that the pieces of an instruction write. */
  const opWords = (first: number, pieces = 1): number => {
    let words = 0
    for (let op = first; op < first + pieces; op++) if (history.line(op) === lineIndex) words |= history.words(op)
    return words
  }
  /** Words that became visible with `version`. */
  const drained = (version: number): number => {
    let words = 0
    for (let at = version; history.madeAt(at) === step; at = history.parent(at)) words |= history.words(history.op(at))
    return words
  }
  switch (kind) {
    case 'store':
    case 'movnt':
    case 'movdir64b': {
      const slot = recording.at(step).storeBuffer(core).length - 1
      const label = kind === 'store' ? 'mov' : kind
      return make({ kind: 'core', core }, { kind: 'store-buffer', core, slot }, 'store-buffer', opWords(a, b), label)
    }
    case 'lock': {
      if (!history.isWrite(a))
        return make({ kind: 'l1', core, line }, { kind: 'core', core }, 'clean', opWords(a), 'compare')
      return make({ kind: 'core', core }, { kind: 'l1', core, line }, 'dirty', opWords(a, b & 0xff), 'lock')
    }
    case 'drain':
      return make({ kind: 'store-buffer', core, slot: 0 }, { kind: 'l1', core, line }, 'dirty', opWords(a), 'drain')
    case 'wc-fill':
      return make(
        { kind: 'store-buffer', core, slot: 0 },
        { kind: 'wc', core, line },
        'wc',
        opWords(a),
        history.kind(a),
      )
    case 'flush':
      return b === 0 ? undefined : writeBack('flight', 'write-back')
    case 'wc-drain':
      return make(
        { kind: 'wc', core, line },
        { kind: 'wpq', controller: home.controller, line },
        'wc',
        drained(b),
        'movnt',
      )
    case 'evict':
      return make({ kind: 'l1', core, line }, { kind: 'l3', line }, 'dirty', 0xff, 'evicted')
    case 'write-back':
      return b === 0 || home.kind !== 'nvdimm' ? undefined : writeBack('dirty', 'written back')
    case 'wpq-drain': {
      const words = changed(recording, step, lineIndex, b)
      return make(
        { kind: 'wpq', controller: home.controller, line },
        { kind: 'media', dimm: home.dimm, line },
        'wpq',
        words,
        'to media',
      )
    }
    case 'load':
      return make({ kind: 'l1', core, line }, { kind: 'core', core }, 'clean', 1 << ((b & 63) >> 3), 'load')
    default:
      return undefined
  }
}

/** What reaches media on the last energy, when the power fails at `step`. */
function saved(recording: Recording, step: number, most: number): readonly Motion[] {
  const { hw, power } = recording.machine
  const before = recording.at(step - 1)
  const found: Motion[] = []
  for (const [lineIndex, version] of survivors(hw, before.words, power)) {
    const media = before.media(lineIndex)
    if (version === media || found.length === most) continue
    const line = hw.lines.spa(lineIndex)
    const home = hw.lines.home(lineIndex)
    const owner = before.dirty(lineIndex)?.core ?? -1
    const queued = before.accepted(lineIndex) === version
    const from: Place = queued
      ? { kind: 'wpq', controller: home.controller, line }
      : owner < 0
        ? { kind: 'l3', line }
        : { kind: 'l1', core: owner, line }
    let words = 0
    for (const op of before.between(version, media)) words |= hw.history.words(op)
    const label = queued ? 'saved by ADR' : 'saved by eADR'
    found.push({ step, from, to: { kind: 'media', dimm: home.dimm, line }, stage: 'wpq', words, label })
  }
  return found
}

/** Words that differ between what the memory controller had before the step and `version`. */
function changed(recording: Recording, step: number, line: number, version: number): number {
  const before = recording.at(step - 1)
  const older = recording.machine.trace.kindOf(step) === 'wpq-drain' ? before.media(line) : before.accepted(line)
  let words = 0
  for (const op of before.between(version, older)) words |= recording.machine.hw.history.words(op)
  return words
}
