/**
 * The loop that runs bytecode (lang/c/opcode.ts).
 *
 * Own stack, and private data while one thread lives, are accessed directly: ticks, not steps. Every other address is
 * the host's. Before each call of the host the thread's `pc` and `ticks` are up to date.
 */

import { FUNCTION_BASE, FUNCTION_STRIDE, NATIVE_BASE, Op } from '../../../lang/c/opcode.ts'
import { DATA_BASE, type Program, STACK_SIZE } from '../../../lang/c/program.ts'
import type { AccessSize } from '../../sim/cpu.ts'
import { accessSizes, loadDirect, setLoaded, storeDirect, storedLow } from './access.ts'
import { compute } from './alu.ts'
import { CALLED, DONE, type VmHost } from './host.ts'
import type { VmMemory } from './memory.ts'
import { growStack, popFrame, pushFrame, STACK_HIGH, type VmThread } from './thread.ts'

const TWO32 = 0x1_0000_0000

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
    if (host.enter(thread.function) !== DONE) return 'stopped'
    thread.entered = true
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
        if (host.load(sum >>> 0, hi >>> 0, size) !== DONE) return 'stopped'
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
        if (host.store(sum >>> 0, hi >>> 0, size, low, high) !== DONE) return 'stopped'
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
            // Library code may have grown the stack by looking into it.
            stack = thread.stack
            frame = stack.length - thread.down
            break
          }
          index = pointed.index
          const given = code[p + 3]!
          const { parameters, name } = functions[index]!
          if (given !== parameters)
            return { trap: `call of ${name}() with ${given} arguments instead of ${parameters}` }
        }
        const fn = functions[index]!
        if (host.enter(index) !== DONE) return 'stopped'
        if (!pushFrame(thread, fn, index, a, pc)) return { trap: `stack overflow in ${fn.name}()` }
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
          // Library code may have grown the stack by looking into it.
          stack = thread.stack
          frame = stack.length - thread.down
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
        thread.pc = pc - 1
        thread.ticks = last - left
        if (host.leave() !== DONE) return 'stopped'
        thread.ticks++
        if (op === Op.return) {
          w[B] = w[a]!
          w[B + 1] = w[a + 1]!
        }
        if (thread.depth === 0) return 'returned'
        popFrame(thread)
        pc = thread.pc
        B = thread.base
        frame = stack.length - thread.down
        break
      default: {
        const wrong = compute(op, w, a, b, c, code[p + 3]!)
        if (wrong === undefined) break
        thread.pc = pc - 1
        thread.ticks = last - left
        return { trap: wrong }
      }
    }
  }
  thread.pc = pc
  thread.ticks = last
  return 'fuel'
}
