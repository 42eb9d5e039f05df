/**
 * Decides a litmus test: every outcome that the model allows, and whether the question is answered by one of them.
 *
 * An outcome that was found stays found when a budget ends the search, so `allowed` needs no complete search and
 * `forbidden` does.
 */

import { ensure } from '../../base/assert.ts'
import type { ImageSet } from '../crash/image-set.ts'
import { extract } from '../explore/arithmetic.ts'
import type { Cut } from '../explore/effort.ts'
import type { Exploration } from '../explore/exploration.ts'
import { explore, type SearchOptions } from '../explore/search.ts'
import type { Witness } from '../explore/witness.ts'
import { alternatives, type Ending, type Literal, locationIn, partly, placeOf, satisfies } from './formula.ts'
import type { Formula, LitmusTest, Verdict } from './test.ts'

interface NamedValue {
  readonly name: string
  readonly value: bigint
}

interface Outcome {
  /** Locations by name, registers as `0:r`; those that begin with a dot are hidden. */
  readonly values: readonly NamedValue[]
  /** The formula as written holds. */
  readonly satisfies: boolean
}

export interface Decision {
  readonly verdict: Verdict | 'undecided'
  /** Distinct states of the search. */
  readonly states: number
  readonly complete: boolean
  /** What it would take to decide an undecided test, in words. */
  readonly because?: string
  /** Distinct post-crash images; undefined when the question is about the end without a power failure. */
  readonly images: bigint | undefined
  readonly outcomes: readonly Outcome[]
  /** There are more outcomes than are listed. */
  readonly outcomesCut: boolean
  /** How outcome `index` comes about; the decision must have been asked for witnesses. */
  readonly witness: (index: number) => Witness
}

const MAX_OUTCOMES = 10_000

interface Reached {
  readonly ending: Ending
  readonly witness: () => Witness
}

export function decide(test: LitmusTest, options: SearchOptions): Decision {
  const exploration = explore(test.program, options)
  const counterexample = test.quantifier === 'forall'
  const wanted: Formula = counterexample ? { kind: 'not', part: test.formula } : test.formula
  const { reached, first, images, cut, unknown } = endings(test, wanted, exploration)
  const sure = exploration.complete && !unknown
  const outcomes = listed(test, first === undefined ? reached : [first, ...reached])
  return {
    verdict: first !== undefined ? 'allowed' : sure ? 'forbidden' : 'undecided',
    states: exploration.states,
    complete: exploration.complete,
    ...(first !== undefined || sure ? {} : { because: because(exploration.cut) }),
    images,
    outcomes: outcomes.map(({ outcome }) => outcome),
    outcomesCut: cut,
    witness: (index) => ensure(outcomes[index], 'an outcome that was listed').witness(),
  }
}

/** Why a test is undecided; without a cut it is the condition. */
function because(cut: Cut | undefined): string {
  switch (cut?.by) {
    case 'states':
      return 'there are more states than the search may hold'
    case 'stop':
      return 'the search was ended from outside'
    case 'memory':
      return `what its threads and memory may be like took more than ${cut.bytes >> 20} MB: does a loop never end?`
    case 'window':
      return `a thread had ${cut.entries} instructions waiting at once: does a loop never end?`
    case 'history':
      return `${cut.contents} contents of one line could be on media at once: does a loop never end?`
    case 'images':
      return 'there are too many images to be counted'
    case undefined:
      return 'the condition is too long for so many images'
  }
}

interface Endings {
  readonly reached: readonly Reached[]
  /** One that answers the question with yes. */
  readonly first: Reached | undefined
  readonly images: bigint | undefined
  readonly cut: boolean
  /** The condition is too long to be decided for all images. */
  readonly unknown: boolean
}

function endings(test: LitmusTest, wanted: Formula, exploration: Exploration): Endings {
  switch (test.when) {
    case 'crash':
      return imageEndings(test, wanted, exploration, exploration.crashImages)
    case 'end-crash':
      return imageEndings(test, wanted, exploration, exploration.endImages)
    case 'eadr':
      return stateEndings(test, wanted, exploration, exploration.memories())
    case 'final':
      return stateEndings(test, wanted, exploration, exploration.finals())
  }
}

function imageEndings(test: LitmusTest, wanted: Formula, exploration: Exploration, images: ImageSet): Endings {
  const reached = (image: readonly number[], from?: number): Reached => {
    const unit = (each: number): number => ensure(image[each], 'an image has every unit')
    return {
      ending: { memory: exploration.cellsOf(unit) },
      witness: () => {
        const origin = from ?? images.find((each, content) => unit(each) === content)?.origin
        const state = ensure(origin, 'an image is in its set')
        return test.when === 'crash' ? exploration.crashWitness(state, unit) : exploration.endWitness(state, unit)
      },
    }
  }
  const count = images.count()
  const found = answer(test, wanted, exploration, images)
  return {
    reached: images.enumerate(MAX_OUTCOMES).map((image) => reached(image)),
    first: found === undefined || found === 'unknown' ? undefined : reached(found.image, found.origin),
    unknown: found === 'unknown',
    images: count,
    cut: count > BigInt(MAX_OUTCOMES),
  }
}

interface Answer {
  readonly image: readonly number[]
  readonly origin?: number
}

/** An image that the formula fits, found without listing: a condition on cells asks each unit by itself. */
function answer(
  test: LitmusTest,
  wanted: Formula,
  exploration: Exploration,
  images: ImageSet,
): Answer | undefined | 'unknown' {
  const ways = alternatives(wanted)
  if (ways === undefined) return unitByUnit(test, wanted, exploration, images)
  for (const literals of ways) {
    const fitting = (unit: number, content: number): boolean =>
      exploration
        .cellsIn(unit, content)
        .every(({ cell, value }) => literals.every((each) => allows(test, each, cell, value)))
    const known = new Map<string, boolean>()
    const found = images.find((unit, content) => {
      const key = `${unit} ${content}`
      const fits = known.get(key) ?? fitting(unit, content)
      known.set(key, fits)
      return fits
    })
    if (found !== undefined) return found
  }
  return undefined
}

/** Looks at beginnings of images before a search for a condition with too many alternatives gives up. */
const MOST_BEGINNINGS = 200_000

/** The same for a long condition: an image is given up as soon as the units it has so far contradict it. */
function unitByUnit(
  test: LitmusTest,
  wanted: Formula,
  exploration: Exploration,
  images: ImageSet,
): Answer | undefined | 'unknown' {
  const { units } = images
  const hopeless = (image: readonly number[]): boolean => {
    const cells = new Map<number, bigint>()
    for (const [i, content] of image.entries()) {
      const unit = ensure(units[i], 'an image has no more units than its set')
      for (const { cell, value } of exploration.cellsIn(unit, content)) cells.set(cell, value)
    }
    const valueAt = (location: number): bigint | undefined => {
      const place = placeOf(test, location)
      const contents = cells.get(place.cell)
      return contents === undefined ? undefined : extract(contents, place)
    }
    return partly(wanted, valueAt) === false
  }
  const image = images.search(hopeless, MOST_BEGINNINGS)
  return image === undefined || image === 'unknown' ? image : { image }
}

function allows(test: LitmusTest, { location, is, not }: Literal, cell: number, contents: bigint): boolean {
  const place = placeOf(test, location)
  if (place.cell !== cell) return true
  const value = extract(contents, place)
  return is === undefined ? !not.includes(value) : value === is
}

function stateEndings(
  test: LitmusTest,
  wanted: Formula,
  exploration: Exploration,
  found: Iterable<Ending & { readonly state: number }>,
): Endings {
  const reached: Reached[] = []
  let first: Reached | undefined
  let count = 0
  for (const ending of found) {
    count += 1
    const each = { ending, witness: () => ({ transitions: exploration.pathTo(ending.state) }) }
    if (count <= MAX_OUTCOMES) reached.push(each)
    if (first === undefined && satisfies(test, wanted, ending)) first = each
  }
  return {
    reached,
    first,
    images: test.when === 'eadr' ? BigInt(count) : undefined,
    cut: count > MAX_OUTCOMES,
    unknown: false,
  }
}

/** Endings that differ only in hidden registers are one outcome. Ascending by value, in the order of the names. */
function listed(test: LitmusTest, reached: readonly Reached[]) {
  const byValues = new Map<string, { outcome: Outcome; witness: () => Witness }>()
  for (const { ending, witness } of reached) {
    const values = namedValues(test, ending)
    const key = values.map(({ value }) => value).join()
    if (byValues.has(key)) continue
    byValues.set(key, { outcome: { values, satisfies: satisfies(test, test.formula, ending) }, witness })
  }
  return [...byValues.values()].sort((a, b) => compared(a.outcome, b.outcome))
}

function compared(a: Outcome, b: Outcome): number {
  for (const [i, { value }] of a.values.entries()) {
    const other = ensure(b.values[i], 'outcomes of a test have the same names').value
    if (value !== other) return value < other ? -1 : 1
  }
  return 0
}

function namedValues(test: LitmusTest, { memory, registers }: Ending): readonly NamedValue[] {
  const locations = test.locations.map(({ name }, i) => ({ name, value: locationIn(test, i, memory) }))
  const named = (registers ?? []).flatMap((thread, t) =>
    thread.map((value, r) => ({ thread: t, name: ensure(test.registers[t]?.[r], 'each register has a name'), value })),
  )
  const shown = named.filter(({ name }) => !name.startsWith('.'))
  return [...locations, ...shown.map(({ thread, name, value }) => ({ name: `${thread}:${name}`, value }))]
}
