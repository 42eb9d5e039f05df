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
 * An info block is read as a whole, and its checksum decides whether the kernel looks at it any further: those that it
 * fits are rebooted, each, and some of the others (`info-blocks.ts`). That is the only thing sampled here.
 */

import { possible } from '../src/engine/crash/possible.ts'
import { bytesOfUnit } from '../src/engine/crash/subject.ts'
import type { Model } from '../src/engine/explore/model.ts'
import { createLabelArea } from '../src/engine/hw/label-area.ts'
import type { Recording } from '../src/engine/inspect/recording.ts'
import { SurvivalWalk } from '../src/engine/inspect/walk.ts'
import { Journal } from '../src/engine/sim/journal.ts'
import { NOBODY } from '../src/engine/sim/trace.ts'
import { wholeNvdimm } from '../src/engine/whole-nvdimm.ts'
import {
  certain,
  type Decided,
  DecidedMemory,
  Images,
  INFO_BLOCK,
  type Option,
  textOf,
  WORD,
} from './decided-images.ts'
import { boot, FlatMemory } from './flat-machine.ts'
import { Guest } from './guest.ts'
import { infoBlocksOf } from './info-blocks.ts'

/** Leaves of one step's tree, at most. */
const MOST_LEAVES = 20_000

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
  /** The largest exact set that a fence ended, in images. */
  readonly most: bigint
}

const keys = new WeakMap<Uint8Array, string>()

/** The key of bytes that are asked for again and again. */
function keyOf(bytes: Uint8Array): string {
  const known = keys.get(bytes) ?? textOf(bytes)
  keys.set(bytes, known)
  return known
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
    const stretches: { from: number; to: number; outcomes: readonly string[] }[] = []
    const images = new Images(begin, hw, base, written)
    let visited = new Set<number>()
    let labels = areas(from)
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
    return { stretches, most }
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
    const outcome = tree.reboot(memory)
    if (given.length > 0) throw new Error('a reboot reads fewer words than the one before it')
    node.outcome = outcome
  }

  private options({ images }: Tree, at: number, decided: Decided): readonly Option[] {
    if (!this.infoBlocks.has(at)) return images.options(at, decided)
    const blocks = images.block(at, (key, parts) => {
      const known = this.blocks.get(key) ?? infoBlocksOf(parts, this.torn)
      this.blocks.set(key, known)
      return known
    })
    return blocks.map((bytes) => ({ bytes, decided }))
  }
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
