/** The condition of a litmus test on one way to end, and as what it asks of each cell by itself. */

import { ensure } from '../../base/assert.ts'
import { extract } from '../explore/arithmetic.ts'
import type { Place } from '../explore/program.ts'
import type { Formula, LitmusTest } from './test.ts'

export interface Ending {
  /** By cell. */
  readonly memory: readonly bigint[]
  /** By thread; none after a power failure. */
  readonly registers?: readonly (readonly bigint[])[]
}

export const placeOf = (test: LitmusTest, location: number): Place => {
  const { cell, offset, size } = ensure(test.locations[location], 'a formula names locations of its test')
  return { cell, offset, size }
}

export const locationIn = (test: LitmusTest, location: number, memory: readonly bigint[]): bigint => {
  const place = placeOf(test, location)
  return extract(ensure(memory[place.cell], 'a location is in a cell'), place)
}

export function satisfies(test: LitmusTest, formula: Formula, ending: Ending): boolean {
  switch (formula.kind) {
    case 'location':
      return locationIn(test, formula.location, ending.memory) === formula.value
    case 'register':
      return ending.registers?.[formula.thread]?.[formula.register] === formula.value
    case 'and':
      return formula.parts.every((part) => satisfies(test, part, ending))
    case 'or':
      return formula.parts.some((part) => satisfies(test, part, ending))
    case 'not':
      return !satisfies(test, formula.part, ending)
    case 'true':
      return true
  }
}

/** What is known of a location: its value, or values that it has not. */
export interface Literal {
  readonly location: number
  readonly is: bigint | undefined
  readonly not: readonly bigint[]
}

/** What must hold together, by location. */
type Literals = ReadonlyMap<number, Literal>

/** More alternatives than these are not worth listing. */
const MOST_ALTERNATIVES = 1000

const ALWAYS: Literals = new Map()

/**
 * Alternatives, each a list of literals that must all hold: after a power failure there are no registers to ask.
 * Undefined: there are too many.
 */
export function alternatives(formula: Formula): readonly (readonly Literal[])[] | undefined {
  return expanded(formula, true)?.map((literals) => [...literals.values()])
}

function expanded(formula: Formula, holds: boolean): readonly Literals[] | undefined {
  switch (formula.kind) {
    case 'location': {
      const { location, value } = formula
      return [new Map([[location, { location, is: holds ? value : undefined, not: holds ? [] : [value] }]])]
    }
    case 'not':
      return expanded(formula.part, !holds)
    case 'true':
      return holds ? [ALWAYS] : []
    case 'register':
      return holds ? [] : [ALWAYS]
    case 'and':
    case 'or': {
      const any = (formula.kind === 'or') === holds
      let all: readonly Literals[] = any ? [] : [ALWAYS]
      for (const part of formula.parts) {
        const more = expanded(part, holds)
        if (more === undefined) return undefined
        const next = any ? [...all, ...more] : all.flatMap((left) => more.flatMap((right) => both(left, right)))
        all = distinct(next)
        if (all.length > MOST_ALTERNATIVES) return undefined
      }
      return all
    }
  }
}

/** Both lists of literals; nothing if they contradict each other. */
function both(a: Literals, b: Literals): readonly Literals[] {
  const joined = new Map(a)
  for (const [location, { is, not }] of b) {
    const known = a.get(location)
    if (known === undefined) {
      joined.set(location, { location, is, not })
      continue
    }
    const value = known.is ?? is
    const excluded = [...new Set([...known.not, ...not])].sort()
    const contradicts = (is !== undefined && value !== is) || (value !== undefined && excluded.includes(value))
    if (contradicts) return []
    joined.set(location, { location, is: value, not: value === undefined ? excluded : [] })
  }
  return [joined]
}

function distinct(all: readonly Literals[]): readonly Literals[] {
  const keyOf = (literals: Literals): string =>
    [...literals.values()]
      .sort((a, b) => a.location - b.location)
      .map(({ location, is, not }) => `${location}${is === undefined ? `!${not}` : `=${is}`}`)
      .join(' ')
  return [...new Map(all.map((literals) => [keyOf(literals), literals])).values()]
}

/** What a formula says when some locations are known; undefined: that depends on the others. */
export function partly(formula: Formula, known: (location: number) => bigint | undefined): boolean | undefined {
  switch (formula.kind) {
    case 'location': {
      const value = known(formula.location)
      return value === undefined ? undefined : value === formula.value
    }
    case 'register':
      return false
    case 'true':
      return true
    case 'not': {
      const part = partly(formula.part, known)
      return part === undefined ? undefined : !part
    }
    case 'and':
    case 'or': {
      const decides = formula.kind === 'or'
      let open = false
      for (const each of formula.parts) {
        const part = partly(each, known)
        if (part === decides) return decides
        if (part === undefined) open = true
      }
      return open ? undefined : !decides
    }
  }
}
