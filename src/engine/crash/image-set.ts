/**
 * A set of post-crash images, counted exactly without listing them.
 *
 * An image gives every persistence unit one content. The set is a union of *boxes*: a box gives each unit the contents
 * it may have, independently of the other units (persistency.md §3, crash). Units and contents are small integers
 * chosen by the caller, equal contents having equal numbers. Boxes overlap, so sizes do not add up: the union is turned
 * into a decision diagram, one level a unit, whose nodes are the sets of boxes still possible there. Two boxes that
 * agree from some unit on are one from there on.
 *
 * Counting a union of boxes is hard in the worst case; the unions met here are chains of intervals and stay small.
 */

import { ensure } from '../../base/assert.ts'

/** Contents that one unit may have, in any order. */
interface Choice {
  readonly unit: number
  readonly contents: readonly number[]
}

/** Each unit at most once; a unit that is not named has the content that the set was given for it. */
export type Box = readonly Choice[]

interface Kept {
  readonly choices: ReadonlyMap<number, readonly number[]>
  readonly origin: number
}

interface Node {
  /** By content, ascending. */
  readonly edges: readonly { readonly content: number; readonly to: number }[]
}

interface Diagram {
  /** One array of nodes for each unit; the edges of the last level lead nowhere. */
  readonly levels: readonly (readonly Node[])[]
}

export interface Found {
  /** Contents in the order of `units`. */
  readonly image: readonly number[]
  /** What `add` was told about the box. */
  readonly origin: number
}

/** How many of the latest boxes a new one is compared with: those of neighbouring instants are the likely ones. */
const COMPARED = 32
/** Contents in all boxes together, and looks at them for the diagram, above which the images are not counted any more. */
const MOST_CONTENTS = 20_000_000
const MOST_EDGES = 20_000_000

const TOO_LARGE: Diagram = { levels: [] }

const ascending = (a: number, b: number): number => a - b

/** Both ascending. */
function includesAll(all: readonly number[], some: readonly number[]): boolean {
  if (all.length < some.length) return false
  let at = 0
  for (const each of some) {
    while ((all[at] ?? Number.POSITIVE_INFINITY) < each) at++
    if (all[at] !== each) return false
  }
  return true
}

export class ImageSet {
  readonly #given: (unit: number) => number
  readonly #boxes: Kept[] = []
  readonly #keys = new Set<string>()
  readonly #units = new Set<number>()
  #diagram: Diagram | undefined
  #contents = 0

  /** `given`: the content of a unit in boxes that do not name it. */
  constructor(given: (unit: number) => number) {
    this.#given = given
  }

  /** `origin`: any number that tells later where the box came from; the first of equal boxes keeps its own. */
  add(box: Box, origin = 0): void {
    if (this.full) return
    const choices = this.#normal(box)
    for (const contents of choices.values()) this.#contents += contents.length
    const key = [...choices].map(([unit, contents]) => `${unit}:${contents.join()}`).join(' ')
    if (this.#keys.has(key)) return
    this.#keys.add(key)
    const from = Math.max(0, this.#boxes.length - COMPARED)
    const recent = this.#boxes.slice(from)
    if (recent.some((kept) => this.#covers(kept.choices, choices))) return
    this.#boxes.length = from
    this.#boxes.push(...recent.filter((kept) => !this.#covers(choices, kept.choices)), { choices, origin })
    for (const unit of choices.keys()) this.#units.add(unit)
    this.#diagram = undefined
  }

  /** No more boxes are taken: they hold too much. */
  get full(): boolean {
    return this.#contents > MOST_CONTENTS
  }

  /** The boxes are all there, and not so many that their union could not be counted. Otherwise nothing is listed. */
  get countable(): boolean {
    return !this.full && this.#built() !== TOO_LARGE
  }

  /** The units that some box names, ascending: those in which images may differ. */
  get units(): readonly number[] {
    return [...this.#units].sort(ascending)
  }

  /** Number of distinct images. */
  count(): bigint {
    const { levels } = this.#built()
    if (this.#boxes.length === 0 || !this.countable) return 0n
    let below: readonly bigint[] = [1n]
    for (const nodes of levels.toReversed()) {
      below = nodes.map(({ edges }) => {
        const times = new Map<number, number>()
        for (const { to } of edges) times.set(to, (times.get(to) ?? 0) + 1)
        let sum = 0n
        for (const [to, count] of times) sum += BigInt(count) * ensure(below[to], 'edges lead to the next level')
        return sum
      })
    }
    return ensure(below[0], 'a diagram has a top')
  }

  /** Only the units that some box names are asked about. */
  has(image: (unit: number) => number): boolean {
    return this.find((unit, content) => image(unit) === content) !== undefined
  }

  /** An image whose every content fits, from the first box that has one: its smallest fitting contents. */
  find(fits: (unit: number, content: number) => boolean): Found | undefined {
    const { units } = this
    for (const { choices, origin } of this.#boxes) {
      const image: number[] = []
      for (const unit of units) {
        const content = (choices.get(unit) ?? [this.#given(unit)]).find((each) => fits(unit, each))
        if (content === undefined) break
        image.push(content)
      }
      if (image.length === units.length) return { image, origin }
    }
    return undefined
  }

  /** The first `limit` images in ascending order, each as contents in the order of `units`. */
  enumerate(limit: number): readonly (readonly number[])[] {
    const { levels } = this.#built()
    const images: number[][] = []
    if (this.#boxes.length === 0 || limit <= 0 || !this.countable) return images
    const image: number[] = []
    const walk = (level: number, at: number): boolean => {
      const node = levels[level]?.[at]
      if (node === undefined) return images.push([...image]) < limit
      for (const { content, to } of node.edges) {
        image.push(content)
        const more = walk(level + 1, to)
        image.pop()
        if (!more) return false
      }
      return true
    }
    walk(0, 0)
    return images
  }

  /**
   * The first image, unit by unit in ascending order, whose beginnings may all lead to one that is wanted: `hopeless`
   * is asked about each beginning, contents in the order of `units`. 'unknown': it was asked `limit` times.
   */
  search(hopeless: (image: readonly number[]) => boolean, limit: number): readonly number[] | undefined | 'unknown' {
    if (!this.countable) return 'unknown'
    const { levels } = this.#built()
    const image: number[] = []
    let asked = 0
    const walk = (level: number, at: number): boolean => {
      asked++
      if (asked > limit) return true
      if (hopeless(image)) return false
      const node = levels[level]?.[at]
      if (node === undefined) return true
      for (const { content, to } of node.edges) {
        image.push(content)
        if (walk(level + 1, to)) return true
        image.pop()
      }
      return false
    }
    const found = this.#boxes.length > 0 && walk(0, 0)
    return asked > limit ? 'unknown' : found ? image : undefined
  }

  #normal(box: Box): ReadonlyMap<number, readonly number[]> {
    const choices = new Map<number, readonly number[]>()
    for (const { unit, contents } of box.toSorted((a, b) => a.unit - b.unit)) {
      const distinct = [...new Set(contents)].sort(ascending)
      if (distinct.length !== 1 || distinct[0] !== this.#given(unit)) choices.set(unit, distinct)
    }
    return choices
  }

  /** Every image of `small` is one of `large`. */
  #covers(large: ReadonlyMap<number, readonly number[]>, small: ReadonlyMap<number, readonly number[]>): boolean {
    for (const [unit, contents] of small) {
      if (!includesAll(large.get(unit) ?? [this.#given(unit)], contents)) return false
    }
    for (const [unit, may] of large) if (!small.has(unit) && !may.includes(this.#given(unit))) return false
    return true
  }

  #built(): Diagram {
    this.#diagram ??= this.#build()
    return this.#diagram
  }

  #build(): Diagram {
    const { units } = this
    const tails = this.#tails(units)
    const levels: Node[][] = []
    let sets: (readonly number[])[] = [tails.starts]
    let edgeCount = 0
    for (const level of units.keys()) {
      const next = new Map<string, number>()
      const nextSets: (readonly number[])[] = []
      const tailsHere = ensure(tails.levels[level], 'tails have as many levels as there are units')
      levels.push(
        sets.map((alive) => {
          const byContent = new Map<number, number[]>()
          for (const tail of edgeCount > MOST_EDGES ? [] : alive) {
            const { contents, rest } = ensure(tailsHere[tail], 'a tail is numbered in its level')
            edgeCount += contents.length
            for (const content of contents) {
              const rests = byContent.get(content)
              if (rests === undefined) byContent.set(content, [rest])
              else rests.push(rest)
            }
          }
          const edges = [...byContent.keys()].sort(ascending).map((content) => {
            const rests = [...new Set(byContent.get(content))].sort(ascending)
            const key = rests.join()
            let to = next.get(key)
            if (to === undefined) {
              to = nextSets.push(rests) - 1
              next.set(key, to)
            }
            return { content, to }
          })
          return { edges }
        }),
      )
      if (edgeCount > MOST_EDGES) return TOO_LARGE
      sets = nextSets
    }
    return { levels }
  }

  /** What boxes look like from each unit on, equal ones numbered once a level. */
  #tails(units: readonly number[]) {
    const levels: { contents: readonly number[]; rest: number }[][] = []
    let rests = this.#boxes.map(() => 0)
    for (const unit of units.toReversed()) {
      const numbers = new Map<string, number>()
      const tails: { contents: readonly number[]; rest: number }[] = []
      const below = rests
      rests = this.#boxes.map(({ choices }, i) => {
        const contents = choices.get(unit) ?? [this.#given(unit)]
        const rest = ensure(below[i], 'each box has a tail')
        const key = `${contents.join()};${rest}`
        let number = numbers.get(key)
        if (number === undefined) {
          number = tails.push({ contents, rest }) - 1
          numbers.set(key, number)
        }
        return number
      })
      levels.push(tails)
    }
    return { levels: levels.reverse(), starts: [...new Set(rests)].sort(ascending) }
  }
}
