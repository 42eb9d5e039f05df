/**
 * The table of threads: `P0 | P1 ;`, then rows of instructions, cut at `|` and `;`.
 *
 * A cell may be empty, may hold labels (`L0:`), and need not stand under its column; a row may lack cells at its end.
 */

import { after } from '../cursor.ts'
import { atMost, checkThreadNumbers, LIMITS } from '../limits.ts'
import { type Problems, quoted } from '../problems.ts'
import type { Token, Word } from '../tokens.ts'

interface Column {
  readonly thread: number
  readonly cells: readonly (readonly Token[])[]
}

/** The columns in the order of their threads. */
export function tableOf(tokens: readonly Token[], end: Word, problems: Problems): readonly Column[] {
  const rows = splitAt(tokens, ';').filter((row) => row.length > 0)
  const [head, ...body] = rows
  if (head === undefined) {
    problems.at(end, 'there is no thread', 'a table such as `P0 | P1 ;` and its rows, each ended by `;`')
    return []
  }
  const heads = splitAt(head, '|').map(([word, more]): Word | undefined => {
    const number = /^P(\d{1,9})$/i.exec(word?.text ?? '')?.[1]
    const wrong = number === undefined ? word : more
    if (word === undefined || wrong !== undefined) {
      const found = wrong === undefined ? 'nothing' : quoted(wrong.text)
      return problems.at(wrong ?? after(head, end), `expected a thread such as \`P0\`, found ${found}`)
    }
    return { text: number ?? '', line: word.line, column: word.column + 1 }
  })
  const numbers = heads.filter((word) => word !== undefined)
  if (numbers.length < heads.length) return []
  checkThreadNumbers(problems, numbers)
  atMost(problems, 'threads', numbers.length, numbers[LIMITS.threads] ?? end)

  const cells: (readonly Token[])[][] = numbers.map(() => [])
  for (const row of body) {
    const parts = splitAt(row, '|')
    const broken = parts.map(lineBreakIn).find((word) => word !== undefined)
    const extra = parts[numbers.length]
    if (broken !== undefined) {
      problems.at(
        broken,
        'expected `;` at the end of the row',
        'every row ends with `;`, its cells are separated by `|`',
      )
    } else if (extra !== undefined) {
      const there = numbers.length === 1 ? 'there is one thread' : `there are ${numbers.length} threads`
      problems.at(extra[0] ?? after(row, end), `the row has ${parts.length} cells, but ${there}`)
    } else for (const [i, part] of parts.entries()) cells[i]?.push(part)
  }
  return numbers
    .map((word, i) => ({ thread: Number(word.text), cells: cells[i] ?? [] }))
    .sort((a, b) => a.thread - b.thread)
}

function splitAt(tokens: readonly Token[], sign: string): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]]
  for (const token of tokens) {
    if (token.text === sign) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts
}

/** The last word of the first line of a cell that goes on behind it, labels on lines of their own aside. */
function lineBreakIn(cell: readonly Token[]): Word | undefined {
  return cell.find((word, i) => {
    const next = cell[i + 1]
    return next !== undefined && next.line > word.line && word.text !== ':'
  })
}
