import fc from 'fast-check'
import { expect, test } from 'vitest'
import { enumerate } from '../../../../test/naive/enumerate.ts'
import { runs } from '../../../../test/runs.ts'
import { DEFAULT_MODEL } from '../../../engine/explore/model.ts'
import { parseLitmus } from '../parse.ts'

/** How one thread ends: its visible registers and the locations, by name. */
function end(init: string, instructions: readonly string[]): Record<string, bigint> {
  const rows = instructions.map((instruction) => ` ${instruction} ;\n`).join('')
  const result = parseLitmus(`X86_64 T\n{${init}}\n P0 ;\n${rows}forall 0:r15=0`)
  if (!result.ok) throw new Error(result.error.map(({ line, message }) => `${line}: ${message}`).join('\n'))
  const { locations, program, registers } = result.value
  const finals = enumerate(program, DEFAULT_MODEL)?.finals ?? []
  expect(finals).toHaveLength(1)
  const [threads = '', memory = ''] = finals[0]?.split(' | ') ?? []
  const numbers = (text: string): bigint[] => text.split(' ').filter(Boolean).map(BigInt)
  const cells = numbers(memory)
  return Object.fromEntries([
    ...numbers(threads)
      .map((value, i) => [registers[0]?.[i] ?? '', value] as const)
      .filter(([name]) => name !== 'r15' && !name.startsWith('.')),
    ...locations.map(({ name, cell, offset, size }) => {
      return [name, BigInt.asUintN(8 * size, (cells[cell] ?? 0n) >> BigInt(8 * offset))] as const
    }),
  ])
}

test.each([
  [['movq $-1,%rax', 'movl $5,%eax'], { rax: 5n }],
  [['movq $-1,%rax', 'movw $5,%ax'], { rax: 0xffff_ffff_ffff_0005n }],
  [['movq $-1,%rax', 'movb $5,%al'], { rax: 0xffff_ffff_ffff_ff05n }],
  [['movl $-1,%eax', 'addl $2,%eax'], { rax: 1n }],
  [['movb $-1,%al', 'incb %al'], { rax: 0n }],
  [['movl $7,(x)', 'movb $1,(x)', 'lock addb $-2,(x)'], { x: 255n }],
  [['movl $7,(x)', 'movl $9,%eax', 'xchgl %eax,(x)'], { rax: 7n, x: 9n }],
  [['movl $7,(x)', 'movl $2,%ebx', 'lock xaddl %ebx,(x)'], { rbx: 7n, x: 9n }],
  [['movl $3,%ebx', 'lock cmpxchgl %ebx,(x)'], { rax: 0n, rbx: 3n, x: 3n }],
  [['movl $1,(x)', 'movl $3,%ebx', 'lock cmpxchgl %ebx,(x)'], { rax: 1n, rbx: 3n, x: 1n }],
  [['movl $1,(x)', 'lock decl (x)', 'jne E', 'movl $4,%ecx', 'E:'], { rcx: 4n, x: 0n }],
  [['movl $1,%eax', 'cmpl $2,%eax', 'jl E', 'movl $4,%ecx', 'E:'], { rax: 1n, rcx: 0n }],
  [['movl $-1,%eax', 'cmpl $2,%eax', 'ja E', 'movl $4,%ecx', 'E:'], { rax: 0xffff_ffffn, rcx: 0n }],
  [['movl $3,%ecx', 'L: addl %ecx,%eax', 'decl %ecx', 'jne L'], { rcx: 0n, rax: 6n }],
])('%j ends with %o', (instructions, expected) => {
  expect(end('', instructions)).toMatchObject(expected)
})

/** x86-64 by its manual, one byte after the other. */
class Processor {
  readonly bytes = new Map<string, number[]>([
    ['rax', Array(8).fill(0)],
    ['rbx', Array(8).fill(0)],
    ['x', Array(8).fill(0)],
  ])
  private left = 0n
  private right = 0n
  private flagBits = 64

  get(place: string, size: number): bigint {
    const bytes = this.bytes.get(place) ?? []
    return bytes.slice(0, size).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
  }

  put(place: string, size: number, value: bigint): void {
    const bytes = this.bytes.get(place) ?? []
    for (let i = 0; i < size; i++) bytes[i] = Number((BigInt.asUintN(64, value) >> BigInt(8 * i)) & 255n)
    if (size === 4 && place !== 'x') bytes.fill(0, 4)
  }

  private flags(left: bigint, right: bigint, size: number): void {
    this.flagBits = 8 * size
    this.left = BigInt.asUintN(this.flagBits, left)
    this.right = BigInt.asUintN(this.flagBits, right)
  }

  test(condition: string): boolean {
    const signed = (value: bigint): bigint => BigInt.asIntN(this.flagBits, value)
    if (condition === 'e') return this.left === this.right
    if (condition === 'ne') return this.left !== this.right
    if (condition === 's') return signed(this.left - this.right) < 0n
    if (condition === 'l') return signed(this.left) < signed(this.right)
    return this.left < this.right
  }

  two(op: string, size: number, source: string | bigint, destination: string): void {
    const value = typeof source === 'bigint' ? source : this.get(source, size)
    const old = this.get(destination, size)
    const results: Record<string, bigint> = {
      mov: value,
      add: old + value,
      sub: old - value,
      and: old & value,
      or: old | value,
      xor: old ^ value,
    }
    const result = results[op]
    if (result !== undefined) this.put(destination, size, result)
    if (op === 'cmp' || op === 'sub') this.flags(old, value, size)
    else if (op !== 'mov') this.flags(op === 'test' ? old & value : (result ?? 0n), 0n, size)
  }

  exchange(op: string, size: number, source: string, destination: string): void {
    const [value, old] = [this.get(source, size), this.get(destination, size)]
    if (op === 'cmpxchg') {
      const expected = this.get('rax', size)
      if (expected === old) this.put(destination, size, value)
      else this.put('rax', size, old)
      this.flags(expected, old, size)
      return
    }
    this.put(source, size, old)
    this.put(destination, size, op === 'xadd' ? value + old : value)
    if (op === 'xadd') this.flags(value + old, 0n, size)
  }

  one(op: string, size: number, place: string): void {
    const old = this.get(place, size)
    const result = { inc: old + 1n, dec: old - 1n, not: ~old, neg: -old }[op] ?? 0n
    this.put(place, size, result)
    if (op !== 'not') this.flags(result, 0n, size)
  }
}

const SUFFIX: Readonly<Record<number, string>> = { 1: 'b', 2: 'w', 4: 'l', 8: 'q' }
const PARTS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  rax: { 1: '%al', 2: '%ax', 4: '%eax', 8: '%rax' },
  rbx: { 1: '%bl', 2: '%bx', 4: '%ebx', 8: '%rbx' },
  x: { 1: '(x)', 2: '(x)', 4: '(x)', 8: '(x)' },
}
const named = (place: string, size: number): string => PARTS[place]?.[size] ?? ''

interface Step {
  readonly text: string
  readonly sets: 'compare' | 'result' | 'nothing'
  apply(processor: Processor): void
}

const size = fc.constantFrom(1, 2, 4, 8)
const register = fc.constantFrom('rax', 'rbx')
const place = fc.constantFrom('rax', 'rbx', 'x')
const number = fc.integer({ min: -128, max: 127 })
const lock = fc.boolean()

const two: fc.Arbitrary<Step> = fc
  .tuple(
    fc.constantFrom('mov', 'add', 'sub', 'and', 'or', 'xor', 'cmp', 'test'),
    size,
    fc.oneof(number, place),
    place,
    lock,
  )
  .filter(([, , source, destination]) => source !== 'x' || destination !== 'x')
  .map(([op, bytes, source, destination, locked]) => {
    const from = typeof source === 'number' ? BigInt(source) : source
    const prefix = locked && destination === 'x' && !['mov', 'cmp', 'test'].includes(op) ? 'lock ' : ''
    const spelled = typeof source === 'number' ? `$${source}` : named(source, bytes)
    return {
      text: `${prefix}${op}${SUFFIX[bytes]} ${spelled},${named(destination, bytes)}`,
      sets: op === 'mov' ? 'nothing' : op === 'add' ? 'result' : 'compare',
      apply: (processor) => processor.two(op, bytes, from, destination),
    }
  })

const exchange: fc.Arbitrary<Step> = fc
  .tuple(fc.constantFrom('xchg', 'xadd', 'cmpxchg'), size, register, lock)
  .map(([op, bytes, source, locked]) => ({
    text: `${locked ? 'lock ' : ''}${op}${SUFFIX[bytes]} ${named(source, bytes)},(x)`,
    sets: ({ xchg: 'nothing', xadd: 'result', cmpxchg: 'compare' } as const)[op] ?? 'nothing',
    apply: (processor) => processor.exchange(op, bytes, source, 'x'),
  }))

const one: fc.Arbitrary<Step> = fc
  .tuple(fc.constantFrom('inc', 'dec', 'not', 'neg'), size, place, lock)
  .map(([op, bytes, at, locked]) => ({
    text: `${locked && at === 'x' && op !== 'neg' ? 'lock ' : ''}${op}${SUFFIX[bytes]} ${named(at, bytes)}`,
    sets: op === 'not' ? 'nothing' : 'result',
    apply: (processor) => processor.one(op, bytes, at),
  }))

const steps = fc.array(fc.oneof(two, exchange, one), { minLength: 1, maxLength: 12 })

test('straight code ends as on a processor that does it byte by byte', () => {
  fc.assert(
    fc.property(steps, fc.constantFrom('e', 'ne', 's', 'l', 'b'), size, (list, wanted, bytes) => {
      const processor = new Processor()
      for (const step of list) step.apply(processor)
      const last = list.findLast(({ sets }) => sets !== 'nothing')
      const condition = last?.sets === 'result' && (wanted === 'l' || wanted === 'b') ? 'e' : wanted
      const asks =
        last === undefined
          ? []
          : [
              `set${condition} %cl`,
              `cmov${condition}${bytes === 1 ? 'l' : SUFFIX[bytes]} ${named('rax', bytes === 1 ? 4 : bytes)},${named('rbx', bytes === 1 ? 4 : bytes)}`,
            ]
      const init = 'int64_t x; 0:rax=0; 0:rbx=0; 0:rcx=0'
      const found = end(init, [...list.map(({ text }) => text), ...asks])
      const [rax, taken] = [processor.get('rax', 8), last !== undefined && processor.test(condition)]
      const moved = bytes === 1 ? 4 : bytes
      if (taken) processor.put('rbx', moved, rax)
      else if (last !== undefined && moved === 4) processor.put('rbx', 4, processor.get('rbx', 4))
      expect(found).toEqual({ rax, rbx: processor.get('rbx', 8), rcx: taken ? 1n : 0n, x: processor.get('x', 8) })
    }),
    { numRuns: runs(300) },
  )
})
