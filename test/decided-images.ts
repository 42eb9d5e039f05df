/**
 * The exact set at one step, by address, for a reader that decides as it reads: what the next word may hold, given the
 * words before; and the memory of a machine that reads so.
 */

import { type Part, partsOf } from '../src/engine/crash/contents.ts'
import { bytesOfUnit, unitsOf } from '../src/engine/crash/subject.ts'
import type { Survival } from '../src/engine/crash/survival.ts'
import { prefixBytes, type Unit } from '../src/engine/crash/unit.ts'
import type { Recording } from '../src/engine/inspect/recording.ts'
import { FlatMemory } from './flat-machine.ts'

/** Bytes of an info block, which is decided as a whole. */
export const INFO_BLOCK = 4096
/** Bytes that are decided at a time. */
export const WORD = 8
const ALWAYS = [{ from: 0, to: Number.POSITIVE_INFINITY }]

interface Span {
  readonly from: number
  readonly to: number
}

/** What has been decided of an image: of each open part the contents that are left, of each core the cuts. */
export interface Decided {
  readonly parts: ReadonlyMap<Part, Part['contents']>
  readonly cuts: ReadonlyMap<number, readonly Span[]>
}

/** A part of a line, and the core whose cut it depends on. */
interface Placed {
  readonly first: number
  readonly core: number
  readonly part: Part
}

/** `at`: in the info block. */
export interface InBlock extends Placed {
  readonly at: number
}

export interface Option {
  readonly bytes: Uint8Array
  readonly decided: Decided
}

/** Bytes as a key. */
export const textOf = (bytes: Uint8Array): string => {
  let text = ''
  for (let i = 0; i < bytes.length; i += 1024) text += String.fromCharCode(...bytes.subarray(i, i + 1024))
  return text
}

const meet = (a: readonly Span[], b: readonly Span[]): readonly Span[] =>
  a.flatMap((one) =>
    b.flatMap((two) => {
      const from = Math.max(one.from, two.from)
      const to = Math.min(one.to, two.to)
      return from < to ? [{ from, to }] : []
    }),
  )

/** Memory of a rebooted machine: what `decide` says of words that the recording wrote, `base` of the others. */
export class DecidedMemory extends FlatMemory {
  private readonly base: FlatMemory
  private readonly written: ReadonlySet<number>
  private readonly decide: (word: number) => { readonly at: number; readonly bytes: Uint8Array }
  private readonly own = new Map<number, { readonly bytes: Uint8Array; readonly mine: Uint8Array }>()
  private readonly settled = new Set<number>()

  constructor(base: FlatMemory, written: ReadonlySet<number>, decide: DecidedMemory['decide']) {
    super()
    this.base = base
    this.written = written
    this.decide = decide
  }

  private page(at: number) {
    const start = at - (at % 4096)
    let page = this.own.get(start)
    if (page === undefined) {
      page = { bytes: this.base.bytes(start, 4096), mine: new Uint8Array(4096) }
      this.own.set(start, page)
    }
    return page
  }

  override write(at: number, byte: number): void {
    const { bytes, mine } = this.page(at)
    bytes[at % 4096] = byte
    mine[at % 4096] = 1
  }

  override read(at: number): number {
    return this.bytes(at, 1)[0] as number
  }

  override bytes(at: number, length: number): Uint8Array {
    const into = new Uint8Array(length)
    for (let i = 0; i < length; ) {
      const { bytes, mine } = this.page(at + i)
      const from = (at + i) % 4096
      const to = Math.min(4096, from + length - i)
      const start = at + i - from
      for (let word = from - (from % WORD); word < to; word += WORD)
        if (this.written.has(start + word) && !this.settled.has(start + word))
          if (mine.subarray(Math.max(from, word), Math.min(to, word + WORD)).includes(0)) this.settle(start + word)
      into.set(bytes.subarray(from, to), i)
      i += to - from
    }
    return into
  }

  private settle(word: number): void {
    const { at, bytes } = this.decide(word)
    for (const [i, byte] of bytes.entries()) {
      const page = this.page(at + i)
      if (page.mine[(at + i) % 4096] === 0) page.bytes[(at + i) % 4096] = byte
      if (i % WORD === 0) this.settled.add(at + i)
    }
  }
}

/** The exact set at one step, by address. */
export class Images {
  private readonly survival: Survival
  private readonly hw: Recording['machine']['hw']
  private readonly base: FlatMemory
  private readonly written: ReadonlySet<number>
  private readonly lines = new Map<number, readonly Placed[]>()
  private readonly blocks = new Map<number, readonly Uint8Array[]>()
  private readonly lineKeys = new WeakMap<readonly Placed[], string>()

  constructor(survival: Survival, hw: Recording['machine']['hw'], base: FlatMemory, written: ReadonlySet<number>) {
    this.survival = survival
    this.hw = hw
    this.base = base
    this.written = written
  }

  /** Something happened to the line at `at`. */
  touch(at: number): void {
    this.lines.delete(at)
    this.blocks.delete(at - (at % INFO_BLOCK))
  }

  /** Something happened that may concern every line that is not certain. */
  touchAll(): void {
    for (const [at, parts] of this.lines) if (parts.some(({ part }) => part.contents.length > 1)) this.touch(at)
  }

  /** The info block at `at`, as `made` makes it of its parts; `key` stands for all that they may hold. */
  block(at: number, made: (key: string, parts: readonly InBlock[]) => readonly Uint8Array[]): readonly Uint8Array[] {
    const known = this.blocks.get(at)
    if (known !== undefined) return known
    const lines = Array.from({ length: INFO_BLOCK / 64 }, (_, i) => 64 * i)
    const parts = lines.flatMap((line) =>
      this.parts(at + line).map((placed) => ({ ...placed, at: line + placed.first })),
    )
    if (!parts.every(({ part, core }) => this.isFree(part, core))) throw new Error('an info block in some order')
    const found = made(lines.map((line) => this.lineKey(at + line)).join('\0'), parts)
    this.blocks.set(at, found)
    return found
  }

  private lineKey(at: number): string {
    const parts = this.parts(at)
    let key = this.lineKeys.get(parts)
    if (key === undefined) {
      key = parts.map(({ part }) => part.contents.map(({ bytes }) => textOf(bytes)).join('\0')).join('\0\0')
      this.lineKeys.set(parts, key)
    }
    return key
  }

  /** Parts of the line at `at`, side by side. */
  parts(at: number): readonly Placed[] {
    const known = this.lines.get(at)
    if (known !== undefined) return known
    const found = this.written.has(at)
      ? this.partsOfLine(this.hw.lines.peek(at))
      : [this.fixed(0, this.base.bytes(at, 64))]
    this.lines.set(at, found)
    return found
  }

  private fixed(first: number, bytes: Uint8Array): Placed {
    return { first, core: 0, part: { first, contents: [{ bytes, spans: ALWAYS }] } }
  }

  private partsOfLine(line: number): readonly Placed[] {
    const { survival, hw } = this
    return unitsOf(survival.subject, line).flatMap((id) => {
      const unit = survival.units.get(id)
      const { first, length } = bytesOfUnit(id)
      if (unit === undefined) return [this.fixed(first, hw.lines.initial(line).slice(first, first + length))]
      return survival.isOpen(unit) ? this.openParts(unit) : [this.fixed(first, certain(survival, unit))]
    })
  }

  private openParts(unit: Unit): readonly Placed[] {
    const { survival } = this
    const core = unit.pending?.core ?? 0
    const cuts = unit.pending === undefined ? { least: 0, most: 0 } : survival.cuts(core)
    const parts = partsOf(survival.subject, unit, cuts)
    if (parts === undefined) throw new Error('too many contents of one unit')
    // A unit that nothing is on its way to depends on no cut.
    const free = unit.pending === undefined
    return parts.map(({ first, contents }) => ({
      first,
      core,
      part: { first, contents: free ? contents.map(({ bytes }) => ({ bytes, spans: ALWAYS })) : contents },
    }))
  }

  /** Is every contents of the part possible at every cut? */
  private isFree({ contents }: Part, core: number): boolean {
    const { least, most } = this.survival.cuts(core)
    return contents.every(({ spans }) => spans.some(({ from, to }) => from <= least && to > most))
  }

  /** What the word at `at` may hold, given what has been decided. */
  options(at: number, decided: Decided): readonly Option[] {
    const offset = at % 64
    const here = this.parts(at - offset).findLast(({ first }) => first <= offset)
    if (here === undefined) throw new Error('parts cover their line')
    const { part, core } = here
    const left = decided.parts.get(part) ?? part.contents
    const from = offset - part.first
    if (left.length === 1) {
      const bytes = (left[0] as Part['contents'][number]).bytes.subarray(from, from + WORD)
      if (part.contents.length === 1) return [{ bytes, decided }]
    }
    const byValue = new Map<string, Part['contents'][number][]>()
    for (const contents of left) {
      const key = textOf(contents.bytes.subarray(from, from + WORD))
      const group = byValue.get(key)
      if (group === undefined) byValue.set(key, [contents])
      else group.push(contents)
    }
    const { least, most } = this.survival.cuts(core)
    const now = decided.cuts.get(core) ?? [{ from: least, to: most + 1 }]
    return [...byValue.values()].flatMap((group) => {
      const cuts = meet(now, union(group.flatMap(({ spans }) => spans)))
      if (cuts.length === 0) return []
      const bytes = (group[0] as Part['contents'][number]).bytes.subarray(from, from + WORD)
      return [
        {
          bytes,
          decided: { parts: new Map(decided.parts).set(part, group), cuts: new Map(decided.cuts).set(core, cuts) },
        },
      ]
    })
  }
}

function union(spans: readonly Span[]): readonly Span[] {
  const all: { from: number; to: number }[] = []
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1)
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else all.push({ from, to })
  }
  return all
}

const settledBytes = new WeakMap<readonly number[], { readonly to: number; readonly bytes: Uint8Array }>()

/** What a unit holds of which nothing is open. */
export function certain(survival: Survival, unit: Unit): Uint8Array {
  const known = settledBytes.get(unit.ops)
  if (known?.to === unit.to) return known.bytes
  const bytes = prefixBytes(survival.subject, unit, unit.to)
  settledBytes.set(unit.ops, { to: unit.to, bytes })
  return bytes
}
