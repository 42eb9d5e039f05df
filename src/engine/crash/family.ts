/**
 * How many different images there are, without listing them.
 *
 * A *family* has positions 0 … size - 1 (cuts of one core's stores, or states of a race) and columns (units). Each column
 * lists its possible contents and at which positions each is possible. An image picks one of each column such that some
 * position allows them all. Where every contents is possible on one interval of positions, the common positions of an
 * image are an interval too, and an interval has one position more than it has neighbouring pairs: so count the images
 * at each position and take away those of each neighbouring pair. Other columns are tried one contents at a time.
 */

/** Contents possible at positions from … to - 1. `weight`: so many different ones. */
export interface Choice {
  readonly from: number
  readonly to: number
  readonly weight: bigint
}

export interface Column {
  readonly choices: readonly Choice[]
  /** Each contents that is possible on several intervals, as those intervals. */
  readonly scattered: readonly (readonly Choice[])[]
}

/** Sets of positions that are told apart while counting, at most. */
const MOST_SETS = 20_000

/** undefined: too many cases to count. `from`, `to`: the positions that are possible at all. */
export function countImages(columns: readonly Column[], from: number, to: number): bigint | undefined {
  // Contents only add up until the next one ends: of the positions between two ends the last allows everything.
  const ends = new Set<number>()
  for (const { choices, scattered } of columns) {
    for (const choice of choices) if (choice.to > from && choice.to < to) ends.add(choice.to)
    for (const choice of scattered.flat()) if (choice.to > from && choice.to < to) ends.add(choice.to)
  }
  const starts = [from, ...[...ends].sort((a, b) => a - b)]
  /** The stretch that a position lies in; of an end, the one after it. */
  const index = (at: number): number => {
    if (at >= to) return starts.length
    let low = 0
    for (let high = starts.length; high - low > 1; ) {
      const middle = (low + high) >> 1
      if ((starts[middle] as number) <= at) low = middle
      else high = middle
    }
    return low
  }
  const squeezed = columns.map(({ choices, scattered }) => ({
    choices: squeeze(choices, index),
    scattered: scattered.map((each) => squeeze(each, index)).filter((each) => each.length > 0),
  }))
  const plain = squeezed.filter(({ scattered }) => scattered.length === 0).map(({ choices }) => choices)
  const mixed = squeezed.filter(({ scattered }) => scattered.length > 0)
  const all = (1n << BigInt(starts.length)) - 1n
  let sets = new Map<bigint, bigint>([[all, 1n]])
  for (const { choices, scattered } of mixed) {
    const options = [
      ...choices.map((choice) => ({ mask: maskOf([choice]), weight: choice.weight })),
      ...scattered.map((each) => ({ mask: maskOf(each), weight: 1n })),
    ]
    const next = new Map<bigint, bigint>()
    for (const [set, count] of sets)
      for (const { mask, weight } of options) {
        const left = set & mask
        if (left !== 0n) next.set(left, (next.get(left) ?? 0n) + count * weight)
      }
    if (next.size > MOST_SETS) return undefined
    sets = next
  }
  if (sets.size * starts.length * Math.max(1, plain.length) > 1e9) return undefined
  let total = 0n
  for (const [set, count] of sets) total += count * countPlain(plain, positionsOf(set, starts.length))
  return total
}

function squeeze(choices: readonly Choice[], index: (at: number) => number): Choice[] {
  return choices
    .map(({ from, to, weight }) => ({ from: index(from), to: index(to), weight }))
    .filter(({ from, to }) => from < to)
}

const maskOf = (choices: readonly Choice[]): bigint =>
  choices.reduce((mask, { from, to }) => mask | (((1n << BigInt(to - from)) - 1n) << BigInt(from)), 0n)

function positionsOf(set: bigint, size: number): readonly number[] {
  const bits = set.toString(2).padStart(size, '0')
  const found: number[] = []
  for (let i = 0; i < size; i++) if (bits[size - 1 - i] === '1') found.push(i)
  return found
}

interface Change {
  readonly column: number
  born: bigint
  dead: bigint
}

/** Columns of intervals, at the given positions (ascending): what is possible at some position, each image once. */
function countPlain(columns: readonly (readonly Choice[])[], positions: readonly number[]): bigint {
  const last = positions[positions.length - 1] ?? -1
  const rank = new Int32Array(last + 2)
  for (let at = 0, r = 0; at <= last + 1; at++) {
    rank[at] = r
    if (positions[r] === at) r++
  }
  /** First of the positions at or after `at`. */
  const place = (at: number): number => (at > last ? positions.length : (rank[at] as number))
  const alive: bigint[] = []
  /** What changes on the way to each position. */
  const changes = new Map<number, Change[]>()
  const change = (at: number, column: number): Change => {
    const here = changes.get(at) ?? []
    changes.set(at, here)
    let one = here[here.length - 1]
    if (one?.column !== column) {
      one = { column, born: 0n, dead: 0n }
      here.push(one)
    }
    return one
  }
  for (const [column, choices] of columns.entries()) {
    let first = 0n
    for (const choice of choices) {
      const from = place(choice.from)
      const to = place(choice.to)
      if (from >= to) continue
      if (from === 0) first += choice.weight
      else change(from, column).born += choice.weight
      if (to < positions.length) change(to, column).dead += choice.weight
    }
    alive.push(first)
  }
  let product = alive.reduce((all, each) => all * each, 1n)
  let total = product
  for (let at = 1; at < positions.length; at++) {
    const here = changes.get(at)
    if (here === undefined) continue
    // Alive here, and alive both here and at the position before.
    let both = product
    for (const { column, born, dead } of here) {
      const before = alive[column] as bigint
      const after = before - dead + born
      alive[column] = after
      product = before === 0n ? productOf(alive) : (product / before) * after
      both = before === 0n ? 0n : (both / before) * (before - dead)
    }
    total += product - both
  }
  return total
}

const productOf = (alive: readonly bigint[]): bigint => alive.reduce((all, each) => all * each, 1n)
