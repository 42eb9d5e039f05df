/**
 * A thread of the C machine as plain data: copying the fields (arrays included) is a checkpoint.
 *
 * Stack memory is kept from its top down: `stack` covers the last `stack.length` bytes below `stackTop`, and grows
 * when a frame or an access needs more, up to STACK_SIZE. Its contents, like the registers', are what earlier calls
 * left there; they start as zeros.
 */

import { assert } from '../../../base/assert.ts'
import { type CFunction, type Program, STACK_SIZE, STACK_STRIDE, STACK_TOP } from '../../../lang/c/program.ts'

export interface VmThread {
  /** Low word of the address behind the stack's last byte; the high word is STACK_HIGH. */
  readonly stackTop: number
  stack: Uint8Array
  /** The same bytes. */
  stackView: DataView
  /** Registers of all frames, pairs of words. The result of the entry function ends up in words 0 and 1. */
  words: Int32Array
  /** The same registers, as doubles. */
  doubles: Float64Array
  /** The registers from `base` on: those of the running function. */
  registers: Int32Array
  /** Callers' frames, FRAME_WORDS each: instruction to return to, base, depth of stack memory, function. */
  frames: Int32Array
  /** Number of callers. */
  depth: number
  /** Callers below the function that `run` returns from: those that wait for library code which has called back. */
  floor: number
  /** Index of the instruction that runs next. */
  pc: number
  /** First word of the running function's registers. */
  base: number
  /** Bytes from the top of the stack to the lowest byte of the running function's frame. */
  down: number
  /** Index into `Program.functions`. */
  function: number
  /** The entry function has been announced to the host. */
  entered: boolean
  /** First word of the register that the native call under way writes. */
  result: number
  /** Bytecode instructions executed. */
  ticks: number
}

const FRAME_WORDS = 4
export const STACK_HIGH = Math.floor(STACK_TOP / 0x1_0000_0000)
/** What a call costs of the stack besides the frame: return address and saved frame pointer. */
const CALL_BYTES = 16

/**
 * Stack memory that a call takes: what its variables need, and room for its registers, which a real machine would
 * spill. A multiple of 64, so that every frame suits any alignment that a local variable can have.
 */
const frameBytes = (fn: CFunction): number => Math.ceil((fn.frameSize + CALL_BYTES + 8 * fn.registers) / 64) * 64

/** Room for `down` bytes of stack; false when that is more than a stack has. */
export function growStack(thread: VmThread, down: number): boolean {
  if (down > STACK_SIZE) return false
  if (down <= thread.stack.length) return true
  const larger = new Uint8Array(Math.min(STACK_SIZE, Math.max(down, 2 * thread.stack.length)))
  larger.set(thread.stack, larger.length - thread.stack.length)
  thread.stack = larger
  thread.stackView = viewOf(larger)
  return true
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

/** Room for `count` words of registers. */
function growWords(thread: VmThread, count: number): void {
  if (count <= thread.words.length) return
  const larger = new Int32Array(Math.max(count, 2 * thread.words.length))
  larger.set(thread.words)
  thread.words = larger
  thread.doubles = new Float64Array(larger.buffer)
  thread.registers = larger.subarray(thread.base)
}

function growFrames(thread: VmThread): void {
  if ((thread.depth + 1) * FRAME_WORDS <= thread.frames.length) return
  const larger = new Int32Array(2 * thread.frames.length)
  larger.set(thread.frames)
  thread.frames = larger
}

/** A thread about to run `entry`; `index` is its number, which decides where its stack is. */
export function createThread(program: Program, index: number, entry: CFunction): VmThread {
  const fn = program.functions.indexOf(entry)
  assert(fn >= 0, 'the entry function belongs to the program')
  const stack = new Uint8Array(4096)
  const words = new Int32Array(256)
  const thread: VmThread = {
    stackTop: (STACK_TOP - index * STACK_STRIDE) % 0x1_0000_0000,
    stack,
    stackView: viewOf(stack),
    words,
    doubles: new Float64Array(words.buffer),
    registers: words,
    frames: new Int32Array(16 * FRAME_WORDS),
    depth: 0,
    floor: 0,
    pc: entry.entry,
    base: 0,
    down: frameBytes(entry),
    function: fn,
    entered: false,
    result: 0,
    ticks: 0,
  }
  assert(growStack(thread, thread.down), 'the compiler refuses frames larger than a stack')
  growWords(thread, 2 * entry.registers)
  return thread
}

/** The result of a native call that the host answered with CALLED. */
export function deliver(thread: VmThread, lo: number, hi: number): void {
  thread.words[thread.result] = lo
  thread.words[thread.result + 1] = hi
}

export const currentLine = (program: Program, thread: VmThread): number => program.lines[thread.pc] ?? 0

/**
 * Makes `fn` the running function; its arguments, so many as are given, are in the registers from `base` on. False: no
 * stack left.
 */
export function pushFrame(
  thread: VmThread,
  fn: CFunction,
  index: number,
  base: number,
  returnTo: number,
  given = fn.parameters,
): boolean {
  const more = 8 * (given - fn.parameters)
  const down = thread.down + frameBytes(fn) + Math.ceil(more / 64) * 64
  if (!growStack(thread, down)) return false
  growFrames(thread)
  growWords(thread, base + 2 * fn.registers)
  if (fn.variadic) {
    // Above everything else in the frame, where System V has them.
    const { words, stack } = thread
    const from = base + 2 * fn.parameters
    const to = new DataView(stack.buffer, stack.length - thread.down - more, more)
    for (let i = 0; i < more / 4; i++) to.setInt32(4 * i, words[from + i]!, true)
    words[from] = (thread.stackTop - thread.down - more) | 0
    words[from + 1] = STACK_HIGH
  }
  const at = thread.depth * FRAME_WORDS
  thread.frames[at] = returnTo
  thread.frames[at + 1] = thread.base
  thread.frames[at + 2] = thread.down
  thread.frames[at + 3] = thread.function
  thread.depth++
  thread.base = base
  thread.registers = thread.words.subarray(base)
  thread.down = down
  thread.function = index
  thread.pc = fn.entry
  return true
}

export function popFrame(thread: VmThread): void {
  thread.depth--
  const at = thread.depth * FRAME_WORDS
  thread.pc = thread.frames[at]!
  thread.base = thread.frames[at + 1]!
  thread.registers = thread.words.subarray(thread.base)
  thread.down = thread.frames[at + 2]!
  thread.function = thread.frames[at + 3]!
}
