/**
 * Beside each struct: a gutter with the cache line of every member, counted as if the struct began on one, and behind
 * the line offset, size and unused bytes.
 */

import { type EditorState, type Extension, RangeSet, StateEffect, StateField } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  EditorView,
  GutterMarker,
  gutter,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from '@codemirror/view'
import type { LanguageClient } from './language-client.ts'
import { type LineNote, lineNotes } from './member-notes.ts'

/** Idle time after the last key before the members are laid out again. */
const PAUSE_MS = 200

interface Notes {
  readonly words: DecorationSet
  readonly marks: RangeSet<GutterMarker>
}

const NONE: Notes = { words: Decoration.none, marks: RangeSet.empty }
const setNotes = StateEffect.define<readonly LineNote[]>()

const field = StateField.define<Notes>({
  create: () => NONE,
  update(notes, { docChanged, changes, effects, state }) {
    if (docChanged) notes = { words: notes.words.map(changes), marks: notes.marks.map(changes) }
    for (const effect of effects) if (effect.is(setNotes)) notes = placed(state, effect.value)
    return notes
  },
  provide: (self) => EditorView.decorations.from(self, ({ words }) => words),
})

function placed(state: EditorState, notes: readonly LineNote[]): Notes {
  const inside = notes.filter(({ line }) => line <= state.doc.lines)
  const words = inside.map((note) =>
    Decoration.widget({ widget: new Words(note.words, note.crosses), side: 1 }).range(state.doc.line(note.line).to),
  )
  const marks = inside
    .filter(({ cacheLines }) => cacheLines !== '')
    .map((note) => new CacheLine(note).range(state.doc.line(note.line).from))
  return { words: Decoration.set(words), marks: RangeSet.of(marks) }
}

class Words extends WidgetType {
  private readonly text: string
  private readonly crosses: boolean

  constructor(text: string, crosses: boolean) {
    super()
    this.text = text
    this.crosses = crosses
  }

  override eq(other: Words): boolean {
    return other.text === this.text && other.crosses === this.crosses
  }

  toDOM(): HTMLElement {
    const dom = document.createElement('span')
    dom.className = this.crosses ? 'member-note crosses' : 'member-note'
    dom.textContent = this.text
    return dom
  }
}

class CacheLine extends GutterMarker {
  private readonly note: LineNote

  constructor(note: LineNote) {
    super()
    this.note = note
  }

  override eq(other: CacheLine): boolean {
    const { cacheLines, crosses } = this.note
    return other.note.cacheLines === cacheLines && other.note.crosses === crosses
  }

  override toDOM(): HTMLElement {
    const { cacheLines, first, crosses } = this.note
    const dom = document.createElement('span')
    dom.className = ['cache-line', first % 2 === 0 ? 'even' : 'odd', ...(crosses ? ['crosses'] : [])].join(' ')
    dom.textContent = cacheLines
    const several = cacheLines.includes('–')
    dom.title = `cache line${several ? 's' : ''} ${cacheLines}${crosses ? ': a member lies in two' : ''}`
    return dom
  }
}

export function members(language: LanguageClient): Extension {
  const follow = ViewPlugin.fromClass(
    class {
      private timer: ReturnType<typeof setTimeout> | undefined
      private readonly view: EditorView

      constructor(view: EditorView) {
        this.view = view
        void this.ask()
      }

      update({ docChanged }: ViewUpdate): void {
        if (!docChanged) return
        clearTimeout(this.timer)
        this.timer = setTimeout(() => void this.ask(), PAUSE_MS)
      }

      destroy(): void {
        clearTimeout(this.timer)
      }

      private async ask(): Promise<void> {
        const { doc } = this.view.state
        const records = await language.ask<'records'>({ ask: 'records', text: doc.toString() })
        if (records === undefined || this.view.state.doc !== doc) return
        this.view.dispatch({ effects: setNotes.of(lineNotes(records)) })
      }
    },
  )
  return [
    field,
    follow,
    gutter({
      class: 'member-gutter',
      markers: (view) => view.state.field(field).marks,
    }),
  ]
}
