/** Lines with a meaning: the current one, those that called it, those whose bytes were lost; breakpoints. */

import {
  type EditorState,
  type Extension,
  RangeSet,
  StateEffect,
  StateField,
  type Transaction,
} from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, GutterMarker, gutter } from '@codemirror/view'

interface BreakpointMark {
  readonly line: number
  readonly enabled: boolean
  /** It has a condition, or a number of hits. */
  readonly conditional: boolean
}

export interface LineMarks {
  readonly current: number
  readonly callers: readonly number[]
  readonly breakpoints: readonly BreakpointMark[]
  readonly lost: readonly number[]
  /** Instructions, 1-based. */
  readonly next: readonly { readonly line: number; readonly column: number; readonly length: number }[]
}

export const showMarks = StateEffect.define<LineMarks>()

const NONE: LineMarks = { current: 0, callers: [], breakpoints: [], lost: [], next: [] }

const marks = StateField.define<LineMarks>({
  create: () => NONE,
  update(value, transaction) {
    if (transaction.docChanged) value = moved(value, transaction)
    for (const effect of transaction.effects) if (effect.is(showMarks)) value = effect.value
    return value
  },
})

/** Marks are of the text that was recorded: in an edited one lines keep theirs, single instructions do not. */
function moved(value: LineMarks, { startState, newDoc, changes }: Transaction): LineMarks {
  const to = (line: number): number =>
    line > 0 && line <= startState.doc.lines
      ? newDoc.lineAt(changes.mapPos(startState.doc.line(line).from, 1)).number
      : 0
  return { ...value, current: to(value.current), callers: value.callers.map(to), lost: value.lost.map(to), next: [] }
}

const nextInstruction = Decoration.mark({ class: 'next-instruction' })

const lineClass = {
  current: Decoration.line({ class: 'line-current', attributes: { 'aria-current': 'step' } }),
  caller: Decoration.line({ class: 'line-caller' }),
  lost: Decoration.line({ class: 'line-lost' }),
}

function decorate(state: EditorState): DecorationSet {
  const { current, callers, lost, next } = state.field(marks)
  const at = (line: number): number => state.doc.line(line).from
  const inside = (line: number): boolean => line > 0 && line <= state.doc.lines
  const ranges = [
    ...(inside(current) ? [lineClass.current.range(at(current))] : []),
    ...[...new Set(callers)]
      .filter((line) => inside(line) && line !== current)
      .map((line) => lineClass.caller.range(at(line))),
    ...[...new Set(lost)].filter(inside).map((line) => lineClass.lost.range(at(line))),
    ...next.flatMap(({ line, column, length }) => {
      if (!inside(line)) return []
      const from = at(line) + column - 1
      return from + length <= state.doc.line(line).to ? [nextInstruction.range(from, from + length)] : []
    }),
  ]
  return Decoration.set(ranges, true)
}

export const lineMarks: Extension = [marks, EditorView.decorations.compute([marks, 'doc'], decorate)]

class Breakpoint extends GutterMarker {
  private readonly sign: string
  private readonly title: string

  constructor({ enabled, conditional }: Omit<BreakpointMark, 'line'>) {
    super()
    this.sign = enabled ? (conditional ? '◆' : '●') : conditional ? '◇' : '○'
    this.title = `Breakpoint (F9)${conditional ? ', with a condition' : ''}${enabled ? '' : ', switched off'}`
  }

  override eq(other: Breakpoint): boolean {
    return other.sign === this.sign
  }

  override toDOM(): Node {
    const dot = document.createElement('span')
    dot.className = 'breakpoint'
    dot.textContent = this.sign
    dot.title = this.title
    return dot
  }
}
const spacer = new Breakpoint({ enabled: true, conditional: false })

/** A click beside a line calls `onToggle` with its number. */
export const breakpointGutter = (onToggle: (line: number) => void): Extension =>
  gutter({
    class: 'breakpoint-gutter',
    markers: (view) => {
      const lines = view.state.field(marks).breakpoints.filter(({ line }) => line <= view.state.doc.lines)
      return RangeSet.of(lines.map((mark) => new Breakpoint(mark).range(view.state.doc.line(mark.line).from)))
    },
    lineMarkerChange: (update) => update.transactions.some(({ effects }) => effects.some((one) => one.is(showMarks))),
    initialSpacer: () => spacer,
    domEventHandlers: {
      mousedown(view, block) {
        onToggle(view.state.doc.lineAt(block.from).number)
        return true
      },
    },
  })
