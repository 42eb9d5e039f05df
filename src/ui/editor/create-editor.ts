/** Joins CodeMirror to the state: edits go out, lines, breakpoints and problems come in. */

import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { setDiagnostics } from '@codemirror/lint'
import { Compartment, EditorState, type Extension, Transaction } from '@codemirror/state'
import { drawSelection, EditorView, keymap, lineNumbers, type ViewUpdate } from '@codemirror/view'
import { looksLikeLitmus } from '../../formats/litmus/looks-like.ts'
import type { App } from '../../state/app.ts'
import type { AppState } from '../../state/app-state.ts'
import { callerLines } from '../../state/calls.ts'
import { currentLine } from '../../state/focus.ts'
import { completion } from './completion.ts'
import { explanation } from './explanation.ts'
import { scenarioLanguage } from './language.ts'
import { languageClient } from './language-client.ts'
import { litmusLanguage } from './litmus-language.ts'
import { breakpointGutter, lineMarks, showMarks } from './marks.ts'
import { members } from './members.ts'
import { colours, look } from './theme.ts'

/** A litmus test has its threads on lines that are longer than the panel is wide. */
const languageOf = (litmus: boolean): Extension =>
  litmus ? [litmusLanguage, EditorView.lineWrapping] : scenarioLanguage

/** Returns what takes the editor away. */
export function createEditor(host: HTMLElement, app: App): () => void {
  const state = app.store.getState()
  const language = new Compartment()
  const questions = languageClient(app)
  let litmus = looksLikeLitmus(state.text)
  const view = new EditorView({
    parent: host,
    state: EditorState.create({
      doc: state.text,
      extensions: [
        breakpointGutter((line) => app.breakpoints.toggle(line)),
        lineNumbers(),
        members(questions),
        lineMarks,
        history(),
        drawSelection(),
        bracketMatching(),
        indentOnInput(),
        language.of(languageOf(litmus)),
        syntaxHighlighting(colours),
        look,
        completion(questions),
        explanation(app, questions),
        // Tab is not bound: it leaves the editor, as everywhere on the page.
        keymap.of([...defaultKeymap, ...historyKeymap]),
        EditorView.contentAttributes.of({ 'aria-label': 'Program text', tabindex: '0', spellcheck: 'false' }),
        pastedTables(app),
        EditorView.updateListener.of((update) => {
          const outside = update.transactions.some((one) => one.annotation(Transaction.remote) === true)
          if (update.docChanged && !outside) {
            app.breakpoints.follow((line) => lineAfter(update, line))
            app.recorder.edit(update.state.doc.toString())
          }
          if (update.focusChanged || update.selectionSet) {
            const line = update.state.doc.lineAt(update.state.selection.main.head).number
            app.setEditorLine(update.view.hasFocus ? line : undefined)
          }
        }),
      ],
    }),
  })

  let shown: AppState | undefined
  const show = (now: AppState): void => {
    const before = shown
    shown = now
    if (before !== undefined && now.textVersion !== before.textVersion && now.text !== view.state.doc.toString()) {
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: now.text },
        annotations: Transaction.remote.of(true),
      })
    }
    if (now.text !== before?.text && looksLikeLitmus(now.text) !== litmus) {
      litmus = !litmus
      view.dispatch({ effects: language.reconfigure(languageOf(litmus)) })
    }
    const moved = now.frame !== before?.frame || now.tick !== before?.tick || now.debug.seen !== before?.debug.seen
    if (moved || now.breakpoints !== before?.breakpoints || now.loss !== before?.loss) {
      view.dispatch({ effects: showMarks.of(marksOf(now)) })
    }
    if (now.diagnostics !== before?.diagnostics || now.summary !== before?.summary) underline(view, now)
    const line = currentLine(now)
    if (line > 0 && (before === undefined || line !== currentLine(before)) && !view.hasFocus) reveal(view, line)
    if (now.shownSource !== before?.shownSource && now.shownSource !== undefined) {
      reveal(view, now.shownSource.line)
      const at = lineStart(view, now.shownSource.line)
      view.dispatch({ selection: { anchor: at } })
      view.focus()
    }
  }
  show(state)
  const unsubscribe = app.store.subscribe(show)
  return () => {
    unsubscribe()
    app.setEditorLine(undefined)
    view.destroy()
  }
}

/** What iasl prints of a firmware table, pasted, is no program: it becomes the machine. */
const pastedTables = (app: App) =>
  EditorView.domEventHandlers({
    paste(event) {
      const text = event.clipboardData?.getData('text/plain') ?? ''
      if (!/^\[000h .*Signature : "NFIT"/m.test(text)) return false
      void app.files((files) => files.open([new File([text], 'pasted table')]))
      return true
    },
  })

function marksOf(state: AppState) {
  const { frame, loss } = state
  return {
    current: currentLine(state),
    callers: callerLines(state),
    breakpoints: state.breakpoints.flatMap(({ at, enabled, condition, hits }) =>
      at.kind === 'line' ? [{ line: at.line, enabled, conditional: (condition ?? hits) !== undefined }] : [],
    ),
    lost: frame?.failedAt === undefined ? [] : (loss?.lost.map(({ sourceLine }) => sourceLine) ?? []),
    next: nextInstructions(state),
  }
}

/** Of a litmus test, where each thread's next instruction stands. */
function nextInstructions({ summary, frame, text, recordedText }: AppState) {
  if (text !== recordedText || frame?.litmus === undefined || summary === undefined) return []
  if (frame.step < summary.programStart || frame.failedAt !== undefined) return []
  const { next } = frame.litmus
  return summary.litmus?.threads.flatMap(({ instructions }, thread) => instructions[next[thread] ?? -1] ?? []) ?? []
}

/** Warnings are about the text of the recording: an edited text has others, perhaps. */
function underline(view: EditorView, { diagnostics, summary, text, recordedText }: AppState): void {
  const { doc } = view.state
  const all = [...diagnostics, ...(text === recordedText ? (summary?.warnings ?? []) : [])]
  const marks = all.map(({ line, column, length, message, severity }) => {
    const from = Math.min(doc.length, lineStart(view, line) + column - 1)
    return { from, to: Math.min(doc.length, from + length), severity, message }
  })
  view.dispatch(setDiagnostics(view.state, marks))
}

/** Where a line of the text is after an edit; undefined: it was deleted. */
function lineAfter({ startState, changes, state }: ViewUpdate, line: number): number | undefined {
  if (line > startState.doc.lines) return line
  const { from, to } = startState.doc.line(line)
  const start = changes.mapPos(from, 1)
  if (to > from && start >= changes.mapPos(to, 1)) return undefined
  return state.doc.lineAt(start).number
}

const lineStart = (view: EditorView, line: number): number =>
  view.state.doc.line(Math.max(1, Math.min(view.state.doc.lines, line))).from

/** Lines of room above and below the line that is brought into view, pixels. */
const REVEAL_MARGIN = 50

/** Scrolls the editor alone: CodeMirror's own scrolling would move the page, too. */
function reveal(view: EditorView, line: number): void {
  view.requestMeasure({
    read: () => view.lineBlockAt(lineStart(view, line)),
    write({ top, bottom }) {
      const { scrollDOM } = view
      const above = Math.max(0, top - REVEAL_MARGIN)
      const below = bottom + REVEAL_MARGIN - scrollDOM.clientHeight
      if (scrollDOM.scrollTop > above) scrollDOM.scrollTop = above
      else if (scrollDOM.scrollTop < below) scrollDOM.scrollTop = below
    },
  })
}
