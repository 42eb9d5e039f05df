/**
 * The transitions of persistency.md §3, one by one, over plain objects: slow and easy to check against the text.
 *
 * Shares nothing with src/engine but the types of a program and of a model. No reduction: every buffer entry, flushes
 * and fences too, leaves at any time that the order allows. V is not kept: it is the last element of every history.
 *
 * Where §3 leaves a question: a failed cas under cas=paper is a load (it sees its own thread's buffer, waits for
 * nothing, fences nothing); one that sees the expected value waits for an empty buffer like any locked instruction.
 * movdir64b is one entry; each unit that it touches (one line, or several words) gets one new content. It is atomic at
 * power failure (§4), so nt=fence, which speaks of N alone, does not make its words owe durability one by one.
 */

import type { Model } from '../../src/engine/explore/model.ts'
import type { Instruction, Operand, Place, Program } from '../../src/engine/explore/program.ts'
import { type Bytes, bytesOf, numberOf, part, paste } from './bytes.ts'
import { type Entry, staysBehind } from './order.ts'

interface Thread {
  readonly pc: number
  readonly registers: readonly Bytes[]
  /** Oldest first. */
  readonly buffer: readonly Entry[]
}

export interface State {
  readonly threads: readonly Thread[]
  /** H[u]: the contents of a unit, its cells one after the other; the first may be on media, the last is visible. */
  readonly history: readonly (readonly Bytes[])[]
  /** owed[t][u]: the index in H[u] that thread t's next fence makes durable; 0 owes nothing. */
  readonly owed: readonly (readonly number[])[]
}

/** Cells of each persistence unit. */
export const unitsOf = (program: Program, model: Model): readonly (readonly number[])[] => {
  const cells = program.lineOf.map((_, cell) => cell)
  if (model.unit === 'word') return cells.map((cell) => [cell])
  return [...new Set(program.lineOf)]
    .sort((a, b) => a - b)
    .map((line) => cells.filter((c) => program.lineOf[c] === line))
}

export const machine = (program: Program, model: Model) => {
  const units = unitsOf(program, model)
  const unitOfCell = program.lineOf.map((_, cell) => units.findIndex((cells) => cells.includes(cell)))
  const indexOfCell = program.lineOf.map((_, cell) => (units[unitOf(cell)] ?? []).indexOf(cell))
  const cellsOn = (line: number): number[] => program.lineOf.flatMap((l, cell) => (l === line ? [cell] : []))
  const unitsOn = (line: number): number[] => [...new Set(cellsOn(line).map(unitOf))]
  function unitOf(cell: number): number {
    return unitOfCell[cell] ?? -1
  }
  const initial = (cell: number): Bytes => bytesOf(program.initial[cell] ?? 0n, 8)

  const start: State = {
    threads: program.threads.map(({ registers }) => ({
      pc: 0,
      registers: registers.map((value) => bytesOf(value, 8)),
      buffer: [],
    })),
    history: units.map((cells) => [cells.map(initial).join('')]),
    owed: program.threads.map(() => units.map(() => 0)),
  }

  const visible = (state: State, cell: number): Bytes =>
    part(state.history[unitOf(cell)]?.at(-1) ?? '', 8 * (indexOfCell[cell] ?? 0), 8)

  /** What thread `t` reads: its own buffered writes, oldest to youngest, over the visible cell. */
  const read = (state: State, t: number, at: Place): Bytes => {
    const own = state.threads[t]?.buffer.flatMap(({ writes }) => writes) ?? []
    const cell = own
      .filter((write) => write.cell === at.cell)
      .reduce((bytes, write) => paste(bytes, write.offset, write.bytes), visible(state, at.cell))
    return part(cell, at.offset, at.size)
  }

  /** The first `count` contents of unit `u` can no longer be on media. */
  const drop = (state: State, u: number, count: number): State => ({
    ...state,
    history: state.history.map((contents, i) => (i === u ? contents.slice(count) : contents)),
    owed: state.owed.map((row) => row.map((k, i) => (i === u ? Math.max(0, k - count) : k))),
  })
  const lastIndex = (state: State, u: number): number => (state.history[u]?.length ?? 0) - 1
  const owe = (state: State, t: number, u: number): State => ({
    ...state,
    owed: state.owed.map((row, i) => (i === t ? row.with(u, lastIndex(state, u)) : row)),
  })
  const fence = (state: State, t: number): State => units.reduce((s, _, u) => drop(s, u, s.owed[t]?.[u] ?? 0), state)

  const write = (state: State, { writes }: Entry): State => ({
    ...state,
    history: state.history.map((contents, u) => {
      const here = writes.filter(({ cell }) => unitOf(cell) === u)
      if (here.length === 0) return contents
      const patched = here.reduce(
        (bytes, { cell, offset, bytes: patch }) => paste(bytes, 8 * (indexOfCell[cell] ?? 0) + offset, patch),
        contents.at(-1) ?? '',
      )
      return [...contents, patched]
    }),
  })

  /** Entry `e` of thread `t` takes effect. */
  const effect = (state: State, t: number, e: Entry): State => {
    switch (e.kind) {
      case 'W':
        return write(state, e)
      case 'N': {
        const touched = [...new Set(e.writes.map(({ cell }) => unitOf(cell)))]
        return touched.reduce(
          (s, u) => (model.movnt === 'visible' || e.atomic ? drop(s, u, lastIndex(s, u)) : owe(s, t, u)),
          write(state, e),
        )
      }
      case 'FL':
        return unitsOn(e.line).reduce((s, u) => drop(s, u, lastIndex(s, u)), state)
      case 'FO':
        return unitsOn(e.line).reduce((s, u) => owe(s, t, u), state)
      case 'SF':
        return fence(state, t)
    }
  }

  const withThread = (state: State, t: number, change: Partial<Thread>): State => ({
    ...state,
    threads: state.threads.map((thread, i) => (i === t ? { ...thread, ...change } : thread)),
  })

  /** Thread `t` executes its next instruction; undefined when it has none or must wait. */
  const issue = (state: State, t: number): State | undefined => {
    const thread = state.threads[t]
    const instruction: Instruction | undefined = program.threads[t]?.code[thread?.pc ?? 0]
    if (thread === undefined || instruction === undefined) return undefined

    const operand = (o: Operand, size: number): Bytes =>
      'reg' in o ? part(thread.registers[o.reg] ?? '', 0, size) : bytesOf(o.value, size)
    const next = withThread(state, t, { pc: thread.pc + 1 })
    const set = (s: State, reg: number | undefined, value: Bytes): State =>
      reg === undefined ? s : withThread(s, t, { registers: thread.registers.with(reg, value.padEnd(16, '0')) })
    const append = (kind: Entry['kind'], line: number, writes: Entry['writes'] = [], atomic = false): State =>
      withThread(next, t, { buffer: [...thread.buffer, { kind, line, writes, atomic }] })
    const piece = (at: Place, bytes: Bytes) => ({ cell: at.cell, offset: at.offset, bytes })
    const lineOf = (at: Place): number => program.lineOf[at.cell] ?? -1
    const locked = (at: Place, bytes: Bytes): State =>
      write(fence(next, t), { kind: 'W', line: lineOf(at), writes: [piece(at, bytes)], atomic: false })
    const drained = thread.buffer.length === 0

    switch (instruction.op) {
      case 'store':
        return append('W', lineOf(instruction.at), [
          piece(instruction.at, operand(instruction.value, instruction.at.size)),
        ])
      case 'movnt':
        return append('N', lineOf(instruction.at), [
          piece(instruction.at, operand(instruction.value, instruction.at.size)),
        ])
      case 'movdir64b': {
        const bytes = operand(instruction.value, 8)
        return append(
          'N',
          instruction.line,
          cellsOn(instruction.line).map((cell) => ({ cell, offset: 0, bytes })),
          true,
        )
      }
      case 'clwb':
      case 'clflushopt':
        return append('FO', instruction.line)
      case 'clflush':
        return append('FL', instruction.line)
      case 'sfence':
        return append('SF', -1)
      case 'load':
        return set(next, instruction.reg, read(state, t, instruction.at))
      case 'lfence':
        return next
      case 'mfence':
        return drained ? fence(next, t) : undefined
      case 'rmw': {
        if (!drained) return undefined
        const { at, modify, reg } = instruction
        const old = read(state, t, at)
        const value = combine(modify, numberOf(old), numberOf(operand(instruction.value, at.size)))
        return set(locked(at, bytesOf(value, at.size)), reg, old)
      }
      case 'cas': {
        const { at, reg } = instruction
        const old = read(state, t, at)
        const succeeds = old === operand(instruction.expected, at.size)
        if (!succeeds && model.cas === 'paper') return set(next, reg, old)
        if (!drained) return undefined
        return set(succeeds ? locked(at, operand(instruction.desired, at.size)) : fence(next, t), reg, old)
      }
      case 'move':
        return set(next, instruction.reg, operand(instruction.value, 8))
      case 'compute': {
        const { reg, modify, value, size } = instruction
        const result = combine(modify, numberOf(operand({ reg }, size)), numberOf(operand(value, size)))
        return set(next, reg, bytesOf(result, size))
      }
      case 'branch': {
        const { when, a, b, size, to } = instruction
        const taken = holds(when, numberOf(operand(a, size)), numberOf(operand(b, size)), 8 * size)
        return taken ? withThread(state, t, { pc: to }) : next
      }
      case 'goto':
        return withThread(state, t, { pc: instruction.to })
    }
  }

  /** Every entry of thread `t`'s buffer that may leave, having left. */
  const drains = (state: State, t: number): State[] => {
    const buffer = state.threads[t]?.buffer ?? []
    return buffer.flatMap((entry, i) => {
      if (buffer.slice(0, i).some((older) => staysBehind(older, entry))) return []
      return [effect(withThread(state, t, { buffer: buffer.filter((_, j) => j !== i) }), t, entry)]
    })
  }

  const successors = (state: State): State[] =>
    state.threads.flatMap((_, t) => [issue(state, t) ?? [], drains(state, t)].flat())

  const ended = (state: State): boolean =>
    state.threads.every(({ pc, buffer }, t) => buffer.length === 0 && pc === program.threads[t]?.code.length)

  return { start, successors, ended, visible }
}

function combine(modify: string, old: bigint, value: bigint): bigint {
  switch (modify) {
    case 'xchg':
      return value
    case 'add':
      return old + value
    case 'sub':
      return old - value
    case 'and':
      return old & value
    case 'or':
      return old | value
    default:
      return old ^ value
  }
}

function holds(when: string, a: bigint, b: bigint, bits: number): boolean {
  const signedA = BigInt.asIntN(bits, a)
  const signedB = BigInt.asIntN(bits, b)
  const truth: Record<string, boolean> = {
    eq: a === b,
    ne: a !== b,
    lt: signedA < signedB,
    le: signedA <= signedB,
    gt: signedA > signedB,
    ge: signedA >= signedB,
    below: a < b,
    'below-eq': a <= b,
    above: a > b,
    'above-eq': a >= b,
  }
  return truth[when] ?? false
}
