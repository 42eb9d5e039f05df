/**
 * From instructions of x86-64 to those of the program: an instruction on memory without `lock` is a load, a computation
 * and a store; flags are kept in hidden registers for who reads them.
 *
 * Left out: locked neg (no atomic form of it is modelled), accesses that cross an eight-byte boundary, byte registers
 * ah … dh, sign and zero extension, vector registers.
 */

import { assert } from '../../../base/assert.ts'
import type { Condition, Instruction, Modify, Operand as Value } from '../../../engine/explore/program.ts'
import type { Problems } from '../problems.ts'
import { type Comparison, Emitter, mask } from './emitter.ts'
import type { FlagUse } from './flags.ts'
import type { Test } from './mnemonics.ts'
import type { Operand } from './operands.ts'
import type { RegisterFile } from './register-file.ts'
import type { Size } from './registers.ts'
import type { Source, SourceThread } from './source.ts'

const OPPOSITE: Readonly<Record<Condition, Condition>> = {
  eq: 'ne',
  ne: 'eq',
  lt: 'ge',
  ge: 'lt',
  le: 'gt',
  gt: 'le',
  below: 'above-eq',
  'above-eq': 'below',
  'below-eq': 'above',
  above: 'below-eq',
}

const MODIFY: Readonly<Record<string, Exclude<Modify, 'xchg'>>> = {
  add: 'add',
  sub: 'sub',
  and: 'and',
  or: 'or',
  xor: 'xor',
  inc: 'add',
  dec: 'sub',
  not: 'xor',
}

export class Lowering {
  readonly #out: Emitter
  readonly #file: RegisterFile
  readonly #flags: FlagUse
  readonly #sizeOf: (source: Source) => Size
  readonly #problems: Problems
  #keep = false

  constructor(file: RegisterFile, flags: FlagUse, sizeOf: (source: Source) => Size, problems: Problems) {
    this.#out = new Emitter(file, problems)
    this.#file = file
    this.#flags = flags
    this.#sizeOf = sizeOf
    this.#problems = problems
  }

  get code(): readonly Instruction[] {
    return this.#out.code
  }

  get listing(): Emitter['listing'] {
    return this.#out.listing
  }

  run({ instructions, labels }: SourceThread): void {
    const starts: number[] = []
    const jumps: { readonly at: number; readonly target: number }[] = []
    instructions.forEach((source, index) => {
      const { op } = source.mnemonic
      starts.push(this.#out.code.length)
      this.#out.listed = { text: source.text, place: source.place }
      this.#keep = this.#flags.kept.has(index)
      if (op === 'jmp' || op === 'jcc' || op === 'ret') {
        const target = source.label === undefined ? instructions.length : labels.get(source.label.text)
        const at =
          source.mnemonic.test === undefined
            ? this.#out.goto()
            : this.#out.branch(this.#condition(source.mnemonic.test, index))
        jumps.push({ at, target: target ?? instructions.length })
      } else if (op === 'cmovcc' || op === 'setcc') this.#conditional(source, index)
      else this.#one(source)
    })
    starts.push(this.#out.code.length)
    for (const { at, target } of jumps) this.#out.land(at, starts[target] ?? this.#out.code.length)
  }

  // --- flags

  #keepResult(of: number): void {
    if (!this.#keep) return
    if (of !== this.#out.hidden('left'))
      this.#out.emit({ op: 'move', reg: this.#out.hidden('left'), value: { reg: of } })
    this.#out.emit({ op: 'move', reg: this.#out.hidden('right'), value: { value: 0n } })
  }

  #condition(test: Test, index: number): Comparison {
    const size = (this.#flags.sizes.get(index) ?? 8) as Size
    const left = this.#out.hidden('left')
    const right = { reg: this.#out.hidden('right') }
    if (test !== 'negative' && test !== 'not-negative') return { when: test, a: { reg: left }, b: right, size }
    const difference = this.#out.hidden('work')
    this.#out.emit({ op: 'move', reg: difference, value: { reg: left } })
    this.#out.emit({ op: 'compute', modify: 'sub', reg: difference, value: right, size })
    return { when: test === 'negative' ? 'lt' : 'ge', a: { reg: difference }, b: { value: 0n }, size }
  }

  // --- instructions

  #one(source: Source): void {
    const { mnemonic, destination, lock, head } = source
    const { op } = mnemonic
    const locked = lock || op === 'xchg'
    if (lock && (!mnemonic.form.lockable || (destination?.kind !== 'memory' && source.source?.kind !== 'memory'))) {
      const reason = op === 'neg' ? 'is not modelled' : 'does not exist: it needs an instruction that changes memory'
      this.#problems.at(head, `\`lock ${head.text}\` ${reason}`)
      return
    }
    const size = this.#sizeOf(source)
    switch (op) {
      case 'mfence':
      case 'sfence':
      case 'lfence':
        this.#out.emit({ op })
        return
      case 'nop':
      case 'pause':
      case 'endbr64':
        return
      case 'clflush':
      case 'clflushopt':
      case 'clwb':
        if (destination?.kind !== 'memory')
          this.#problems.at(destination?.word ?? head, `${head.text} needs a location`)
        else this.#out.emit({ op, line: this.#file.line(destination.address, destination.word) })
        return
      case 'mov':
        this.#move(source, size)
        return
      case 'movnti':
      case 'movdir64b':
        this.#stream(source, size)
        return
      case 'cmp':
      case 'test':
        this.#compare(source, size)
        return
      case 'xchg':
      case 'uxch':
        this.#exchange(source, size, locked)
        return
      case 'xadd':
        this.#exchangeAdd(source, size, locked)
        return
      case 'cmpxchg':
        this.#compareExchange(source, size, locked)
        return
      case 'neg':
        this.#negate(source, size)
        return
      default:
        this.#arithmetic(source, size, locked)
    }
  }

  /** Two operands in memory are one too many for any instruction. */
  #bothInMemory({ destination, source, head }: Source): boolean {
    if (destination?.kind !== 'memory' || source?.kind !== 'memory') return false
    this.#problems.at(source.word, `${head.text}: only one operand can be in memory`)
    return true
  }

  #move(instruction: Source, size: Size): void {
    const { destination, source } = instruction
    if (this.#bothInMemory(instruction) || destination === undefined || destination.kind === 'immediate') return
    if (destination.kind === 'memory') {
      this.#out.emit({ op: 'store', at: this.#out.place(destination, size), value: this.#out.value(source, size) })
    } else
      this.#out.write(destination.register, destination.word, size, (target) => this.#out.fetch(target, source, size))
  }

  #stream(instruction: Source, size: Size): void {
    const { destination, source, head, mnemonic } = instruction
    if (this.#bothInMemory(instruction)) return
    if (destination?.kind !== 'memory') {
      this.#problems.at(destination?.word ?? head, `${head.text} writes to memory only`)
    } else if (mnemonic.op === 'movdir64b') {
      const line = this.#file.line(destination.address, destination.word)
      this.#out.emit({ op: 'movdir64b', line, value: this.#out.value(source, 8) })
    } else if (size < 4) {
      this.#problems.at(source?.word ?? head, `${head.text} writes 4 or 8 bytes`)
    } else this.#out.emit({ op: 'movnt', at: this.#out.place(destination, size), value: this.#out.value(source, size) })
  }

  #compare(instruction: Source, size: Size): void {
    const { destination, source, mnemonic } = instruction
    if (this.#bothInMemory(instruction)) return
    if (!this.#keep && destination?.kind !== 'memory' && source?.kind !== 'memory') return
    const left = this.#out.hidden('left')
    const right = this.#out.hidden('right')
    this.#out.fetch(left, destination, size)
    this.#out.fetch(right, source, size)
    if (mnemonic.op === 'cmp' || !this.#keep) return
    this.#out.emit({ op: 'compute', modify: 'and', reg: left, value: { reg: right }, size })
    this.#out.emit({ op: 'move', reg: right, value: { value: 0n } })
  }

  #arithmetic(instruction: Source, size: Size, locked: boolean): void {
    const { destination, head, mnemonic, source } = instruction
    const { op } = mnemonic
    const modify = MODIFY[op]
    assert(modify !== undefined, 'every instruction is lowered')
    if (this.#bothInMemory(instruction) || destination === undefined || destination.kind === 'immediate') return
    const one = op === 'inc' || op === 'dec' ? 1n : op === 'not' ? mask(size) : undefined
    const left = (): number => this.#out.hidden('left')
    const right = (): number => this.#out.hidden('right')
    const inMemory = destination.kind === 'memory'
    const value = (): Value => {
      if (one !== undefined) return { value: one }
      if (source?.kind !== 'memory') return this.#out.value(source, size)
      this.#out.fetch(this.#out.hidden('work'), source, size)
      return { reg: this.#out.hidden('work') }
    }
    const operand = value()
    const compare = op === 'sub' && this.#keep
    if (inMemory && locked) {
      const at = this.#out.place(destination, size)
      this.#out.emit({ op: 'rmw', modify, ...(this.#keep ? { reg: left() } : {}), at, value: operand })
      if (compare) this.#out.emit({ op: 'move', reg: right(), value: operand })
      else if (this.#keep) this.#out.emit({ op: 'compute', modify, reg: left(), value: operand, size })
    } else {
      const result = inMemory ? this.#out.hidden('sum') : undefined
      if (result !== undefined) this.#out.fetch(result, destination, size)
      if (compare) {
        if (result === undefined) this.#out.fetch(left(), destination, size)
        else this.#out.emit({ op: 'move', reg: left(), value: { reg: result } })
        this.#out.emit({ op: 'move', reg: right(), value: operand })
      }
      if (destination.kind === 'memory') {
        const sum = this.#out.hidden('sum')
        this.#out.emit({ op: 'compute', modify, reg: sum, value: operand, size })
        this.#out.emit({ op: 'store', at: this.#out.place(destination, size), value: { reg: sum } })
      } else if (size >= 4) {
        const target = this.#file.number(destination.register, destination.word)
        this.#out.emit({ op: 'compute', modify, reg: target, value: operand, size })
      } else {
        this.#out.write(destination.register, destination.word, size, (target) => {
          this.#out.fetch(target, destination, size)
          this.#out.emit({ op: 'compute', modify, reg: target, value: operand, size })
        })
      }
      if (!compare && op !== 'not') {
        this.#keepResult(
          destination.kind === 'register' ? this.#file.number(destination.register, head) : this.#out.hidden('sum'),
        )
      }
      return
    }
    if (this.#keep && !compare) this.#keepResult(left())
  }

  #negate({ destination }: Source, size: Size): void {
    if (destination === undefined || destination.kind === 'immediate') return
    const [old, result] = [this.#out.hidden('work'), this.#out.hidden('left')]
    this.#out.fetch(old, destination, size)
    this.#out.emit({ op: 'move', reg: result, value: { value: 0n } })
    this.#out.emit({ op: 'compute', modify: 'sub', reg: result, value: { reg: old }, size })
    this.#out.put(destination, size, result)
    this.#keepResult(result)
  }

  #exchange(instruction: Source, size: Size, locked: boolean): void {
    const { destination, source, head } = instruction
    if (this.#bothInMemory(instruction)) return
    if (source?.kind !== 'register' || destination === undefined || destination.kind === 'immediate') {
      this.#problems.at(source?.word ?? head, `${head.text} exchanges with a register`)
      return
    }
    const value = this.#out.value(source, size)
    if (destination.kind === 'memory' && locked) {
      const at = this.#out.place(destination, size)
      this.#out.write(source.register, source.word, size, (reg) =>
        this.#out.emit({ op: 'rmw', modify: 'xchg', reg, at, value }),
      )
      return
    }
    const work = this.#out.hidden('work')
    this.#out.fetch(work, destination, size)
    if (destination.kind === 'memory') this.#out.emit({ op: 'store', at: this.#out.place(destination, size), value })
    else
      this.#out.write(destination.register, destination.word, size, (target) => this.#out.fetch(target, source, size))
    this.#out.put(source, size, work)
  }

  #exchangeAdd(instruction: Source, size: Size, locked: boolean): void {
    const { destination, source, head } = instruction
    if (this.#bothInMemory(instruction)) return
    if (source?.kind !== 'register' || destination?.kind !== 'memory') {
      this.#problems.at(head, `${head.text} adds a register to memory here`)
      return
    }
    const value = this.#out.value(source, size)
    const at = this.#out.place(destination, size)
    if (locked && !this.#keep) {
      this.#out.write(source.register, source.word, size, (reg) =>
        this.#out.emit({ op: 'rmw', modify: 'add', reg, at, value }),
      )
      return
    }
    const [old, sum] = [this.#out.hidden('work'), this.#out.hidden('left')]
    this.#out.emit(locked ? { op: 'rmw', modify: 'add', reg: old, at, value } : { op: 'load', reg: old, at })
    this.#out.emit({ op: 'move', reg: sum, value: { reg: old } })
    this.#out.emit({ op: 'compute', modify: 'add', reg: sum, value, size })
    if (!locked) this.#out.emit({ op: 'store', at, value: { reg: sum } })
    this.#out.put(source, size, old)
    this.#keepResult(sum)
  }

  /** The accumulator (rax) is compared with memory, and is left alone when they are equal. */
  #compareExchange(instruction: Source, size: Size, locked: boolean): void {
    const { destination, source, head } = instruction
    if (this.#bothInMemory(instruction)) return
    if (source?.kind !== 'register' || destination?.kind !== 'memory') {
      this.#problems.at(head, `${head.text} writes a register to memory here`)
      return
    }
    const accumulator: Operand = { kind: 'register', register: { base: 'rax', size }, word: head, percent: false }
    const at = this.#out.place(destination, size)
    const desired = this.#out.value(source, size)
    const rax = this.#file.number(accumulator.register, head)
    if (locked && size >= 4 && (size === 8 || !this.#file.isWide('rax'))) {
      if (this.#keep) this.#out.emit({ op: 'move', reg: this.#out.hidden('left'), value: { reg: rax } })
      this.#out.emit({ op: 'cas', reg: rax, at, expected: { reg: rax }, desired })
      if (this.#keep) this.#out.emit({ op: 'move', reg: this.#out.hidden('right'), value: { reg: rax } })
      return
    }
    const [expected, old] = [this.#out.hidden('left'), this.#out.hidden('right')]
    this.#out.fetch(expected, accumulator, size)
    if (locked) {
      this.#out.emit({ op: 'cas', reg: old, at, expected: { reg: expected }, desired })
      const equal = this.#out.branch({ when: 'eq', a: { reg: expected }, b: { reg: old }, size })
      this.#out.put(accumulator, size, old)
      this.#out.land(equal)
      return
    }
    this.#out.emit({ op: 'load', reg: old, at })
    const different = this.#out.branch({ when: 'ne', a: { reg: expected }, b: { reg: old }, size })
    this.#out.emit({ op: 'store', at, value: desired })
    const done = this.#out.goto()
    this.#out.land(different)
    this.#out.put(accumulator, size, old)
    this.#out.land(done)
  }

  /** cmov and set: the condition first, since a load must not change what it looks at. */
  #conditional(instruction: Source, index: number): void {
    const { destination, source, mnemonic, head } = instruction
    const { op, test } = mnemonic
    if (test === undefined || destination === undefined || destination.kind === 'immediate') return
    const size = this.#sizeOf(instruction)
    const condition = this.#condition(test, index)
    if (op === 'setcc') {
      const bit = this.#out.hidden('sum')
      this.#out.emit({ op: 'move', reg: bit, value: { value: 0n } })
      const no = this.#out.branch({ ...condition, when: OPPOSITE[condition.when] })
      this.#out.emit({ op: 'move', reg: bit, value: { value: 1n } })
      this.#out.land(no)
      this.#out.put(destination, size, bit)
      return
    }
    if (destination.kind === 'memory' || size === 1) {
      this.#problems.at(destination.word, `${head.text} writes a register of at least 2 bytes`)
      return
    }
    const work = this.#out.hidden('sum')
    this.#out.fetch(work, source, size)
    const no = this.#out.branch({ ...condition, when: OPPOSITE[condition.when] })
    this.#out.put(destination, size, work)
    this.#out.land(no)
    if (size === 4)
      this.#out.cut(this.#file.number(destination.register, destination.word), destination.register.base, 4)
  }
}
