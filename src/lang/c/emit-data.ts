/** Globals and string literals → addresses and initial bytes. What is constant grows down from DATA_BASE. */

import { ensure } from '../../base/assert.ts'
import { staticValue } from './fold.ts'
import { MAX_DATA } from './limits.ts'
import { FUNCTION_BASE, FUNCTION_STRIDE, NATIVE_BASE } from './opcode.ts'
import type { Problems } from './problems.ts'
import { DATA_BASE, type GlobalInfo, MOST_CONSTANTS } from './program.ts'
import type { FunctionSymbol, GlobalVariable, InitItem } from './tree.ts'
import { alignOf, CONST, type CType, sizeOf, VOLATILE } from './types.ts'

export const functionAddress = (symbol: FunctionSymbol): number =>
  (symbol.definition === undefined ? NATIVE_BASE : FUNCTION_BASE) + FUNCTION_STRIDE * symbol.index

const PAGE = 4096

/** As gcc sees it: an object declared `const`; not one with a const member. */
const isConstant = (type: CType): boolean =>
  type.kind === 'array' ? isConstant(type.of) : (type.qualifiers & (CONST | VOLATILE)) === CONST

export class Data {
  private readonly problems: Problems
  private size = 0
  private constants = 0
  private readonly strings = new Map<string, number>()
  private readonly literals: { at: number; bytes: readonly number[] }[] = []
  private readonly variables: GlobalVariable[] = []

  constructor(problems: Problems) {
    this.problems = problems
  }

  private reserve(size: number, align: number): number {
    const at = Math.ceil(this.size / align) * align
    this.size = at + size
    return at + DATA_BASE
  }

  private constant(size: number, align: number): number | undefined {
    const down = Math.ceil((this.constants + size) / align) * align
    if (down > MOST_CONSTANTS || align > PAGE) return undefined
    this.constants = down
    return DATA_BASE - down
  }

  /** Fixes the variable's address. */
  add(variable: GlobalVariable): void {
    const size = sizeOf(variable.type) + this.tail(variable)
    if (this.size + size + variable.align > MAX_DATA) {
      this.problems.error(variable.at, `globals of more than ${MAX_DATA >> 20} MiB do not fit`)
      return
    }
    // gcc aligns arrays and records of 32 bytes and more to 32; only what the type asks for is promised.
    const align = Math.max(variable.align, alignOf(variable.type), 1)
    const constant = isConstant(variable.type) ? this.constant(size, align) : undefined
    const address = constant ?? this.reserve(size, align)
    variable.address = Math.ceil(address / variable.align) * variable.align
    if (variable.address !== address) this.reserve(variable.address - address, 1)
    this.variables.push(variable)
  }

  /** Bytes that initialised elements of a last, open array add. */
  private tail({ type, initialiser }: GlobalVariable): number {
    const end = (initialiser ?? []).reduce((most, item) => Math.max(most, item.offset + sizeOf(item.type)), 0)
    return Math.max(0, end - sizeOf(type))
  }

  /** The address of a string literal; equal ones share it. */
  string(bytes: readonly number[]): number {
    const key = bytes.join()
    const known = this.strings.get(key)
    if (known !== undefined) return known
    const at = this.constant(bytes.length + 1, 1) ?? this.reserve(bytes.length + 1, 1)
    this.strings.set(key, at)
    this.literals.push({ at, bytes })
    return at
  }

  finish(): { data: Uint8Array; constants: number; globals: readonly GlobalInfo[] } {
    // Initialisers may name further strings, so the size is known only behind them.
    const writes = this.variables.flatMap((v) => (v.initialiser ?? []).map((item) => this.write(v, item)))
    const constants = Math.ceil(this.constants / PAGE) * PAGE
    const start = DATA_BASE - constants
    const data = new Uint8Array(constants + this.size)
    for (const { at, bytes } of this.literals) data.set(bytes, at - start)
    for (const write of writes) write(data, start)
    const globals = this.variables.map(({ name, type, address }) => ({
      name,
      type,
      address,
      size: sizeOf(type),
    }))
    return { data, constants, globals }
  }

  /** `start`: the address of the first byte. */
  private write(variable: GlobalVariable, item: InitItem): (data: Uint8Array, start: number) => void {
    const address = variable.address + item.offset
    const size = sizeOf(item.type)
    if (item.value.kind === 'string' && item.type.kind === 'array') {
      const bytes = item.value.bytes.slice(0, size)
      return (data, start) => {
        data.fill(0, address - start, address - start + size)
        data.set(bytes, address - start)
      }
    }
    const bits = this.bits(item)
    return (data, start) => {
      const at = address - start
      let value = bits
      if (item.bits !== undefined) {
        const mask = ((1n << BigInt(item.bits.width)) - 1n) << BigInt(item.bits.at)
        let old = 0n
        for (let i = size - 1; i >= 0; i--) old = (old << 8n) | BigInt(data[at + i] ?? 0)
        value = (old & ~mask) | ((bits << BigInt(item.bits.at)) & mask)
      }
      for (let i = 0; i < size; i++) data[at + i] = Number((value >> BigInt(8 * i)) & 0xffn)
    }
  }

  private bits({ value: node, type }: InitItem): bigint {
    const value = ensure(staticValue(node), 'the checker accepts only static values for globals')
    if (value.kind === 'float') {
      const view = new DataView(new ArrayBuffer(8))
      if (type.kind === 'float' && type.size === 4) view.setFloat32(0, value.value, true)
      else view.setFloat64(0, value.value, true)
      return view.getBigUint64(0, true)
    }
    if (value.kind === 'integer') return value.value
    const { of, offset } = value
    const base = 'kind' in of ? (of.kind === 'global' ? of.address : functionAddress(of)) : this.string(of)
    return BigInt(base) + offset
  }
}
