/** Recordings side by side: what is in one and not, or otherwise, in another. */

import type { ComparedRow, ComparedSection, Comparison, RunFacts } from '../../protocol/compare.ts'

/** Titles of sections whose rows are shown where they are the same, too. */
const WHOLE = ['Instructions', 'Power failure here', 'End']

export function compareRuns(runs: readonly RunFacts[]): Comparison {
  const titles = new Set(runs.map(({ title }) => title))
  const sections: ComparedSection[] = [
    section(
      'Instructions',
      numbers(runs, ({ counts }) => counts),
    ),
    section('Power failure here', losses(runs)),
    section(
      'End',
      texts(runs, ({ ends }) => ends),
    ),
    section('Output', outputs(runs)),
    section(
      'Kernel log',
      lines(runs, ({ log }) => log),
    ),
    section(
      'sysfs when the program has ended',
      texts(runs, ({ attributes }) => attributes),
    ),
    section('Calls of kernel functions', functions(runs)),
  ]
  return {
    names: runs.map(({ release, title }) => (titles.size > 1 ? `${title} (${release})` : release)),
    same: runs.every(({ hash }) => hash === runs[0]?.hash),
    sections: sections.filter(({ rows, title }) => rows.length > 0 || !WHOLE.includes(title)),
  }
}

const isSame = ({ values }: ComparedRow): boolean => values.every((value) => value === values[0])

function section(title: string, rows: readonly ComparedRow[]): ComparedSection {
  const same = rows.every(isSame)
  return { title, same, rows: WHOLE.includes(title) ? rows : rows.filter((row) => !isSame(row)) }
}

type Table<V> = Readonly<Record<string, V>>

/** Every key of any of the tables, in their order. */
const keysOf = <V>(tables: readonly Table<V>[]): readonly string[] => [
  ...new Set(tables.flatMap((table) => Object.keys(table))),
]

/** Those that are 0 everywhere are left out. */
function numbers(runs: readonly RunFacts[], of: (run: RunFacts) => Table<number>): readonly ComparedRow[] {
  const tables = runs.map(of)
  return keysOf(tables)
    .map((name) => ({ name, counts: tables.map((table) => table[name] ?? 0) }))
    .filter(({ counts }) => counts.some((count) => count > 0))
    .map(({ name, counts }) => ({ name, values: counts.map(String) }))
}

const texts = (runs: readonly RunFacts[], of: (run: RunFacts) => Table<string>): readonly ComparedRow[] => {
  const tables = runs.map(of)
  return keysOf(tables).map((name) => ({ name, values: tables.map((table) => table[name] ?? '') }))
}

const functions = (runs: readonly RunFacts[]): readonly ComparedRow[] =>
  numbers(runs, ({ calls }) => calls).map(({ name, values }) => {
    const [fn = '', file = ''] = name.split(' ')
    return { name: fn, of: file, values }
  })

function losses(runs: readonly RunFacts[]): readonly ComparedRow[] {
  const bytes = (count: number | undefined): string => (count === undefined ? 'no such place' : `${count} B`)
  const ranges = numbers(runs, ({ loss }) => loss?.mayLose ?? {}).map(({ name, values }) => ({
    name: `may be lost from ${name} on`,
    values: values.map((value) => (value === '0' ? '' : `${value} B`)),
  }))
  return [
    { name: 'lost in this run', values: runs.map(({ loss }) => bytes(loss?.lostBytes)) },
    { name: 'may be lost', values: runs.map(({ loss }) => bytes(loss?.mayLoseBytes)) },
    ...ranges,
  ]
}

/** How often each line is there. */
function lines(runs: readonly RunFacts[], of: (run: RunFacts) => readonly string[]): readonly ComparedRow[] {
  const tables = runs.map((run) => {
    const table: Record<string, number> = {}
    for (const line of of(run)) table[line] = (table[line] ?? 0) + 1
    return table
  })
  return keysOf(tables).map((name) => ({
    name,
    values: tables.map((table) => {
      const count = table[name] ?? 0
      return count === 0 ? '' : count === 1 ? 'yes' : `${count} times`
    }),
  }))
}

/** Line by line; what a program prints may repeat itself, so places count. */
function outputs(runs: readonly RunFacts[]): readonly ComparedRow[] {
  const all = runs.map(({ output }) => (output === '' ? [] : output.replace(/\n$/, '').split('\n')))
  const length = Math.max(...all.map((each) => each.length))
  return Array.from({ length }, (_, at) => ({ name: `line ${at + 1}`, values: all.map((each) => each[at] ?? '') }))
}
