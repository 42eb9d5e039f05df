/**
 * The loop that runs bytecode (lang/c/opcode.ts).
 *
 * Own stack, and private data while one thread lives, are accessed directly: ticks, not steps. Every other address is
 * the host's. Before each call of the host the thread's `pc` and `ticks` are up to date.
 */

import { Op, FUNCTION_BASE, FUNCTION_STRIDE, NATIVE_BASE } from '../../../lang/c/opcode.ts'
import { type CFunction, DATA_BASE, type Program, STACK_SIZE } from '../../../lang/c/program.ts'
import type { AccessSize } from '../../sim/cpu.ts'
import { CALLED, DONE, type VmHost } from './host.ts'
import type { VmMemory } from './memory.ts'
import { FRAME_WORDS, frameBytes, growFrames, growStack, growWords, STACK_HIGH, type VmThread } from './thread.ts'
import { divideSigned, divideUnsigned, doubleToInteger, multiply, shiftLeft, shiftRight } from './wide.ts'

const TWO32 = 0x1_0000_0000

/** Bytes that each memory instruction moves. */
const accessSizes = new Uint8Array(128)
for (const op of [Op.load8, Op.loadu8, Op.store8, Op.frameLoad8, Op.frameLoadu8, Op.frameStore8]) accessSizes[op] = 1
for (const op of [Op.load16, Op.loadu16, Op.store16, Op.frameLoad16, Op.frameLoadu16, Op.frameStore16]) accessSizes[op] = 2
for (const op of [Op.load32, Op.loadu32, Op.loadFloat, Op.store32, Op.storeFloat]) accessSizes[op] = 4
for (const op of [Op.frameLoad32, Op.frameLoadu32, Op.frameLoadFloat, Op.frameStore32, Op.frameStoreFloat]) accessSizes[op] = 4
for (const op of [Op.load64, Op.store64, Op.frameLoad64, Op.frameStore64]) accessSizes[op] = 8

const float = new Float32Array(1)
const floatBits = new Int32Array(float.buffer)
const double = new Float64Array(1)
const doubleBits = new Int32Array(double.buffer)

function readDouble(w: Int32Array, at: number): number {
  doubleBits[0] = w[at]!
  doubleBits[1] = w[at + 1]!
  return double[0]!
}

function writeDouble(w: Int32Array, at: number, value: number): void {
  double[0] = value
  w[at] = doubleBits[0]!
  w[at + 1] = doubleBits[1]!
}

/** Writes what a load of `op` read into a register. */
function setLoaded(w: Int32Array, at: number, op: number, lo: number, hi: number): void {
  switch (op) {
    case Op.load8:
    case Op.frameLoad8:
      lo = (lo << 24) >> 24
      break
    case Op.loadu8:
    case Op.frameLoadu8:
      w[at] = lo & 0xff
      w[at + 1] = 0
      return
    case Op.load16:
    case Op.frameLoad16:
      lo = (lo << 16) >> 16
      break
    case Op.loadu16:
    case Op.frameLoadu16:
      w[at] = lo & 0xffff
      w[at + 1] = 0
      return
    case Op.loadu32:
    case Op.frameLoadu32:
      w[at] = lo
      w[at + 1] = 0
      return
    case Op.load64:
    case Op.frameLoad64:
      w[at] = lo
      w[at + 1] = hi
      return
    case Op.loadFloat:
    case Op.frameLoadFloat:
      floatBits[0] = lo
      writeDouble(w, at, float[0]!)
      return
  }
  w[at] = lo
  w[at + 1] = lo >> 31
}

const read32 = (m: Uint8Array, i: number): number => m[i]! | (m[i + 1]! << 8) | (m[i + 2]! << 16) | (m[i + 3]! << 24)

/** Loads from memory that is at hand. */
function loadDirect(w: Int32Array, at: number, op: number, size: number, m: Uint8Array, i: number): void {
  if (size === 8) {
    w[at] = read32(m, i)
    w[at + 1] = read32(m, i + 4)
  } else setLoaded(w, at, op, size === 4 ? read32(m, i) : size === 2 ? m[i]! | (m[i + 1]! << 8) : m[i]!, 0)
}

function storeDirect(m: Uint8Array, i: number, size: number, lo: number, hi: number): void {
  m[i] = lo
  if (size === 1) return
  m[i + 1] = lo >> 8
  if (size === 2) return
  m[i + 2] = lo >> 16
  m[i + 3] = lo >> 24
  if (size === 4) return
  m[i + 4] = hi
  m[i + 5] = hi >> 8
  m[i + 6] = hi >> 16
  m[i + 7] = hi >> 24
}

/** The low word that a store of `op` writes. */
function storedLow(w: Int32Array, at: number, op: number): number {
  if (op !== Op.storeFloat && op !== Op.frameStoreFloat) return w[at]!
  float[0] = readDouble(w, at)
  return floatBits[0]!
}

/** Makes `fn` the running function; its arguments are in the registers from `base` on. False: no stack left. */
function pushFrame(thread: VmThread, fn: CFunction, index: number, base: number, returnTo: number): boolean {
  const down = thread.down + frameBytes(fn)
  if (!growStack(thread, down)) return false
  growFrames(thread)
  growWords(thread, base + 2 * fn.registers)
  const at = thread.depth * FRAME_WORDS
  thread.frames[at] = returnTo
  thread.frames[at + 1] = thread.base
  thread.frames[at + 2] = thread.down
  thread.frames[at + 3] = thread.function
  thread.depth++
  thread.base = base
  thread.down = down
  thread.function = index
  thread.pc = fn.entry
  return true
}

function popFrame(thread: VmThread): void {
  thread.depth--
  const at = thread.depth * FRAME_WORDS
  thread.pc = thread.frames[at]!
  thread.base = thread.frames[at + 1]!
  thread.down = thread.frames[at + 2]!
  thread.function = thread.frames[at + 3]!
}

/** What a function pointer means. */
function pointedFunction(program: Program, lo: number, hi: number): { native: boolean; index: number } | undefined {
  if (hi !== 0 || lo % FUNCTION_STRIDE !== 0) return undefined
  const native = lo >= NATIVE_BASE
  const index = (lo - (native ? NATIVE_BASE : FUNCTION_BASE)) / FUNCTION_STRIDE
  const count = native ? program.natives.length : program.functions.length
  return index >= 0 && index < count ? { native, index } : undefined
}

/** Why `run` came back. `stopped`: the host said RETRY or CALLED. */
export type RunEnd = 'fuel' | 'stopped' | 'returned' | { readonly trap: string }

/** Runs at most `fuel` instructions. */
export function run(program: Program, memory: VmMemory, thread: VmThread, host: VmHost, fuel: number): RunEnd {
  const { code, functions } = program
  if (!thread.entered) {
    thread.entered = true
    host.enter(thread.function)
  }
  const last = thread.ticks + fuel
  const top = thread.stackTop
  const direct = !host.sharedData
  let w = thread.words
  let B = thread.base
  let stack = thread.stack
  // Index in `stack` of the frame's lowest byte.
  let frame = stack.length - thread.down
  let pc = thread.pc

  for (let left = fuel; left > 0; left--) {
    const p = pc << 2
    const op = code[p]!
    const a = B + code[p + 1]!
    const b = B + code[p + 2]!
    const c = B + code[p + 3]!
    pc++
    switch (op) {
      case Op.li:
        w[a] = code[p + 2]!
        w[a + 1] = code[p + 2]! >> 31
        break
      case Op.li64:
        w[a] = code[p + 2]!
        w[a + 1] = code[p + 3]!
        break
      case Op.mov:
        w[a] = w[b]!
        w[a + 1] = w[b + 1]!
        break
      case Op.add32: {
        const r = (w[b]! + w[c]!) | 0
        w[a] = r
        w[a + 1] = r >> 31
        break
      }
      case Op.addu32:
        w[a] = w[b]! + w[c]!
        w[a + 1] = 0
        break
      case Op.sub32: {
        const r = (w[b]! - w[c]!) | 0
        w[a] = r
        w[a + 1] = r >> 31
        break
      }
      case Op.subu32:
        w[a] = w[b]! - w[c]!
        w[a + 1] = 0
        break
      case Op.add64: {
        const r = (w[b]! >>> 0) + (w[c]! >>> 0)
        w[a + 1] = w[b + 1]! + w[c + 1]! + (r >= TWO32 ? 1 : 0)
        w[a] = r
        break
      }
      case Op.sub64: {
        const r = (w[b]! >>> 0) - (w[c]! >>> 0)
        w[a + 1] = w[b + 1]! - w[c + 1]! - (r < 0 ? 1 : 0)
        w[a] = r
        break
      }
      case Op.mul32: {
        const r = Math.imul(w[b]!, w[c]!)
        w[a] = r
        w[a + 1] = r >> 31
        break
      }
      case Op.mulu32:
        w[a] = Math.imul(w[b]!, w[c]!)
        w[a + 1] = 0
        break
      case Op.mul64:
        multiply(w, a, b, c)
        break
      case Op.div32:
        if (w[c] === 0) {
          thread.pc = pc - 1
          thread.ticks = last - left
          return { trap: 'division by zero' }
        }
        w[a] = w[b]! / w[c]!
        w[a + 1] = w[a]! >> 31
        break
      case Op.divu32:
        if (w[c] === 0) {
          thread.pc = pc - 1
          thread.ticks = last - left
          return { trap: 'division by zero' }
        }
        w[a] = (w[b]! >>> 0) / (w[c]! >>> 0)
        w[a + 1] = 0
        break
      case Op.div64:
        if (w[c] === 0 && w[c + 1] === 0) {
          thread.pc = pc - 1
          thread.ticks = last - left
          return { trap: 'division by zero' }
        }
        divideSigned(w, a, b, c, false)
        break
      case Op.divu64:
        if (w[c] === 0 && w[c + 1] === 0) {
          thread.pc = pc - 1
          thread.ticks = last - left
          return { trap: 'division by zero' }
        }
        divideUnsigned(w, a, b, c, false)
        break
      case Op.mod32:
        if (w[c] === 0) {
          thread.pc = pc - 1
          thread.ticks = last - left
          return { trap: 'division by zero' }
        }
        w[a] = w[b]! % w[c]!
        w[a + 1] = w[a]! >> 31
        break
      case Op.modu32:
        if (w[c] === 0) {
          thread.pc = pc - 1
          thread.ticks = last - left
          return { trap: 'division by zero' }
        }
        w[a] = (w[b]! >>> 0) % (w[c]! >>> 0)
        w[a + 1] = 0
        break
      case Op.mod64:
        if (w[c] === 0 && w[c + 1] === 0) {
          thread.pc = pc - 1
          thread.ticks = last - left
          return { trap: 'division by zero' }
        }
        divideSigned(w, a, b, c, true)
        break
      case Op.modu64:
        if (w[c] === 0 && w[c + 1] === 0) {
          thread.pc = pc - 1
          thread.ticks = last - left
          return { trap: 'division by zero' }
        }
        divideUnsigned(w, a, b, c, true)
        break
      case Op.and:
        w[a] = w[b]! & w[c]!
        w[a + 1] = w[b + 1]! & w[c + 1]!
        break
      case Op.or:
        w[a] = w[b]! | w[c]!
        w[a + 1] = w[b + 1]! | w[c + 1]!
        break
      case Op.xor:
        w[a] = w[b]! ^ w[c]!
        w[a + 1] = w[b + 1]! ^ w[c + 1]!
        break
      case Op.shl32: {
        const r = w[b]! << w[c]!
        w[a] = r
        w[a + 1] = r >> 31
        break
      }
      case Op.shlu32:
        w[a] = w[b]! << w[c]!
        w[a + 1] = 0
        break
      case Op.shl64:
        shiftLeft(w, a, b, w[c]!)
        break
      case Op.shr32: {
        const r = w[b]! >> w[c]!
        w[a] = r
        w[a + 1] = r >> 31
        break
      }
      case Op.shru32:
        w[a] = w[b]! >>> w[c]!
        w[a + 1] = 0
        break
      case Op.shr64:
        shiftRight(w, a, b, w[c]!, true)
        break
      case Op.shru64:
        shiftRight(w, a, b, w[c]!, false)
        break
      case Op.addi32: {
        const r = (w[b]! + code[p + 3]!) | 0
        w[a] = r
        w[a + 1] = r >> 31
        break
      }
      case Op.addiu32:
        w[a] = w[b]! + code[p + 3]!
        w[a + 1] = 0
        break
      case Op.addi64: {
        const r = (w[b]! >>> 0) + code[p + 3]!
        w[a + 1] = w[b + 1]! + Math.floor(r / TWO32)
        w[a] = r
        break
      }
      case Op.shli64:
        shiftLeft(w, a, b, code[p + 3]!)
        break
      case Op.ext8: {
        const r = (w[b]! << 24) >> 24
        w[a] = r
        w[a + 1] = r >> 31
        break
      }
      case Op.extu8:
        w[a] = w[b]! & 0xff
        w[a + 1] = 0
        break
      case Op.ext16: {
        const r = (w[b]! << 16) >> 16
        w[a] = r
        w[a + 1] = r >> 31
        break
      }
      case Op.extu16:
        w[a] = w[b]! & 0xffff
        w[a + 1] = 0
        break
      case Op.ext32: {
        const r = w[b]!
        w[a] = r
        w[a + 1] = r >> 31
        break
      }
      case Op.extu32:
        w[a] = w[b]!
        w[a + 1] = 0
        break
      case Op.eq:
        w[a] = w[b] === w[c] && w[b + 1] === w[c + 1] ? 1 : 0
        w[a + 1] = 0
        break
      case Op.ne:
        w[a] = w[b] !== w[c] || w[b + 1] !== w[c + 1] ? 1 : 0
        w[a + 1] = 0
        break
      case Op.lt32:
        w[a] = w[b]! < w[c]! ? 1 : 0
        w[a + 1] = 0
        break
      case Op.le32:
        w[a] = w[b]! <= w[c]! ? 1 : 0
        w[a + 1] = 0
        break
      case Op.ltu32:
        w[a] = w[b]! >>> 0 < w[c]! >>> 0 ? 1 : 0
        w[a + 1] = 0
        break
      case Op.leu32:
        w[a] = w[b]! >>> 0 <= w[c]! >>> 0 ? 1 : 0
        w[a + 1] = 0
        break
      case Op.lt64:
        w[a] = (w[b + 1] === w[c + 1] ? w[b]! >>> 0 < w[c]! >>> 0 : w[b + 1]! < w[c + 1]!) ? 1 : 0
        w[a + 1] = 0
        break
      case Op.le64:
        w[a] = (w[b + 1] === w[c + 1] ? w[b]! >>> 0 <= w[c]! >>> 0 : w[b + 1]! < w[c + 1]!) ? 1 : 0
        w[a + 1] = 0
        break
      case Op.ltu64:
        w[a] = (w[b + 1] === w[c + 1] ? w[b]! >>> 0 < w[c]! >>> 0 : w[b + 1]! >>> 0 < w[c + 1]! >>> 0) ? 1 : 0
        w[a + 1] = 0
        break
      case Op.leu64:
        w[a] = (w[b + 1] === w[c + 1] ? w[b]! >>> 0 <= w[c]! >>> 0 : w[b + 1]! >>> 0 < w[c + 1]! >>> 0) ? 1 : 0
        w[a + 1] = 0
        break
      case Op.zero:
        w[a] = w[b] === 0 && w[b + 1] === 0 ? 1 : 0
        w[a + 1] = 0
        break
      case Op.nonzero:
        w[a] = w[b] !== 0 || w[b + 1] !== 0 ? 1 : 0
        w[a + 1] = 0
        break
      case Op.jump:
        pc = code[p + 1]!
        break
      case Op.jumpZero:
        if (w[a] === 0 && w[a + 1] === 0) pc = code[p + 2]!
        break
      case Op.jumpNonzero:
        if (w[a] !== 0 || w[a + 1] !== 0) pc = code[p + 2]!
        break
      case Op.jumpEq:
        if (w[a] === w[b] && w[a + 1] === w[b + 1]) pc = code[p + 3]!
        break
      case Op.jumpNe:
        if (w[a] !== w[b] || w[a + 1] !== w[b + 1]) pc = code[p + 3]!
        break
      case Op.jumpLt32:
        if (w[a]! < w[b]!) pc = code[p + 3]!
        break
      case Op.jumpGe32:
        if (w[b]! <= w[a]!) pc = code[p + 3]!
        break
      case Op.jumpLtu32:
        if (w[a]! >>> 0 < w[b]! >>> 0) pc = code[p + 3]!
        break
      case Op.jumpGeu32:
        if (w[b]! >>> 0 <= w[a]! >>> 0) pc = code[p + 3]!
        break
      case Op.jumpLt64:
        if (w[a + 1] === w[b + 1] ? w[a]! >>> 0 < w[b]! >>> 0 : w[a + 1]! < w[b + 1]!) pc = code[p + 3]!
        break
      case Op.jumpGe64:
        if (w[b + 1] === w[a + 1] ? w[b]! >>> 0 <= w[a]! >>> 0 : w[b + 1]! < w[a + 1]!) pc = code[p + 3]!
        break
      case Op.jumpLtu64:
        if (w[a + 1] === w[b + 1] ? w[a]! >>> 0 < w[b]! >>> 0 : w[a + 1]! >>> 0 < w[b + 1]! >>> 0) pc = code[p + 3]!
        break
      case Op.jumpGeu64:
        if (w[b + 1] === w[a + 1] ? w[b]! >>> 0 <= w[a]! >>> 0 : w[b + 1]! >>> 0 < w[a + 1]! >>> 0) pc = code[p + 3]!
        break
      case Op.jumpEqi:
        if (w[a] === code[p + 2] && w[a + 1] === w[a]! >> 31) pc = code[p + 3]!
        break
      case Op.addDouble:
        writeDouble(w, a, readDouble(w, b) + readDouble(w, c))
        break
      case Op.subDouble:
        writeDouble(w, a, readDouble(w, b) - readDouble(w, c))
        break
      case Op.mulDouble:
        writeDouble(w, a, readDouble(w, b) * readDouble(w, c))
        break
      case Op.divDouble:
        writeDouble(w, a, readDouble(w, b) / readDouble(w, c))
        break
      case Op.eqDouble:
        w[a] = readDouble(w, b) === readDouble(w, c) ? 1 : 0
        w[a + 1] = 0
        break
      case Op.ltDouble:
        w[a] = readDouble(w, b) < readDouble(w, c) ? 1 : 0
        w[a + 1] = 0
        break
      case Op.leDouble:
        w[a] = readDouble(w, b) <= readDouble(w, c) ? 1 : 0
        w[a + 1] = 0
        break
      case Op.roundFloat:
        writeDouble(w, a, Math.fround(readDouble(w, b)))
        break
      case Op.fromInt64:
        writeDouble(w, a, w[b + 1]! * TWO32 + (w[b]! >>> 0))
        break
      case Op.fromUint64:
        writeDouble(w, a, (w[b + 1]! >>> 0) * TWO32 + (w[b]! >>> 0))
        break
      case Op.toInt64:
        doubleToInteger(w, a, readDouble(w, b), true)
        break
      case Op.toUint64:
        doubleToInteger(w, a, readDouble(w, b), false)
        break
      case Op.load8:
      case Op.loadu8:
      case Op.load16:
      case Op.loadu16:
      case Op.load32:
      case Op.loadu32:
      case Op.load64:
      case Op.loadFloat: {
        const size = accessSizes[op]! as AccessSize
        const sum = (w[b]! >>> 0) + code[p + 3]!
        const hi = (w[b + 1]! + Math.floor(sum / TWO32)) | 0
        if (hi === STACK_HIGH) {
          const lo = sum >>> 0
          const i = stack.length - (top - lo)
          if (i >= 0 && top - lo >= size) {
            loadDirect(w, a, op, size, stack, i)
            break
          }
          if (top - lo >= size && top - lo <= STACK_SIZE && growStack(thread, top - lo)) {
            stack = thread.stack
            frame = stack.length - thread.down
            loadDirect(w, a, op, size, stack, stack.length - (top - lo))
            break
          }
        } else if (hi === 0 && direct) {
          const i = (sum >>> 0) - DATA_BASE
          if (i >= 0 && i + size <= memory.size) {
            loadDirect(w, a, op, size, memory.data, i)
            break
          }
        }
        thread.pc = pc - 1
        thread.ticks = last - left
        if (host.load(sum >>> 0, hi, size) !== DONE) return 'stopped'
        setLoaded(w, a, op, host.lo | 0, host.hi | 0)
        break
      }
      case Op.store8:
      case Op.store16:
      case Op.store32:
      case Op.store64:
      case Op.storeFloat: {
        const size = accessSizes[op]! as AccessSize
        const sum = (w[b]! >>> 0) + code[p + 3]!
        const hi = (w[b + 1]! + Math.floor(sum / TWO32)) | 0
        const low = storedLow(w, a, op)
        const high = w[a + 1]!
        if (hi === STACK_HIGH) {
          const lo = sum >>> 0
          const i = stack.length - (top - lo)
          if (i >= 0 && top - lo >= size) {
            storeDirect(stack, i, size, low, high)
            break
          }
          if (top - lo >= size && top - lo <= STACK_SIZE && growStack(thread, top - lo)) {
            stack = thread.stack
            frame = stack.length - thread.down
            storeDirect(stack, stack.length - (top - lo), size, low, high)
            break
          }
        } else if (hi === 0 && direct) {
          const i = (sum >>> 0) - DATA_BASE
          if (i >= 0 && i + size <= memory.size) {
            storeDirect(memory.data, i, size, low, high)
            break
          }
        }
        thread.pc = pc - 1
        thread.ticks = last - left
        if (host.store(sum >>> 0, hi, size, low, high) !== DONE) return 'stopped'
        break
      }
      case Op.frameLoad8:
      case Op.frameLoadu8:
      case Op.frameLoad16:
      case Op.frameLoadu16:
      case Op.frameLoad32:
      case Op.frameLoadu32:
      case Op.frameLoad64:
      case Op.frameLoadFloat:
        loadDirect(w, a, op, accessSizes[op]!, stack, frame + code[p + 2]!)
        break
      case Op.frameStore8:
      case Op.frameStore16:
      case Op.frameStore32:
      case Op.frameStore64:
      case Op.frameStoreFloat:
        storeDirect(stack, frame + code[p + 2]!, accessSizes[op]!, storedLow(w, a, op), w[a + 1]!)
        break
      case Op.frameAddress:
        w[a] = (top - thread.down + code[p + 2]!) | 0
        w[a + 1] = STACK_HIGH
        break
      case Op.call:
      case Op.callPointer: {
        let index = code[p + 2]!
        thread.pc = pc - 1
        thread.ticks = last - left
        if (op === Op.callPointer) {
          const pointed = pointedFunction(program, w[b]! >>> 0, w[b + 1]!)
          if (pointed === undefined) return { trap: 'call through a pointer that points to no function' }
          if (pointed.native) {
            const answer = host.native(pointed.index, w, a, code[p + 3]!)
            if (answer === CALLED || answer === DONE) thread.ticks = last - left + 1
            if (answer === CALLED) {
              thread.pc = pc
              thread.result = a
            }
            if (answer !== DONE) return 'stopped'
            w[a] = host.lo
            w[a + 1] = host.hi
            break
          }
          index = pointed.index
          const given = code[p + 3]!
          const { parameters, name } = functions[index]!
          if (given !== parameters) return { trap: `call of ${name}() with ${given} arguments instead of ${parameters}` }
        }
        const fn = functions[index]!
        if (!pushFrame(thread, fn, index, a, pc)) return { trap: `stack overflow in ${fn.name}()` }
        host.enter(index)
        pc = thread.pc
        B = a
        w = thread.words
        stack = thread.stack
        frame = stack.length - thread.down
        break
      }
      case Op.native: {
        thread.pc = pc - 1
        thread.ticks = last - left
        const answer = host.native(code[p + 2]!, w, a, code[p + 3]!)
        if (answer === DONE) {
          w[a] = host.lo
          w[a + 1] = host.hi
          break
        }
        if (answer === CALLED) {
          thread.pc = pc
          thread.ticks = last - left + 1
          thread.result = a
        }
        return 'stopped'
      }
      case Op.return:
      case Op.returnVoid:
        if (op === Op.return) {
          w[B] = w[a]!
          w[B + 1] = w[a + 1]!
        }
        thread.pc = pc - 1
        thread.ticks = last - left
        host.leave()
        thread.ticks++
        if (thread.depth === 0) return 'returned'
        popFrame(thread)
        pc = thread.pc
        B = thread.base
        frame = stack.length - thread.down
        break
      default:
        thread.pc = pc - 1
        thread.ticks = last - left
        return { trap: 'the end of a function that must not be reached' }
    }
  }
  thread.pc = pc
  thread.ticks = last
  return 'fuel'
}
