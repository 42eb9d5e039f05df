/**
 * A debugger for tests of the state: after each step thread main computes for TICKS instructions, each a statement, at
 * line 100 × step + tick. Its variable `i` is that line, `a` has 250 elements, `log` points to persistent memory.
 */

import type { Place, ValueView } from '../protocol/debug.ts'
import type { DebugAnswers, DebugQuestion } from '../protocol/messages.ts'

const TICKS = 3

const lineAt = ({ step, tick }: Place): number => 100 * step + tick

function next({ step, tick }: Place, direction: 'forward' | 'back', steps: number): Place | null {
  const all = step * (TICKS + 1) + tick + (direction === 'forward' ? 1 : -1)
  if (all < 0 || all >= steps * (TICKS + 1)) return null
  return { step: Math.floor(all / (TICKS + 1)), tick: all % (TICKS + 1) }
}

const value = (name: string, text: string, parts = 0): ValueView => ({ name, type: 'int', text, parts })
const elements = (from: number): readonly ValueView[] =>
  Array.from({ length: Math.max(0, Math.min(100, 250 - from)) }, (_, i) => value(`[${from + i}]`, `${from + i}`))

export function debugAnswer(q: DebugQuestion, steps: number): DebugAnswers[keyof DebugAnswers] {
  const { step, tick } = q
  switch (q.ask) {
    case 'place':
      return { step, tick, ticks: TICKS, thread: 'main', line: lineAt(q) }
    case 'instruction':
      return next(q, q.direction, steps)
    case 'statement': {
      if (q.verb !== 'continue') return next(q, q.direction, steps)
      const broken = q.breakpoints.findIndex(({ condition }) => condition === 'broken')
      if (broken >= 0) return { message: 'nothing is called “broken”', breakpoint: broken }
      for (let at = next(q, q.direction, steps); at !== null; at = next(at, q.direction, steps)) {
        const line = lineAt(at)
        const breakpoint = q.breakpoints.findIndex((each) => each.at.kind === 'line' && each.at.line === line)
        if (breakpoint >= 0) return { ...at, breakpoint }
      }
      return null
    }
    case 'locals':
      return [
        {
          thread: 0,
          name: 'main',
          calls: false,
          frames: [
            { function: 'inner', line: lineAt(q), locals: [value('i', `${lineAt(q)}`), value('a', '{…}', 250)] },
            { function: 'main', line: 7, locals: [value('outer', '1')] },
          ],
          stack: [
            { function: 'inner', file: 'program', kind: 'program', step, line: lineAt(q) },
            { function: 'qsort', file: 'libc: stdlib.h', kind: 'library', step: 0 },
            { function: 'main', file: 'program', kind: 'program', step: 0, line: 7 },
          ],
        },
        {
          thread: 1,
          name: 'other',
          calls: true,
          frames: [{ function: 'run', line: 3, locals: [value('j', '9')] }],
          stack: [],
        },
      ]
    case 'globals':
      return [value('count', `${step}`)]
    case 'value':
      return { ...value(q.name, '{…}', 250), children: elements(q.from) }
    case 'evaluate':
      return q.text === 'i + 1'
        ? { kind: 'value', value: value('i + 1', `${lineAt(q) + 1}`) }
        : { kind: 'error', message: `“${q.text}” is not known here`, column: 1 }
  }
}
