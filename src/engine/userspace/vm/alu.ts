/** Instructions that only compute: registers in, a register out. */

import { Op } from '../../../lang/c/opcode.ts'
import { divideSigned, divideUnsigned, doubleToInteger, multiply, shiftLeft, shiftRight } from './wide.ts'

const TWO32 = 0x1_0000_0000
const DIVISION = 'division by zero'

const double = new Float64Array(1)
const doubleBits = new Int32Array(double.buffer)

function readDouble(w: Int32Array, at: number): number {
  doubleBits[0] = w[at]!
  doubleBits[1] = w[at + 1]!
  return double[0]!
}

export function writeDouble(w: Int32Array, at: number, value: number): void {
  double[0] = value
  w[at] = doubleBits[0]!
  w[at + 1] = doubleBits[1]!
}

/**
 * Carries out `op` on the registers at `a`, `b`, `c` of `w` (indices of words); `immediate` is the fourth word itself.
 * The result is why that is not possible.
 */
export function compute(
  op: number,
  w: Int32Array,
  a: number,
  b: number,
  c: number,
  immediate: number,
): string | undefined {
  switch (op) {
    case Op.add32: {
      const r = (w[b]! + w[c]!) | 0
      w[a] = r
      w[a + 1] = r >> 31
      return undefined
    }
    case Op.addu32:
      w[a] = w[b]! + w[c]!
      w[a + 1] = 0
      return undefined
    case Op.sub32: {
      const r = (w[b]! - w[c]!) | 0
      w[a] = r
      w[a + 1] = r >> 31
      return undefined
    }
    case Op.subu32:
      w[a] = w[b]! - w[c]!
      w[a + 1] = 0
      return undefined
    case Op.add64: {
      const r = (w[b]! >>> 0) + (w[c]! >>> 0)
      w[a + 1] = w[b + 1]! + w[c + 1]! + (r >= TWO32 ? 1 : 0)
      w[a] = r
      return undefined
    }
    case Op.sub64: {
      const r = (w[b]! >>> 0) - (w[c]! >>> 0)
      w[a + 1] = w[b + 1]! - w[c + 1]! - (r < 0 ? 1 : 0)
      w[a] = r
      return undefined
    }
    case Op.mul32: {
      const r = Math.imul(w[b]!, w[c]!)
      w[a] = r
      w[a + 1] = r >> 31
      return undefined
    }
    case Op.mulu32:
      w[a] = Math.imul(w[b]!, w[c]!)
      w[a + 1] = 0
      return undefined
    case Op.mul64:
      multiply(w, a, b, c)
      return undefined
    case Op.div32:
      if (w[c] === 0) {
        return DIVISION
      }
      w[a] = w[b]! / w[c]!
      w[a + 1] = w[a]! >> 31
      return undefined
    case Op.divu32:
      if (w[c] === 0) {
        return DIVISION
      }
      w[a] = (w[b]! >>> 0) / (w[c]! >>> 0)
      w[a + 1] = 0
      return undefined
    case Op.div64:
      if (w[c] === 0 && w[c + 1] === 0) {
        return DIVISION
      }
      divideSigned(w, a, b, c, false)
      return undefined
    case Op.divu64:
      if (w[c] === 0 && w[c + 1] === 0) {
        return DIVISION
      }
      divideUnsigned(w, a, b, c, false)
      return undefined
    case Op.mod32:
      if (w[c] === 0) {
        return DIVISION
      }
      w[a] = w[b]! % w[c]!
      w[a + 1] = w[a]! >> 31
      return undefined
    case Op.modu32:
      if (w[c] === 0) {
        return DIVISION
      }
      w[a] = (w[b]! >>> 0) % (w[c]! >>> 0)
      w[a + 1] = 0
      return undefined
    case Op.mod64:
      if (w[c] === 0 && w[c + 1] === 0) {
        return DIVISION
      }
      divideSigned(w, a, b, c, true)
      return undefined
    case Op.modu64:
      if (w[c] === 0 && w[c + 1] === 0) {
        return DIVISION
      }
      divideUnsigned(w, a, b, c, true)
      return undefined
    case Op.and:
      w[a] = w[b]! & w[c]!
      w[a + 1] = w[b + 1]! & w[c + 1]!
      return undefined
    case Op.or:
      w[a] = w[b]! | w[c]!
      w[a + 1] = w[b + 1]! | w[c + 1]!
      return undefined
    case Op.xor:
      w[a] = w[b]! ^ w[c]!
      w[a + 1] = w[b + 1]! ^ w[c + 1]!
      return undefined
    case Op.shl32: {
      const r = w[b]! << w[c]!
      w[a] = r
      w[a + 1] = r >> 31
      return undefined
    }
    case Op.shlu32:
      w[a] = w[b]! << w[c]!
      w[a + 1] = 0
      return undefined
    case Op.shl64:
      shiftLeft(w, a, b, w[c]!)
      return undefined
    case Op.shr32: {
      const r = w[b]! >> w[c]!
      w[a] = r
      w[a + 1] = r >> 31
      return undefined
    }
    case Op.shru32:
      w[a] = w[b]! >>> w[c]!
      w[a + 1] = 0
      return undefined
    case Op.shr64:
      shiftRight(w, a, b, w[c]!, true)
      return undefined
    case Op.shru64:
      shiftRight(w, a, b, w[c]!, false)
      return undefined
    case Op.addi32: {
      const r = (w[b]! + immediate) | 0
      w[a] = r
      w[a + 1] = r >> 31
      return undefined
    }
    case Op.addiu32:
      w[a] = w[b]! + immediate
      w[a + 1] = 0
      return undefined
    case Op.addi64: {
      const r = (w[b]! >>> 0) + immediate
      w[a + 1] = w[b + 1]! + Math.floor(r / TWO32)
      w[a] = r
      return undefined
    }
    case Op.shli64:
      shiftLeft(w, a, b, immediate)
      return undefined
    case Op.muli64: {
      const product = (w[b]! >>> 0) * immediate
      const carried = Math.imul(w[b + 1]!, immediate) + Math.floor(product / TWO32)
      w[a] = product
      w[a + 1] = carried
      return undefined
    }
    case Op.ori:
      w[a + 1] = w[b + 1]! | (immediate >> 31)
      w[a] = w[b]! | immediate
      return undefined
    case Op.xori:
      w[a + 1] = w[b + 1]! ^ (immediate >> 31)
      w[a] = w[b]! ^ immediate
      return undefined
    case Op.shri64:
      shiftRight(w, a, b, immediate, true)
      return undefined
    case Op.ext8: {
      const r = (w[b]! << 24) >> 24
      w[a] = r
      w[a + 1] = r >> 31
      return undefined
    }
    case Op.extu8:
      w[a] = w[b]! & 0xff
      w[a + 1] = 0
      return undefined
    case Op.ext16: {
      const r = (w[b]! << 16) >> 16
      w[a] = r
      w[a + 1] = r >> 31
      return undefined
    }
    case Op.extu16:
      w[a] = w[b]! & 0xffff
      w[a + 1] = 0
      return undefined
    case Op.ext32: {
      const r = w[b]!
      w[a] = r
      w[a + 1] = r >> 31
      return undefined
    }
    case Op.extu32:
      w[a] = w[b]!
      w[a + 1] = 0
      return undefined
    case Op.eq:
      w[a] = w[b] === w[c] && w[b + 1] === w[c + 1] ? 1 : 0
      w[a + 1] = 0
      return undefined
    case Op.ne:
      w[a] = w[b] !== w[c] || w[b + 1] !== w[c + 1] ? 1 : 0
      w[a + 1] = 0
      return undefined
    case Op.lt32:
      w[a] = w[b]! < w[c]! ? 1 : 0
      w[a + 1] = 0
      return undefined
    case Op.le32:
      w[a] = w[b]! <= w[c]! ? 1 : 0
      w[a + 1] = 0
      return undefined
    case Op.ltu32:
      w[a] = w[b]! >>> 0 < w[c]! >>> 0 ? 1 : 0
      w[a + 1] = 0
      return undefined
    case Op.leu32:
      w[a] = w[b]! >>> 0 <= w[c]! >>> 0 ? 1 : 0
      w[a + 1] = 0
      return undefined
    case Op.lt64:
      w[a] = (w[b + 1] === w[c + 1] ? w[b]! >>> 0 < w[c]! >>> 0 : w[b + 1]! < w[c + 1]!) ? 1 : 0
      w[a + 1] = 0
      return undefined
    case Op.le64:
      w[a] = (w[b + 1] === w[c + 1] ? w[b]! >>> 0 <= w[c]! >>> 0 : w[b + 1]! < w[c + 1]!) ? 1 : 0
      w[a + 1] = 0
      return undefined
    case Op.ltu64:
      w[a] = (w[b + 1] === w[c + 1] ? w[b]! >>> 0 < w[c]! >>> 0 : w[b + 1]! >>> 0 < w[c + 1]! >>> 0) ? 1 : 0
      w[a + 1] = 0
      return undefined
    case Op.leu64:
      w[a] = (w[b + 1] === w[c + 1] ? w[b]! >>> 0 <= w[c]! >>> 0 : w[b + 1]! >>> 0 < w[c + 1]! >>> 0) ? 1 : 0
      w[a + 1] = 0
      return undefined
    case Op.zero:
      w[a] = w[b] === 0 && w[b + 1] === 0 ? 1 : 0
      w[a + 1] = 0
      return undefined
    case Op.nonzero:
      w[a] = w[b] !== 0 || w[b + 1] !== 0 ? 1 : 0
      w[a + 1] = 0
      return undefined
    case Op.addDouble:
      writeDouble(w, a, readDouble(w, b) + readDouble(w, c))
      return undefined
    case Op.subDouble:
      writeDouble(w, a, readDouble(w, b) - readDouble(w, c))
      return undefined
    case Op.mulDouble:
      writeDouble(w, a, readDouble(w, b) * readDouble(w, c))
      return undefined
    case Op.divDouble:
      writeDouble(w, a, readDouble(w, b) / readDouble(w, c))
      return undefined
    case Op.eqDouble:
      w[a] = readDouble(w, b) === readDouble(w, c) ? 1 : 0
      w[a + 1] = 0
      return undefined
    case Op.ltDouble:
      w[a] = readDouble(w, b) < readDouble(w, c) ? 1 : 0
      w[a + 1] = 0
      return undefined
    case Op.leDouble:
      w[a] = readDouble(w, b) <= readDouble(w, c) ? 1 : 0
      w[a + 1] = 0
      return undefined
    case Op.roundFloat:
      writeDouble(w, a, Math.fround(readDouble(w, b)))
      return undefined
    case Op.fromInt64:
      writeDouble(w, a, w[b + 1]! * TWO32 + (w[b]! >>> 0))
      return undefined
    case Op.fromUint64:
      writeDouble(w, a, (w[b + 1]! >>> 0) * TWO32 + (w[b]! >>> 0))
      return undefined
    case Op.toInt64:
      doubleToInteger(w, a, readDouble(w, b), true)
      return undefined
    case Op.toUint64:
      doubleToInteger(w, a, readDouble(w, b), false)
      return undefined
    default:
      return 'the end of a function that must not be reached'
  }
}
