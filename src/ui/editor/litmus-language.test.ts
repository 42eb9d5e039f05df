import { highlightTree, tagHighlighter, tags } from '@lezer/highlight'
import { expect, test } from 'vitest'
import { litmusLanguage } from './litmus-language.ts'

const names = tagHighlighter([
  { tag: tags.processingInstruction, class: 'name' },
  { tag: tags.keyword, class: 'keyword' },
  { tag: tags.number, class: 'number' },
  { tag: tags.comment, class: 'comment' },
  { tag: tags.string, class: 'string' },
])

/** Each coloured stretch with its colour. */
function coloured(text: string): readonly string[] {
  const found: string[] = []
  highlightTree(litmusLanguage.parser.parse(text), names, (from, to, name) =>
    found.push(`${name} ${text.slice(from, to)}`),
  )
  return found
}

test('in our own format fields, instructions and numbers stand out, and prose is left alone', () => {
  expect(coloured('shows: a store and 2 flushes\nthread 0: store x 1; sfence # done')).toEqual([
    'name shows',
    'name thread 0',
    'keyword store',
    'number 1',
    'keyword sfence',
    'comment # done',
  ])
})

test('a register is no number, and a verdict under an option is a field', () => {
  expect(coloured('crash: exists 0:a=2\nverdict[word]: allowed')).toEqual([
    'name crash',
    'keyword exists',
    'number 2',
    'name verdict[word]',
    'keyword allowed',
  ])
})

test('herd’s format, with comments in comments', () => {
  expect(coloured('X86_64 SB\n"a title"\n(* a (* b *)\n c *)\n movq $1,(x) | clwb (x) ;')).toEqual([
    'name X86_64 ',
    'string "a title"',
    'comment (* a (* b *)',
    'comment  c *)',
    'keyword movq',
    'number $1',
    'keyword clwb',
  ])
})
