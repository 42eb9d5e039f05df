/**
 * A kernel booted on every image that a power failure may leave, at every step of a recording.
 *
 * The exact set (`src/engine/crash`) at a step says of each persistence unit which contents it may hold, and at which
 * cuts of its core. A reboot is a function of the label areas and of the bytes that it reads, so memory is decided word
 * by word as the reboot reads it: the first time one is read, the reboot is repeated for every contents of the word that
 * is still compatible with the words before. Each leaf of the resulting tree stands for all images of the set that
 * agree on what was read; what was not read cannot matter. Reboots are kept by what they read, so that one that another
 * step needs again is not repeated. Steps that store to, or flush, a line that no reboot of the step before has read
 * leave its answers as they are.
 *
 * An info block is read as a whole, and its checksum decides whether the kernel looks at it any further. All
 * combinations of its words are tried against the checksum. Those that it fits are rebooted, each; of the others
 * (too many for a reboot each) some are, drawn with a seed. That is the only thing sampled here.
 */

import { view } from '../src/base/bytes.ts'
import { prng } from '../src/base/prng.ts'
import { type Part, partsOf } from '../src/engine/crash/contents.ts'
import { possible } from '../src/engine/crash/possible.ts'
import { bytesOfUnit, unitsOf } from '../src/engine/crash/subject.ts'
import type { Survival } from '../src/engine/crash/survival.ts'
import { prefixBytes, type Unit } from '../src/engine/crash/unit.ts'
import type { Model } from '../src/engine/explore/model.ts'
import { createLabelArea } from '../src/engine/hw/label-area.ts'
import type { Recording } from '../src/engine/inspect/recording.ts'
import { SurvivalWalk } from '../src/engine/inspect/walk.ts'
import { Journal } from '../src/engine/sim/journal.ts'
import { NOBODY } from '../src/engine/sim/trace.ts'
import { wholeNvdimm } from '../src/engine/whole-nvdimm.ts'
import { boot, FlatMemory } from './flat-machine.ts'
import { Guest } from './guest.ts'

/** Bytes of an info block, and where its checksum is. */
const INFO_BLOCK = 4096
const CHECKSUM = 4088
/** Combinations of an info block's words that are tried, and leaves of one step's tree, at most. */
const MOST_COMBINATIONS = 2 ** 27
const MOST_LEAVES = 20_000

const WORD = 8
const ALWAYS = [{ from: 0, to: Number.POSITIVE_INFINITY }]

interface Span {
  readonly from: number
  readonly to: number
}

/** What has been decided of an image: of each open part the contents that are left, of each core the cuts. */
interface Decided {
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
interface InBlock extends Placed {
  readonly at: number
}

interface Option {
  readonly bytes: Uint8Array
  readonly decided: Decided
}

/** What a reboot reads next; `edges`: by the bytes found there. */
interface Node {
  at: number
  readonly edges: Map<string, Node>
  outcome: string | undefined
}

interface Stretch {
  /** First and last step of a stretch of steps with the same outcomes. */
  readonly from: number
  readonly to: number
  /** Everything that a reboot may find, sorted. */
  readonly outcomes: readonly string[]
}

export interface Survey {
  readonly stretches: readonly Stretch[]
  /** Steps at which the power fails. */
  readonly cuts: number
  /** Those at which something happens that may change what a reboot finds. */
  readonly sets: number
  /** Reboots that no earlier one could stand for. */
  readonly reboots: number
  /** The largest exact set that a fence ended, in images. */
  readonly most: bigint
  /** Combinations of words of info blocks that the checksum was asked about. */
  readonly combinations: number
}

const keys = new WeakMap<Uint8Array, string>()

/** The key of bytes that are asked for again and again. */
function keyOf(bytes: Uint8Array): string {
  const known = keys.get(bytes) ?? textOf(bytes)
  keys.set(bytes, known)
  return known
}

/** Bytes as a key. */
const textOf = (bytes: Uint8Array): string => {
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
class DecidedMemory extends FlatMemory {
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
class Images {
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

  /** The info block at `at`: what it may hold as the kernel tells it apart. */
  block(at: number, made: (key: string, parts: () => readonly InBlock[]) => readonly Uint8Array[]) {
    const lines = Array.from({ length: INFO_BLOCK / 64 }, (_, i) => 64 * i)
    const parts = (): readonly InBlock[] =>
      lines.flatMap((line) => this.parts(at + line).map((placed) => ({ ...placed, at: line + placed.first })))
    const known = this.blocks.get(at) ?? made(lines.map((line) => this.lineKey(at + line)).join('\0'), parts)
    this.blocks.set(at, known)
    return known
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
  isFree({ contents }: Part, core: number): boolean {
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

function certain(survival: Survival, unit: Unit): Uint8Array {
  const known = settledBytes.get(unit.ops)
  if (known?.to === unit.to) return known.bytes
  const bytes = prefixBytes(survival.subject, unit, unit.to)
  settledBytes.set(unit.ops, { to: unit.to, bytes })
  return bytes
}

/** Steps at which the exact set may change. Others only say so when another thread begins. */
const MATTERS: ReadonlySet<string> = new Set([
  'store',
  'movnt',
  'movdir64b',
  'lock',
  'clwb',
  'clflushopt',
  'clflush',
  'hint',
  'fence-done',
  'label',
  'thread-start',
  'thread-end',
  'end',
])
/** Those that concern one line. */
const OF_A_LINE: ReadonlySet<string> = new Set(['store', 'movnt', 'movdir64b', 'clwb', 'clflushopt', 'clflush'])

/** What there is after a reboot, for a kernel or in the bytes of memory. */
export type Look = (guest: Guest, memory: FlatMemory) => string

/** Reboots that look at what they find with `look`, kept by what they read. */
export class Reboots {
  private readonly look: Look
  /** Addresses of info blocks. */
  private readonly infoBlocks: ReadonlySet<number>
  /** Torn info blocks that are rebooted for each that is tried. */
  private readonly torn: number
  private readonly roots = new Map<string, Node>()
  private readonly blocks = new Map<string, readonly Uint8Array[]>()
  private reboots = 0
  private combinations = 0

  constructor(look: Look, infoBlocks: readonly number[], torn = 2) {
    this.look = look
    this.infoBlocks = new Set(infoBlocks)
    this.torn = torn
  }

  /** The power fails right after each step from `from` to `to`. */
  survey(recording: Recording, from: number, to: number, model: Partial<Model> = {}): Survey {
    const { machine } = recording
    const { trace, hw, power, programStart, scenario, journal } = machine
    const walk = new SurvivalWalk({ trace, hw, power, programStart, directed: false }, { ...scenario.model, ...model })
    const { kernel } = machine.lives[0] as (typeof machine.lives)[number]
    const { options } = kernel
    const written = new Set<number>()
    const lines = new Set<number>()
    for (let step = from; step <= to; step++)
      for (const line of linesOf(recording, step))
        if (hw.lines.home(line).kind === 'nvdimm') {
          lines.add(line)
          for (let at = 0; at < 64; at += WORD) written.add(hw.lines.spa(line) + at)
        }
    const base = new FlatMemory()
    const begin = walk.at(from)
    for (const unit of begin.units.values()) {
      if (unit.guard === 'nothing' || lines.has(unit.line)) continue
      if (begin.isOpen(unit)) throw new Error('a line that is on its way before the first step')
      const { first } = bytesOfUnit(unit.id)
      for (const [i, byte] of certain(begin, unit).entries()) base.write(hw.lines.spa(unit.line) + first + i, byte)
    }
    const baseKey = [...base.used()].map(({ at, bytes }) => `${at} ${textOf(bytes)}`).join()
    const setting = `${scenario.kernel} ${baseKey} ${[...written].sort().join()}`
    const areas = (step: number): Readonly<Record<string, Uint8Array>> =>
      journal.at(step, () =>
        Object.fromEntries(
          Object.entries(options.labelAreas ?? {}).map(([name, area]) => [name, area.read(0, area.size)]),
        ),
      )
    const reboot = (labels: Readonly<Record<string, Uint8Array>>, memory: FlatMemory): string => {
      const labelAreas = Object.fromEntries(
        Object.entries(labels).map(([name, bytes]) => [name, createLabelArea(new Journal(), bytes.length, bytes)]),
      )
      const { nfit } = options
      const given = { release: scenario.kernel, ...wholeNvdimm }
      const booted = boot(nfit, { ...given, labelAreas, memory })
      return this.look(new Guest(booted.k), memory)
    }
    const before = { reboots: this.reboots, combinations: this.combinations }
    const stretches: { from: number; to: number; outcomes: readonly string[] }[] = []
    const images = new Images(begin, hw, base, written)
    let visited = new Set<number>()
    let labels = areas(from)
    let sets = 0
    let most = 0n
    let running = NOBODY
    for (let step = from; step <= to; step++) {
      const survival = walk.at(step)
      const kind = trace.kindOf(step)
      const last = stretches.at(-1)
      if (kind === 'sfence') {
        const { images } = possible(survival)
        if (images !== undefined && images > most) most = images
      }
      if (OF_A_LINE.has(kind)) for (const line of linesOf(recording, step)) images.touch(hw.lines.spa(line))
      else if (MATTERS.has(kind)) images.touchAll()
      const thread = trace.thread.get(step)
      const switched = thread !== NOBODY && thread !== running
      if (thread !== NOBODY) running = thread
      const read = !OF_A_LINE.has(kind) || linesOf(recording, step).some((line) => visited.has(hw.lines.spa(line)))
      if (last !== undefined && !switched && !(MATTERS.has(kind) && read)) {
        last.to = step
        continue
      }
      sets++
      if (survival.undecided || survival.race !== undefined || walk.isBehind) throw new Error(`step ${step}: undecided`)
      if (kind === 'label') labels = areas(step)
      const key = setting + Object.entries(labels).map(([name, bytes]) => `${name} ${textOf(bytes)}`)
      const root = this.roots.get(key) ?? newNode()
      this.roots.set(key, root)
      const found = new Set<string>()
      visited = new Set()
      if (switched) images.touchAll()
      const tree = { images, base, written, reboot: (memory: FlatMemory) => reboot(labels, memory) }
      this.explore(tree, root, found, visited)
      const outcomes = [...found].sort()
      if (last !== undefined && last.outcomes.join('\0') === outcomes.join('\0')) last.to = step
      else stretches.push({ from: step, to: step, outcomes })
    }
    return {
      stretches,
      cuts: to - from + 1,
      sets,
      most,
      reboots: this.reboots - before.reboots,
      combinations: this.combinations - before.combinations,
    }
  }

  /** Every outcome at this step. */
  private explore(tree: Tree, root: Node, found: Set<string>, visited: Set<number>): void {
    const todo: { node: Node; decided: Decided; path: Path | undefined }[] = [
      { node: root, decided: { parts: new Map(), cuts: new Map() }, path: undefined },
    ]
    let leaves = 0
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      const { node, decided, path } = next
      if (node.outcome === undefined && node.at < 0) this.run(tree, root, path)
      if (node.outcome !== undefined) {
        found.add(node.outcome)
        if (++leaves > MOST_LEAVES) throw new Error('too many images that a reboot tells apart')
        continue
      }
      const lines = this.infoBlocks.has(node.at) ? INFO_BLOCK / 64 : 1
      for (let i = 0; i < lines; i++) visited.add(node.at - (node.at % 64) + 64 * i)
      for (const option of this.options(tree, node.at, decided))
        todo.push({ node: childOf(node, option), decided: option.decided, path: { before: path, option } })
    }
  }

  /** Reboot: what is read first is as `path` says, what is read later any contents that it may have. */
  private run(tree: Tree, root: Node, path: Path | undefined): void {
    const given: Option[] = []
    for (let each = path; each !== undefined; each = each.before) given.push(each.option)
    given.reverse()
    let node = root
    let decided: Decided = { parts: new Map(), cuts: new Map() }
    const memory = new DecidedMemory(tree.base, tree.written, (word) => {
      const block = word - (word % INFO_BLOCK)
      const at = this.infoBlocks.has(block) ? block : word
      if (node.at >= 0 && node.at !== at) throw new Error('a reboot reads other words than the one before it')
      node.at = at
      const option = given.shift() ?? this.options(tree, at, decided)[0]
      if (option === undefined) throw new Error('every image gives every word a contents')
      decided = option.decided
      node = childOf(node, option)
      return { at, bytes: option.bytes }
    })
    this.reboots++
    const outcome = tree.reboot(memory)
    if (given.length > 0) throw new Error('a reboot reads fewer words than the one before it')
    node.outcome = outcome
  }

  private options({ images }: Tree, at: number, decided: Decided): readonly Option[] {
    if (!this.infoBlocks.has(at)) return images.options(at, decided)
    const blocks = images.block(at, (key, parts) => {
      const known = this.blocks.get(key) ?? this.blocksOf(parts(), images)
      this.blocks.set(key, known)
      return known
    })
    return blocks.map((bytes) => ({ bytes, decided }))
  }

  /** Of all info blocks that these parts can make up: those that the checksum fits, and some of the others. */
  private blocksOf(parts: readonly InBlock[], images: Images): readonly Uint8Array[] {
    const bytes = new Uint8Array(INFO_BLOCK)
    for (const { at, part } of parts) bytes.set((part.contents[0] as Part['contents'][number]).bytes, at)
    const open = parts.filter(({ part }) => part.contents.length > 1)
    if (open.length === 0) return [bytes]
    if (!open.every(({ part, core }) => images.isFree(part, core))) throw new Error('an info block in some order')
    const product = open.reduce((all, { part }) => all * part.contents.length, 1)
    if (product > MOST_COMBINATIONS) throw new Error('too many info blocks')
    this.combinations += product
    for (const { at, part } of open) bytes.fill(0, at, at + (part.contents[0] as Part['contents'][number]).bytes.length)
    const fixed = sumsOf(bytes, 0)
    const sums = open.map(({ at, part }) => part.contents.map((contents) => sumsOf(contents.bytes, at)))
    const picks = new Uint16Array(open.length)
    const made = (): Uint8Array => {
      const block = bytes.slice()
      for (const [i, { at, part }] of open.entries())
        block.set((part.contents[picks[i] as number] as Part['contents'][number]).bytes, at)
      return block
    }
    const found: Uint8Array[] = []
    let fitting = 0
    const walk = (i: number, lo: number, hi: number, sumLo: number, sumHi: number): void => {
      const here = sums[i]
      if (here === undefined) {
        if ((lo | 0) !== (sumLo | 0) || (hi | 0) !== (sumHi | 0)) return
        fitting++
        found.push(made())
        return
      }
      for (let pick = 0; pick < here.length; pick++) {
        const sum = here[pick] as Sums
        picks[i] = pick
        walk(i + 1, (lo + sum.lo) | 0, (hi + sum.hi) | 0, sumLo + sum.storedLo, sumHi + sum.storedHi)
      }
    }
    walk(0, fixed.lo, fixed.hi, fixed.storedLo, fixed.storedHi)
    const dice = prng(product)
    const whole = new Set(found.map(textOf))
    for (
      let tries = 0;
      found.length < fitting + Math.min(this.torn, product - fitting) && tries < 100 * this.torn;
      tries++
    ) {
      for (const [i, { part }] of open.entries()) picks[i] = dice.below(part.contents.length)
      const block = made()
      if (whole.has(textOf(block))) continue
      whole.add(textOf(block))
      found.push(block)
    }
    return found
  }
}

interface Sums {
  readonly lo: number
  readonly hi: number
  /** The checksum that stands there, in halves; only one part has either. */
  readonly storedLo: number
  readonly storedHi: number
}

/** What bytes at `at` of an info block add to its Fletcher sum (`nd_fletcher64`: it is linear). */
function sumsOf(bytes: Uint8Array, at: number): Sums {
  const words = view(bytes)
  let lo = 0
  let hi = 0
  let storedLo = 0
  let storedHi = 0
  for (let i = 0; i < bytes.length; i += 4) {
    const word = words.getUint32(i, true)
    if (at + i === CHECKSUM) storedLo = word
    else if (at + i === CHECKSUM + 4) storedHi = word
    else {
      lo = (lo + word) | 0
      hi = (hi + Math.imul(word, (INFO_BLOCK - at - i) / 4)) | 0
    }
  }
  return { lo, hi, storedLo, storedHi }
}

interface Tree {
  readonly images: Images
  readonly base: FlatMemory
  readonly written: ReadonlySet<number>
  reboot(memory: FlatMemory): string
}

interface Path {
  readonly before: Path | undefined
  readonly option: Option
}

const newNode = (): Node => ({ at: -1, edges: new Map(), outcome: undefined })

function childOf(node: Node, { bytes }: Option): Node {
  const key = keyOf(bytes)
  const child = node.edges.get(key) ?? newNode()
  node.edges.set(key, child)
  return child
}

/** Lines that a step of a thread writes to or flushes. */
function linesOf({ machine }: Recording, step: number): readonly number[] {
  const { trace, hw } = machine
  const kind = trace.kindOf(step)
  if (!OF_A_LINE.has(kind) && kind !== 'lock') return []
  const count = kind.startsWith('cl') ? 1 : trace.b.get(step) & 0xff
  return Array.from({ length: count }, (_, i) => hw.history.line(trace.a.get(step) + i))
}
