/** What `litmus` prints for people: a block a test, and a line for all of them. */

import type { Quantifier } from '../engine/litmus/test.ts'
import { nameOf } from './command.ts'
import { type DecidedTest, imagesOf } from './decided-test.ts'

/** Rows of outcomes; `--json` has all. */
const MOST_ROWS = 64

const QUESTION: Readonly<Record<DecidedTest['test']['when'], string>> = {
  crash: 'power failure at any instant',
  'end-crash': 'power failure behind the last instruction',
  eadr: 'power failure at any instant, caches survive',
  final: 'at the end',
}

export function litmusBlock(decided: DecidedTest): string {
  const { decision, expected, expectedImages, file, model, test } = decided
  const { outcomes, states, verdict } = decision
  const images = imagesOf(decision)
  const agrees =
    expected === undefined ? 'nothing expected' : verdict === expected ? 'as expected' : `expected ${expected}`
  const counted = images === undefined ? '' : `, ${count(images, 'image')}`
  const wrongCount =
    images !== undefined && expectedImages !== undefined && images !== BigInt(expectedImages)
      ? ` (expected ${expectedImages})`
      : ''
  const shown = outcomes.slice(0, MOST_ROWS)
  const names = shown[0]?.values.map(({ name }) => name) ?? []
  const rows = shown.map(({ values, satisfies }) => [satisfies ? '*' : '', ...values.map(({ value }) => String(value))])
  const more = outcomes.length - shown.length
  return [
    `${test.name}: ${verdict}, ${agrees}${decided.standing === 'wrong' ? '  WRONG' : ''}`,
    `  ${nameOf(file)}; ${count(states, 'state')}${counted}${wrongCount}; unit ${model.unit}, movnt ${model.movnt}, cas ${model.cas}`,
    `  ${QUESTION[test.when]}: ${test.condition}`,
    ...table([['', ...names], ...rows]),
    ...(more > 0 || decision.outcomesCut ? [`    and ${decision.outcomesCut ? 'many' : more} more`] : []),
    ...(shown.some(({ satisfies }) => satisfies) ? [`  * ${MARK[test.quantifier]}`] : []),
    ...(decision.because === undefined ? [] : [`  undecided: ${decision.because}`]),
    ...(decision.complete ? [] : ['  the search was cut off: there may be more outcomes']),
    '',
  ].join('\n')
}

const MARK: Readonly<Record<Quantifier, string>> = {
  exists: 'satisfies the condition',
  '~exists': 'satisfies the condition, which is said to be impossible',
  forall: 'satisfies the condition, as every outcome is said to',
}

const count = (n: number | bigint, noun: string): string => `${n} ${noun}${BigInt(n) === 1n ? '' : 's'}`

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0))
  const widths = rows[0]?.map((_, column) => width(column)) ?? []
  return rows.map((row) => `    ${row.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  ')}`.trimEnd())
}

export function litmusSummary(decided: readonly DecidedTest[], unreadable: number): string {
  const standing = (which: DecidedTest['standing']): number => decided.filter((one) => one.standing === which).length
  const parts = [
    `${standing('expected')} as expected`,
    `${standing('wrong')} wrong`,
    `${standing('undecided')} undecided`,
    `${standing('open')} without an expectation`,
    ...(unreadable > 0 ? [`${unreadable} unreadable`] : []),
  ]
  return `${count(decided.length + unreadable, 'test')}: ${parts.join(', ')}\n`
}
