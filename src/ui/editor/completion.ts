/**
 * Completion: while a word is written, or with Ctrl Space, a list of what may stand here. ↑ ↓ choose, Enter or Tab
 * takes, Esc closes. The keyboard's focus stays in the text; the list is named to screen readers as its popup.
 */

import { type Extension, Prec, StateEffect, StateField, type TransactionSpec } from '@codemirror/state'
import { EditorView, keymap, showTooltip, type Tooltip, ViewPlugin, type ViewUpdate } from '@codemirror/view'
import type { Completion, Completions } from '../../protocol/language.ts'
import type { LanguageClient } from './language-client.ts'

interface Open extends Completions {
  readonly selected: number
}

const show = StateEffect.define<Completions | undefined>()
const select = StateEffect.define<number>()

const field = StateField.define<Open | undefined>({
  create: () => undefined,
  update(open, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(show)) open = effect.value === undefined ? undefined : { ...effect.value, selected: 0 }
      else if (effect.is(select) && open !== undefined) open = { ...open, selected: effect.value }
    }
    if (open === undefined || transaction.docChanged) return open
    const { head, empty } = transaction.state.selection.main
    return empty && head >= open.from && transaction.selection === undefined ? open : undefined
  },
  provide: (self) => [
    showTooltip.compute([self], (state) => {
      const open = state.field(self)
      return open === undefined ? null : tooltip(open)
    }),
    EditorView.contentAttributes.compute([self], (state): Record<string, string> => {
      const open = state.field(self)
      const popup = { 'aria-autocomplete': 'list', 'aria-haspopup': 'listbox' }
      if (open === undefined) return popup
      return { ...popup, 'aria-controls': LIST, 'aria-activedescendant': optionId(open.selected) }
    }),
  ],
})

const LIST = 'completions'
const optionId = (index: number): string => `${LIST}-${index}`

const tooltip = (open: Open): Tooltip => ({
  pos: open.from,
  create(view) {
    const dom = document.createElement('div')
    dom.className = 'completions'
    const list = document.createElement('ul')
    list.id = LIST
    list.setAttribute('role', 'listbox')
    list.setAttribute('aria-label', 'Completions')
    open.items.forEach((item, index) => {
      list.append(optionOf(view, item, index, index === open.selected))
    })
    const info = document.createElement('div')
    info.className = 'completion-info'
    const { detail = '', info: words = '' } = open.items[open.selected] ?? {}
    const code = document.createElement('code')
    code.textContent = detail
    info.append(code, document.createTextNode(words))
    dom.append(list, info)
    return { dom, mount: () => list.children[open.selected]?.scrollIntoView({ block: 'nearest' }) }
  },
})

function optionOf(view: EditorView, { label, kind }: Completion, index: number, selected: boolean): HTMLElement {
  const option = document.createElement('li')
  option.id = optionId(index)
  option.setAttribute('role', 'option')
  option.setAttribute('aria-selected', String(selected))
  const name = document.createElement('span')
  name.textContent = label
  const sort = document.createElement('span')
  sort.className = 'completion-kind'
  sort.textContent = kind
  option.append(name, sort)
  option.addEventListener('mousedown', (event) => {
    // The text keeps the focus.
    event.preventDefault()
    take(view, index)
  })
  return option
}

function take(view: EditorView, index: number): boolean {
  const open = view.state.field(field)
  const item = open?.items[index]
  if (open === undefined || item === undefined) return false
  const { head } = view.state.selection.main
  const insert = item.insert ?? item.label
  if (view.state.sliceDoc(open.from, head) === insert) return close(view) && false
  view.dispatch({
    changes: { from: open.from, to: head, insert },
    selection: { anchor: open.from + insert.length },
    effects: show.of(undefined),
    userEvent: 'input.complete',
    scrollIntoView: true,
  })
  return true
}

function close(view: EditorView): boolean {
  if (view.state.field(field) === undefined) return false
  view.dispatch({ effects: show.of(undefined) })
  return true
}

function move(view: EditorView, by: number): boolean {
  const open = view.state.field(field)
  if (open === undefined) return false
  const { length } = open.items
  const effect: TransactionSpec = { effects: select.of((open.selected + by + length) % length) }
  view.dispatch(effect)
  return true
}

/** Letters after which the list comes by itself: a word of two, a member's place, a key or an option. */
const INVITES = /(?:\w{2}|->|\w\.|^\s*(?:- )?\w|--|[a-z]+: \w)$/

export function completion(language: LanguageClient): Extension {
  let turn = 0
  const ask = async (view: EditorView, explicit: boolean): Promise<void> => {
    const mine = ++turn
    const { doc, selection } = view.state
    const { head } = selection.main
    const before =
      view.state
        .sliceDoc(Math.max(0, head - 80), head)
        .split('\n')
        .at(-1) ?? ''
    if (!explicit && !INVITES.test(before)) return void close(view)
    const found = await language.ask<'complete'>({ ask: 'complete', text: doc.toString(), at: head })
    if (mine !== turn || view.state.doc !== doc || view.state.selection.main.head !== head) return
    const items = found?.items ?? []
    const written = found ? view.state.sliceDoc(found.from, head) : ''
    const finished = items.length === 1 && (items[0]?.insert ?? items[0]?.label) === written
    const none = items.length === 0 || (finished && !explicit)
    view.dispatch({ effects: show.of(none ? undefined : (found ?? undefined)) })
  }
  const follow = ViewPlugin.fromClass(
    class {
      update({ docChanged, transactions, view }: ViewUpdate): void {
        if (!docChanged) return
        const typed = transactions.some((one) => one.isUserEvent('input.type'))
        const erased = transactions.some((one) => one.isUserEvent('delete'))
        const isOpen = view.state.field(field) !== undefined
        // A view must not be changed while it is being updated.
        if (typed || (erased && isOpen)) queueMicrotask(() => void ask(view, false))
        else if (isOpen) queueMicrotask(() => close(view))
      }
    },
  )
  const begin = (view: EditorView): boolean => {
    void ask(view, true)
    return true
  }
  const keys = keymap.of([
    { key: 'Ctrl-Space', run: (view) => begin(view) },
    { key: 'ArrowDown', run: (view) => move(view, 1) },
    { key: 'ArrowUp', run: (view) => move(view, -1) },
    { key: 'Enter', run: (view) => take(view, view.state.field(field)?.selected ?? 0) },
    { key: 'Tab', run: (view) => take(view, view.state.field(field)?.selected ?? 0) },
    { key: 'Escape', run: close },
  ])
  const leave = EditorView.domEventHandlers({
    blur: (_event, view) => {
      turn++
      close(view)
    },
  })
  return [field, follow, Prec.highest(keys), leave]
}
