/** Recordings side by side, as a table for people. */

import type { ComparedRow, ComparedSection, Comparison } from '../protocol/compare.ts'

/** Longest name of a row that makes the first column wider: a line of the log stands above its values. */
const WIDEST = 64
const GAP = '  '

export function printComparison({ names, same, sections }: Comparison): string {
  const rows = sections.flatMap((each) => each.rows)
  const widths = names.map((name, i) => Math.max(name.length, ...rows.map(({ values }) => (values[i] ?? '').length)))
  const first = Math.max(...sections.map(({ title }) => title.length), ...rows.map(label).filter(fits).map(lengthOf))
  const line = (name: string, values: readonly string[]): string =>
    `${name.padEnd(first)}${values.map((value, i) => GAP + value.padStart(widths[i] ?? 0)).join('')}`.trimEnd()
  const rowLines = (row: ComparedRow): readonly string[] => {
    const name = `  ${label(row).trimStart()}`
    return fits(name) ? [line(name, row.values)] : [name, line('', row.values)]
  }
  const part = ({ title, same: equal, rows: all }: ComparedSection): readonly string[] => [
    '',
    `${title}${equal ? ': the same' : ''}`,
    ...all.flatMap(rowLines),
  ]
  const lines = [
    line('', names),
    ...(same ? ['', 'The recordings are the same, step by step.'] : []),
    ...sections.flatMap(part),
  ]
  return `${lines.join('\n')}\n`
}

const label = ({ name, of }: ComparedRow): string => `  ${name}${of === undefined ? '' : ` (${of})`}`
const fits = (text: string): boolean => text.length <= WIDEST
const lengthOf = (text: string): number => text.length
