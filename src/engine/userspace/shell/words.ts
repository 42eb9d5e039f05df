/**
 * The text of `setup:` → commands, as a shell splits it.
 *
 * Quotes ('…', "…", backslash), comments, `;`, `&&`, `>` and continued lines. Variables, pipes, globs and everything
 * else of a shell are refused by name.
 */

import { err, ok, type Result } from '../../../base/result.ts'

export interface Command {
  /** 1-based line of the scenario on which it begins. */
  readonly line: number
  readonly words: readonly string[]
  /** File that its output goes to. */
  readonly redirect: string | undefined
}

export interface SetupProblem {
  readonly line: number
  readonly message: string
}

type Token = { readonly kind: 'word' | 'operator'; readonly text: string; readonly line: number }

const operators = ['&&', '>>', '||', ';', '>', '<', '|', '&', '(', ')'] as const
const unsupported = /[$`]/

export function parseCommands(text: string, firstLine: number): Result<readonly Command[], SetupProblem> {
  const tokens = tokenize(text, firstLine)
  return tokens.ok ? group(tokens.value) : tokens
}

function tokenize(text: string, firstLine: number): Result<readonly Token[], SetupProblem> {
  const tokens: Token[] = []
  let line = firstLine
  let at = 0
  while (at < text.length) {
    const char = text[at] as string
    if (char === '\n') {
      tokens.push({ kind: 'operator', text: ';', line })
      line++
      at++
    } else if (char === ' ' || char === '\t' || char === '\r') at++
    else if (text.startsWith('\\\n', at)) {
      line++
      at += 2
    } else if (char === '#') {
      while (at < text.length && text[at] !== '\n') at++
    } else {
      const operator = operators.find((each) => text.startsWith(each, at))
      if (operator !== undefined) {
        tokens.push({ kind: 'operator', text: operator, line })
        at += operator.length
        continue
      }
      const word = readWord(text, at, line)
      if (!word.ok) return word
      tokens.push({ kind: 'word', text: word.value.text, line })
      line = word.value.line
      at = word.value.end
    }
  }
  return ok(tokens)
}

interface Word {
  readonly text: string
  readonly end: number
  readonly line: number
}

/** One word from `at`: pieces in and out of quotes, without a gap between them. */
function readWord(source: string, at: number, first: number): Result<Word, SetupProblem> {
  let text = ''
  let line = first
  let quote = ''
  for (; at < source.length; at++) {
    const char = source[at] as string
    if (char === '\n' && quote !== '') line++
    if (quote === "'") {
      if (char === "'") quote = ''
      else text += char
    } else if (char === '\\') {
      at++
      const next = source[at] ?? ''
      if (next === '\n') line++
      else text += quote === '"' && !'"\\$`'.includes(next) ? `\\${next}` : next
    } else if (unsupported.test(char)) return err({ line, message: `not supported in setup: ${char}` })
    else if (quote === '"') {
      if (char === '"') quote = ''
      else text += char
    } else if (char === "'" || char === '"') quote = char
    else if (/[\s;&|<>()]/.test(char)) break
    else text += char
  }
  return quote === '' ? ok({ text, end: at, line }) : err({ line: first, message: `missing closing ${quote}` })
}

function group(tokens: readonly Token[]): Result<readonly Command[], SetupProblem> {
  const commands: Command[] = []
  let words: string[] = []
  let redirect: string | undefined
  let start = 0
  /** After `&&` or `>` something must follow. */
  let expects: Token | undefined
  const finish = (): void => {
    if (words.length > 0) commands.push({ line: start, words, redirect })
    words = []
    redirect = undefined
  }
  for (const token of tokens) {
    if (token.kind === 'word') {
      if (expects?.text === '>') redirect = token.text
      else {
        if (words.length === 0) start = token.line
        words.push(token.text)
      }
      expects = undefined
    } else if (token.text === ';') {
      if (expects?.text === '>') break
      finish()
    } else if (expects !== undefined || (token.text === '&&' && words.length === 0)) {
      return err({ line: token.line, message: `unexpected ${token.text}` })
    } else if (token.text === '&&') {
      finish()
      expects = token
    } else if (token.text === '>') expects = token
    else return err({ line: token.line, message: `not supported in setup: ${token.text}` })
  }
  if (expects !== undefined) return err({ line: expects.line, message: `something must follow ${expects.text}` })
  finish()
  return ok(commands)
}
