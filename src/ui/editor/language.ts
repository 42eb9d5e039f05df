/**
 * A scenario is YAML front matter, then C. The C grammar sees blanks in place of the front matter, which is coloured
 * line by line.
 */

import { cppLanguage } from '@codemirror/lang-cpp'
import { LanguageSupport } from '@codemirror/language'
import type { EditorState, Extension } from '@codemirror/state'
import { Decoration, EditorView } from '@codemirror/view'

const HEAD_LIMIT = 64 * 1024

/** Where the C begins; 0 for a text without front matter. */
function bodyStart(text: string): number {
  if (!/^---[ \t]*\r?\n/.test(text)) return 0
  const close = /\r?\n---[ \t]*(\r?\n|$)/.exec(text.slice(3))
  return close === null ? text.length : 3 + close.index + close[0].length
}

const language = cppLanguage.configure({
  wrap: (parse, input, fragments, ranges) => {
    const start = bodyStart(input.read(0, Math.min(input.length, HEAD_LIMIT)))
    return start === 0 ? parse : cppLanguage.parser.createParse(blankUntil(start, input), fragments, ranges)
  },
})

/** The same text with blanks up to `start`: positions stay what they are. */
function blankUntil(start: number, input: Input): Input {
  const blank = (from: number, text: string): string => {
    const blanks = Math.max(0, Math.min(text.length, start - from))
    return ' '.repeat(blanks) + text.slice(blanks)
  }
  return {
    length: input.length,
    lineChunks: false,
    chunk: (from) => blank(from, input.chunk(from) || input.read(from, Math.min(input.length, from + 1))),
    read: (from, to) => blank(from, input.read(from, to)),
  }
}

type Input = Parameters<typeof cppLanguage.parser.createParse>[0]

const comment = Decoration.mark({ class: 'front-comment' })
const heading = Decoration.line({ class: 'file-heading' })
const key = Decoration.mark({ class: 'front-key' })

const frontMatter = EditorView.decorations.compute(['doc'], (state: EditorState) => {
  const end = bodyStart(state.sliceDoc(0, HEAD_LIMIT))
  const ranges = []
  for (let number = 1; number <= state.doc.lines; number++) {
    const line = state.doc.line(number)
    if (line.from >= end) {
      if (line.text.startsWith('--- file:')) ranges.push(heading.range(line.from))
      continue
    }
    const name = /^\s*(?:- )?([\w.]+)(?=:)/.exec(line.text)
    if (name?.[1] !== undefined) {
      const from = line.from + name[0].length - name[1].length
      ranges.push(key.range(from, from + name[1].length))
    }
    const hash = line.text.search(/(^|\s)#/)
    if (hash >= 0) ranges.push(comment.range(line.from + hash, line.to))
  }
  return Decoration.set(ranges, true)
})

export const scenarioLanguage: Extension = [new LanguageSupport(language), frontMatter]
