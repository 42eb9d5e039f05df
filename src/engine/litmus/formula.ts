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

/** A location has a value, or has any other. */
export interface Literal {
  readonly location: number
  readonly value: bigint
  readonly is: boolean
}

/** Alternatives, each a list of literals that must all hold: after a power failure there are no registers to ask. */
export function alternatives(formula: Formula, holds = true): readonly (readonly Literal[])[] {
  switch (formula.kind) {
    case 'location':
      return [[{ location: formula.location, value: formula.value, is: holds }]]
    case 'not':
      return alternatives(formula.part, !holds)
    case 'true':
      return holds ? [[]] : []
    case 'register':
      return holds ? [] : [[]]
    case 'and':
    case 'or': {
      const parts = formula.parts.map((part) => alternatives(part, holds))
      if ((formula.kind === 'or') === holds) return parts.flat()
      return parts.reduce((all, part) => all.flatMap((left) => part.map((right) => [...left, ...right])), [[]])
    }
  }
}
