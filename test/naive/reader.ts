/**
 * A reader of litmus files that suffices for our own fixtures: whoever writes one wrongly gets an exception.
 *
 * The format is described in src/formats/litmus; that reader is not used here, so that the two check each other.
 * Left out: everything that fixtures do not need (herd's syntax, diagnostics). Added for regression tests: a place may
 * be a part of a cell, `x+OFFSET/SIZE`.
 */

import type { Instruction, Operand, Place, Program, ThreadCode } from '../../src/engine/explore/program.ts'

interface Threads {
  readonly program: Program
  /** Names of the cells. */
  readonly cells: readonly string[]
  /** Names of each thread's registers. */
  readonly registers: readonly (readonly string[])[]
}

interface Fixture extends Threads {
  readonly name: string
  readonly when: string
  /** Each is a conjunction of `name=value`. */
  readonly alternatives: readonly (readonly string[])[]
  readonly verdict: string
  /** By option: `word`, `nt=fence`, `cas=paper`. */
  readonly verdicts: ReadonlyMap<string, string>
  readonly images: number | undefined
}

const OPERATIONS: Readonly<Record<string, 'xchg' | 'add'>> = { xchg: 'xchg', faa: 'add' }
const isNumber = (text: string): boolean => /^-?[0-9]/.test(text)

/** The position of `name` in `names`, where it is added when missing. */
function indexOf(names: string[], name: string): number {
  if (!names.includes(name)) names.push(name)
  return names.indexOf(name)
}

function readThread(text: string, place: (name: string) => Place, lineOf: (name: string) => number) {
  const labels = new Map<string, number>()
  const statements = text
    .split(';')
    .map((s) => s.trim())
    .filter((s) => s !== '')
    .map((statement, pc) => {
      const [, label, rest] = /^(?:(\w+):)?\s*(.*)$/.exec(statement) ?? []
      if (label !== undefined) labels.set(label, pc)
      return (rest ?? '').split(/\s+/)
    })
  labels.set('end', statements.length)

  const registers: string[] = []
  const reg = (name: string): number => indexOf(registers, name)
  const value = (word: string): Operand => (isNumber(word) ? { value: BigInt(word) } : { reg: reg(word) })
  const to = (label: string): number => {
    const target = labels.get(label)
    if (target === undefined) throw new Error(`no label ${label}`)
    return target
  }

  const code = statements.map(([op = '', a = '', b = '', c = '', d = '']): Instruction => {
    switch (op) {
      case 'store':
        return { op, at: place(a), value: value(b) }
      case 'nt':
        return { op: 'movnt', at: place(a), value: value(b) }
      case 'movdir64b':
        return { op, line: lineOf(a), value: value(b) }
      case 'load':
        return { op, reg: reg(a), at: place(b) }
      case 'xchg':
      case 'faa':
        return { op: 'rmw', modify: OPERATIONS[op] ?? 'xchg', reg: reg(a), at: place(b), value: value(c) }
      case 'cas':
        return { op, reg: reg(a), at: place(b), expected: value(c), desired: value(d) }
      case 'clflush':
      case 'clflushopt':
      case 'clwb':
        return { op, line: lineOf(a) }
      case 'sfence':
      case 'mfence':
      case 'lfence':
        return { op }
      case 'mov':
        return { op: 'move', reg: reg(a), value: value(b) }
      case 'ifeq':
      case 'ifne':
        return { op: 'branch', when: op === 'ifeq' ? 'eq' : 'ne', a: value(a), b: value(b), size: 8, to: to(c) }
      case 'goto':
        return { op, to: to(a) }
      default:
        throw new Error(`no instruction ${op}`)
    }
  })
  const thread: ThreadCode = { registers: registers.map(() => 0n), code }
  return { thread, registers }
}

/** `layout`: `{a,b} {c}`, cells of one line in braces; `init`: `x=1 y=2`. */
export function readThreads(texts: readonly string[], layout = '', init = ''): Threads {
  const cells: string[] = []
  const lines: number[] = []
  const braces = [...layout.matchAll(/\{(.*?)\}/g)].map(([, names = '']) => names.split(',').map((n) => n.trim()))
  braces.forEach((names, line) => {
    for (const name of names) lines[indexOf(cells, name)] = line
  })
  const cellOf = (name: string): number => {
    const cell = indexOf(cells, name)
    lines[cell] ??= Math.max(-1, ...lines) + 1
    return cell
  }
  const place = (text: string): Place => {
    const [, name = '', offset, size] = /^(\w+)(?:\+([0-7])\/([1248]))?$/.exec(text) ?? []
    return { cell: cellOf(name), offset: Number(offset ?? 0), size: Number(size ?? 8) as Place['size'] }
  }
  const values = new Map(
    [...init.matchAll(/(\w+)=(-?\w+)/g)].map(([, name = '', value = '']) => [cellOf(name), BigInt(value)]),
  )
  const threads = texts.map((text) => readThread(text, place, (name) => lines[cellOf(name)] ?? -1))
  return {
    program: {
      lineOf: lines,
      initial: cells.map((_, cell) => values.get(cell) ?? 0n),
      threads: threads.map(({ thread }) => thread),
    },
    cells,
    registers: threads.map(({ registers }) => registers),
  }
}

export function readFixture(text: string): Fixture {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, key, value] = /^([\w -]+(?:\[.*?\])?):\s*(.*?)\s*(?:#.*)?$/.exec(line) ?? []
    if (key !== undefined && value !== undefined) fields.set(key, value)
  }
  const threads = [...fields].filter(([key]) => key.startsWith('thread ')).map(([, code]) => code)
  const when = ['crash', 'end-crash', 'final', 'eadr'].find((kind) => fields.has(kind))
  const verdict = fields.get('verdict')
  if (when === undefined || verdict === undefined) throw new Error('no condition, or no verdict')
  const images = fields.get('images')
  const condition = (fields.get(when) ?? '').replace(/^exists\s+/, '')
  return {
    ...readThreads(threads, fields.get('layout'), fields.get('init')),
    name: fields.get('name') ?? '',
    when,
    alternatives: condition.split('|').map((conjunction) => conjunction.trim().split(/\s+/)),
    verdict,
    verdicts: new Map(
      [...fields].flatMap(([key, value]) => {
        const option = /^verdict\[(.*)\]$/.exec(key)?.[1]
        return option === undefined ? [] : [[option, value] as const]
      }),
    ),
    images: images === undefined ? undefined : Number(images),
  }
}
