/** Objects of the C program as a debugger shows them: text as gdb prints it, parts on demand. */

import type { Program } from '../../lang/c/program.ts'
import { typeName } from '../../lang/c/type-name.ts'
import { boolType, type CType, isComplete, type Member, sizeOf } from '../../lang/c/types.ts'
import type { ValueView } from '../../protocol/debug.ts'
import { pointedFunction } from '../userspace/vm/pointer.ts'
import type { MemoryAt } from './memory-at.ts'

/** An object, or the value that a register holds. */
export interface CObject {
  readonly name: string
  readonly type: CType
  /** Address, or a register's two words. */
  readonly at: number | readonly [lo: number, hi: number]
  readonly bits?: Member['bits']
  /** It is a value that was computed; `at` holds it as a register would. */
  readonly computed?: true
}

/** Parts that are told at a time; characters of a string; parts that a summary names. */
const MOST_PARTS = 100
const MOST_TEXT = 200
const MOST_SUMMARY = 8
const UNREADABLE = '<cannot be read>'

export class Values {
  private readonly memory: MemoryAt
  private readonly program: Program

  constructor(memory: MemoryAt, program: Program) {
    this.memory = memory
    this.program = program
  }

  view(object: CObject): ValueView {
    const { name, type, at } = object
    const pointed = type.kind === 'pointer' ? this.word(object) : undefined
    return {
      name,
      type: typeName(type),
      text: this.text(object, 2),
      ...(object.computed ? {} : { at: typeof at === 'number' ? this.memory.where(at) : { kind: 'register' } }),
      ...(pointed === undefined || pointed === 0n ? {} : { to: this.memory.where(Number(pointed)) }),
      parts: this.count(object),
    }
  }

  /** A part of a part of it, with its own parts from number `from` on; null: there is no such part. */
  opened(object: CObject, path: readonly number[], from: number): ValueView | null {
    let found: CObject | undefined = object
    for (const index of path) found = found && this.part(found, index)
    return found === undefined ? null : this.expanded(found, from)
  }

  private expanded(object: CObject, from: number): ValueView {
    const last = Math.min(this.count(object), from + MOST_PARTS)
    const children: ValueView[] = []
    for (let i = from; i < last; i++) {
      const part = this.part(object, i)
      if (part !== undefined) children.push(this.view(part))
    }
    return { ...this.view(object), children }
  }

  /** Members, elements, or the one object that a pointer points to. */
  private count({ type, at }: CObject): number {
    if (type.kind === 'record') return type.record.members?.length ?? 0
    if (type.kind === 'array') return type.length ?? 0
    if (type.kind !== 'pointer' || !isComplete(type.to)) return 0
    const word = this.word({ name: '', type, at })
    return word !== undefined && this.memory.read(Number(word), sizeOf(type.to)) !== undefined ? 1 : 0
  }

  private part(object: CObject, index: number): CObject | undefined {
    const { type, at } = object
    if (index < 0 || index >= this.count(object)) return undefined
    if (type.kind === 'pointer') {
      const word = this.word(object)
      return word === undefined ? undefined : { name: `*${object.name}`, type: type.to, at: Number(word) }
    }
    if (typeof at !== 'number') return undefined
    if (type.kind === 'array') return { name: `[${index}]`, type: type.of, at: at + index * sizeOf(type.of) }
    const member = type.kind === 'record' ? type.record.members?.[index] : undefined
    if (member === undefined) return undefined
    const { name = '(anonymous)', type: of, offset, bits } = member
    return { name, type: of, at: at + offset, bits }
  }

  /** A scalar's bits, zero-extended; undefined when it cannot be read. */
  private word({ type, at }: CObject): bigint | undefined {
    if (typeof at !== 'number') return (BigInt(at[1] >>> 0) << 32n) | BigInt(at[0] >>> 0)
    const bytes = this.memory.read(at, sizeOf(type))
    return bytes?.reduceRight((word, byte) => (word << 8n) | BigInt(byte), 0n)
  }

  private text(object: CObject, depth: number): string {
    const { type } = object
    if (type.kind === 'array' && type.of.kind === 'integer' && type.of.integer.name === 'char')
      return this.characters(object.at, type.length ?? 0) ?? UNREADABLE
    if (type.kind === 'array' || type.kind === 'record') {
      if (depth === 0) return '{…}'
      const count = this.count(object)
      const parts = Array.from({ length: Math.min(count, MOST_SUMMARY) }, (_, i) => {
        const part = this.part(object, i)
        if (part === undefined) return UNREADABLE
        const text = this.text(part, depth - 1)
        return type.kind === 'array' ? text : `${part.name} = ${text}`
      })
      return `{${[...parts, ...(count > MOST_SUMMARY ? ['…'] : [])].join(', ')}}`
    }
    const word = this.word(object)
    return word === undefined ? UNREADABLE : this.scalar(object, word)
  }

  private scalar({ type, at, bits }: CObject, word: bigint): string {
    if (type.kind === 'pointer') return this.pointer(type.to, word)
    if (type.kind === 'float') return float(word, typeof at === 'number' ? type.size : 8, type.size)
    if (type.kind !== 'integer') return '<no value>'
    const { signed, size, name } = type.integer
    const width = bits?.width ?? 8 * size
    const raw = word >> BigInt(bits?.at ?? 0)
    const value = signed ? BigInt.asIntN(width, raw) : BigInt.asUintN(width, raw)
    if (type.integer === boolType.integer) return value === 0n ? 'false' : 'true'
    const enumerator = type.enumerators?.get(value)
    if (enumerator !== undefined) return enumerator
    return size === 1 && name.endsWith('char') ? `${value} '${shown(Number(value & 255n), "'")}'` : String(value)
  }

  private pointer(to: CType, word: bigint): string {
    const text = `0x${word.toString(16)}`
    if (to.kind === 'function') {
      const pointed = pointedFunction(this.program, Number(word & 0xffff_ffffn), Number(word >> 32n))
      if (pointed === undefined) return text
      const name = pointed.native ? this.program.natives[pointed.index] : this.program.functions[pointed.index]?.name
      return `${text} <${name}>`
    }
    if (to.kind !== 'integer' || to.integer.name !== 'char' || word === 0n) return text
    const string = this.characters(Number(word), undefined)
    return string === undefined ? text : `${text} ${string}`
  }

  /** In quotes, up to the terminator; an array's to its last byte that is not zero. */
  private characters(at: CObject['at'], length: number | undefined): string | undefined {
    if (typeof at !== 'number') return undefined
    let text = ''
    for (let i = 0; i < (length ?? Number.POSITIVE_INFINITY); i++) {
      const byte = this.memory.read(at + i, 1)?.[0]
      if (byte === undefined) return i === 0 ? undefined : `"${text}"…`
      if (byte === 0) break
      if (i === MOST_TEXT) return `"${text}"…`
      text += shown(byte, '"')
    }
    return `"${text}"`
  }
}

const ESCAPES: Readonly<Record<number, string>> = {
  7: 'a',
  8: 'b',
  9: 't',
  10: 'n',
  11: 'v',
  12: 'f',
  13: 'r',
  92: '\\',
}

function shown(byte: number, quote: string): string {
  const letter = ESCAPES[byte]
  if (letter !== undefined) return `\\${letter}`
  const character = String.fromCharCode(byte)
  if (character === quote) return `\\${quote}`
  return byte >= 32 && byte < 127 ? character : `\\${byte.toString(8).padStart(3, '0')}`
}

/** The shortest decimal number that is this one among those of `precision` bytes. Registers hold floats as doubles. */
function float(word: bigint, size: number, precision: number): string {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, word, true)
  const value = size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true)
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
  if (precision === 8) return Object.is(value, -0) ? '-0' : String(value)
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits)
    if (Math.fround(Number(text)) === value) return String(Number(text))
  }
  return String(Number(value.toPrecision(9)))
}
