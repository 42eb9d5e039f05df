/**
 * Lvalues: where they are, loading, storing, copying. Every access of the program is one VM load or store of its size;
 * a record is copied in pieces of 8 bytes, then 4, 2, 1, as a plain compiler does.
 */

import type { Frame, Location } from './frame.ts'
import { Op } from './opcode.ts'
import type { InitItem, LocalVariable, Node } from './tree.ts'
import { type CType, type Member, sizeOf } from './types.ts'

/** Larger objects are copied and cleared in a loop. */
const UNROLLED = 128

const fits = (n: bigint | number): boolean => n > -0x1000_0000 && n < 0x1000_0000

function shifted(location: Location, by: number): Location {
  if (location.kind === 'register' || by === 0) return location
  if (location.kind === 'data') return { kind: 'data', address: location.address + by }
  return { ...location, offset: location.offset + by }
}

/** The same place for several accesses: an address of data is put into a register once. */
export function based(f: Frame, location: Location): Location {
  if (location.kind !== 'data') return location
  const base = f.temp()
  f.constant(BigInt(location.address), base)
  return { kind: 'memory', base, offset: 0 }
}

/** Memory at an offset that operands cannot hold gets a new base. */
function normal(f: Frame, location: Location): Location {
  if (location.kind !== 'memory' || fits(location.offset)) return location
  const base = f.temp()
  f.constant(BigInt(location.offset), base)
  f.code.push(Op.add64, base, base, location.base)
  return { kind: 'memory', base, offset: 0 }
}

/** What a pointer points to. */
function pointed(f: Frame, pointer: Node): Location {
  if (pointer.kind === 'convert' && pointer.operand.type.kind === 'pointer') return pointed(f, pointer.operand)
  if (pointer.kind === 'address') return locate(f, pointer.operand)
  if (pointer.kind === 'arithmetic' && pointer.right.kind === 'constant' && fits(pointer.right.value)) {
    const by = Number(pointer.right.value)
    const location = pointed(f, pointer.left)
    return normal(f, shifted(location, pointer.operator === '-' ? -by : by))
  }
  return { kind: 'memory', base: f.value(pointer), offset: 0 }
}

/** Where an lvalue, or the record that an expression yields, is. */
export function locate(f: Frame, node: Node): Location {
  switch (node.kind) {
    case 'variable': {
      const { variable } = node
      if (variable.kind === 'global') return { kind: 'data', address: variable.address }
      return f.where(variable)
    }
    case 'string':
      return { kind: 'data', address: f.data.string(node.bytes) }
    case 'deref':
      return pointed(f, node.pointer)
    case 'member':
      return normal(f, shifted(locate(f, node.base), node.offset))
    case 'compound':
      initialise(f, node.variable, node.items)
      return f.where(node.variable)
    default:
      return { kind: 'memory', base: f.value(node), offset: 0 }
  }
}

/** The address of what is there. */
export function addressInto(f: Frame, location: Location, target: number): void {
  if (location.kind === 'frame') f.code.push(Op.frameAddress, target, location.offset)
  else if (location.kind === 'data') f.constant(BigInt(location.address), target)
  else if (location.kind === 'memory') {
    if (location.offset !== 0) f.code.push(Op.addi64, target, location.base, location.offset)
    else if (location.base !== target) f.code.push(Op.mov, target, location.base)
  }
}

const loads = {
  true: { 1: Op.load8, 2: Op.load16, 4: Op.load32, 8: Op.load64 },
  false: { 1: Op.loadu8, 2: Op.loadu16, 4: Op.loadu32, 8: Op.load64 },
} as const
const stores = { 1: Op.store8, 2: Op.store16, 4: Op.store32, 8: Op.store64 } as const
/** From an instruction on memory to the same on the frame. */
const onFrame = (op: number): number =>
  op >= Op.store8 ? op - Op.store8 + Op.frameStore8 : op - Op.load8 + Op.frameLoad8

function access(f: Frame, op: number, register: number, location: Location): void {
  const place = based(f, location)
  if (place.kind === 'frame') f.code.push(onFrame(op), register, place.offset)
  else if (place.kind === 'memory') f.code.push(op, register, place.base, place.offset)
}

function loadOp(type: CType): number {
  if (type.kind === 'integer') return loads[`${type.integer.signed}`][type.integer.size]
  return type.kind === 'float' && type.size === 4 ? Op.loadFloat : Op.load64
}

function storeOp(type: CType): number {
  if (type.kind === 'integer') return stores[type.integer.size]
  return type.kind === 'float' && type.size === 4 ? Op.storeFloat : Op.store64
}

export function load(f: Frame, location: Location, type: CType, bits: Member['bits'], target: number): void {
  if (location.kind === 'register') {
    if (location.register !== target) f.code.push(Op.mov, target, location.register)
    return
  }
  access(f, loadOp(type), target, location)
  if (bits !== undefined && type.kind === 'integer') extract(f, target, bits.at, bits.width, type.integer.signed)
}

/** Bits `at` … `at + width - 1` of the register, extended. */
function extract(f: Frame, register: number, at: number, width: number, signed: boolean): void {
  f.code.push(Op.shli64, register, register, 64 - at - width)
  f.code.push(signed ? Op.shri64 : Op.shriu64, register, register, 64 - width)
}

export function store(f: Frame, location: Location, type: CType, bits: Member['bits'], source: number): void {
  if (location.kind === 'register') {
    if (location.register !== source) f.code.push(Op.mov, location.register, source)
    return
  }
  if (bits === undefined) {
    const mark = f.mark()
    access(f, storeOp(type), source, location)
    return f.release(mark)
  }
  const mark = f.mark()
  const unit = f.temp()
  const part = f.temp()
  const mask = f.temp()
  const field = (1n << BigInt(bits.width)) - 1n
  access(f, loadOp(type), unit, location)
  f.constant(~(field << BigInt(bits.at)), mask)
  f.code.push(Op.and, unit, unit, mask)
  f.constant(field, mask)
  f.code.push(Op.and, part, source, mask)
  f.code.push(Op.shli64, part, part, bits.at)
  f.code.push(Op.or, unit, unit, part)
  access(f, storeOp(type), unit, location)
  f.release(mark)
}

/** What a bit-field holds after `source` was stored: the value of the assignment. */
export function narrowToBits(f: Frame, type: CType, bits: Member['bits'], source: number, target: number): void {
  if (source !== target) f.code.push(Op.mov, target, source)
  if (bits !== undefined && type.kind === 'integer') extract(f, target, 0, bits.width, type.integer.signed)
}

const pieceOf = (left: number): 1 | 2 | 4 | 8 => (left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1)

/** Runs `piece` for a register that walks over `size` bytes (a multiple of 8) in steps of 8. */
function walk(f: Frame, size: number, piece: (at: number) => void): void {
  const at = f.temp()
  const end = f.temp()
  f.code.push(Op.li, at, 0)
  f.constant(BigInt(size), end)
  const again = f.code.target()
  f.code.place(again)
  piece(at)
  f.code.push(Op.addi64, at, at, 8)
  f.code.jump(Op.jumpLtu64, again, at, end)
}

export function copy(f: Frame, source: Location, target: Location, size: number): void {
  const mark = f.mark()
  const from = based(f, source)
  const to = based(f, target)
  const value = f.temp()
  let done = 0
  if (size > UNROLLED) {
    done = size - (size % 8)
    const read = f.temp()
    const written = f.temp()
    const address = f.temp()
    addressInto(f, from, read)
    addressInto(f, to, written)
    walk(f, done, (at) => {
      f.code.push(Op.add64, address, read, at)
      f.code.push(Op.load64, value, address, 0)
      f.code.push(Op.add64, address, written, at)
      f.code.push(Op.store64, value, address, 0)
    })
  }
  while (done < size) {
    const piece = pieceOf(size - done)
    access(f, loads.false[piece], value, shifted(from, done))
    access(f, stores[piece], value, shifted(to, done))
    done += piece
  }
  f.release(mark)
}

function clear(f: Frame, location: Location, size: number): void {
  const mark = f.mark()
  const zero = f.temp()
  f.code.push(Op.li, zero, 0)
  let done = 0
  if (size > UNROLLED) {
    done = size - (size % 8)
    const start = f.temp()
    const address = f.temp()
    addressInto(f, location, start)
    walk(f, done, (at) => {
      f.code.push(Op.add64, address, start, at)
      f.code.push(Op.store64, zero, address, 0)
    })
  }
  while (done < size) {
    const piece = pieceOf(size - done)
    access(f, stores[piece], zero, shifted(location, done))
    done += piece
  }
  f.release(mark)
}

/** Do the items write every byte, in order? Then nothing needs clearing first. */
function covers(items: readonly InitItem[], size: number): boolean {
  let end = 0
  for (const item of items) {
    if (item.bits !== undefined || item.offset !== end) return false
    if (item.value.kind === 'string' && item.value.bytes.length < sizeOf(item.type)) return false
    end += sizeOf(item.type)
  }
  return end === size
}

/** A local object's initial value. */
export function initialise(f: Frame, variable: LocalVariable, items: readonly InitItem[]): void {
  const [first] = items
  if (!variable.inMemory) {
    if (first === undefined) f.code.push(Op.li, variable.home, 0)
    else f.into(first.value, variable.home)
    return
  }
  const size = sizeOf(variable.type)
  const whole = f.where(variable)
  if (!covers(items, size)) clear(f, whole, size)
  for (const { offset, type, bits, value } of items) {
    const mark = f.mark()
    const to = normal(f, shifted(whole, offset))
    f.at(value)
    if (value.kind === 'string' && type.kind === 'array') storeText(f, value.bytes, to, sizeOf(type))
    else if (type.kind === 'record') copy(f, locate(f, value), to, sizeOf(type))
    else store(f, to, type, bits, f.value(value))
    f.release(mark)
  }
}

/** A character array's text; its zeros are there already. */
function storeText(f: Frame, bytes: readonly number[], to: Location, room: number): void {
  const text = bytes.slice(0, room)
  if (text.length > UNROLLED) return copy(f, { kind: 'data', address: f.data.string(bytes) }, to, text.length)
  const value = f.temp()
  for (let done = 0; done < text.length; ) {
    const piece = pieceOf(text.length - done)
    let word = 0n
    for (let i = piece - 1; i >= 0; i--) word = (word << 8n) | BigInt(text[done + i] ?? 0)
    f.constant(BigInt.asIntN(64, word), value)
    access(f, stores[piece], value, shifted(to, done))
    done += piece
  }
}
