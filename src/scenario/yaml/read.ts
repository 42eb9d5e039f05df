/**
 * YAML text to nodes with positions, safe on any input.
 *
 * Tokens, indentation, quoting and blocks are the `yaml` package's; only its lexer and its parser of concrete syntax
 * are used, a third of its weight. The depth is capped while tokens arrive, before anything recurses: a stack that
 * overflows inside the regular expression compiler ends the whole process, no `catch` sees it.
 */

import { type CST, Lexer, LineCounter, Parser } from 'yaml'
import { type Diagnostic, diagnostic } from '../../base/diagnostic.ts'
import { type Composing, readBlockMap, readBlockSeq } from './block.ts'
import { brokenToken, type Complain, point, shown, spanOf } from './complaints.ts'
import { readFlow } from './flow.ts'
import { type Gap, readEnd, readGap } from './gap.ts'
import type { Span, YamlNode } from './node.ts'
import { emptyScalar, readScalar } from './scalar.ts'

export interface Position {
  /** 1-based line and column of the whole scenario text; length in UTF-16 units, on that line. */
  readonly line: number
  readonly column: number
  readonly length: number
}

export interface YamlText {
  /** Undefined when there is none, or it was refused, or nested too deeply to be read. */
  readonly root: YamlNode | undefined
  /** Broken YAML. */
  readonly errors: readonly Diagnostic[]
  /** Good YAML that is not read here. */
  readonly refused: readonly Diagnostic[]
  position(at: Span): Position
}

export const DEPTH_LIMIT = 64
const ERROR_LIMIT = 50

/** Read the YAML that begins at `offset` of `text`. */
export function parseYaml(text: string, offset: number, yaml: string): YamlText {
  const lines = new LineCounter()
  for (let at = 0; at >= 0; at = text.indexOf('\n', at) + 1 || -1) lines.addNewLine(at)
  const position = (at: Span): Position => {
    const start = Math.min(offset + at.offset, text.length)
    const { line, col } = lines.linePos(start)
    const newline = text.indexOf('\n', start)
    const lineEnd = newline < 0 ? text.length : newline
    return { line, column: col, length: Math.max(1, Math.min(offset + at.end, lineEnd) - start) }
  }
  const into =
    (list: Diagnostic[]): Complain =>
    (at, message, hint) => {
      if (list.length >= ERROR_LIMIT) return
      const { line, column, length } = position(at)
      list.push(diagnostic(line, column, length, message, hint))
    }
  const errors: Diagnostic[] = []
  const refused: Diagnostic[] = []
  const composing: Composing = {
    broken: into(errors),
    refused: into(refused),
    node: (token, gap) => composeNode(token, gap, false, composing),
  }
  const tokens = readTokens(yaml, composing.broken)
  return { root: tokens && composeStream(tokens, composing), errors, refused, position }
}

function readTokens(yaml: string, broken: Complain): readonly CST.Token[] | undefined {
  const tokens: CST.Token[] = []
  const parser = new Parser()
  for (const lexeme of new Lexer().lex(yaml)) {
    tokens.push(...parser.next(lexeme))
    if (parser.stack.length > DEPTH_LIMIT) {
      broken(point(parser.offset), `lists and maps are nested more than ${DEPTH_LIMIT} deep here`)
      return undefined
    }
  }
  tokens.push(...parser.end())
  return tokens
}

function composeStream(tokens: readonly CST.Token[], composing: Composing): YamlNode | undefined {
  const { broken } = composing
  let first: CST.Document | undefined
  let root: YamlNode | undefined
  for (const token of tokens) {
    switch (token.type) {
      case 'document':
        if (first !== undefined) {
          const at = { offset: token.offset, end: token.offset + 3 }
          broken(at, 'a second YAML document begins here', 'the front matter is one map of keys')
          return root
        }
        first = token
        root = composeDocument(token, composing)
        break
      case 'doc-end':
        readEnd(token.end, composing)
        break
      case 'directive':
        broken(spanOf(token), `the YAML directive ${shown(token.source)} is not read here`, 'leave it out')
        break
      case 'error':
        brokenToken(token, composing)
        break
      default:
    }
  }
  return root
}

function composeDocument({ start, value, end, offset }: CST.Document, composing: Composing): YamlNode | undefined {
  const gap = readGap(
    start,
    { indicator: 'doc-start', next: value ?? end?.[0], offset, indent: 0, atLineStart: true },
    composing,
  )
  if (gap.found !== undefined && (value?.type === 'block-map' || value?.type === 'block-seq') && !gap.newline) {
    composing.broken(point(gap.end), 'expected a new line after `---`')
  }
  const root = composeNode(value, gap, true, composing)
  readEnd(end, composing, { spaced: true })
  return root
}

function composeNode(
  token: CST.Token | null | undefined,
  gap: Gap,
  root: boolean,
  composing: Composing,
): YamlNode | undefined {
  const node = token ? nodeOf(token, root, composing) : emptyScalar(gap.empty)
  return gap.tagged ? undefined : node
}

function nodeOf(token: CST.Token, root: boolean, composing: Composing): YamlNode | undefined {
  switch (token.type) {
    case 'scalar':
    case 'single-quoted-scalar':
    case 'double-quoted-scalar':
    case 'block-scalar':
      return readScalar(token, root, composing)
    case 'block-map':
      return readBlockMap(token, composing)
    case 'block-seq':
      return readBlockSeq(token, composing)
    case 'flow-collection':
      return readFlow(token, composing)
    case 'alias':
      composing.refused(spanOf(token), `the alias ${shown(token.source)} is not read here`, ALIAS_HINT)
      readEnd(token.end, composing)
      return undefined
    case 'error':
      brokenToken(token, composing)
      return undefined
    default:
      composing.broken(point(token.offset), `YAML: ${token.type} is not expected here`)
      return undefined
  }
}

const ALIAS_HINT = 'write the value out; one that begins with "*" needs quotes round it'
