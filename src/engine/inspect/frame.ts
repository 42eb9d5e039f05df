/** The screen at one step, put together from the recording. */

import { assert } from '../../base/assert.ts'
import type { CoreView, DimmView, Frame, StackFrame, StoreBufferSlot, Tile } from '../../protocol/frame.ts'
import { survivors } from '../hw/power.ts'
import { NOBODY, type Trace } from '../sim/trace.ts'
import { choices } from './choices.ts'
import { motions } from './motions.ts'
import type { Recording } from './recording.ts'
import { instruction, sentence } from './sentence.ts'
import type { StateAt } from './state-at.ts'
import { cacheTile, mediaTile, wcTile, wpqTile } from './tiles.ts'

/** Tiles that one box of the board is given; the rest are counted. */
const MOST_TILES = 48
const MOST_MOTIONS = 32
const MOST_OUTPUT = 4000

export function frame(recording: Recording, step: number, since: number): Frame {
  const { machine } = recording
  const { trace, hw } = machine
  assert(step >= 0 && step < trace.length, 'a frame is of a step of the recording')
  const moved = motions(recording, Math.max(since, partStart(recording, step) - 1, step - 4096), step, MOST_MOTIONS)
  const acting = lastThreadStep(recording, step)
  const stack = callsFrom(trace, trace.frame.get(acting), trace.line.get(acting))
  // Before the state is read: it looks at other steps, too.
  const lost = lostWords(recording, step)
  const state = recording.at(step)
  const failed = machine.failedAt >= 0 && machine.failedAt <= step ? { failedAt: machine.failedAt } : {}
  const text = instruction(recording, step)
  const thread = recording.threadAt(step)
  const line = machine.lineOf(step)
  const { litmus } = machine.workload
  const cores = Array.from({ length: hw.config.cores }, (_, core) => coreView(recording, state, core, step))
  const l3 = cacheView(recording, state, hw.caches.l3, step)
  const controllers = hw.memory.wpqs.map((wpq, controller) => {
    const entries = state.wpq(controller)
    return {
      controller,
      wpq: { used: entries.length, capacity: wpq.capacity, tiles: entries.map((e) => wpqTile(state, e)) },
    }
  })
  return {
    step,
    event: {
      kind: trace.kindOf(step),
      sentence: sentence(recording, step),
      ...(thread === undefined ? {} : { thread: thread.name, core: thread.core }),
      ...(text === undefined ? {} : { instruction: text }),
      ...(line === 0 ? {} : { line }),
    },
    sourceLine: trace.line.get(acting),
    stack,
    depth: recording.machine.trace.depth(recording.machine.trace.frame.get(acting)),
    cores,
    l3,
    controllers,
    dimms: dimmViews(recording, state, step, lost),
    choices: choices(state, { cores, l3, controllers }),
    motions: moved,
    domain: machine.power.power_fail,
    ...failed,
    output: recording
      .texts('output', step)
      .map((output) => output.text)
      .join('')
      .slice(-MOST_OUTPUT),
    ...(litmus === undefined ? {} : { litmus: litmus.frame(state, step, survivors(hw, state.words, machine.power)) }),
  }
}

/** First step of the part (setup, program, life after a power failure) that `step` belongs to. */
function partStart(recording: Recording, step: number): number {
  const { programStart } = recording.machine
  return Math.max(recording.lifeStart(step), step >= programStart ? programStart : 0)
}

function lastThreadStep(recording: Recording, step: number): number {
  const { trace } = recording.machine
  for (let at = step; at >= 0; at--) {
    if (trace.thread.get(at) !== NOBODY) return at
    // Nothing that ran before the power failed is still running.
    if (trace.kindOf(at) === 'power-failure') break
  }
  return step
}

/** Of endless recursion the innermost calls say it all. */
const MOST_CALLS = 1000

/** The calls from `innermost` outwards; `here`: the line at which that stands. */
export function callsFrom(trace: Trace, innermost: number, here: number): readonly StackFrame[] {
  const frames: StackFrame[] = []
  let line = here
  for (let at = innermost; at !== 0 && frames.length < MOST_CALLS; at = trace.frameParent.get(at)) {
    const fn = trace.functionOf(at)
    const from = trace.frameFrom.get(at)
    const program = fn.kind === 'program'
    frames.push({
      function: fn.name,
      file: program ? 'program' : fn.file,
      kind: fn.kind,
      step: from,
      ...(program && line !== 0 ? { line } : {}),
    })
    // The caller stands at the line from which it called: the call itself is a step there.
    if (program) line = trace.line.get(from)
  }
  return frames
}

function coreView(recording: Recording, state: StateAt, core: number, step: number): CoreView {
  const { hw, trace } = recording.machine
  const { history, lines } = hw
  const last = lastOn(recording, core, step)
  const text = last < 0 ? undefined : lastInstruction(recording, core, last)
  const thread = last < 0 ? undefined : recording.threadAt(last)
  const waiting = last >= 0 && (trace.kindOf(last) === 'sfence' || trace.kindOf(last) === 'mfence')
  const entries = state.storeBuffer(core).map((op): StoreBufferSlot => {
    const kind = history.kind(op)
    return {
      kind: kind === 'hint' || kind === 'locked' || kind === 'locked-load' ? 'store' : kind,
      size: history.size(op),
      step: history.step(op),
      sourceLine: recording.sourceLine(history.step(op)),
      ...(history.isFence(op) ? {} : { spa: lines.spa(history.line(op)) + history.offset(op) }),
    }
  })
  const flushes = state.flushes(core).flatMap((op) => {
    const kind = history.kind(op)
    return kind === 'clwb' || kind === 'clflushopt'
      ? [{ kind, line: lines.spa(history.line(op)), step: history.step(op) } as const]
      : []
  })
  const l1 = hw.caches.l1[core]
  assert(l1 !== undefined, 'every core has an L1')
  const wc = state.wc(core)
  return {
    core,
    waiting,
    ...(thread === undefined ? {} : { thread: thread.name }),
    ...(text === undefined ? {} : { instruction: text }),
    storeBuffer: { capacity: hw.config.store_buffer, entries },
    flushes,
    l1: cacheView(recording, state, l1, step),
    wc: { capacity: hw.config.wc_buffers, tiles: wc.map((open) => wcTile(state, open)) },
  }
}

/** Last step that a thread made on a core, at or before `step`; -1 when there is none in this part. */
function lastOn(recording: Recording, core: number, step: number): number {
  const { trace } = recording.machine
  const start = partStart(recording, step)
  for (let at = step; at >= start; at--) if (trace.core.get(at) === core && trace.thread.get(at) !== NOBODY) return at
  return -1
}

/** Text of the last instruction of the thread that made step `last`. */
function lastInstruction(recording: Recording, core: number, last: number): string | undefined {
  const { trace } = recording.machine
  const start = partStart(recording, last)
  for (let at = last; at >= start; at--) {
    const mine = trace.core.get(at) === core && trace.thread.get(at) === trace.thread.get(last)
    const text = mine ? instruction(recording, at) : undefined
    if (text !== undefined) return text
  }
  return undefined
}

function cacheView(
  recording: Recording,
  state: StateAt,
  cache: Parameters<StateAt['cache']>[0],
  step: number,
): { used: number; capacity: number; tiles: readonly Tile[] } {
  const { hw } = recording.machine
  const all = state.cache(cache)
  const shown = all
    .filter((cached) => isShown(recording, cached.line, step))
    .sort((a, b) => hw.lines.spa(a.line) - hw.lines.spa(b.line))
  return {
    used: all.length,
    capacity: cache.sets * cache.ways,
    tiles: nearest(recording, shown, step).map((c) => cacheTile(state, c)),
  }
}

/** The board shows what the program touches; before the program starts, what the kernel touches. */
function isShown(recording: Recording, line: number, step: number): boolean {
  const { machine } = recording
  if (step < machine.programStart) return true
  return recording.programLines().has(line)
}

/** At most as many as a box is given: those around the line that the step is about. */
function nearest<T extends { readonly line: number }>(
  recording: Recording,
  all: readonly T[],
  step: number,
): readonly T[] {
  if (all.length <= MOST_TILES) return all
  const { hw } = recording.machine
  const [lost] = step === recording.machine.failedAt ? recording.lostAtFailure() : []
  const focus = lost === undefined ? recording.machine.lineOf(step) : hw.lines.spa(lost.line)
  const at = Math.max(
    0,
    all.findIndex((entry) => hw.lines.spa(entry.line) >= focus),
  )
  const from = Math.max(0, Math.min(at - MOST_TILES / 2, all.length - MOST_TILES))
  return all.slice(from, from + MOST_TILES)
}

function dimmViews(
  recording: Recording,
  state: StateAt,
  step: number,
  lost: ReadonlyMap<number, ReadonlySet<number>>,
): readonly DimmView[] {
  const { machine } = recording
  const { hw, platform } = machine
  return platform.dimms.map((dimm, index) => {
    const lines = recording
      .nvdimmLines()
      .filter((line) => hw.lines.home(line).dimm === index && isShown(recording, line, step))
      .map((line) => ({ line }))
    const shown = nearest(recording, lines, step)
    const dirty = state.dirtyShutdowns(index)
    return {
      dimm: index,
      controller: controllerOf(recording, index),
      flushHints: dimm.flushHints.length,
      ...(dirty === 0 ? {} : { dirtyShutdowns: dirty }),
      total: lines.length,
      tiles: shown.map(({ line }) => ({
        ...mediaTile(state, line, lost.get(line) ?? new Set()),
        dpa: hw.lines.home(line).dpa,
      })),
    }
  })
}

function controllerOf(recording: Recording, dimm: number): number {
  const controllers = [...new Set(recording.machine.platform.dimms.map((d) => d.controller))].sort((a, b) => a - b)
  return controllers.indexOf(recording.machine.platform.dimms[dimm]?.controller ?? 0)
}

/** Words of each line that the power failure took bytes from, as long as nobody has written them again. */
function lostWords(recording: Recording, step: number): ReadonlyMap<number, Set<number>> {
  const { failedAt, hw } = recording.machine
  const words = new Map<number, Set<number>>()
  if (failedAt < 0 || step < failedAt) return words
  for (const byte of recording.lostAtFailure()) {
    const before = words.get(byte.line) ?? new Set()
    before.add(byte.offset >> 3)
    words.set(byte.line, before)
  }
  for (let op = hw.history.ops - 1; op > 0 && hw.history.step(op) > failedAt; op--)
    if (hw.history.isWrite(op) && hw.history.step(op) <= step)
      words.get(hw.history.line(op))?.delete(hw.history.offset(op) >> 3)
  return words
}
