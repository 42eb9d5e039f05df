/** Memory instructions: sizes, extension, memory at hand, and what is not at hand. Bytes are in little-endian order. */

import { Op } from '../../../lang/c/opcode.ts'
import { DATA_BASE, STACK_SIZE } from '../../../lang/c/program.ts'
import type { AccessSize } from '../../sim/cpu.ts'
import { writeDouble } from './alu.ts'
import { DONE, type VmHost } from './host.ts'
import type { VmMemory } from './memory.ts'
import { growStack, STACK_HIGH, type VmThread } from './thread.ts'
import type { RunEnd } from './transfer.ts'

const TWO32 = 0x1_0000_0000

/** Bytes that each memory instruction moves. */
const accessSizes = new Uint8Array(128)
for (const op of [Op.load8, Op.loadu8, Op.store8]) accessSizes[op] = 1
for (const op of [Op.load16, Op.loadu16, Op.store16]) accessSizes[op] = 2
for (const op of [Op.load32, Op.loadu32, Op.loadFloat, Op.store32, Op.storeFloat]) accessSizes[op] = 4
for (const op of [Op.load64, Op.store64]) accessSizes[op] = 8

const float = new Float32Array(1)
const floatBits = new Int32Array(float.buffer)

/** Loads from memory that is at hand. */
export function loadDirect(w: Int32Array, at: number, op: number, from: DataView, i: number): void {
  let lo: number
  switch (op) {
    case Op.load64:
      w[at] = from.getInt32(i, true)
      w[at + 1] = from.getInt32(i + 4, true)
      return
    case Op.load32:
      lo = from.getInt32(i, true)
      break
    case Op.loadu32:
      w[at] = from.getInt32(i, true)
      w[at + 1] = 0
      return
    case Op.loadu8:
      w[at] = from.getUint8(i)
      w[at + 1] = 0
      return
    case Op.load8:
      lo = from.getInt8(i)
      break
    case Op.loadu16:
      w[at] = from.getUint16(i, true)
      w[at + 1] = 0
      return
    case Op.load16:
      lo = from.getInt16(i, true)
      break
    default:
      writeDouble(w, at, from.getFloat32(i, true))
      return
  }
  w[at] = lo
  w[at + 1] = lo >> 31
}

export function storeDirect(w: Int32Array, at: number, op: number, to: DataView, i: number): void {
  switch (op) {
    case Op.store64:
      to.setInt32(i, w[at]!, true)
      to.setInt32(i + 4, w[at + 1]!, true)
      return
    case Op.store32:
      to.setInt32(i, w[at]!, true)
      return
    case Op.store8:
      to.setInt8(i, w[at]!)
      return
    case Op.store16:
      to.setInt16(i, w[at]!, true)
      return
    default:
      to.setInt32(i, storedLow(w, at, op), true)
  }
}

/** Writes what the host has loaded for `op` into a register. */
function setLoaded(w: Int32Array, at: number, op: number, lo: number, hi: number): void {
  switch (op) {
    case Op.load8:
      lo = (lo << 24) >> 24
      break
    case Op.loadu8:
      w[at] = lo & 0xff
      w[at + 1] = 0
      return
    case Op.load16:
      lo = (lo << 16) >> 16
      break
    case Op.loadu16:
      w[at] = lo & 0xffff
      w[at + 1] = 0
      return
    case Op.loadu32:
      w[at] = lo
      w[at + 1] = 0
      return
    case Op.load64:
      w[at] = lo
      w[at + 1] = hi
      return
    case Op.loadFloat:
      floatBits[0] = lo
      writeDouble(w, at, float[0]!)
      return
  }
  w[at] = lo
  w[at + 1] = lo >> 31
}

/** The low word that a store of `op` writes. */
function storedLow(w: Int32Array, at: number, op: number): number {
  if (op !== Op.storeFloat) return w[at]!
  doubleBits[0] = w[at]!
  doubleBits[1] = w[at + 1]!
  float[0] = double[0]!
  return floatBits[0]!
}

const double = new Float64Array(1)
const doubleBits = new Int32Array(double.buffer)

/** The stack grows down to `lo`, if that is within its bounds. */
function ownStack(thread: VmThread, lo: number, hi: number, size: number): boolean {
  const down = thread.stackTop - lo
  return hi === STACK_HIGH && down >= size && down <= STACK_SIZE && growStack(thread, down)
}

/**
 * A load or store of what the loop has not at hand: stack memory that is touched for the first time, or the host's. The
 * address is the register at `b` plus `offset`, the value the one at `at`. Undefined: the thread goes on.
 */
export function accessElsewhere(
  thread: VmThread,
  memory: VmMemory,
  host: VmHost,
  at: number,
  b: number,
  op: number,
  offset: number,
): RunEnd | undefined {
  const { words } = thread
  const sum = (words[b]! >>> 0) + offset
  const hi = (words[b + 1]! + Math.floor(sum / TWO32)) | 0
  const lo = sum >>> 0
  const size = accessSizes[op]! as AccessSize
  const loads = op < Op.store8
  const start = DATA_BASE - memory.constants
  const inData = hi === 0 && !host.sharedData && lo >= (loads ? start : DATA_BASE) && lo + size <= start + memory.size
  if (inData || ownStack(thread, lo, hi, size)) {
    const view = inData ? memory.view : thread.stackView
    const i = inData ? lo - start : thread.stack.length - (thread.stackTop - lo)
    if (loads) loadDirect(words, at, op, view, i)
    else storeDirect(words, at, op, view, i)
  } else if (loads) {
    if (host.load(lo, hi >>> 0, size) !== DONE) return 'stopped'
    setLoaded(words, at, op, host.lo | 0, host.hi | 0)
  } else if (host.store(lo, hi >>> 0, size, storedLow(words, at, op), words[at + 1]!) !== DONE) return 'stopped'
  thread.pc++
  return undefined
}
