/**
 * The instructions of a thread as they are written, with their operands told apart, before names have places.
 *
 * X86 writes the destination first, X86_64 (AT&T) last. A file that shows by an immediate operand, which no destination
 * can be, or by `%` that it does it the other way is read that way.
 */

import type { SourcePlace } from '../../../engine/litmus/test.ts'
import { after } from '../cursor.ts'
import { meant, type Problems, quoted } from '../problems.ts'
import { placeOf, type Token, type Word } from '../tokens.ts'
import { type Mnemonic, mnemonicOf, mnemonics } from './mnemonics.ts'
import { type Operand, operandsIn, parseOperand } from './operands.ts'
import type { Dialect, Size } from './registers.ts'

interface Written {
  readonly mnemonic: Mnemonic
  readonly head: Word
  readonly lock: boolean
  /** In the order of the text. */
  readonly operands: readonly Operand[]
  /** Where a jump goes. */
  readonly label?: Word
  readonly text: string
  readonly place: SourcePlace
}

export interface WrittenThread {
  readonly thread: number
  readonly instructions: readonly Written[]
  /** Index of the instruction behind each label. */
  readonly labels: ReadonlyMap<string, number>
}

export function readThread(thread: number, cells: readonly (readonly Token[])[], problems: Problems): WrittenThread {
  const instructions: Written[] = []
  const labels = new Map<string, number>()
  let lock: readonly Token[] = []
  for (const cell of cells) {
    // herd lets `lock` stand in a row of its own.
    let words = cell.length === 0 ? cell : [...lock, ...cell]
    lock = cell.length === 0 ? lock : []
    while (words[0]?.kind === 'name' && words[1]?.text === ':') {
      const [label] = words
      if (labels.has(label.text)) problems.at(label, `thread ${thread} has two labels ${quoted(label.text)}`)
      labels.set(label.text, instructions.length)
      words = words.slice(2)
    }
    if (words.length === 1 && words[0]?.text.toLowerCase() === 'lock') {
      lock = words
      continue
    }
    const instruction = words.length === 0 ? undefined : readInstruction(words, problems)
    if (instruction !== undefined) instructions.push(instruction)
  }
  const [alone] = lock
  if (alone !== undefined) problems.at(alone, 'expected an instruction behind `lock`, found nothing')
  return { thread, instructions, labels }
}

function readInstruction(words: readonly Token[], problems: Problems): Written | undefined {
  const lock = words[0]?.text.toLowerCase() === 'lock'
  const [head, ...rest] = lock ? words.slice(1) : words
  if (head === undefined) return undefined
  const mnemonic = mnemonicOf(head.text)
  if (mnemonic === undefined) {
    const hint = meant(head.text, mnemonics())
    return problems.at(head, `unknown instruction ${quoted(head.text)}`, hint)
  }
  const { op, form } = mnemonic
  // The operand of a padding `nopw 0(%rax)` is not accessed.
  const parts = op === 'nop' ? [] : operandsIn(rest)
  if (parts.length !== form.operands) {
    const wanted = ['no operands', 'one operand', 'two operands'][form.operands]
    const wrong = parts[form.operands]?.[0] ?? after(words, head)
    return problems.at(wrong, `${head.text} takes ${wanted}, found ${parts.length === 0 ? 'none' : parts.length}`)
  }
  const common = { mnemonic, head, lock, text: textOf(words), place: placeOf(words) }
  if (op === 'jmp' || op === 'jcc') {
    const [label, more] = parts[0] ?? []
    if (label?.kind === 'name' && more === undefined) return { ...common, operands: [], label }
    return problems.at(
      more ?? label ?? head,
      `${head.text}: expected a label, found ${quoted((more ?? label ?? head).text)}`,
    )
  }
  const operands = parts.map((part) => parseOperand(part, after(words, head), problems))
  if (operands.includes(undefined)) return undefined
  return { ...common, operands: operands.filter((operand) => operand !== undefined) }
}

/** As written, with single blanks. */
function textOf(words: readonly Token[]): string {
  return words
    .map((word, i) => {
      const before = words[i - 1]
      return before !== undefined && before.column + before.text.length < word.column ? ` ${word.text}` : word.text
    })
    .join('')
}

/** An instruction whose operands are told apart. */
export interface Source extends Written {
  /** The only operand, or what is written. */
  readonly destination?: Operand
  readonly source?: Operand
  /** Bytes of the access, as suffix or registers say; undefined when the location's type decides. */
  readonly size: Size | undefined
}

export interface SourceThread extends WrittenThread {
  readonly instructions: readonly Source[]
}

/** Operations whose memory operand is the destination, wherever it stands. */
const INTO_MEMORY = ['movnti', 'movdir64b', 'xchg', 'uxch', 'cmpxchg', 'xadd']

export function withOrder(
  threads: readonly WrittenThread[],
  dialect: Dialect,
  problems: Problems,
): readonly SourceThread[] {
  const written = threads.flatMap(({ instructions }) => instructions).filter(({ operands }) => operands.length === 2)
  const first = written.some(({ operands }) => operands[0]?.kind === 'immediate')
  const last = written.some(({ operands }) => operands[1]?.kind === 'immediate')
  const percent = written.some(({ operands }) => operands.some((o) => o.kind === 'register' && o.percent))
  const sourceFirst = first !== last ? first : dialect === 'X86_64' || percent
  return threads.map((thread) => ({
    ...thread,
    instructions: thread.instructions.map((instruction) => ordered(instruction, sourceFirst, problems)),
  }))
}

function ordered(written: Written, sourceFirst: boolean, problems: Problems): Source {
  const { operands, mnemonic } = written
  const [a, b] = operands
  if (b === undefined)
    return { ...written, ...(a === undefined ? {} : { destination: a }), size: sizeOf(written, problems) }
  let [source, destination] = sourceFirst ? [a, b] : [b, a]
  const turned = INTO_MEMORY.includes(mnemonic.op)
    ? source?.kind === 'memory'
    : mnemonic.op === 'cmovcc' && destination?.kind === 'memory'
  if (turned) [source, destination] = [destination, source]
  if (destination?.kind === 'immediate') {
    const where = sourceFirst ? 'last' : 'first'
    problems.at(destination.word, `${written.head.text}: the destination, here the ${where} operand, can't be a number`)
  }
  return {
    ...written,
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    size: sizeOf(written, problems),
  }
}

function sizeOf({ mnemonic, operands, head }: Written, problems: Problems): Size | undefined {
  let size = mnemonic.size
  for (const operand of operands) {
    const own =
      operand.kind === 'register' ? operand.register.size : operand.kind === 'memory' ? operand.size : undefined
    if (own === undefined) continue
    if (size !== undefined && size !== own) {
      problems.at(operand.word, `${head.text}: an operand of ${bytes(own)} where ${bytes(size)} are accessed`)
    }
    size ??= own
  }
  return size
}

const bytes = (size: Size): string => (size === 1 ? '1 byte' : `${size} bytes`)
