import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { runs } from '../../../test/runs.ts'
import type { YamlNode } from './node.ts'
import { parseYaml } from './read.ts'

const MINUTES = 10 * 60_000

const read = (text: string) => parseYaml(text, 0, text)

/** The value that a tree stands for. */
function plain(node: YamlNode | undefined): unknown {
  switch (node?.kind) {
    case undefined:
      return null
    case 'scalar':
      return node.value
    case 'seq':
      return node.items.map(plain)
    case 'map':
      return Object.fromEntries(node.items.map(({ key, value }) => [String(key.value), plain(value)]))
  }
}

/** What the whole library makes of the text; undefined when it refuses. */
function library(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: parse(text, { logLevel: 'error', version: '1.2' }) }
  } catch {
    return undefined
  }
}

/** Accepted here: there too, and it means the same. Broken here: there too. */
function agrees(text: string): void {
  const { root, errors, refused } = read(text)
  if (refused.length > 0 || errors.some(({ message }) => message.includes('directive'))) return
  if (errors.length > 0) expect(library(text), JSON.stringify([text, errors])).toBeUndefined()
  else expect({ text, value: plain(root) }).toEqual({ text, ...library(text) })
}

const complaints = (text: string): readonly string[] => {
  const { errors, refused } = read(text)
  return [...errors, ...refused].map(({ line, column, length, message }) => `${line}:${column}+${length} ${message}`)
}

describe('a scalar', () => {
  test.each([
    ['~', null],
    ['Null', null],
    ['TRUE', true],
    ['yes', 'yes'],
    ['-007', -7],
    ['0x1F', 31],
    ['0o17', 15],
    ['017', 17],
    ['1_000', '1_000'],
    ['.5e3', 500],
    ['1.', 1],
    ['-.inf', -Infinity],
    ['.NaN', Number.NaN],
    ['"5"', '5'],
    ["'it''s'", "it's"],
    ['"\\x41\\n"', 'A\n'],
    ['a  # b', 'a'],
    ['a#b', 'a#b'],
    ['|\n  5', '5\n'],
    ['|+\n a\n\n', 'a\n\n'],
    ['>-\n a\n b\n\n  c\n', 'a b\n\n c'],
    ['|\nat the margin', 'at the margin\n'],
  ])('%j means what YAML 1.2 says', (text, value) => {
    expect(complaints(text)).toEqual([])
    expect(plain(read(text).root)).toEqual(value)
    expect(library(text)).toEqual({ value })
  })
})

describe('what is no YAML is told with its place', () => {
  test.each([
    ['a: [1, 2', ['1:4+1 the `[` that begins here does not end']],
    ['a: [1}', ['1:6+1 expected `]`, found `}`']],
    ['a: [1,,2]', ['1:7+1 a `,` with nothing before it']],
    ['a: [,1]', ['1:5+1 a `,` with nothing before it']],
    ['a: [1\n  # c\n  , , ]', ['3:5+1 a `,` with nothing before it']],
    ['a: {"b" 1}', ['1:9+1 expected `,` or `:` before this item']],
    ['a: [b: c: d]', ['1:8+1 a block cannot stand between brackets']],
    ['a: ["b"\n  : c]', ['1:5+1 a key and its `:` must stand on one line']],
    ['a:\n  b: 1\n c: 2', ['3:2+1 this key is not in line with the keys before it']],
    ['a: |\n  y\n z', ['3:2+1 this key is not in line with the keys before it']],
    ['a: 1\nb', ['2:1+1 expected `:` and a value after this key']],
    ['a:1\nb: 2', ['1:1+3 expected `key: value` here']],
    [`${'k'.repeat(1025)}: 1`, ['1:1+1025 a key has at most 1024 characters before its colon']],
    ['a: - b: 1', ['1:4+1 a list cannot begin on the line of its key']],
    ['- - a\n - b', ['2:2+1 this item is not in line with the items before it']],
    ['- a: 1\n b: 2', ['2:2+1 expected `- ` before this item of a list']],
    ['a: "x" y', ['1:8+1 expected the end of the line, found `y`']],
    ['a: "x"#c', ['1:7+2 a comment needs a space before its `#`']],
    ['a: ]', ['1:4+1 `]` is not expected here']],
    ['a: "x', ['1:6+1 YAML: Missing closing "quote']],
    ['a: "\\q"', ['1:5+1 YAML: Invalid escape sequence \\q']],
    ['a: @x', ['1:4+1 YAML: Plain value cannot start with reserved character @']],
    ['--- a: 1', ['1:5+1 expected a new line after `---`']],
    ['... x', ['1:5+1 expected the end of the line, found `x`']],
    [
      'a: "\\q"\nb: [1\nc: @x',
      [
        '1:5+1 YAML: Invalid escape sequence \\q',
        '2:4+1 the `[` that begins here does not end',
        '3:4+1 YAML: Plain value cannot start with reserved character @',
      ],
    ],
  ])('%j', (text, expected) => {
    expect(complaints(text)).toEqual(expected)
    expect(library(text)).toBeUndefined()
  })
})

/** Text of a random value in a random style; `indent` columns are in front of its lines after the first. */
type Written = (indent: number) => string

const spaces = (count: number): string => ' '.repeat(count)
const word = fc.stringMatching(/^[a-z][a-z0-9_.#:/-]{0,6}[a-z0-9]$/)
const comment = fc.constantFrom('', '', ' # why', '   # : [x')
const breakLine = fc.constantFrom('', '', '# between', '   ')

const plainScalar = fc.oneof(
  word,
  fc.constantFrom('~', 'null', '', 'true', 'False', '0', '-12', '0x1f', '0o7', '1.5', '.5e-3', '+.inf', '64M', 'v6.1'),
  fc.integer().map(String),
  fc.double().map((value) => (Number.isFinite(value) ? String(value) : '.nan')),
  fc.tuple(word, word).map((words) => words.join('  ')),
)
const quoted = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  fc.string({ unit: 'grapheme-ascii' }).map((text) => `'${text.replaceAll("'", "''")}'`),
  fc.constantFrom('"a\\\n      b"', '"a\n\n      b"', "'a\n      b'", '"\\u00e9\\x41\\_\\/"'),
)
const scalar: fc.Arbitrary<Written> = fc
  .oneof(plainScalar, quoted)
  .map((text) => (indent) => text.replaceAll('\n', `\n${spaces(indent)}`))

const block: fc.Arbitrary<Written> = fc
  .tuple(
    fc.constantFrom('|', '>', '|-', '>-', '|+', '>+', '|2', '>2-'),
    fc.array(fc.constantFrom('', 'a b', '  more', '# no comment', 'x: y', '- z', '"'), { maxLength: 5 }),
    comment,
  )
  .map(([header, lines, after]) => (indent) => {
    const first = header.includes('2') ? [] : ['a first line']
    const width = header.includes('2') ? indent : indent + 1
    return [`${header}${after}`, ...[...first, ...lines].map((line) => `${spaces(width)}${line}`)].join('\n')
  })

const { flow } = fc.letrec<{ flow: Written }>((tie) => ({
  flow: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    scalar,
    fc.tuple(fc.array(tie('flow'), { maxLength: 4 }), fc.boolean(), fc.boolean()).map(
      ([items, comma, lines]): Written =>
        (indent) => {
          const between = lines ? `, # next\n${spaces(indent)}` : ', '
          const written = items.map((item) => item(indent) || 'null')
          return `[ ${written.join(between)}${comma && items.length > 0 ? ',' : ''} ]`
        },
    ),
    fc
      .tuple(
        fc.uniqueArray(word, { maxLength: 4 }),
        fc.array(tie('flow'), { minLength: 4, maxLength: 4 }),
        fc.boolean(),
      )
      .map(
        ([keys, values, quotes]): Written =>
          (indent) => {
            const written = keys.map((key, index) => {
              const name = quotes ? `"${key}"` : key
              return `${name}: ${values[index]?.(indent) ?? ''}`
            })
            return `{ ${written.join(', ')} }`
          },
      ),
  ),
}))

const { node } = fc.letrec<{ node: Written; map: Written; seq: Written }>((tie) => ({
  node: fc.oneof({ maxDepth: 3, depthSize: 'small' }, flow, block, tie('map'), tie('seq')),
  map: fc
    .tuple(
      fc.uniqueArray(word, { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(tie('node'), comment, breakLine), { minLength: 4, maxLength: 4 }),
      fc.integer({ min: 1, max: 5 }),
    )
    .map(
      ([keys, values, step]): Written =>
        (indent) => {
          const width = indent + step
          const lines = keys.map((key, index) => {
            const [value, after, before] = values[index] ?? [() => '', '', '']
            return `${before}\n${spaces(width)}${key}: ${value(width + 1)}${after}`
          })
          return lines.join('\n')
        },
    ),
  seq: fc.tuple(fc.array(fc.tuple(tie('node'), comment, breakLine), { minLength: 1, maxLength: 4 }), fc.nat(4)).map(
    ([items, step]): Written =>
      (indent) => {
        const width = indent + step
        return items
          .map(([item, after, before]) => `${before}\n${spaces(width)}- ${item(width + 1)}${after}`)
          .join('\n')
      },
  ),
}))

const frontMatter = fc
  .tuple(fc.uniqueArray(word, { minLength: 1, maxLength: 4 }), fc.array(node, { minLength: 4, maxLength: 4 }))
  .map(([keys, values]) => keys.map((key, index) => `${key}: ${values[index]?.(1) ?? ''}\n`).join(''))

// biome-ignore format: a piece a line would be long
const PIECES = [
  '---\n', '...\n', '[', ']', '{', '}', ': ', ':', '- ', '|\n', '>-\n', '"', "'", ' #', '#',
  '\n', '\n  ', '  ', '\t', ',', 'a', 'bc', '5', '<<', '__proto__', '\r\n', '\r', '%', '@', '\\', '\u2028', '\ufeff',
]

describe('the whole library agrees', () => {
  test('about a text in any style', { timeout: MINUTES }, () => {
    let accepted = 0
    fc.assert(
      fc.property(frontMatter, (text) => {
        agrees(text)
        if (read(text).errors.length === 0) accepted++
      }),
      { numRuns: runs(1000) },
    )
    expect(accepted).toBeGreaterThan(runs(1000) / 2)
  })
  test('about a text of random pieces', { timeout: MINUTES }, () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 24 }), (pieces) => agrees(pieces.join(''))),
      { numRuns: runs(1000) },
    )
  })
  test('about a text in which something was cut and put', { timeout: MINUTES }, () => {
    const cut = fc.tuple(fc.nat(300), fc.nat(6), fc.array(fc.constantFrom(...PIECES), { maxLength: 2 }))
    fc.assert(
      fc.property(frontMatter, fc.array(cut, { minLength: 1, maxLength: 3 }), (whole, cuts) => {
        let text = whole
        for (const [at, length, put] of cuts) text = text.slice(0, at) + put.join('') + text.slice(at + length)
        agrees(text)
      }),
      { numRuns: runs(1000) },
    )
  })
})
