/** The published tests, translated to herd's syntax: the same verdicts and counts must come out. */

import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ensure } from '../../../base/assert.ts'
import { DEFAULT_MODEL } from '../../../engine/explore/model.ts'
import type { Instruction, Operand } from '../../../engine/explore/program.ts'
import { decide } from '../../../engine/litmus/decide.ts'
import type { Formula, LitmusTest } from '../../../engine/litmus/test.ts'
import { parseLitmus } from '../parse.ts'

const FOLDER = 'test/fixtures/litmus'
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.litmus'))

function parsed(text: string): LitmusTest {
  const result = parseLitmus(text)
  if (!result.ok)
    throw new Error(`${result.error.map((d) => `${d.line}:${d.column}: ${d.message}`).join('\n')}\n${text}`)
  return result.value
}

const REGISTERS = ['rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'r8', 'r9', 'r10']
const ASKS = { crash: 'persists', 'end-crash': 'end-persists', eadr: 'eadr-persists', final: 'exists' } as const

function herdOf(litmus: LitmusTest): string {
  const { locations, program } = litmus
  const register = (index: number): string => ensure(REGISTERS[index], 'few registers are used')
  const value = (operand: Operand): string => ('reg' in operand ? `%${register(operand.reg)}` : `$${operand.value}`)
  const cell = (index: number): string => `(${ensure(locations[index]?.name, 'every cell has a name')})`
  const line = (index: number): string => cell(program.lineOf.indexOf(index))

  function translated(instruction: Instruction): readonly string[] {
    switch (instruction.op) {
      case 'store':
        return [`movq ${value(instruction.value)},${cell(instruction.at.cell)}`]
      case 'movnt':
        return [`movntiq ${value(instruction.value)},${cell(instruction.at.cell)}`]
      case 'load':
        return [`movq ${cell(instruction.at.cell)},%${register(instruction.reg)}`]
      case 'rmw': {
        const into = `%${register(ensure(instruction.reg, 'our format names a register'))}`
        const op = instruction.modify === 'xchg' ? 'xchgq' : 'lock xaddq'
        return [`movq ${value(instruction.value)},${into}`, `${op} ${into},${cell(instruction.at.cell)}`]
      }
      case 'cas':
        return [
          `movq ${value(instruction.expected)},%rax`,
          `movq ${value(instruction.desired)},%r15`,
          `lock cmpxchgq %r15,${cell(instruction.at.cell)}`,
          `movq %rax,%${register(instruction.reg)}`,
        ]
      case 'clwb':
      case 'clflush':
      case 'clflushopt':
        return [`${instruction.op} ${line(instruction.line)}`]
      case 'move':
        return [`movq ${value(instruction.value)},%${register(instruction.reg)}`]
      case 'branch': {
        const jump = instruction.when === 'eq' ? 'je' : 'jne'
        return [`cmpq ${value(instruction.b)},${value(instruction.a)}`, `${jump} L${instruction.to}`]
      }
      case 'goto':
        return [`jmp L${instruction.to}`]
      case 'sfence':
      case 'mfence':
      case 'lfence':
        return [instruction.op]
      default:
        throw new Error(`no published test has ${instruction.op}`)
    }
  }

  function condition(formula: Formula): string {
    switch (formula.kind) {
      case 'location':
        return `[${ensure(locations[formula.location], 'a location').name}]=${formula.value}`
      case 'register':
        return `${formula.thread}:${register(formula.register)}=${formula.value}`
      case 'and':
      case 'or':
        return `(${formula.parts.map(condition).join(formula.kind === 'and' ? ' /\\ ' : ' \\/ ')})`
      case 'not':
        return `~${condition(formula.part)}`
      case 'true':
        return 'true'
    }
  }

  const places = locations.map(({ name, cell }, index) => {
    const row = program.lineOf[cell]
    const before = locations.slice(0, index).filter((other) => program.lineOf[other.cell] === row).length
    return `int64_t ${name}:line${row}+${8 * before}=${program.initial[cell]};`
  })
  const columns = program.threads.map(({ code }) => [
    ...code.flatMap((instruction, i) => [`L${i}:`, ...translated(instruction)]),
    `L${code.length}:`,
  ])
  const rows = Array.from({ length: Math.max(...columns.map((column) => column.length)) }, (_, row) =>
    columns.map((column) => column[row] ?? '').join(' | '),
  )
  return [
    `X86_64 ${litmus.name}`,
    ...(litmus.images === undefined ? [] : [`Images=${litmus.images}`]),
    `Verdict=${litmus.verdict}`,
    `{ ${places.join(' ')} }`,
    `${columns.map((_, i) => ` P${i}`).join(' | ')} ;`,
    ...rows.map((row) => ` ${row} ;`),
    `${ASKS[litmus.when]} ${condition(litmus.formula)}`,
    '',
  ].join('\n')
}

test.each(FILES)('%s', (name) => {
  const own = parsed(readFileSync(`${FOLDER}/${name}`, 'utf8'))
  const herd = parsed(herdOf(own))
  expect(herd).toMatchObject({ name: own.name, when: own.when, verdict: own.verdict, images: own.images })
  const options = { model: DEFAULT_MODEL, maxStates: 1_000_000 }
  const [a, b] = [decide(own, options), decide(herd, options)]
  expect(b.verdict).toBe(own.verdict)
  expect([b.verdict, b.images, b.complete]).toEqual([a.verdict, a.images, true])
  if (own.when !== 'final') expect(b.outcomes).toEqual(a.outcomes)
})
