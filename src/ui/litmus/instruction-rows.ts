/** The instructions of a thread as rows: one for each that the text shows, and how far it has come. */

import type { LitmusView } from '../../protocol/litmus.ts'

type Instruction = LitmusView['threads'][number]['instructions'][number]

/** `now`: the step on the screen issued it. */
export type Progress = 'issued' | 'now' | 'next' | 'ahead'

export interface InstructionRow {
  readonly text: string
  /** Positions among the thread's instructions: several where one of the text does several things. */
  readonly at: readonly number[]
  /** Steps that issued it, in order. */
  readonly issued: readonly number[]
}

export function rowsOf(instructions: readonly Instruction[]): readonly InstructionRow[] {
  const rows: { text: string; at: number[]; issued: number[]; place: string }[] = []
  instructions.forEach(({ text, line, column, issued }, index) => {
    const place = `${line}:${column}`
    const last = rows.at(-1)
    if (last?.place === place) {
      last.at.push(index)
      last.issued = [...new Set([...last.issued, ...issued])].sort((a, b) => a - b)
    } else rows.push({ text, at: [index], issued: [...issued], place })
  })
  return rows
}

/** `next`: the position of the instruction that the thread issues next. */
export function progressOf({ at, issued }: InstructionRow, next: number, step: number): Progress {
  if (issued.includes(step)) return 'now'
  if (at.includes(next)) return 'next'
  return issued.some((each) => each < step) ? 'issued' : 'ahead'
}
