/** Memory instructions once the memory is at hand: sizes, extension, and bytes in little-endian order. */

import { Op } from '../../../lang/c/opcode.ts'
import { readDouble, writeDouble } from './alu.ts'

/** Bytes that each memory instruction moves. */
export const accessSizes = new Uint8Array(128)
for (const op of [Op.load8, Op.loadu8, Op.store8, Op.frameLoad8, Op.frameLoadu8, Op.frameStore8]) accessSizes[op] = 1
for (const op of [Op.load16, Op.loadu16, Op.store16, Op.frameLoad16, Op.frameLoadu16, Op.frameStore16])
  accessSizes[op] = 2
for (const op of [Op.load32, Op.loadu32, Op.loadFloat, Op.store32, Op.storeFloat]) accessSizes[op] = 4
for (const op of [Op.frameLoad32, Op.frameLoadu32, Op.frameLoadFloat, Op.frameStore32, Op.frameStoreFloat])
  accessSizes[op] = 4
for (const op of [Op.load64, Op.store64, Op.frameLoad64, Op.frameStore64]) accessSizes[op] = 8

const float = new Float32Array(1)
const floatBits = new Int32Array(float.buffer)

/** Writes what a load of `op` read into a register. */
export function setLoaded(w: Int32Array, at: number, op: number, lo: number, hi: number): void {
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
export function loadDirect(w: Int32Array, at: number, op: number, size: number, m: Uint8Array, i: number): void {
  if (size === 8) {
    w[at] = read32(m, i)
    w[at + 1] = read32(m, i + 4)
  } else setLoaded(w, at, op, size === 4 ? read32(m, i) : size === 2 ? m[i]! | (m[i + 1]! << 8) : m[i]!, 0)
}

export function storeDirect(m: Uint8Array, i: number, size: number, lo: number, hi: number): void {
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
export function storedLow(w: Int32Array, at: number, op: number): number {
  if (op !== Op.storeFloat && op !== Op.frameStoreFloat) return w[at]!
  float[0] = readDouble(w, at)
  return floatBits[0]!
}
