import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../../test/runs.ts'
import type { LitmusTest } from '../../engine/litmus/test.ts'
import { looksLikeLitmus } from './looks-like.ts'
import { parseLitmus } from './parse.ts'

const FOLDER = 'test/fixtures/litmus'
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.litmus'))
const textOf = (name: string): string => readFileSync(`${FOLDER}/${name}`, 'utf8')

function parsed(text: string): LitmusTest {
  const result = parseLitmus(text)
  if (!result.ok) throw new Error(result.error.map((d) => `${d.line}:${d.column}: ${d.message}`).join('\n'))
  return result.value
}

/** `line:column+length: message (hint)` of everything that is wrong. */
function mistakes(text: string): readonly string[] {
  const result = parseLitmus(text)
  if (result.ok) return []
  return result.error.map((d) => {
    const hint = d.hint === undefined ? '' : ` (${d.hint})`
    return `${d.line}:${d.column}+${d.length}: ${d.message}${hint}`
  })
}

const OWN = `name: T
thread 0: store x 1; clwb x; sfence; store y 1
crash: exists x=0 y=1
verdict: forbidden
`

const HERD = `X86_64 T
{ }
 P0          | P1            ;
 movl $1,(x) | movl (y),%eax ;
 movl $1,(y) | movl (x),%ebx ;
exists (1:rax=1 /\\ 1:rbx=0)
`

describe('the published tests', () => {
  test.each(FILES)('%s is read, and known for a litmus test', (name) => {
    const litmus = parsed(textOf(name))
    expect(`${litmus.name}.litmus`).toBe(name)
    expect(litmus.verdict).toMatch(/^(allowed|forbidden)$/)
    expect(looksLikeLitmus(textOf(name))).toBe(true)
  })

  test('give verdicts for options, counts of images and first values', () => {
    expect(parsed(textOf('PX-A39-cas-fail.litmus')).verdicts).toEqual([{ option: 'cas=paper', verdict: 'allowed' }])
    expect(parsed(textOf('NT-27-nt-read-chain.litmus')).verdicts).toEqual([
      { option: 'movnt=fence', verdict: 'allowed' },
    ])
    expect(parsed(textOf('PX-B04-line-aba.litmus')).verdicts).toEqual([{ option: 'unit=word', verdict: 'allowed' }])
    expect(parsed(textOf('PX-C06-flush-mca.litmus')).images).toBe(15)
    expect(parsed(textOf('PX-D01-undo-log.litmus')).program.initial).toContain(10n)
    expect(parsed(textOf('NT-14-mp-nt-sfence.litmus')).source).toContain('rust-lang/stdarch#1534')
  })
})

describe('our own format', () => {
  test('puts the words in one brace on one line, and every other on its own', () => {
    const { program, locations } = parsed(OWN.replace('thread', 'layout: {a,b} {y}  # together\nthread'))
    expect(locations.map(({ name }) => name)).toEqual(['a', 'b', 'y', 'x'])
    expect(program.lineOf).toEqual([0, 0, 1, 2])
  })

  test('takes labels, registers and jumps; `end` is behind the last instruction', () => {
    const { program, registers, listing } = parsed(`thread 0: load r x; ifne r 0 UN; goto end; UN: store y r
final: exists 0:r=1 y=-1
verdict: allowed`)
    expect(registers).toEqual([['r']])
    expect(program.threads[0]?.code.slice(1)).toEqual([
      { op: 'branch', when: 'ne', a: { reg: 0 }, b: { value: 0n }, size: 8, to: 3 },
      { op: 'goto', to: 4 },
      { op: 'store', at: { cell: 1, offset: 0, size: 8 }, value: { reg: 0 } },
    ])
    expect(listing[0]?.[3]).toEqual({ text: 'store y r', place: { line: 1, column: 48, length: 9 } })
  })

  test('is the same with other blanks, cases, line ends and comments', () => {
    const plain = parsed(OWN)
    const shaped = `\ufeff# a comment
  Name:   T\r\n(* another,
thread 0: of several lines *)\r\nThread 0 :  STORE  x 0x1 ;; Clwb x;
   sfence ;  (* inside *) store y, 1 ; # behind\r\n
Crash : exists x = 0 /\\ (y == 1)\r\nVERDICT:  Forbidden  \r\n\r\n`
    const { program, formula, verdict } = parsed(shaped)
    expect({ program, formula, verdict }).toEqual({
      program: plain.program,
      formula: plain.formula,
      verdict: plain.verdict,
    })
  })

  test('reads threads in any order', () => {
    const { program } = parsed('thread 1: sfence\nthread 0: mfence\ninit: x=1\nfinal: exists x=1\nverdict: allowed')
    expect(program.threads.map(({ code }) => code[0]?.op)).toEqual(['mfence', 'sfence'])
  })

  test('binds alternatives weaker than what stands side by side', () => {
    expect(parsed(OWN.replace('x=0 y=1', 'x=0 y=1 | x=2')).formula).toMatchObject({
      kind: 'or',
      parts: [{ kind: 'and' }, { kind: 'location', value: 2n }],
    })
  })

  const instead = (from: string | RegExp, to: string): string => OWN.replace(from, to)
  test.each([
    ['', ['1:1+1: the file is empty']],
    [
      'hello: 1',
      [
        '1:1+1: this is no litmus test (fields such as `thread 0: store x 1`, or a test in the syntax of herd that begins with X86_64 and its name)',
      ],
    ],
    [
      'hello\nname: T',
      [
        '1:1+5: expected a field such as `thread 0: …`, found `hello`',
        '2:1+1: there is no thread: `thread 0: store x 1`',
        '2:1+1: there is no condition (one of `crash: exists …`, `end-crash: exists …`, `final: exists …`, `eadr: exists …`)',
        '2:1+1: there is no verdict (`verdict: allowed` or `verdict: forbidden`)',
      ],
    ],
    [instead('clwb', 'clbw'), ['2:22+4: unknown instruction `clbw` (did you mean `clwb`?)']],
    [
      instead('clwb', 'frobnicate'),
      [
        '2:22+10: unknown instruction `frobnicate` (the instructions are store, nt, movnt, movnti, movdir64b, load, xchg, faa, cas, clflush, clflushopt, clwb, sfence, mfence, lfence, mov, ifeq, ifne, goto)',
      ],
    ],
    [instead('y=1', 'yy=1'), ['3:19+2: there is no location `yy`: no instruction uses it (did you mean `y`?)']],
    [instead('y=1', 'z=1'), ['3:19+1: there is no location `z`: no instruction uses it (did you mean `x`?)']],
    [instead(/verdict.*\n/, ''), ['3:1+1: there is no verdict (`verdict: allowed` or `verdict: forbidden`)']],
    [instead('forbidden', 'forbiden'), ['4:10+8: expected `allowed` or `forbidden`, found `forbiden`']],
    [instead('verdict:', 'verdict[wrod]:'), ['4:9+4: unknown option `wrod` (did you mean `word`?)']],
    [
      instead('verdict:', 'verdict[word]:'),
      ['4:1+1: there is a verdict for one option only (add a plain `verdict: …`)'],
    ],
    [
      instead(/crash.*\n/, ''),
      [
        '3:1+1: there is no condition (one of `crash: exists …`, `end-crash: exists …`, `final: exists …`, `eadr: exists …`)',
      ],
    ],
    [instead('x=0 y=1', ''), ['3:14+1: expected a condition such as `x=0`, found nothing']],
    [instead('x=0 y=1', 'true'), ['3:8+6: the condition names no location and no register']],
    [instead('x=0 y=1', 'x=0 |'), ['3:20+1: expected a location or a register such as `x` or `0:r`, found nothing']],
    [instead('x=0 y=1', 'x y'), ['3:17+1: expected `=` and a value, found `y`']],
    [instead('x=0 y=1', '(x=0'), ['3:19+1: expected `)`, found nothing']],
    [instead('y=1', '0:r=1'), ['3:19+1: registers do not survive a power failure']],
    [instead('crash: exists x=0 y=1', 'final: exists 1:r=0'), ['3:15+1: there is no thread 1']],
    [instead('crash: exists x=0 y=1', 'final: exists 0:r=0'), ['3:17+1: thread 0 writes no register `r`']],
    [instead('exists', 'exits'), ['3:8+5: expected `exists`, found `exits`']],
    [
      instead('crash', 'crush'),
      [
        '3:1+5: unknown field `crush` (did you mean `crash`?)',
        '4:1+1: there is no condition (one of `crash: exists …`, `end-crash: exists …`, `final: exists …`, `eadr: exists …`)',
      ],
    ],
    [`${OWN}final: exists x=0`, ['5:1+5: a test has one condition, and this is another']],
    [`${OWN}name: again`, ['5:1+4: `name` is given twice, first in line 1']],
    [
      instead('store x 1', 'store x'),
      ['2:18+1: store: expected a number or a register, found nothing (store LOCATION VALUE)'],
    ],
    [
      instead('store x 1', 'store x 1 2'),
      [
        '2:21+1: store: expected `;` or the end of the line, found `2` (store LOCATION VALUE; instructions are separated by `;`)',
      ],
    ],
    [instead('store x 1', 'store 5 1'), ['2:17+1: store: expected a location, found `5` (store LOCATION VALUE)']],
    [instead('store x 1', 'store x r'), ['2:19+1: thread 0 writes no register `r`']],
    [instead('store x 1', 'store x 12z'), ['2:19+3: `12z` is no number']],
    [
      instead('store x 1', 'store x 18446744073709551616'),
      ['2:19+20: `18446744073709551616` does not fit into eight bytes'],
    ],
    [instead('store x 1', 'goto ned'), ['2:16+3: there is no label `ned` (did you mean `end`?)']],
    [instead('store x 1', 'A: sfence; A: sfence'), ['2:22+1: there are two labels `A`']],
    [
      instead('thread 0', 'thread 1'),
      ['2:8+1: there is a thread 1 but no thread 0: threads are numbered from 0 without gaps'],
    ],
    [instead('crash', 'thread 0: sfence\ncrash'), ['3:8+1: thread 0 is there already']],
    [
      instead('thread 0', 'thread'),
      ['2:1+6: expected the number of the thread: `thread 0: …`', '4:1+1: there is no thread: `thread 0: store x 1`'],
    ],
    [instead('thread', 'layout: {x,y} {x}\nthread'), ['2:16+1: `x` has its place already']],
    [instead('thread', 'layout: {a,b,c,d,e,f,g,h,i}\nthread'), ['2:26+1: a line of 64 bytes holds 8 words']],
    [instead('thread', 'layout: {x\nthread'), ['2:10+1: expected `}`, found the end of the line']],
    [instead('thread', 'init: x\nthread'), ['2:8+1: expected `=`, found nothing']],
    [instead('thread', 'init: x=1 x=2\nthread'), ['2:11+1: `x` has its first value already']],
    [`${OWN}images: many`, ['5:9+4: expected the number of images, found `many`']],
    [
      instead('store x 1', Array(70).fill('sfence').join('; ')),
      ['2:8+1: a test has at most 64 instructions in a thread, and this has 73'],
    ],
    [
      instead('crash', `${Array.from({ length: 8 }, (_, i) => `thread ${i + 1}: sfence\n`).join('')}crash`),
      ['10:1+6: a test has at most 8 threads, and this has 9'],
    ],
  ])('%j', (text, expected) => {
    expect(mistakes(text)).toEqual(expected)
  })
})

describe('any damage', () => {
  const seeds = [...FILES.map(textOf), OWN, HERD]
  const damaged = fc
    .tuple(
      fc.constantFrom(...seeds),
      fc.array(
        fc.tuple(
          fc.nat(600),
          fc.nat(40),
          fc.constantFrom(
            '',
            '(',
            '{',
            '[',
            '~',
            '"',
            '(*',
            ':',
            ';',
            '|',
            '\n',
            '$',
            '%',
            '0:',
            '-',
            '9'.repeat(30),
            '=',
            'x',
            '\u0000',
          ),
        ),
        {
          minLength: 1,
          maxLength: 6,
        },
      ),
    )
    .map(([text, cuts]) => {
      for (const [at, length, put] of cuts) text = text.slice(0, at) + put + text.slice(at + length)
      return text
    })

  test('is told with a place inside the text, or does not matter', () => {
    fc.assert(
      fc.property(damaged, (text) => {
        const result = parseLitmus(text)
        if (result.ok)
          return result.value.listing.every((t, i) => t.length === result.value.program.threads[i]?.code.length)
        const lines = text.split('\n').length
        return (
          result.error.length > 0 &&
          result.error.every((d) => d.line >= 1 && d.line <= lines && d.column >= 1 && d.length >= 1)
        )
      }),
      { numRuns: runs(500) },
    )
  })

  test('of any text is survived', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.constantFrom('', 'X86 T\n{', 'X86_64 T\n{}\nP0;\n', 'thread 0: '),
        (text, before) => {
          parseLitmus(before + text)
          looksLikeLitmus(before + text)
        },
      ),
      { numRuns: runs(500) },
    )
  })

  test.each(['(', '~', '((*', '"', '{', '0:', 'x=0 ', ';', '| ', '[', '%', '(x'])(
    'of %j a hundred thousand times ends soon',
    (piece) => {
      const many = piece.repeat(100_000)
      expect(() => parseLitmus(OWN.replace('x=0', many))).not.toThrow()
      expect(() => parseLitmus(OWN.replace('store x 1', many))).not.toThrow()
      expect(() => parseLitmus(HERD.replace('movl $1,(x)', many))).not.toThrow()
      expect(() => parseLitmus(HERD.replace('1:rax=1', many))).not.toThrow()
    },
  )
})

test('what is no litmus test is not taken for one', () => {
  for (const text of [
    '',
    '---\ntitle: X86 A\n---\nint main(void) {}',
    'int main(void) { goto thread; }',
    'X86_64 = 1;',
    '#include <x.h>\n',
  ]) {
    expect(looksLikeLitmus(text)).toBe(false)
  }
  expect(mistakes('AArch64 MP\n{ 0:X1=x; }\n P0 ;\n')).toEqual([
    '1:1+1: this is a test for AArch64: only X86 and X86_64 are read',
  ])
})
