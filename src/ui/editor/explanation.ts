/** What stands under the pointer, or at the cursor with F1: its declaration and a sentence or two. */

import { type Extension, StateEffect, StateField } from '@codemirror/state'
import {
  closeHoverTooltips,
  type EditorView,
  hasHoverTooltips,
  hoverTooltip,
  keymap,
  showTooltip,
  type Tooltip,
} from '@codemirror/view'
import type { Explanation } from '../../protocol/language.ts'
import type { App } from '../../state/app.ts'
import type { LanguageClient } from './language-client.ts'

const show = StateEffect.define<Explanation | undefined>()

const field = StateField.define<Explanation | undefined>({
  create: () => undefined,
  update(shown, transaction) {
    if (transaction.docChanged || transaction.selection !== undefined) shown = undefined
    for (const effect of transaction.effects) if (effect.is(show)) shown = effect.value
    return shown
  },
  provide: (self) =>
    showTooltip.compute([self], (state) => {
      const shown = state.field(self)
      return shown === undefined ? null : tooltip(shown)
    }),
})

const tooltip = ({ from, to, title, info }: Explanation): Tooltip => ({
  pos: from,
  end: to,
  above: true,
  create() {
    const dom = document.createElement('div')
    dom.className = 'explanation'
    const code = document.createElement('code')
    code.textContent = title
    dom.append(code)
    if (info !== '') {
      const words = document.createElement('p')
      words.textContent = info
      dom.append(words)
    }
    return { dom }
  },
})

export function explanation(app: App, language: LanguageClient): Extension {
  const ask = (view: EditorView, at: number): Promise<Explanation | null | undefined> =>
    language.ask<'explain'>({ ask: 'explain', text: view.state.doc.toString(), at })
  const atCursor = async (view: EditorView): Promise<void> => {
    const { doc, selection } = view.state
    const told = await ask(view, selection.main.head)
    if (view.state.doc !== doc || !view.state.selection.eq(selection)) return
    view.dispatch({ effects: show.of(told ?? undefined) })
    app.announce(told == null ? 'Nothing is known of what stands here.' : `${told.title}. ${told.info}`)
  }
  const begin = (view: EditorView): boolean => {
    void atCursor(view)
    return true
  }
  const close = (view: EditorView): boolean => {
    if (view.state.field(field) === undefined && !hasHoverTooltips(view.state)) return false
    view.dispatch({ effects: [show.of(undefined), closeHoverTooltips] })
    return true
  }
  return [
    field,
    hoverTooltip(async (view, at) => {
      const told = await ask(view, at)
      return told == null || told.to > view.state.doc.length ? null : tooltip(told)
    }),
    keymap.of([
      { key: 'F1', run: (view) => begin(view) },
      { key: 'Escape', run: close },
    ]),
  ]
}
