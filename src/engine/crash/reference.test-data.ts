/**
 * The machine of persistency.md §§2–3, literally and without any reduction, driven by what a recording fixes: every
 * state that is reached, every image of every state. For small cases only.
 */

import type { Subject } from './subject.ts'

export type Happening =
  | { readonly kind: 'store' | 'movnt'; readonly core: number; readonly op: number }
  | { readonly kind: 'clflush' | 'flushopt'; readonly core: number; readonly line: number }
  | { readonly kind: 'fence' | 'drained'; readonly core: number }
  | {
      readonly kind: 'load'
      readonly core: number
      readonly line: number
      readonly offset: number
      readonly value: number
    }

/** One byte each, so that contents are short: every write is of so many bytes of a line. */
export interface Write {
  readonly line: number
  readonly offset: number
  readonly size: number
  readonly value: number
}

interface Entry {
  readonly kind: 'store' | 'movnt' | 'clflush' | 'flushopt'
  readonly line: number
  readonly op: number
}

interface State {
  readonly buffers: readonly (readonly Entry[])[]
  /** Per unit: contents (bytes in base 16, writes that they have), from the floor on. */
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
  private unitOf(write: Write): string {
    return this.setting.unit === 'line' ? `${write.line}` : `${write.line}.${write.offset >> 3}`
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
        this.states = this.states
          .filter(({ buffers }) => buffers[event.core]?.length === 0)
          .map((s) => (this.setting.power === 'none' ? s : done(s, event.core)))
        break
      case 'load':
        this.states = this.states.filter(
          (state) => this.read(state, event.core, event.line, event.offset) === event.value,
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

  copy(): readonly State[] {
    return this.states
  }

  get possible(): boolean {
    return this.states.length > 0
  }

  /** Of every image, its bytes; and the writes that are in every image of their unit. */
  images(): { readonly images: ReadonlySet<string>; readonly certain: ReadonlySet<number> } {
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
            if (this.unitOf(this.write(op)) === unit && !ops.includes(op)) missing.add(op)
      const go = (i: number, image: string): void => {
        if (i === units.length) images.add(image)
        else for (const { bytes } of choices[i] ?? []) go(i + 1, `${image} ${bytes}`)
      }
      go(0, '')
    }
    return { images, certain: new Set([...this.setting.writes.keys()].filter((op) => op > 0 && !missing.has(op))) }
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
    const history = { ...state.history }
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
      const unit = this.unitOf(write)
      const last = of(unit).at(-1) ?? { bytes: blank(), ops: [] }
      const bytes = [...last.bytes]
      for (let b = write.offset; b < write.offset + write.size; b++) bytes[b] = write.value.toString(16)
      history[unit] = [...of(unit), { bytes: bytes.join(''), ops: [...last.ops, entry.op] }]
      if (entry.kind === 'movnt' && this.setting.movnt === 'visible') floor(unit, of(unit).length - 1)
      else if (entry.kind === 'movnt') mark(unit)
    } else
      for (const unit of this.unitsOf(entry.line))
        if (history[unit] !== undefined) entry.kind === 'clflush' ? floor(unit, of(unit).length - 1) : mark(unit)
    const buffers = state.buffers.map((buffer, c) => (c === core ? buffer.filter((_, at) => at !== i) : buffer))
    return { buffers, history, marks }
  }

  private read(state: State, core: number, line: number, offset: number): number {
    for (const { op } of [...(state.buffers[core] ?? [])].reverse()) {
      const write = this.write(op)
      if (op !== 0 && write.line === line && write.offset <= offset && offset < write.offset + write.size)
        return write.value
    }
    const unit = this.setting.unit === 'line' ? `${line}` : `${line}.${offset >> 3}`
    return Number.parseInt(state.history[unit]?.at(-1)?.bytes[offset] ?? '0', 16)
  }
}

const blank = (): string => '0'.repeat(64)

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
