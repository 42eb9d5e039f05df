/**
 * The machine of persistency.md §§2–3, literally and without any reduction, driven by what a recording fixes: every
 * state that is reached, every image of every state. For small cases only.
 */

import type { Subject } from './subject.ts'

export type Happening =
  | { readonly kind: 'store' | 'movnt'; readonly core: number; readonly op: number }
  | { readonly kind: 'clflush' | 'flushopt'; readonly core: number; readonly line: number }
  | { readonly kind: 'fence' | 'drained'; readonly core: number }
  /** `read`: what was where each of the writes went, a character a byte. */
  | {
      readonly kind: 'locked'
      readonly core: number
      readonly ops: readonly number[]
      readonly read: readonly string[]
    }
  | {
      readonly kind: 'load'
      readonly core: number
      readonly line: number
      readonly offset: number
      /** What it returned, a character a byte. */
      readonly read: string
    }

/** Every write is of so many bytes of a line; of 64 it is a movdir64b. */
export interface Write {
  readonly line: number
  readonly offset: number
  readonly size: number
  /** Each of its bytes. */
  readonly value: number | Uint8Array
}

export const byteOf = ({ value }: Write, i: number): number => (typeof value === 'number' ? value : (value[i] ?? 0))

interface Entry {
  readonly kind: 'store' | 'movnt' | 'clflush' | 'flushopt'
  readonly line: number
  readonly op: number
}

interface State {
  readonly buffers: readonly (readonly Entry[])[]
  /** Per unit: contents (bytes, a character each; writes that they have), from the floor on. */
  readonly history: Readonly<Record<string, readonly { readonly bytes: string; readonly ops: readonly number[] }[]>>
  /** core, unit, index. */
  readonly marks: readonly (readonly [number, string, number])[]
}

export interface Setting {
  readonly unit: 'line' | 'word'
  readonly movnt: 'visible' | 'fence'
  readonly order: Subject['order']
  /** `none`: nothing is ever forced to media. */
  readonly power: 'adr' | 'eadr' | 'none'
  readonly writes: readonly Write[]
}

export class Reference {
  private readonly setting: Setting
  states: readonly State[]

  constructor(setting: Setting) {
    this.setting = setting
    this.states = [{ buffers: [[], []], history: {}, marks: [] }]
  }

  private unitsOf(line: number): readonly string[] {
    return this.setting.unit === 'line' ? [`${line}`] : [0, 1, 2, 3, 4, 5, 6, 7].map((word) => `${line}.${word}`)
  }
  private unitsOfWrite({ line, offset, size }: Write): readonly string[] {
    if (this.setting.unit === 'line' || size > 8) return this.unitsOf(line)
    return [`${line}.${offset >> 3}`]
  }

  happen(event: Happening): void {
    switch (event.kind) {
      case 'store':
      case 'movnt':
        this.issue(event.core, { kind: event.kind, line: this.write(event.op).line, op: event.op })
        break
      case 'clflush':
      case 'flushopt':
        this.issue(event.core, { kind: event.kind, line: event.line, op: 0 })
        break
      case 'drained':
        this.states = this.states.filter(({ buffers }) => buffers[event.core]?.every(({ kind }) => kind === 'movnt'))
        break
      case 'fence':
        this.states = this.empty(event.core)
        break
      case 'locked':
        this.states = this.empty(event.core)
          .filter((state) => event.ops.every((op, i) => this.held(state, event.core, op) === event.read[i]))
          .map((state) => ({
            ...state,
            history: event.ops.reduce((history, op) => this.written(history, op), state.history),
          }))
        break
      case 'load':
        this.states = this.states.filter(
          (state) => this.read(state, event.core, event.line, event.offset, event.read.length) === event.read,
        )
        break
    }
    const found = new Map<string, State>()
    const todo = [...this.states]
    for (let state = todo.pop(); state !== undefined; state = todo.pop()) {
      const key = JSON.stringify(state)
      if (found.has(key)) continue
      found.set(key, state)
      for (const [core, buffer] of state.buffers.entries())
        for (let i = 0; i < buffer.length; i++) if (this.mayLeave(buffer, i)) todo.push(this.leave(state, core, i))
    }
    this.states = [...found.values()]
  }

  /** The states in which the core may complete a fence, having completed it. */
  private empty(core: number): readonly State[] {
    return this.states
      .filter(({ buffers }) => buffers[core]?.length === 0)
      .map((state) => (this.setting.power === 'none' ? state : done(state, core)))
  }

  /** What a locked instruction of these writes may read now: the writes' bytes, of each state that lets it. */
  readable(core: number, ops: readonly number[]): readonly (readonly string[])[] {
    return this.empty(core).map((state) => ops.map((op) => this.held(state, core, op)))
  }

  private held(state: State, core: number, op: number): string {
    const { line, offset, size } = this.write(op)
    return this.read(state, core, line, offset, size)
  }

  /** The write is visible. */
  private written(history: State['history'], op: number): State['history'] {
    const write = this.write(op)
    const after = { ...history }
    for (const unit of this.unitsOfWrite(write)) {
      const last = history[unit]?.at(-1) ?? { bytes: blank(), ops: [] }
      const bytes = [...last.bytes]
      const word = unit.split('.')[1]
      for (let b = write.offset; b < write.offset + write.size; b++)
        if (word === undefined || b >> 3 === Number(word))
          bytes[b] = String.fromCharCode(byteOf(write, b - write.offset))
      after[unit] = [...(history[unit] ?? [last]), { bytes: bytes.join(''), ops: [...last.ops, op] }]
    }
    return after
  }

  copy(): readonly State[] {
    return this.states
  }

  get possible(): boolean {
    return this.states.length > 0
  }

  /** Of every image, its bytes, in the order of `units`; and the writes that are in every image of their unit. */
  images(): {
    readonly images: ReadonlySet<string>
    readonly certain: ReadonlySet<number>
    readonly units: readonly string[]
  } {
    const images = new Set<string>()
    const missing = new Set<number>()
    const units = [...new Set(this.states.flatMap(({ history }) => Object.keys(history)))].sort()
    for (const { history } of this.states) {
      const choices = units.map((unit) => {
        const all = history[unit] ?? [{ bytes: blank(), ops: [] }]
        return this.setting.power === 'eadr' ? all.slice(-1) : all
      })
      for (const [i, unit] of units.entries())
        for (const { ops } of choices[i] ?? [])
          for (const op of this.setting.writes.keys())
            if (this.unitsOfWrite(this.write(op)).includes(unit) && !ops.includes(op)) missing.add(op)
      const go = (i: number, image: string): void => {
        if (i === units.length) images.add(image)
        else for (const { bytes } of choices[i] ?? []) go(i + 1, `${image} ${bytes}`)
      }
      go(0, '')
    }
    const certain = [...this.setting.writes.keys()].filter((op) => op > 0 && !missing.has(op))
    return { images, certain: new Set(certain), units }
  }

  private write(op: number): Write {
    return this.setting.writes[op] as Write
  }

  private issue(core: number, entry: Entry): void {
    this.states = this.states.map((state) => ({
      ...state,
      buffers: state.buffers.map((buffer, i) => (i === core ? [...buffer, entry] : buffer)),
    }))
  }

  private overlap(a: number, b: number): boolean {
    const [x, y] = [this.write(a), this.write(b)]
    return x.line === y.line && x.offset < y.offset + y.size && y.offset < x.offset + x.size
  }

  private mayLeave(buffer: readonly Entry[], i: number): boolean {
    const entry = buffer[i] as Entry
    return buffer.slice(0, i).every((older) => {
      const order = this.setting.order[older.kind][entry.kind]
      if (order === 'always') return false
      if (order === 'line') return older.line !== entry.line
      return order === 'never' || !this.overlap(older.op, entry.op)
    })
  }

  private leave(state: State, core: number, i: number): State {
    const entry = state.buffers[core]?.[i] as Entry
    const history = entry.op === 0 ? { ...state.history } : { ...this.written(state.history, entry.op) }
    let marks = state.marks
    const of = (unit: string) => history[unit] ?? [{ bytes: blank(), ops: [] }]
    const mark = (unit: string): void => {
      marks = [...marks.filter(([c, u]) => c !== core || u !== unit), [core, unit, of(unit).length - 1]]
    }
    const floor = (unit: string, count: number): void => {
      if (this.setting.power === 'none') return
      history[unit] = of(unit).slice(count)
      marks = marks.flatMap(([c, u, k]) =>
        u !== unit ? [[c, u, k] as const] : k > count ? [[c, u, k - count] as const] : [],
      )
    }
    if (entry.op !== 0) {
      const write = this.write(entry.op)
      // A movdir64b is atomic at power failure, whatever a movnt is.
      const durable = this.setting.movnt === 'visible' || write.size > 8
      if (entry.kind === 'movnt')
        for (const unit of this.unitsOfWrite(write)) durable ? floor(unit, of(unit).length - 1) : mark(unit)
    } else
      for (const unit of this.unitsOf(entry.line))
        if (history[unit] !== undefined) entry.kind === 'clflush' ? floor(unit, of(unit).length - 1) : mark(unit)
    const buffers = state.buffers.map((buffer, c) => (c === core ? buffer.filter((_, at) => at !== i) : buffer))
    return { buffers, history, marks }
  }

  private read(state: State, core: number, line: number, offset: number, size: number): string {
    const own = (state.buffers[core] ?? []).filter(({ op }) => op !== 0 && this.write(op).line === line)
    return Array.from({ length: size }, (_, i) => {
      const at = offset + i
      for (const { op } of own.toReversed()) {
        const write = this.write(op)
        if (write.offset <= at && at < write.offset + write.size)
          return String.fromCharCode(byteOf(write, at - write.offset))
      }
      const unit = this.setting.unit === 'line' ? `${line}` : `${line}.${at >> 3}`
      return state.history[unit]?.at(-1)?.bytes[at] ?? '\0'
    }).join('')
  }
}

const blank = (): string => '\0'.repeat(64)

function done(state: State, core: number): State {
  const history = { ...state.history }
  let { marks } = state
  for (const [c, unit, count] of state.marks) {
    if (c !== core) continue
    const now = marks.find(([c2, u2]) => c2 === core && u2 === unit)?.[2] ?? count
    history[unit] = (history[unit] ?? []).slice(now)
    marks = marks.flatMap(([c2, u, k]) =>
      u !== unit ? [[c2, u, k] as const] : k > now ? [[c2, u, k - now] as const] : [],
    )
  }
  return { ...state, history, marks: marks.filter(([c]) => c !== core) }
}
