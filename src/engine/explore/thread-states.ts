/**
 * What one thread is like between two transitions, and what it may do next (persistency.md §3, Issue and Drain).
 *
 * A state is its program counter, its registers and its *window*: the entries that have issued and not yet taken
 * effect, oldest first. Which moves it has depends on nothing else but, for a load or a locked instruction, the value of
 * one cell; so states are numbered, and moves are worked out once for each state and value.
 *
 * An instruction that nothing younger passes takes effect when it issues; every other becomes an entry. With the real
 * ordering table the first are loads, locked instructions, mfence and lfence, and the window is the store buffer; with a
 * changed table loads and fences become entries too. Local instructions run at once with the instruction before them.
 */

import { ensure } from '../../base/assert.ts'
import type { OrderTable } from '../hw/cpu/isa.ts'
import { cut, extract, holds, insert, modified } from './arithmetic.ts'
import { fits, type Ground, type Operands } from './effects.ts'
import type { Effort } from './effort.ts'
import { type Entry, type Happening, Happenings, NOTHING } from './happenings.ts'
import { Interner } from './interner.ts'
import type { Spot } from './layout.ts'
import type { Instruction, Operand, Place, Program } from './program.ts'
import { type CodePoint, threadCode } from './thread-code.ts'
import type { UnitStates } from './unit-states.ts'

interface ThreadView {
  readonly pc: number
  /** Numbers of values; what a pending load will fill holds the old value until then. */
  readonly registers: readonly number[]
  readonly window: readonly Entry[]
}

/** One transition: an instruction issues, or the entry at `position` of the window takes effect. */
export interface Step {
  readonly kind: 'issue' | 'effect'
  readonly pc: number
  readonly position: number
  /** It issued and has an entry in the window now. */
  readonly waits: boolean
  readonly happening: Happening
}

/** Transitions that happen together: with the reduction, flushes and fences follow at once what let them go. */
export interface Outcome {
  readonly next: number
  readonly steps: readonly Step[]
  /** All that happens to memory. */
  readonly operations: Happening['operations']
  readonly writes: boolean
}

export interface Move {
  /** The cell that decides; undefined: nothing does. */
  readonly reads: Spot | undefined
  /** By number of the value read (0 when nothing is read), filled as needed; null: not possible with this value. */
  readonly outcomes: (Outcome | null)[]
  readonly take: (cell: number) => Outcome | null
}

export interface ThreadState extends ThreadView {
  /** Nothing is left to execute, and the window is empty. */
  readonly ended: boolean
  moves: readonly Move[] | undefined
}

/** Local instructions run at once up to here, so that a thread that loops without memory still moves step by step. */
const LOCAL_AT_ONCE = 1000

interface After {
  readonly view: ThreadView
  readonly steps: readonly Step[]
}

const filled = (registers: readonly number[], register: number, value: number | undefined): readonly number[] =>
  value === undefined || register < 0 ? registers : registers.with(register, value)

function keyOf({ pc, registers, window }: ThreadView): string {
  let key = `${pc} ${registers.join()}`
  for (const { number } of window) key += ` ${number}`
  return key
}

export class ThreadStates {
  readonly #ground: Ground
  readonly #code: readonly CodePoint[]
  readonly #reduce: boolean
  readonly #happenings: Happenings
  readonly #states: Interner<ThreadState>

  constructor(
    program: Program,
    ground: Ground,
    units: UnitStates,
    thread: number,
    rules: { readonly order: OrderTable; readonly reduce: boolean; readonly effort: Effort },
  ) {
    const { order: table, reduce, effort } = rules
    this.#ground = ground
    this.#states = new Interner<ThreadState>(keyOf, ({ registers, window }) => {
      effort.keep(2 * window.length + registers.length)
      effort.window(window.length)
    })
    this.#code = threadCode(program, thread, table)
    this.#reduce = reduce
    this.#happenings = new Happenings(ground, units, thread, this.#code)
  }

  initial(registers: readonly bigint[]): number {
    return this.#number(
      this.#ranOn({ pc: 0, registers: registers.map((value) => this.#ground.values.number(value)), window: [] }),
    )
  }

  at(number: number): ThreadState {
    return this.#states.items[number] as ThreadState
  }

  movesOf(state: ThreadState): readonly Move[] {
    state.moves ??= [...this.#effectMoves(state), ...this.#issueMoves(state)]
    return state.moves
  }

  #number(view: ThreadView): number {
    const ended = view.pc === this.#code.length && view.window.length === 0
    return this.#states.number({ ...view, ended, moves: undefined })
  }

  #point(pc: number): CodePoint {
    return ensure(this.#code[pc], 'a program counter is in the code')
  }

  #move(reads: Place | undefined, take: (cell: bigint) => Outcome | null): Move {
    const spot = reads && ensure(this.#ground.layout.spots[reads.cell], 'a place is in a cell')
    return { reads: spot, outcomes: [], take: (cell) => take(this.#ground.values.item(cell)) }
  }

  // Effects

  /** No older entry is ordered before the one at `position`. */
  #free({ window }: ThreadView, position: number): boolean {
    const { waitsFor, locks } = this.#point(ensure(window[position], 'an entry is in the window').pc)
    for (let i = 0; i < position; i++) {
      const { pc } = window[i] as Entry
      if (waitsFor[pc] || locks[pc]) return false
    }
    return true
  }

  #effectMoves(state: ThreadState): Move[] {
    return state.window.flatMap((entry, position) => {
      if (!this.#free(state, position)) return []
      const reads = this.#readOf(this.#point(entry.pc).instruction, state.window, position)
      return [this.#move(reads, (cell) => this.#outcome(this.#takenEffect(state, position, cell)))]
    })
  }

  /** The state after the entry has taken effect, and that transition. */
  #takenEffect(view: ThreadView, position: number, cell: bigint): After {
    const entry = ensure(view.window[position], 'an entry is in the window')
    const { instruction, fills } = this.#point(entry.pc)
    const seen = instruction.op === 'load' ? this.#laidOver(view.window, position, instruction.at, cell) : cell
    const happening = this.#happenings.of(entry, seen)
    return {
      view: {
        pc: view.pc,
        registers: filled(view.registers, fills, happening.result),
        window: view.window.toSpliced(position, 1),
      },
      steps: [{ kind: 'effect', pc: entry.pc, position, waits: false, happening }],
    }
  }

  // Issue

  #issueMoves(state: ThreadState): Move[] {
    const { pc, registers, window } = state
    if (pc === this.#code.length) return []
    const point = this.#point(pc)
    const { instruction, footprint, atIssue, waitsFor, locks, waitsAsLoad, fills } = point
    if (this.#needsPending(state, point)) return []
    const step = { kind: 'issue', pc, position: -1, waits: false, happening: NOTHING } as const
    if (footprint === undefined) return [this.#move(undefined, () => this.#outcome({ view: state, steps: [step] }))]
    const entry = this.#happenings.entry(pc, this.#operands(instruction, registers))
    if (!atIssue) {
      const view = { pc: pc + 1, registers, window: [...window, entry] }
      return [this.#move(undefined, () => this.#outcome({ view, steps: [{ ...step, waits: true }] }))]
    }
    const held = (by: readonly boolean[]): boolean => window.some((older) => by[older.pc])
    const done = (cell: bigint): Outcome => {
      const happening = this.#happenings.of(entry, cell)
      const view = { pc: pc + 1, registers: filled(registers, fills, happening.result), window }
      return this.#outcome({ view, steps: [{ ...step, happening }] })
    }
    if (instruction.op === 'cas' && this.#ground.model.cas === 'paper') {
      // A failed one is a plain load: it may forward, and waits only for what a load waits for.
      return [
        this.#move(instruction.at, (cell) => {
          const seen = this.#laidOver(window, window.length, instruction.at, cell)
          return held(fits(this.#ground, instruction.at, seen, entry) ? waitsFor : waitsAsLoad) ? null : done(seen)
        }),
      ]
    }
    if (held(waitsFor) || held(locks)) return []
    return [
      this.#move(this.#readOf(instruction, window, window.length), (cell) =>
        done(instruction.op === 'load' ? this.#laidOver(window, window.length, instruction.at, cell) : cell),
      ),
    ]
  }

  /** It reads or fills a register that a load or locked instruction in the window has yet to fill. */
  #needsPending({ window }: ThreadView, { reads, fills }: CodePoint): boolean {
    return window.some(({ pc }) => {
      const pending = this.#point(pc).fills
      return pending >= 0 && (pending === fills || reads.includes(pending))
    })
  }

  #operands(instruction: Instruction, registers: readonly number[]): Operands {
    const number = (operand: Operand): number =>
      'reg' in operand ? this.#register(registers, operand.reg) : this.#ground.values.number(operand.value)
    if (instruction.op === 'cas') return { value: number(instruction.expected), other: number(instruction.desired) }
    return { value: 'value' in instruction ? number(instruction.value) : -1, other: -1 }
  }

  // Reading

  /** The place whose contents in memory decide, if any do. */
  #readOf(instruction: Instruction, window: readonly Entry[], position: number): Place | undefined {
    switch (instruction.op) {
      case 'rmw':
      case 'cas':
        return instruction.at
      case 'load': {
        // All its bytes are forwarded: whatever memory holds, it reads the same.
        const { at } = instruction
        const zeros = extract(this.#laidOver(window, position, at, 0n), at)
        const ones = extract(this.#laidOver(window, position, at, 2n ** 64n - 1n), at)
        return zeros === ones ? undefined : at
      }
      default:
        return undefined
    }
  }

  /** The cell as an instruction at `position` sees it: older stores laid over what memory holds, byte by byte. */
  #laidOver(window: readonly Entry[], position: number, at: Place, cell: bigint): bigint {
    let seen = cell
    for (const { pc, value } of window.slice(0, position)) {
      const { instruction, footprint } = this.#point(pc)
      if (!footprint?.bytes.has(at.cell)) continue
      if (instruction.op === 'movdir64b') seen = this.#ground.values.item(value)
      if (instruction.op === 'store' || instruction.op === 'movnt') {
        seen = insert(seen, instruction.at, this.#ground.values.item(value))
      }
    }
    return seen
  }

  // Registers and local instructions

  #register(registers: readonly number[], register: number): number {
    return ensure(registers[register], 'a thread has its registers')
  }

  /** The state after the local instructions that come next. */
  #ranOn(view: ThreadView): ThreadView {
    let { pc, registers } = view
    const { values } = this.#ground
    const operand = (of: Operand): bigint => ('reg' in of ? values.item(this.#register(registers, of.reg)) : of.value)
    for (let ran = 0; ran < LOCAL_AT_ONCE && pc < this.#code.length; ran++) {
      const point = this.#point(pc)
      if (point.footprint !== undefined || this.#needsPending(view, point)) break
      const { instruction } = point
      pc += 1
      if (instruction.op === 'goto') pc = instruction.to
      if (instruction.op === 'branch') {
        const { when, a, b, size, to } = instruction
        if (holds(when, operand(a), operand(b), size)) pc = to
      }
      if (instruction.op === 'move')
        registers = filled(registers, instruction.reg, values.number(operand(instruction.value)))
      if (instruction.op === 'compute') {
        const { modify, reg, value, size } = instruction
        const old = values.item(this.#register(registers, reg))
        registers = filled(registers, reg, values.number(cut(modified(modify, old, operand(value)), size)))
      }
    }
    return { pc, registers, window: view.window }
  }

  // Outcomes

  #outcome({ view: first, steps: own }: After): Outcome {
    let [view, steps] = [first, own]
    for (let early = this.#early(view); early !== undefined; early = this.#early(view)) {
      const after = this.#takenEffect(view, early, 0n)
      view = after.view
      steps = [...steps, ...after.steps]
    }
    const all = steps.map(({ happening }) => happening).filter(({ touched }) => touched.length > 0)
    const [only = NOTHING] = all
    const { operations, writes } = all.length > 1 ? this.#happenings.together(all.map((each) => each.touched)) : only
    return { next: this.#number(this.#ranOn(view)), steps, operations, writes }
  }

  /** Position of an entry that may leave the window at once without losing anything. */
  #early(view: ThreadView): number | undefined {
    if (!this.#reduce) return undefined
    const position = view.window.findIndex(({ pc }, i) => this.#point(pc).early && this.#free(view, i))
    return position < 0 ? undefined : position
  }
}
