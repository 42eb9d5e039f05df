/** Typed expressions → instructions. An operand of type `Node` of record type is worth the record's address. */

import type { ArithmeticOperator, Comparison } from './ast.ts'
import { functionAddress } from './emit-data.ts'
import { addressInto, based, copy, load, locate, narrowToBits, store } from './emit-memory.ts'
import type { Frame, Location } from './frame.ts'
import { Op } from './opcode.ts'
import { hasEffects, readLate, rightFirst, valueFirst } from './order.ts'
import type { Node } from './tree.ts'
import { boolType, type CType, sizeOf } from './types.ts'

/** How operations read a type. */
type Reading = '32' | 'u32' | '64' | 'u64'

export function readingOf(type: CType): Reading {
  if (type.kind !== 'integer') return 'u64'
  const { size, signed } = type.integer
  if (size === 8) return signed ? '64' : 'u64'
  return signed ? '32' : 'u32'
}

const integerOps: Readonly<Record<ArithmeticOperator, Readonly<Record<Reading, number>>>> = {
  '+': { '32': Op.add32, u32: Op.addu32, '64': Op.add64, u64: Op.add64 },
  '-': { '32': Op.sub32, u32: Op.subu32, '64': Op.sub64, u64: Op.sub64 },
  '*': { '32': Op.mul32, u32: Op.mulu32, '64': Op.mul64, u64: Op.mul64 },
  '/': { '32': Op.div32, u32: Op.divu32, '64': Op.div64, u64: Op.divu64 },
  '%': { '32': Op.mod32, u32: Op.modu32, '64': Op.mod64, u64: Op.modu64 },
  '&': { '32': Op.and, u32: Op.and, '64': Op.and, u64: Op.and },
  '|': { '32': Op.or, u32: Op.or, '64': Op.or, u64: Op.or },
  '^': { '32': Op.xor, u32: Op.xor, '64': Op.xor, u64: Op.xor },
  '<<': { '32': Op.shl32, u32: Op.shlu32, '64': Op.shl64, u64: Op.shl64 },
  '>>': { '32': Op.shr32, u32: Op.shru32, '64': Op.shr64, u64: Op.shru64 },
}
const immediateOps: Readonly<Partial<Record<ArithmeticOperator, Readonly<Record<Reading, number>>>>> = {
  '+': { '32': Op.addi32, u32: Op.addiu32, '64': Op.addi64, u64: Op.addi64 },
  '*': { '32': Op.muli32, u32: Op.muliu32, '64': Op.muli64, u64: Op.muli64 },
  '&': { '32': Op.andi, u32: Op.andi, '64': Op.andi, u64: Op.andi },
  '|': { '32': Op.ori, u32: Op.ori, '64': Op.ori, u64: Op.ori },
  '^': { '32': Op.xori, u32: Op.xori, '64': Op.xori, u64: Op.xori },
  '<<': { '32': Op.shli32, u32: Op.shliu32, '64': Op.shli64, u64: Op.shli64 },
  '>>': { '32': Op.shri32, u32: Op.shriu32, '64': Op.shri64, u64: Op.shriu64 },
}
const lessOps: Readonly<Record<Reading, readonly [less: number, lessOrEqual: number]>> = {
  '32': [Op.lt32, Op.le32],
  u32: [Op.ltu32, Op.leu32],
  '64': [Op.lt64, Op.le64],
  u64: [Op.ltu64, Op.leu64],
}

/** The power of two that `n` is, or -1. */
const powerOf = (n: bigint): number => (n > 0n && (n & (n - 1n)) === 0n ? n.toString(2).length - 1 : -1)

/** Emits target ← left operator (constant), when one instruction can do it. */
function immediate(
  f: Frame,
  operator: ArithmeticOperator,
  type: CType,
  target: number,
  left: number,
  n: bigint,
): boolean {
  const reading = readingOf(type)
  const bits = reading.endsWith('32') ? 32 : 64
  if (operator === '<<' || operator === '>>') {
    // What a shift by more than the width does, the processor's mask decides.
    f.code.push(immediateOps[operator]?.[reading] ?? Op.trap, target, left, Number(n & BigInt(bits - 1)))
    return true
  }
  const power = operator === '*' ? powerOf(n) : -1
  if (power > 0) return immediate(f, '<<', type, target, left, BigInt(power))
  const plus = operator === '-' ? '+' : operator
  const op = immediateOps[plus]?.[reading]
  const value = BigInt.asIntN(bits, operator === '-' ? -n : n)
  if (op === undefined || value !== BigInt.asIntN(32, value)) return false
  if (op === Op.muli64 && (value < 0n || value >= 1n << 21n)) return false
  // The immediate's sign would go into the high word, which is zero.
  if (reading === 'u32' && value < 0n && (operator === '|' || operator === '^')) return false
  f.code.push(op, target, left, Number(value))
  return true
}

/** A value of which only the low word matters: conversions between four and eight bytes change nothing there. */
function lowWord(f: Frame, node: Node): number {
  if (node.kind !== 'convert' || node.type.kind !== 'integer' || node.type.integer.size < 4) return f.value(node)
  const from = node.operand.type
  const free = from.kind === 'integer' && from.integer.size >= 4
  return free ? lowWord(f, node.operand) : f.value(node)
}

/** With 32 bits only the low words of most operators' operands matter. */
const readsLow = (operator: ArithmeticOperator, type: CType): boolean =>
  type.kind === 'integer' && readingOf(type).endsWith('32') && !['&', '|', '^'].includes(operator)

function compute(
  f: Frame,
  operator: ArithmeticOperator,
  type: CType,
  target: number,
  left: number,
  right: number,
): void {
  if (type.kind !== 'float') return f.code.push(integerOps[operator][readingOf(type)], target, left, right)
  const op = { '+': Op.addDouble, '-': Op.subDouble, '*': Op.mulDouble, '/': Op.divDouble }[operator as '+']
  f.code.push(op ?? Op.trap, target, left, right)
  if (type.size === 4) f.code.push(Op.roundFloat, target, target)
}

/** Is the conversion free, because registers already hold the value in the new type's form? */
function isFree(from: CType, to: CType): boolean {
  if (to.kind === 'void' || to.kind === 'record') return true
  if (from.kind === 'float' || to.kind === 'float') {
    return from.kind === 'float' && to.kind === 'float' && to.size >= from.size
  }
  if (to.kind !== 'integer') return true
  if (to.integer === boolType.integer) return from.kind === 'integer' && from.integer === boolType.integer
  if (to.integer.size === 8) return true
  if (from.kind !== 'integer') return false
  const a = from.integer
  const b = to.integer
  return (a.signed === b.signed && a.size <= b.size) || (!a.signed && a.size < b.size)
}

const extensions = {
  true: { 1: Op.ext8, 2: Op.ext16, 4: Op.ext32, 8: Op.mov },
  false: { 1: Op.extu8, 2: Op.extu16, 4: Op.extu32, 8: Op.mov },
} as const

function extend(f: Frame, type: CType, target: number, source: number): void {
  if (type.kind === 'integer' && type.integer === boolType.integer) f.code.push(Op.nonzero, target, source)
  else if (type.kind === 'integer') f.code.push(extensions[`${type.integer.signed}`][type.integer.size], target, source)
  else if (target !== source) f.code.push(Op.mov, target, source)
}

function convertInto(f: Frame, from: CType, to: CType, source: number, target: number): void {
  if (isFree(from, to)) {
    if (source !== target) f.code.push(Op.mov, target, source)
  } else if (to.kind === 'float') {
    const unsigned = from.kind === 'integer' && !from.integer.signed && from.integer.size === 8
    if (from.kind === 'float') f.code.push(Op.roundFloat, target, source)
    else {
      f.code.push(unsigned ? Op.fromUint64 : Op.fromInt64, target, source)
      if (to.size === 4) f.code.push(Op.roundFloat, target, target)
    }
  } else if (from.kind === 'float') {
    if (to.kind === 'integer' && to.integer === boolType.integer) {
      floatIsZero(f, source, target)
      return f.code.push(Op.zero, target, target)
    }
    const unsigned = to.kind === 'integer' && !to.integer.signed && to.integer.size === 8
    f.code.push(unsigned ? Op.toUint64 : Op.toInt64, target, source)
    extend(f, to, target, target)
  } else extend(f, to, target, source)
}

/** target ← source == 0.0 */
function floatIsZero(f: Frame, source: number, target: number): void {
  const mark = f.mark()
  const zero = f.temp()
  f.code.push(Op.li, zero, 0)
  f.code.push(Op.eqDouble, target, source, zero)
  f.release(mark)
}

/** A register that holds the truth of a scalar: zero or not. */
export function truthOf(f: Frame, node: Node): number {
  const register = f.value(node)
  if (node.type.kind !== 'float') return register
  const target = f.temp()
  floatIsZero(f, register, target)
  f.code.push(Op.zero, target, target)
  return target
}

export function emitCompare(f: Frame, operator: Comparison, l: Node, r: Node, target: number): void {
  const early = rightFirst(l, r) ? f.value(r) : undefined
  const left = f.value(l)
  const right = early ?? f.value(r)
  const float = l.type.kind === 'float'
  const [less, lessOrEqual] = float ? [Op.ltDouble, Op.leDouble] : lessOps[readingOf(l.type)]
  if (operator === '==') f.code.push(float ? Op.eqDouble : Op.eq, target, left, right)
  else if (operator === '!=') {
    f.code.push(float ? Op.eqDouble : Op.ne, target, left, right)
    if (float) f.code.push(Op.zero, target, target)
  } else if (operator === '<' || operator === '<=')
    f.code.push(operator === '<' ? less : lessOrEqual, target, left, right)
  else f.code.push(operator === '>' ? less : lessOrEqual, target, right, left)
}

/** `branch` of emit-branch.ts, which needs this file: control flow inside expressions goes through it. */
export type Branch = (f: Frame, test: Node, target: ReturnType<Frame['code']['target']>, when: boolean) => void

/** `Frame.value` for code that decides with `branch`. */
export function emitValue(f: Frame, node: Node): number {
  if (node.kind === 'convert' && isFree(node.operand.type, node.type)) return f.value(node.operand)
  const late = readLate(node)
  if (late !== undefined) {
    if (node.kind !== 'variable') discard(f, node)
    return late.home
  }
  const target = f.temp()
  const mark = f.mark()
  f.into(node, target)
  f.release(mark)
  return target
}

/** `Frame.into`. */
export function emitInto(branch: Branch, f: Frame, node: Node, target: number): void {
  const mark = f.mark()
  emit(branch, f, node, target)
  f.release(mark)
}

function emit(branch: Branch, f: Frame, node: Node, target: number): void {
  f.at(node)
  switch (node.kind) {
    case 'error':
      return
    case 'constant':
      return f.constant(node.value, target)
    case 'float': {
      const view = new DataView(new ArrayBuffer(8))
      view.setFloat64(0, node.value)
      return f.constant(view.getBigInt64(0), target)
    }
    case 'function':
      return f.constant(BigInt(functionAddress(node.symbol)), target)
    case 'variable':
    case 'deref':
    case 'member':
    case 'compound':
    case 'string': {
      const location = locate(f, node)
      f.at(node)
      if (node.type.kind === 'record') return addressInto(f, location, target)
      return load(f, location, node.type, node.kind === 'member' ? node.bits : undefined, target)
    }
    case 'address': {
      if (node.operand.kind === 'function') return f.constant(BigInt(functionAddress(node.operand.symbol)), target)
      return addressInto(f, locate(f, node.operand), target)
    }
    case 'arithmetic':
      return emitArithmetic(f, node, target)
    case 'compare': {
      const { operator, left, right } = node
      return emitCompare(f, operator, left, right, target)
    }
    case 'not': {
      const { operand } = node
      if (operand.type.kind === 'float') return floatIsZero(f, f.value(operand), target)
      return f.code.push(Op.zero, target, f.value(operand))
    }
    case 'logical':
      return choose(
        branch,
        f,
        node,
        () => f.code.push(Op.li, target, 1),
        () => f.code.push(Op.li, target, 0),
      )
    case 'conditional':
      return choose(
        branch,
        f,
        node.test,
        () => f.into(node.yes, target),
        () => f.into(node.no, target),
      )
    case 'comma':
      discard(f, node.left)
      return f.into(node.right, target)
    case 'statements':
      for (const step of node.steps) f.step(step)
      if (node.value !== undefined) f.into(node.value, target)
      return
    case 'convert': {
      if (node.type.kind === 'void') return discard(f, node.operand)
      if (isFree(node.operand.type, node.type)) return f.into(node.operand, target)
      const source = f.value(node.operand)
      f.at(node)
      return convertInto(f, node.operand.type, node.type, source, target)
    }
    case 'assign':
      return emitAssign(f, node, target)
    case 'update':
      return emitUpdate(f, node, target)
    case 'call': {
      const register = emitCall(f, node)
      if (register !== target) f.code.push(Op.mov, target, register)
    }
  }
}

/** Evaluates for its effects. */
export function discard(f: Frame, node: Node): void {
  const mark = f.mark()
  f.at(node)
  if (node.kind === 'assign') emitAssign(f, node, undefined)
  else if (node.kind === 'update') emitUpdate(f, node, undefined)
  else f.value(node)
  f.release(mark)
}

function choose(branch: Branch, f: Frame, test: Node, yes: () => void, no: () => void): void {
  const otherwise = f.code.target()
  const end = f.code.target()
  branch(f, test, otherwise, false)
  yes()
  f.code.jump(Op.jump, end)
  f.code.place(otherwise)
  no()
  f.code.place(end)
}

function emitArithmetic(f: Frame, node: Node & { kind: 'arithmetic' }, target: number): void {
  const { operator, type } = node
  const commutes = type.kind !== 'pointer' && '+*&|^'.includes(operator)
  const swap = (operator === '+' && node.left.kind === 'constant') || (commutes && rightFirst(node.left, node.right))
  const left = swap ? node.right : node.left
  const right = swap ? node.left : node.right
  if (emitIndex(f, node, target)) return
  const value = (operand: Node): number => (readsLow(operator, type) ? lowWord(f, operand) : f.value(operand))
  const l = value(left)
  f.at(node)
  if (right.kind === 'constant' && type.kind !== 'float' && immediate(f, operator, type, target, l, right.value)) return
  const r = value(right)
  f.at(node)
  compute(f, operator, type, target, l, r)
}

const INDEX = [Op.add64, Op.index2, Op.index4, Op.index8]
const DATA_INDEX = [Op.dataIndex1, Op.dataIndex2, Op.dataIndex4, Op.dataIndex8]
const FRAME_INDEX = [Op.frameIndex1, Op.frameIndex2, Op.frameIndex4, Op.frameIndex8]

/** Address of an array's element in one instruction, when elements have 1, 2, 4 or 8 bytes. */
function emitIndex(f: Frame, node: Node & { kind: 'arithmetic' }, target: number): boolean {
  const { operator, type, left, right } = node
  if (operator !== '+' || type.kind !== 'pointer' || right.kind === 'constant') return false
  const scaled = right.kind === 'arithmetic' && right.operator === '*' && right.right.kind === 'constant'
  const power = scaled && right.right.kind === 'constant' ? powerOf(right.right.value) : 0
  if (power < 0 || power > 3) return false
  const index = scaled ? right.left : right
  const array = left.kind === 'address' && left.operand.kind !== 'function' ? locate(f, left.operand) : undefined
  if (array?.kind === 'frame') f.code.push(FRAME_INDEX[power] ?? Op.trap, target, array.offset, f.value(index))
  else if (array?.kind === 'data') f.code.push(DATA_INDEX[power] ?? Op.trap, target, array.address, f.value(index))
  else {
    const base = array === undefined ? f.value(left) : f.temp()
    if (array !== undefined) addressInto(f, array, base)
    f.code.push(INDEX[power] ?? Op.trap, target, base, f.value(index))
  }
  return true
}

/** `target` is undefined when nobody wants the value. */
function emitAssign(f: Frame, node: Node & { kind: 'assign' }, target: number | undefined): void {
  const { type } = node
  const bits = node.target.kind === 'member' ? node.target.bits : undefined
  if (type.kind === 'record') {
    const from = locate(f, node.value)
    const to = locate(f, node.target)
    f.at(node)
    copy(f, from, to, sizeOf(type))
    if (target !== undefined) addressInto(f, to, target)
    return
  }
  let to: Location | undefined
  let value: number | undefined
  if (valueFirst(node.target, node.value)) {
    if (node.value.kind === 'call') {
      const place = f.temp()
      value = emitCall(f, node.value, () => {
        to = locate(f, node.target)
        if (to.kind !== 'memory') return
        addressInto(f, to, place)
        to = { kind: 'memory', base: place, offset: 0 }
      })
    } else if (node.value.kind === 'deref') {
      const from = locate(f, node.value)
      to = locate(f, node.target)
      value = f.temp()
      load(f, from, node.value.type, undefined, value)
    } else value = f.value(node.value)
  }
  to ??= locate(f, node.target)
  if (to.kind === 'register') {
    f.into(node.value, to.register)
    if (target !== undefined && target !== to.register) f.code.push(Op.mov, target, to.register)
    return
  }
  const source = value ?? f.value(node.value)
  f.at(node)
  store(f, to, type, bits, source)
  if (target !== undefined) narrowToBits(f, type, bits, source, target)
}

function emitUpdate(f: Frame, node: Node & { kind: 'update' }, target: number | undefined): void {
  const { type, compute: own, operator, operand } = node
  const bits = node.target.kind === 'member' ? node.target.bits : undefined
  const read = (): number => (readsLow(operator, own) ? lowWord(f, operand) : f.value(operand))
  const early = hasEffects(operand) ? read() : undefined
  const to = based(f, locate(f, node.target))
  const old = to.kind === 'register' ? to.register : f.temp()
  if (to.kind !== 'register') load(f, to, type, bits, old)
  // The old value is the result of x++; `target` may be needed by the operand, so it is kept aside.
  const kept = node.postfix && target !== undefined ? f.temp() : undefined
  if (kept !== undefined) f.code.push(Op.mov, kept, old)
  const work = to.kind === 'register' && isFree(own, type) && isFree(type, own) ? to.register : f.temp()
  let from = old
  if (!isFree(type, own)) {
    convertInto(f, type, own, old, work)
    from = work
  }
  f.at(node)
  const { value } = operand.kind === 'constant' ? operand : { value: undefined }
  if (value === undefined || own.kind === 'float' || !immediate(f, operator, own, work, from, value)) {
    const right = early ?? read()
    f.at(node)
    compute(f, operator, own, work, from, right)
  }
  convertInto(f, own, type, work, work)
  store(f, to, type, bits, work)
  if (target === undefined) return
  if (kept !== undefined) f.code.push(Op.mov, target, kept)
  else narrowToBits(f, type, bits, work, target)
}

/** The result's register, which is the first argument's; `between` comes behind the arguments. */
function emitCall(f: Frame, node: Node & { kind: 'call' }, between: () => void = () => undefined): number {
  const { callee, temporary, args } = node
  const pointer = callee.kind === 'function' && 'name' in callee ? undefined : f.value(callee as Node)
  const base = f.temp()
  const first = temporary === undefined ? 0 : 1
  const count = args.length + first
  for (let i = 1; i < count; i++) f.temp()
  if (temporary !== undefined) addressInto(f, f.where(temporary), base)
  const late: (readonly [number, number])[] = []
  for (let i = args.length - 1; i >= 0; i--) {
    const arg = args[i]!
    const register = base + 2 * (first + i)
    if (readLate(arg) === undefined) f.into(arg, register)
    else late.push([register, f.value(arg)])
  }
  for (const [register, from] of late) f.code.push(Op.mov, register, from)
  between()
  f.at(node)
  if (callee.kind === 'function' && 'name' in callee) {
    if (callee.definition !== undefined) f.code.push(Op.call, base, callee.index, count)
    else {
      f.code.push(Op.native, base, callee.index, count)
      if (node.type.kind === 'integer') extend(f, node.type, base, base)
    }
  } else f.code.push(Op.callPointer, base, pointer, count)
  if (temporary !== undefined) addressInto(f, f.where(temporary), base)
  else if (pointer !== undefined && node.type.kind === 'integer') extend(f, node.type, base, base)
  return base
}
