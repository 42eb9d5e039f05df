/**
 * The loop that runs bytecode (lang/c/opcode.ts).
 *
 * Own stack, and private data while one thread lives, are accessed directly: ticks, not steps. Every other address is
 * the host's. Before each call of the host the thread's `pc` and `ticks` are up to date.
 */

import { Op } from '../../../lang/c/opcode.ts'
import { DATA_BASE, type Program } from '../../../lang/c/program.ts'
import { accessElsewhere, loadDirect, storeDirect } from './access.ts'
import { compute } from './alu.ts'
import { DONE, type VmHost } from './host.ts'
import type { VmMemory } from './memory.ts'
import { STACK_HIGH, type VmThread } from './thread.ts'
import { type RunEnd, transfer } from './transfer.ts'
import { shiftLeft, shiftRight } from './wide.ts'

/** Runs at most `fuel` instructions. */
export function run(program: Program, memory: VmMemory, thread: VmThread, host: VmHost, fuel: number): RunEnd {
  const { code } = program
  // Library code may have taken more of the turn than there was.
  if (fuel <= 0) return 'fuel'
  if (!thread.entered) {
    if (host.enter(thread.function) !== DONE) return 'stopped'
    thread.entered = true
  }
  const last = thread.ticks + fuel
  const top = thread.stackTop
  // The running function's registers; as doubles, those of all functions, from `half` on.
  let w = thread.registers
  let d = thread.doubles
  let half = thread.base >> 1
  let stack = thread.stackView
  // Low word of the stack's lowest address at hand, and index in `stack` of the frame's lowest byte.
  let room = stack.byteLength
  let lowest = (top - room) | 0
  let frame = room - thread.down
  // Private data; nothing while threads share it.
  const data = memory.view
  const size = host.sharedData ? 0 : memory.size
  const { constants } = memory
  const start = DATA_BASE - constants
  let pc = thread.pc

  for (let left = fuel; left > 0; left--) {
    const p = pc << 2
    const op = code[p]!
    const a = code[p + 1]!
    pc++
    switch (op) {
      case Op.li:
        w[a] = code[p + 2]!
        w[a + 1] = code[p + 2]! >> 31
        continue
      case Op.li64:
        w[a] = code[p + 2]!
        w[a + 1] = code[p + 3]!
        continue
      case Op.mov: {
        const b = code[p + 2]!
        w[a] = w[b]!
        w[a + 1] = w[b + 1]!
        continue
      }
      case Op.add32: {
        const r = (w[code[p + 2]!]! + w[code[p + 3]!]!) | 0
        w[a] = r
        w[a + 1] = r >> 31
        continue
      }
      case Op.addi32: {
        const r = (w[code[p + 2]!]! + code[p + 3]!) | 0
        w[a] = r
        w[a + 1] = r >> 31
        continue
      }
      case Op.addu32:
        w[a] = w[code[p + 2]!]! + w[code[p + 3]!]!
        w[a + 1] = 0
        continue
      case Op.addiu32:
        w[a] = w[code[p + 2]!]! + code[p + 3]!
        w[a + 1] = 0
        continue
      case Op.add64: {
        const b = code[p + 2]!
        const c = code[p + 3]!
        const y = w[c]!
        const r = (w[b]! + y) | 0
        w[a + 1] = w[b + 1]! + w[c + 1]! + (r >>> 0 < y >>> 0 ? 1 : 0)
        w[a] = r
        continue
      }
      case Op.addi64: {
        const b = code[p + 2]!
        const y = code[p + 3]!
        const r = (w[b]! + y) | 0
        w[a + 1] = w[b + 1]! + (y >> 31) + (r >>> 0 < y >>> 0 ? 1 : 0)
        w[a] = r
        continue
      }
      case Op.sub32: {
        const r = (w[code[p + 2]!]! - w[code[p + 3]!]!) | 0
        w[a] = r
        w[a + 1] = r >> 31
        continue
      }
      case Op.subu32:
        w[a] = w[code[p + 2]!]! - w[code[p + 3]!]!
        w[a + 1] = 0
        continue
      case Op.sub64: {
        const b = code[p + 2]!
        const c = code[p + 3]!
        const x = w[b]!
        const y = w[c]!
        w[a + 1] = w[b + 1]! - w[c + 1]! - (x >>> 0 < y >>> 0 ? 1 : 0)
        w[a] = x - y
        continue
      }
      case Op.mul32: {
        const r = Math.imul(w[code[p + 2]!]!, w[code[p + 3]!]!)
        w[a] = r
        w[a + 1] = r >> 31
        continue
      }
      case Op.muli32: {
        const r = Math.imul(w[code[p + 2]!]!, code[p + 3]!)
        w[a] = r
        w[a + 1] = r >> 31
        continue
      }
      case Op.mulu32:
        w[a] = Math.imul(w[code[p + 2]!]!, w[code[p + 3]!]!)
        w[a + 1] = 0
        continue
      case Op.muliu32:
        w[a] = Math.imul(w[code[p + 2]!]!, code[p + 3]!)
        w[a + 1] = 0
        continue
      case Op.and: {
        const b = code[p + 2]!
        const c = code[p + 3]!
        w[a] = w[b]! & w[c]!
        w[a + 1] = w[b + 1]! & w[c + 1]!
        continue
      }
      case Op.or: {
        const b = code[p + 2]!
        const c = code[p + 3]!
        w[a] = w[b]! | w[c]!
        w[a + 1] = w[b + 1]! | w[c + 1]!
        continue
      }
      case Op.xor: {
        const b = code[p + 2]!
        const c = code[p + 3]!
        w[a] = w[b]! ^ w[c]!
        w[a + 1] = w[b + 1]! ^ w[c + 1]!
        continue
      }
      case Op.andi: {
        const b = code[p + 2]!
        const y = code[p + 3]!
        w[a] = w[b]! & y
        w[a + 1] = w[b + 1]! & (y >> 31)
        continue
      }
      case Op.shli32: {
        const r = w[code[p + 2]!]! << code[p + 3]!
        w[a] = r
        w[a + 1] = r >> 31
        continue
      }
      case Op.shliu32:
        w[a] = w[code[p + 2]!]! << code[p + 3]!
        w[a + 1] = 0
        continue
      case Op.shri32: {
        const r = w[code[p + 2]!]! >> code[p + 3]!
        w[a] = r
        w[a + 1] = r >> 31
        continue
      }
      case Op.shriu32:
        w[a] = w[code[p + 2]!]! >>> code[p + 3]!
        w[a + 1] = 0
        continue
      case Op.shli64:
        shiftLeft(w, a, code[p + 2]!, code[p + 3]!)
        continue
      case Op.shriu64:
        shiftRight(w, a, code[p + 2]!, code[p + 3]!, false)
        continue
      case Op.ext32: {
        const r = w[code[p + 2]!]!
        w[a] = r
        w[a + 1] = r >> 31
        continue
      }
      case Op.extu32:
        w[a] = w[code[p + 2]!]!
        w[a + 1] = 0
        continue
      case Op.extu8:
        w[a] = w[code[p + 2]!]! & 0xff
        w[a + 1] = 0
        continue
      case Op.jump:
        pc = code[p + 1]!
        continue
      case Op.jumpZero:
        if ((w[a]! | w[a + 1]!) === 0) pc = code[p + 2]!
        continue
      case Op.jumpNonzero:
        if ((w[a]! | w[a + 1]!) !== 0) pc = code[p + 2]!
        continue
      case Op.jumpEq: {
        const b = code[p + 2]!
        if (w[a] === w[b] && w[a + 1] === w[b + 1]) pc = code[p + 3]!
        continue
      }
      case Op.jumpNe: {
        const b = code[p + 2]!
        if (w[a] !== w[b] || w[a + 1] !== w[b + 1]) pc = code[p + 3]!
        continue
      }
      case Op.jumpLt32:
        if (w[a]! < w[code[p + 2]!]!) pc = code[p + 3]!
        continue
      case Op.jumpGe32:
        if (w[a]! >= w[code[p + 2]!]!) pc = code[p + 3]!
        continue
      case Op.jumpLtu32:
        if (w[a]! >>> 0 < w[code[p + 2]!]! >>> 0) pc = code[p + 3]!
        continue
      case Op.jumpGeu32:
        if (w[a]! >>> 0 >= w[code[p + 2]!]! >>> 0) pc = code[p + 3]!
        continue
      case Op.jumpLt64:
      case Op.jumpGe64: {
        const b = code[p + 2]!
        const x = w[a + 1]!
        const y = w[b + 1]!
        const less = x === y ? w[a]! >>> 0 < w[b]! >>> 0 : x < y
        if (less === (op === Op.jumpLt64)) pc = code[p + 3]!
        continue
      }
      case Op.jumpLtu64:
      case Op.jumpGeu64: {
        const b = code[p + 2]!
        const x = w[a + 1]!
        const y = w[b + 1]!
        const less = x === y ? w[a]! >>> 0 < w[b]! >>> 0 : x >>> 0 < y >>> 0
        if (less === (op === Op.jumpLtu64)) pc = code[p + 3]!
        continue
      }
      case Op.jumpEqi:
        if (w[a] === code[p + 2] && w[a + 1] === w[a]! >> 31) pc = code[p + 3]!
        continue
      case Op.jumpNei:
        if (w[a] !== code[p + 2] || w[a + 1] !== w[a]! >> 31) pc = code[p + 3]!
        continue
      case Op.jumpLti32:
        if (w[a]! < code[p + 2]!) pc = code[p + 3]!
        continue
      case Op.jumpGei32:
        if (w[a]! >= code[p + 2]!) pc = code[p + 3]!
        continue
      case Op.jumpLtiu32:
        if (w[a]! >>> 0 < code[p + 2]! >>> 0) pc = code[p + 3]!
        continue
      case Op.jumpGeiu32:
        if (w[a]! >>> 0 >= code[p + 2]! >>> 0) pc = code[p + 3]!
        continue
      case Op.jumpLti64:
      case Op.jumpGei64: {
        const y = code[p + 2]!
        const x = w[a + 1]!
        const less = x === y >> 31 ? w[a]! >>> 0 < y >>> 0 : x < y >> 31
        if (less === (op === Op.jumpLti64)) pc = code[p + 3]!
        continue
      }
      case Op.jumpLtiu64:
      case Op.jumpGeiu64: {
        const y = code[p + 2]!
        const x = w[a + 1]!
        const less = x === y >> 31 ? w[a]! >>> 0 < y >>> 0 : x >>> 0 < (y >> 31) >>> 0
        if (less === (op === Op.jumpLtiu64)) pc = code[p + 3]!
        continue
      }
      case Op.index2:
      case Op.index4:
      case Op.index8: {
        const b = code[p + 2]!
        const c = code[p + 3]!
        const n = op - Op.index2 + 1
        const y = w[c]! << n
        const r = (w[b]! + y) | 0
        w[a + 1] = w[b + 1]! + ((w[c + 1]! << n) | (w[c]! >>> (32 - n))) + (r >>> 0 < y >>> 0 ? 1 : 0)
        w[a] = r
        continue
      }
      case Op.dataIndex1:
      case Op.dataIndex2:
      case Op.dataIndex4:
      case Op.dataIndex8: {
        const c = code[p + 3]!
        const n = op - Op.dataIndex1
        const y = w[c]! << n
        const r = (code[p + 2]! + y) | 0
        w[a + 1] = (n === 0 ? w[c + 1]! : (w[c + 1]! << n) | (w[c]! >>> (32 - n))) + (r >>> 0 < y >>> 0 ? 1 : 0)
        w[a] = r
        continue
      }
      case Op.frameIndex1:
      case Op.frameIndex2:
      case Op.frameIndex4:
      case Op.frameIndex8: {
        const c = code[p + 3]!
        const n = op - Op.frameIndex1
        const y = w[c]! << n
        const r = (top - thread.down + code[p + 2]! + y) | 0
        w[a + 1] =
          STACK_HIGH + (n === 0 ? w[c + 1]! : (w[c + 1]! << n) | (w[c]! >>> (32 - n))) + (r >>> 0 < y >>> 0 ? 1 : 0)
        w[a] = r
        continue
      }
      case Op.load64: {
        const b = code[p + 2]!
        const low = w[b]!
        const base = low + code[p + 3]!
        const high = w[b + 1]!
        if (high === 0 && low >= 0) {
          const i = (base - start) | 0
          if (i >= 0 && i <= size - 8) {
            w[a] = data.getInt32(i, true)
            w[a + 1] = data.getInt32(i + 4, true)
            continue
          }
        } else if (high === STACK_HIGH) {
          const i = (base - lowest) | 0
          if (i >= 0 && i <= room - 8) {
            w[a] = stack.getInt32(i, true)
            w[a + 1] = stack.getInt32(i + 4, true)
            continue
          }
        }
        break
      }
      case Op.load32: {
        const b = code[p + 2]!
        const low = w[b]!
        const base = low + code[p + 3]!
        const high = w[b + 1]!
        if (high === 0 && low >= 0) {
          const i = (base - start) | 0
          if (i >= 0 && i <= size - 4) {
            const r = data.getInt32(i, true)
            w[a] = r
            w[a + 1] = r >> 31
            continue
          }
        } else if (high === STACK_HIGH) {
          const i = (base - lowest) | 0
          if (i >= 0 && i <= room - 4) {
            const r = stack.getInt32(i, true)
            w[a] = r
            w[a + 1] = r >> 31
            continue
          }
        }
        break
      }
      case Op.loadu32: {
        const b = code[p + 2]!
        const low = w[b]!
        const base = low + code[p + 3]!
        const high = w[b + 1]!
        if (high === 0 && low >= 0) {
          const i = (base - start) | 0
          if (i >= 0 && i <= size - 4) {
            w[a] = data.getInt32(i, true)
            w[a + 1] = 0
            continue
          }
        } else if (high === STACK_HIGH) {
          const i = (base - lowest) | 0
          if (i >= 0 && i <= room - 4) {
            w[a] = stack.getInt32(i, true)
            w[a + 1] = 0
            continue
          }
        }
        break
      }
      case Op.loadu8: {
        const b = code[p + 2]!
        const low = w[b]!
        const base = low + code[p + 3]!
        const high = w[b + 1]!
        if (high === 0 && low >= 0) {
          const i = (base - start) | 0
          if (i >= 0 && i <= size - 1) {
            w[a] = data.getUint8(i)
            w[a + 1] = 0
            continue
          }
        } else if (high === STACK_HIGH) {
          const i = (base - lowest) | 0
          if (i >= 0 && i <= room - 1) {
            w[a] = stack.getUint8(i)
            w[a + 1] = 0
            continue
          }
        }
        break
      }
      case Op.load8: {
        const b = code[p + 2]!
        const low = w[b]!
        const base = low + code[p + 3]!
        const high = w[b + 1]!
        if (high === 0 && low >= 0) {
          const i = (base - start) | 0
          if (i >= 0 && i <= size - 1) {
            const r = data.getInt8(i)
            w[a] = r
            w[a + 1] = r >> 31
            continue
          }
        } else if (high === STACK_HIGH) {
          const i = (base - lowest) | 0
          if (i >= 0 && i <= room - 1) {
            const r = stack.getInt8(i)
            w[a] = r
            w[a + 1] = r >> 31
            continue
          }
        }
        break
      }
      case Op.store64: {
        const b = code[p + 2]!
        const low = w[b]!
        const base = low + code[p + 3]!
        const high = w[b + 1]!
        if (high === 0 && low >= 0) {
          const i = (base - start) | 0
          if (i >= constants && i <= size - 8) {
            data.setInt32(i, w[a]!, true)
            data.setInt32(i + 4, w[a + 1]!, true)
            continue
          }
        } else if (high === STACK_HIGH) {
          const i = (base - lowest) | 0
          if (i >= 0 && i <= room - 8) {
            stack.setInt32(i, w[a]!, true)
            stack.setInt32(i + 4, w[a + 1]!, true)
            continue
          }
        }
        break
      }
      case Op.store32: {
        const b = code[p + 2]!
        const low = w[b]!
        const base = low + code[p + 3]!
        const high = w[b + 1]!
        if (high === 0 && low >= 0) {
          const i = (base - start) | 0
          if (i >= constants && i <= size - 4) {
            data.setInt32(i, w[a]!, true)
            continue
          }
        } else if (high === STACK_HIGH) {
          const i = (base - lowest) | 0
          if (i >= 0 && i <= room - 4) {
            stack.setInt32(i, w[a]!, true)
            continue
          }
        }
        break
      }
      case Op.store8: {
        const b = code[p + 2]!
        const low = w[b]!
        const base = low + code[p + 3]!
        const high = w[b + 1]!
        if (high === 0 && low >= 0) {
          const i = (base - start) | 0
          if (i >= constants && i <= size - 1) {
            data.setInt8(i, w[a]!)
            continue
          }
        } else if (high === STACK_HIGH) {
          const i = (base - lowest) | 0
          if (i >= 0 && i <= room - 1) {
            stack.setInt8(i, w[a]!)
            continue
          }
        }
        break
      }
      case Op.frameLoad64: {
        const i = frame + code[p + 2]!
        w[a] = stack.getInt32(i, true)
        w[a + 1] = stack.getInt32(i + 4, true)
        continue
      }
      case Op.frameLoad32: {
        const r = stack.getInt32(frame + code[p + 2]!, true)
        w[a] = r
        w[a + 1] = r >> 31
        continue
      }
      case Op.frameLoad8:
      case Op.frameLoadu8:
      case Op.frameLoad16:
      case Op.frameLoadu16:
      case Op.frameLoadu32:
      case Op.frameLoadFloat:
        loadDirect(w, a, op - Op.frameLoad8 + Op.load8, stack, frame + code[p + 2]!)
        continue
      case Op.frameStore8:
      case Op.frameStore16:
      case Op.frameStore32:
      case Op.frameStore64:
      case Op.frameStoreFloat:
        storeDirect(w, a, op - Op.frameStore8 + Op.store8, stack, frame + code[p + 2]!)
        continue
      case Op.load16:
      case Op.loadu16:
      case Op.loadFloat:
      case Op.store16:
      case Op.storeFloat: {
        const b = code[p + 2]!
        const base = w[b]! + code[p + 3]!
        const high = w[b + 1]!
        const inData = high === 0 && w[b]! >= 0
        const i = (base - (inData ? start : lowest)) | 0
        const least = inData && op >= Op.store8 ? constants : 0
        if ((!inData && high !== STACK_HIGH) || i < least || i > (inData ? size : room) - 4) break
        if (op < Op.store8) loadDirect(w, a, op, inData ? data : stack, i)
        else storeDirect(w, a, op, inData ? data : stack, i)
        continue
      }
      case Op.frameAddress:
        w[a] = (top - thread.down + code[p + 2]!) | 0
        w[a + 1] = STACK_HIGH
        continue
      case Op.addDouble:
        d[half + (a >> 1)] = d[half + (code[p + 2]! >> 1)]! + d[half + (code[p + 3]! >> 1)]!
        continue
      case Op.subDouble:
        d[half + (a >> 1)] = d[half + (code[p + 2]! >> 1)]! - d[half + (code[p + 3]! >> 1)]!
        continue
      case Op.mulDouble:
        d[half + (a >> 1)] = d[half + (code[p + 2]! >> 1)]! * d[half + (code[p + 3]! >> 1)]!
        continue
      case Op.divDouble:
        d[half + (a >> 1)] = d[half + (code[p + 2]! >> 1)]! / d[half + (code[p + 3]! >> 1)]!
        continue
      case Op.call:
      case Op.callPointer:
      case Op.native:
      case Op.return:
      case Op.returnVoid:
        break
      default: {
        const wrong = compute(op, w, a, code[p + 2]!, code[p + 3]!, code[p + 3]!)
        if (wrong === undefined) continue
        thread.pc = pc - 1
        thread.ticks = last - left
        return { trap: wrong }
      }
    }
    // What is not done here works on the thread: calls, returns, memory that is not at hand.
    thread.pc = pc - 1
    thread.ticks = last - left
    const A = thread.base + a
    const end =
      op >= Op.call
        ? transfer(program, thread, host, op, A, code[p + 2]!, code[p + 3]!)
        : accessElsewhere(thread, memory, host, A, thread.base + code[p + 2]!, op, code[p + 3]!)
    if (end !== undefined) return end
    pc = thread.pc
    w = thread.registers
    d = thread.doubles
    half = thread.base >> 1
    stack = thread.stackView
    room = stack.byteLength
    lowest = (top - room) | 0
    frame = room - thread.down
  }
  thread.pc = pc
  thread.ticks = last
  return 'fuel'
}
