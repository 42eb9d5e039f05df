/** Our own format: one field a line, as in test/fixtures/litmus (its INDEX.md explains them). */

import type { Formula, LitmusTest, Quantifier, When } from '../../../engine/litmus/test.ts'
import { asksSomething, type Names, parseCondition } from '../condition.ts'
import { after, Cursor } from '../cursor.ts'
import { atMost, checkThreadNumbers } from '../limits.ts'
import { meant, type Problems, quoted } from '../problems.ts'
import { integerOf, tokensOf, type Word } from '../tokens.ts'
import { Verdicts } from '../verdicts.ts'
import { type Code, codeOf, type Draft, draftOf } from './code.ts'
import { CONDITIONS, type Field, fieldsOf, trimmed } from './fields.ts'
import { Layout } from './layout.ts'
import { warnOfSwapped } from './swapped.ts'

/** Undefined: `problems` says why. */
export function parseOwn(text: string, nameHint: string, problems: Problems): LitmusTest | undefined {
  const fields = fieldsOf(text, problems)
  const field = (key: string): Field | undefined => fields.find((candidate) => candidate.key.text === key)
  const prose = (key: string): string => {
    const value = field(key)?.values[0]
    return value === undefined ? '' : trimmed(value).text
  }
  const end = { text: '', line: Math.max(1, fields.at(-1)?.key.line ?? 1), column: 1 }

  const layout = new Layout()
  for (const { key, values } of fields) {
    const [value] = values
    if (value === undefined) continue
    if (key.text === 'layout') layout.readLayout(value, problems)
  }
  for (const { key, values } of fields) if (key.text === 'init' && values[0]) layout.readInit(values[0], problems)
  const named = [...layout.names]
  const threads = readThreads(fields, layout, problems)
  const drafts = threads.map(({ draft }) => draft)
  warnOfSwapped(drafts, named, problems)
  if (threads.length === 0) problems.at(end, 'there is no thread: `thread 0: store x 1`')
  atMost(problems, 'cells', layout.lineOf.length, field('layout')?.key ?? field('thread')?.key ?? end)

  const asked = readCondition(fields, layout, threads, problems, end)
  const verdicts = readVerdicts(fields, problems)
  if (!verdicts.given) {
    problems.at(end, 'there is no verdict', '`verdict: allowed` or `verdict: forbidden`')
  } else if (verdicts.plain === undefined && !problems.any) {
    problems.at(end, 'there is a verdict for one option only', 'add a plain `verdict: …`')
  }
  const images = readImages(field('images'), asked?.when, problems)
  if (problems.any || asked === undefined) return undefined
  return {
    name: prose('name') || nameHint,
    shows: prose('shows'),
    source: prose('source'),
    program: {
      lineOf: layout.lineOf,
      initial: layout.initial,
      threads: threads.map(({ draft, code }) => ({ registers: draft.registers.map(() => 0n), code: code.code })),
    },
    locations: layout.locations,
    registers: threads.map(({ draft }) => draft.registers),
    listing: threads.map(({ code }) => code.listing),
    ...asked,
    verdict: verdicts.plain,
    verdicts: verdicts.optional,
    images,
  }
}

interface Thread {
  readonly draft: Draft
  readonly code: Code
}

/** In the order of their numbers. */
function readThreads(fields: readonly Field[], layout: Layout, problems: Problems): readonly Thread[] {
  const found = fields.flatMap(({ key, thread, values }) => (thread === undefined ? [] : [{ key, thread, values }]))
  const numbered = found.filter(({ key, thread }) => {
    const good = /^\d{1,9}$/.test(thread.text)
    if (!good) problems.at(thread.text === '' ? key : thread, 'expected the number of the thread: `thread 0: …`')
    return good
  })
  if (numbered.length > 0)
    checkThreadNumbers(
      problems,
      numbered.map(({ thread }) => thread),
    )
  atMost(problems, 'threads', numbered.length, numbered.at(-1)?.key ?? { text: '', line: 1, column: 1 })
  return [...numbered]
    .sort((a, b) => Number(a.thread.text) - Number(b.thread.text))
    .map(({ thread, values }) => {
      const draft = draftOf({ ...thread, text: String(Number(thread.text)) }, values, problems)
      return { draft, code: codeOf(draft, layout, problems) }
    })
}

interface Asked {
  readonly when: When
  readonly quantifier: Quantifier
  readonly formula: Formula
  readonly condition: string
}

function readCondition(
  fields: readonly Field[],
  layout: Layout,
  threads: readonly Thread[],
  problems: Problems,
  end: Word,
): Asked | undefined {
  const given = fields.filter(({ key }) => (CONDITIONS as readonly string[]).includes(key.text))
  const [field, another] = given
  if (another !== undefined) problems.at(another.key, 'a test has one condition, and this is another')
  const value = field?.values[0]
  if (field === undefined || value === undefined) {
    return problems.at(
      end,
      'there is no condition',
      `one of ${CONDITIONS.map((key) => `\`${key}: exists …\``).join(', ')}`,
    )
  }
  const tokens = tokensOf(value.text, value.line, value.column)
  const cursor = new Cursor(tokens, after(tokens, value))
  const unread = problems.any ? wordsOfThreads(fields) : new Set<string>()
  const negated = cursor.accept('~', 'not') !== undefined
  const word = cursor.accept('exists', ...(negated ? [] : ['forall']))
  if (word === undefined) return cursor.missing(problems, '`exists`')
  const quantifier = word.text === 'forall' ? 'forall' : negated ? '~exists' : 'exists'
  const when = field.key.text as When
  const formula = parseCondition(cursor, namesOf(layout, threads, when, unread, problems), problems, true)
  if (formula === undefined) return undefined
  if (!asksSomething(formula)) return problems.at(word, 'the condition names no location and no register')
  return { when, quantifier, formula, condition: trimmed(value).text }
}

/** What an instruction that could not be read may have named. */
const wordsOfThreads = (fields: readonly Field[]): ReadonlySet<string> =>
  new Set(
    fields
      .filter(({ key }) => key.text === 'thread')
      .flatMap(({ values }) => values.flatMap((value) => tokensOf(value.text).map(({ text }) => text))),
  )

function namesOf(
  layout: Layout,
  threads: readonly Thread[],
  when: When,
  unread: ReadonlySet<string>,
  problems: Problems,
): Names {
  return {
    location(name, index, value) {
      if (index !== undefined) return problems.at(name, `${quoted(name.text)} is one word, no array`)
      const location = layout.find(name.text)
      if (location !== undefined) return { kind: 'location', location, value: BigInt.asUintN(64, value) }
      if (unread.has(name.text)) return undefined
      const hint = meant(name.text, layout.names)
      return problems.at(name, `there is no location ${quoted(name.text)}: no instruction uses it`, hint)
    },
    register(thread, name, value) {
      if (when !== 'final') return problems.at(thread, 'registers do not survive a power failure')
      const registers = threads.find(({ draft }) => Number(draft.thread.text) === Number(thread.text))?.draft.registers
      if (registers === undefined) return problems.at(thread, `there is no thread ${thread.text}`)
      const register = registers.indexOf(name.text)
      if (register < 0) {
        if (unread.has(name.text)) return undefined
        const hint = meant(name.text, registers)
        return problems.at(name, `thread ${thread.text} writes no register ${quoted(name.text)}`, hint)
      }
      return { kind: 'register', thread: Number(thread.text), register, value: BigInt.asUintN(64, value) }
    },
  }
}

function readVerdicts(fields: readonly Field[], problems: Problems): Verdicts {
  const verdicts = new Verdicts(problems)
  for (const { key, option, values } of fields) {
    if (key.text === 'verdict' && values[0] !== undefined) verdicts.read(key, option, trimmed(values[0]))
  }
  return verdicts
}

function readImages(field: Field | undefined, when: When | undefined, problems: Problems): number | undefined {
  const value = field?.values[0]
  if (field === undefined || value === undefined) return undefined
  const word = trimmed(value)
  const count = integerOf(word.text)
  if (when === 'final') return problems.at(field.key, 'a test without a power failure leaves no images')
  if (count === undefined || count < 1n || count > Number.MAX_SAFE_INTEGER) {
    return problems.at(word, `expected the number of images, found ${word.text === '' ? 'nothing' : quoted(word.text)}`)
  }
  return Number(count)
}
