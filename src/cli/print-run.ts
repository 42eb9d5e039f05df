/** The report of `run` for people. */

import { address } from '../base/bytes.ts'
import { largeNumber } from '../base/large-number.ts'
import type { RunReport } from '../engine/inspect/report.ts'

export function printRun(report: RunReport): string {
  const { release, steps, programStart, problem } = report
  const parts = [
    `${release}: ${steps} steps, the program begins at ${programStart}; hash ${report.hash}\n`,
    section(
      'dmesg',
      report.dmesg.filter(({ level }) => level !== 'debug').map(({ step, text }) => `[${step}] ${text}`),
    ),
    section('output of the setup', linesOf(report.setupOutput)),
    section('output', linesOf(report.stdout)),
    section('error output', linesOf(report.stderr)),
    section(
      'exit',
      Object.entries(report.exit).map(([thread, code]) => `${thread}: ${code}`),
    ),
    section('counts', [countsLine(report.counts)]),
    ...(problem === undefined ? [] : [section('stopped', [`${problem.message}${atLine(problem.line)}`])]),
    crashSection(report),
  ]
  return parts.filter((part) => part !== '').join('')
}

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

function section(title: string, lines: readonly string[]): string {
  const shown = lines.filter((line) => line !== '')
  return shown.length === 0 ? '' : `\n${title}\n${shown.map((line) => `  ${line}\n`).join('')}`
}

function countsLine(counts: RunReport['counts']): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0)
  return some.length === 0 ? 'nothing' : some.map(([name, count]) => `${name} ${count}`).join(', ')
}

const atLine = (line: number): string => (line === 0 ? '' : ` (line ${line})`)

const placeOf = (range: {
  readonly spa: number | null
  readonly file: string | null
  readonly offset: number | null
  readonly block: number | null
}): string => {
  if (range.file !== null) return `${range.file}+${range.offset ?? 0}`
  return range.block === null ? address(range.spa ?? 0) : `metadata, block ${range.block}`
}

const inWords = ({ unit, movnt, cas }: RunReport['model']): string =>
  `${unit} snapshots; movnt durable ${movnt === 'visible' ? 'when visible' : 'at the next fence'}; ` +
  (cas === 'sdm' ? 'a failed compare-and-swap fences' : 'a failed compare-and-swap is a plain read')

function crashSection({ crash, model }: RunReport): string {
  if (crash === null) return ''
  const range = (lost: (typeof crash.lost)[number]): string => {
    const { length, where, line } = lost
    return `${placeOf(lost)}: ${length} bytes, was in ${where}${atLine(line)}`
  }
  return section(`power failure at step ${crash.step}`, [
    `lost in this run: ${crash.lostBytes} bytes`,
    ...crash.lost.map((lost) => `  ${range(lost)}`),
    `may be lost: ${crash.mayLoseBytes} bytes (${inWords(model)})`,
    ...crash.mayLose.map((may) => `  ${placeOf(may)}: ${may.length} bytes`),
    `possible images: ${crash.images === undefined ? 'undecided, there are too many cases' : largeNumber(crash.images)}`,
  ])
}
