/** The calls of the C program that a thread is in, innermost first. */

import { ensure } from '../../base/assert.ts'
import type { CFunction, LocalInfo } from '../../lang/c/program.ts'
import { type CType, isModified, sizeOf } from '../../lang/c/types.ts'
import type { Replay } from '../userspace/past/replay.ts'

export interface CFrame {
  readonly fn: CFunction
  /** Its number in the program. */
  readonly number: number
  /** The instruction that runs, or that has called. */
  readonly pc: number
  readonly line: number
  /** Of its registers: the first word. */
  readonly base: number
  /** Virtual address of its stack memory. */
  readonly stack: number
}

const FRAME_WORDS = 4
/** Frames that are told. */
const MOST_FRAMES = 1000

function frame({ past }: Replay, number: number, pc: number, base: number, down: number): CFrame {
  const { functions, lines } = past.origin.program
  const fn = ensure(functions[number], 'a frame is of a function')
  return { fn, number, pc, line: lines[pc] ?? 0, base, stack: past.stackTop - down }
}

export function innermost(replay: Replay): CFrame {
  const { vm, waits } = replay
  return frame(replay, vm.function, vm.pc - (waits ? 1 : 0), vm.base, vm.down)
}

export function framesOf(replay: Replay): readonly CFrame[] {
  const { vm } = replay
  const frames = [innermost(replay)]
  for (let i = vm.depth - 1; i >= 0 && frames.length < MOST_FRAMES; i--) {
    const [pc = 0, base = 0, down = 0, fn = 0] = vm.frames.subarray(i * FRAME_WORDS, (i + 1) * FRAME_WORDS)
    // A caller stands at its call, whose successor it returns to.
    frames.push(frame(replay, fn, pc - 1, base, down))
  }
  return frames
}

/** The variables whose names are known there, each name once. */
export function localsIn(locals: readonly LocalInfo[], pc: number): readonly LocalInfo[] {
  const seen = new Set<string>()
  return locals.filter(({ name, from, to }) => {
    if (pc < from || pc >= to || seen.has(name)) return false
    seen.add(name)
    return true
  })
}

/** An address, or what a register holds. `words`: the thread's registers. */
export function placeOf(
  { at }: LocalInfo,
  { base, stack }: CFrame,
  words: Int32Array,
): number | readonly [lo: number, hi: number] {
  if (at.kind === 'stack') return stack + at.offset
  if (at.kind === 'static') return at.address
  const word = base + 2 * at.index
  const lo = words[word] ?? 0
  const hi = words[word + 1] ?? 0
  return at.kind === 'register' ? [lo, hi] : (lo >>> 0) + (hi >>> 0) * 2 ** 32
}

/** A type whose sizes only the running program knows, with those that it has in the frame. */
export function typeIn(type: CType, frame: CFrame, words: Int32Array): CType {
  if (!isModified(type)) return type
  if (type.kind === 'pointer') return { ...type, to: typeIn(type.to, frame, words) }
  if (type.kind !== 'array') return type
  const of = typeIn(type.of, frame, words)
  if (type.extent === undefined || type.extent === 'open') return { ...type, of }
  const at = frame.base + type.extent.home
  const bytes = ((words[at] ?? 0) >>> 0) + ((words[at + 1] ?? 0) >>> 0) * 2 ** 32
  return { ...type, of, length: Math.floor(bytes / Math.max(1, sizeOf(of))) }
}
