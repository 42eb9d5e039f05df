/** The editor's look, from the page's own colours and the metrics of its plain stand-in. */

import { HighlightStyle } from '@codemirror/language'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

export const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.typeName, tags.standard(tags.typeName)], color: 'var(--syntax-keyword)' },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.definition(tags.variableName))],
    color: 'var(--syntax-name)',
  },
  { tag: [tags.number, tags.string, tags.character, tags.bool, tags.null], color: 'var(--syntax-value)' },
  { tag: [tags.processingInstruction, tags.macroName], color: 'var(--syntax-name)' },
  { tag: tags.comment, color: 'var(--syntax-comment)', fontStyle: 'italic' },
])

export const look = EditorView.theme({
  '&': { height: '100%', background: 'var(--panel)', color: 'var(--ink)', fontSize: 'var(--code-size)' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: 'var(--code-line)', overflow: 'auto' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0 12px 0 0' },
  '.cm-gutters': { background: 'transparent', border: 'none', color: 'var(--muted)' },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '38px', padding: '0 12px 0 0' },
  '.breakpoint-gutter': { width: '18px', cursor: 'pointer' },
  '.breakpoint-gutter .cm-gutterElement': { textAlign: 'center' },
  '.breakpoint-gutter .cm-gutterElement:hover:empty::before': { content: '"○"', color: 'var(--muted)' },
  '.breakpoint': { color: 'var(--danger)' },
  '.line-current': { background: 'var(--accent-soft)', boxShadow: 'inset 3px 0 var(--accent)' },
  '.line-caller': { boxShadow: 'inset 3px 0 var(--line-strong)' },
  '.next-instruction': { borderBottom: '2px solid var(--accent)', fontWeight: '700' },
  '.line-lost': { background: 'var(--danger-soft)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    background: 'color-mix(in srgb, var(--accent) 26%, transparent) !important',
  },
  '.cm-matchingBracket': { outline: '1px solid var(--line-strong)', background: 'none !important' },
  '.front-key': { color: 'var(--syntax-name)' },
  '.front-comment': { color: 'var(--syntax-comment)', fontStyle: 'italic' },
  '.cm-tooltip': {
    border: '1px solid var(--line-strong)',
    borderRadius: '6px',
    background: 'var(--panel)',
    color: 'var(--ink)',
    fontFamily: 'var(--sans)',
  },
})
