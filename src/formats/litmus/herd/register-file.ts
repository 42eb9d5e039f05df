/**
 * The registers of one thread: which hold numbers, which hold addresses and stay as they are, which ever have anything
 * in their upper halves.
 */

import type { Place } from '../../../engine/explore/program.ts'
import { type Problems, quoted } from '../problems.ts'
import type { Word } from '../tokens.ts'
import type { Start } from './init.ts'
import type { Memory } from './memory.ts'
import type { Address } from './operands.ts'
import type { Register, Size } from './registers.ts'
import type { Source } from './source.ts'

/** Registers that an instruction writes, with the bytes that it writes. */
function writesOf({
  mnemonic: { op },
  destination,
  source,
  size,
}: Source): readonly (readonly [Register, Word | undefined, Size])[] {
  const writes: [Register, Word | undefined, Size][] = []
  const written = (operand: Source['destination']): void => {
    if (operand?.kind === 'register') writes.push([operand.register, operand.word, size ?? operand.register.size])
  }
  if (!['cmp', 'test', 'movnti', 'movdir64b'].includes(op)) written(destination)
  if (['xchg', 'uxch', 'xadd'].includes(op)) written(source)
  if (op === 'cmpxchg') writes.push([{ base: 'rax', size: size ?? 4 }, undefined, size ?? 4])
  return writes
}

export class RegisterFile {
  /** 64-bit registers, in the order of their first use; hidden ones begin with a dot. */
  readonly names: string[] = []
  readonly #start: ReadonlyMap<string, Start>
  readonly #written = new Set<string>()
  readonly #wide = new Set<string>()
  readonly #memory: Memory
  readonly #problems: Problems

  constructor(instructions: readonly Source[], start: ReadonlyMap<string, Start>, memory: Memory, problems: Problems) {
    this.#start = start
    this.#memory = memory
    this.#problems = problems
    for (const [base, value] of start) if ('value' in value && value.value >= 1n << 32n) this.#wide.add(base)
    for (const source of instructions) {
      for (const [{ base }, word, size] of writesOf(source)) {
        this.#written.add(base)
        if (size === 8) this.#wide.add(base)
        if (this.#addressIn(base) === undefined) continue
        problems.at(word ?? source.head, `${base} holds an address, so nothing else may be written to it`)
      }
    }
    for (const [base, value] of start) if ('value' in value) this.index(base)
  }

  get values(): readonly bigint[] {
    return this.names.map((name) => {
      const start = this.#start.get(name)
      return start !== undefined && 'value' in start ? start.value : 0n
    })
  }

  index(name: string): number {
    const known = this.names.indexOf(name)
    return known >= 0 ? known : this.names.push(name) - 1
  }

  /** Whether more than its lower four bytes may ever be other than zero. */
  isWide(base: string): boolean {
    return this.#wide.has(base)
  }

  /** A register as a number. */
  number(register: Register, word: Word): number {
    const address = this.#addressIn(register.base)
    if (address !== undefined) {
      this.#problems.at(
        word,
        `${quoted(word.text)} holds the address of ${address.symbol.text}, which is no value here`,
      )
    }
    return this.index(register.base)
  }

  #addressIn(base: string): Extract<Start, { symbol: Word }> | undefined {
    const start = this.#start.get(base)
    return start !== undefined && 'symbol' in start ? start : undefined
  }

  /** The location and the byte in it that an address means; undefined: `problems` says why. */
  resolve(address: Address, word: Word): { readonly name: Word; readonly offset: bigint } | undefined {
    const { base, index, scale, symbol } = address
    const held = base === undefined ? undefined : this.#addressIn(base.register.base)
    let name = symbol
    let offset = address.offset
    if (held !== undefined) {
      if (name !== undefined) return this.#problems.at(word, 'an address names one location')
      name = held.symbol
      offset += held.offset
    } else if (base !== undefined) {
      if (name === undefined && this.#start.get(base.register.base) === undefined) {
        const hint = `give it one in the initial state: \`0:${base.register.base}=x\``
        return this.#problems.at(base.word, `${quoted(base.word.text)} holds no address`, hint)
      }
      offset += this.#constant(base.register, base.word)
    }
    if (index !== undefined) {
      const other = this.#addressIn(index.register.base)
      if (other !== undefined && name === undefined && scale === 1n) {
        name = other.symbol
        offset += other.offset
      } else offset += this.#constant(index.register, index.word) * scale
    }
    if (name === undefined) return this.#problems.at(word, 'this address names no location')
    this.#memory.declare(name)
    return { name, offset }
  }

  /** The number in a register that nothing writes. */
  #constant({ base }: Register, word: Word): bigint {
    const start = this.#start.get(base)
    if (this.#written.has(base)) {
      this.#problems.at(
        word,
        `the address depends on ${quoted(word.text)}, which the thread writes: that is not modelled`,
      )
    } else if (start !== undefined && 'symbol' in start) {
      this.#problems.at(word, 'an address is made of one address and numbers')
    }
    return start !== undefined && 'value' in start ? BigInt.asIntN(64, start.value) : 0n
  }

  place(address: Address, word: Word, size: Size): Place {
    const found = this.resolve(address, word)
    return found === undefined
      ? { cell: 0, offset: 0, size }
      : this.#memory.at(word, found.name.text, found.offset, size)
  }

  line(address: Address, word: Word): number {
    const found = this.resolve(address, word)
    return found === undefined ? 0 : this.#memory.lineAt(found.name.text, found.offset)
  }
}
