/** Tests in herd's syntax, dialects X86 and X86_64, and what we add to it (the README lists that). */

import type { LitmusTest, When } from '../../../engine/litmus/test.ts'
import { after } from '../cursor.ts'
import { atMost } from '../limits.ts'
import type { Problems } from '../problems.ts'
import { integerOf, type Token, tokensOf, type Word, withoutComments } from '../tokens.ts'
import { Verdicts } from '../verdicts.ts'
import { flagUse } from './flags.ts'
import { readHeader } from './header.ts'
import { readInitial } from './init.ts'
import { Lowering } from './lower.ts'
import { Memory } from './memory.ts'
import { questionAt, readQuestion } from './question.ts'
import { RegisterFile } from './register-file.ts'
import { type Dialect, displayName, type Size } from './registers.ts'
import { readThread, type Source, withOrder } from './source.ts'
import { tableOf } from './table.ts'

/** Undefined: `problems` says why. */
export function parseHerd(text: string, nameHint: string, problems: Problems): LitmusTest | undefined {
  const clean = withoutComments(text)
  const header = readHeader(clean, nameHint, problems)
  if (header === undefined) return undefined
  const { body, dialect, keys } = header
  const tokens = tokensOf(clean.slice(body.at), body.line, body.column)
  const close = closingBrace(tokens)
  const [open] = tokens
  if (close < 0) return problems.at(open as Word, 'this brace is never closed: expected `}` behind the initial state')
  const end = after(tokens, { text: '', line: body.line, column: body.column })
  const memory = new Memory(problems)
  const initial = readInitial(tokens.slice(1, close), tokens[close] ?? end, memory, problems)
  const rest = tokens.slice(close + 1)
  const asked = questionAt(rest)
  const columns = tableOf(rest.slice(0, asked), rest[asked] ?? end, problems)
  for (const thread of initial.threads) {
    if (columns.length > 0 && Number(thread.text) >= columns.length)
      problems.at(thread, `there is no thread ${thread.text}`)
  }

  const written = columns.map(({ thread, cells }) => readThread(thread, cells, problems))
  const sources = withOrder(written, dialect, problems)
  const files = sources.map(({ thread, instructions }) => {
    atMost(problems, 'instructions', instructions.length, instructions[0]?.head ?? end)
    return new RegisterFile(instructions, initial.registers.get(thread) ?? new Map(), memory, problems)
  })
  // Some mistakes would be told again for every use of what they left unknown.
  if (problems.any) return undefined
  const bytes = sizesOf(files, memory)
  sources.forEach(({ instructions }, i) => {
    for (const source of instructions) noteAccesses(source, files[i] as RegisterFile, bytes(i), memory)
  })
  memory.place()
  if (problems.any) return undefined
  atMost(problems, 'cells', memory.lineOf.length, open as Word)
  const threads = sources.map((source, i) => {
    const file = files[i] as RegisterFile
    const lowering = new Lowering(file, flagUse(source, bytes(i), problems), bytes(i), problems)
    lowering.run(source)
    return { file, lowering, spelled: new Map<string, string>() }
  })
  const question = readQuestion(rest.slice(asked), end, memory, threads, problems)

  const verdicts = new Verdicts(problems)
  for (const { key, option, value } of keys) {
    if (key.text.toLowerCase() === 'verdict') verdicts.read(key, option, value)
  }
  const images = imagesIn(keys, question?.when, problems)
  if (problems.any || question === undefined) return undefined
  const { when, quantifier, formula, words } = question
  return {
    name: header.name,
    shows: header.text,
    source: '',
    program: {
      lineOf: memory.lineOf,
      initial: memory.initial,
      threads: threads.map(({ file, lowering }) => ({ registers: file.values, code: lowering.code })),
    },
    locations: memory.locations,
    registers: threads.map(({ file, spelled }) => file.names.map((name) => shownName(name, spelled, dialect))),
    listing: threads.map(({ lowering }) => lowering.listing),
    when,
    quantifier,
    formula,
    condition: asWritten(words),
    verdict: verdicts.plain ?? (quantifier === 'exists' ? undefined : 'forbidden'),
    verdicts: verdicts.optional,
    images,
  }
}

function closingBrace(tokens: readonly Token[]): number {
  let depth = 0
  return tokens.findIndex(({ text }) => {
    if (text === '{') depth += 1
    if (text === '}') depth -= 1
    return depth === 0
  })
}

/** Bytes of an access that neither suffix nor register tell: those of the location's type, or four. */
function sizesOf(files: readonly RegisterFile[], memory: Memory): (thread: number) => (source: Source) => Size {
  return (thread) => (source) => {
    if (source.size !== undefined) return source.size
    const operand = [source.destination, source.source].find((candidate) => candidate?.kind === 'memory')
    if (operand?.kind !== 'memory') return 4
    const name = files[thread]?.resolve(operand.address, operand.word)?.name.text
    return (name === undefined ? undefined : memory.typed(name)) ?? 4
  }
}

function noteAccesses(source: Source, file: RegisterFile, bytes: (source: Source) => Size, memory: Memory): void {
  const { op } = source.mnemonic
  const lineOnly = op.startsWith('cl') || op === 'movdir64b'
  for (const operand of [source.destination, source.source]) {
    if (operand?.kind !== 'memory') continue
    const found = file.resolve(operand.address, operand.word)
    if (found !== undefined) memory.note(operand.word, found.name, found.offset, lineOnly ? 0 : bytes(source))
  }
}

function shownName(name: string, spelled: ReadonlyMap<string, string>, dialect: Dialect): string {
  return name.startsWith('.') ? name : (spelled.get(name) ?? displayName(name, dialect))
}

/** The words of the condition with the blanks between them, lines joined. */
function asWritten(words: readonly Token[]): string {
  return words
    .map((word, i) => {
      const before = words[i - 1]
      const apart =
        before !== undefined && (before.line < word.line || before.column + before.text.length < word.column)
      return apart ? ` ${word.text}` : word.text
    })
    .join('')
}

function imagesIn(
  keys: readonly { readonly key: Word; readonly value: Word }[],
  when: When | undefined,
  problems: Problems,
): number | undefined {
  const found = keys.find(({ key }) => key.text.toLowerCase() === 'images')
  if (found === undefined) return undefined
  if (when === 'final') {
    return problems.at(found.key, 'images are what a power failure leaves: this condition is on the end of the program')
  }
  const count = integerOf(found.value.text)
  if (count !== undefined && count > 0n && count <= Number.MAX_SAFE_INTEGER) return Number(count)
  return problems.at(found.value, 'expected the number of images')
}
