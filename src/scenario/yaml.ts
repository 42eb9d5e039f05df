/**
 * YAML text to nodes with positions, safe on any input.
 *
 * The depth is capped while tokens arrive, before anything recurses: a stack that overflows inside the regular
 * expression compiler ends the whole process, no `catch` sees it. Aliases are left as nodes, never expanded.
 */

import { Composer, type CST, type Document, Lexer, LineCounter, type Node, Parser, type YAMLError } from 'yaml'
import { type Diagnostic, diagnostic } from '../base/diagnostic.ts'

export interface Position {
  /** 1-based line and column of the whole scenario text; length in UTF-16 units, on that line. */
  readonly line: number
  readonly column: number
  readonly length: number
}

export interface YamlText {
  /** Undefined when the text is nested too deeply to be read. */
  readonly document: Document | undefined
  readonly root: Node | null
  readonly errors: readonly Diagnostic[]
  position(node: Node): Position
}

const DEPTH_LIMIT = 64
const ERROR_LIMIT = 50

/** Read the YAML that begins at `offset` of `text`. */
export function parseYaml(text: string, offset: number, yaml: string): YamlText {
  const lines = new LineCounter()
  for (let at = 0; at >= 0; at = text.indexOf('\n', at) + 1 || -1) lines.addNewLine(at)
  const place = (from: number, to: number): Position => {
    const start = Math.min(offset + from, text.length)
    const { line, col } = lines.linePos(start)
    const newline = text.indexOf('\n', start)
    const lineEnd = newline < 0 ? text.length : newline
    return { line, column: col, length: Math.max(1, Math.min(offset + to, lineEnd) - start) }
  }
  const position = (node: Node): Position => (node.range ? place(node.range[0], node.range[1]) : place(0, 0))

  const tokens: CST.Token[] = []
  const parser = new Parser()
  for (const lexeme of new Lexer().lex(yaml)) {
    tokens.push(...parser.next(lexeme))
    if (parser.stack.length > DEPTH_LIMIT) {
      const at = place(parser.offset, parser.offset + 1)
      return {
        document: undefined,
        root: null,
        errors: [told(at, `lists and maps are nested more than ${DEPTH_LIMIT} deep here`)],
        position,
      }
    }
  }
  tokens.push(...parser.end())

  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, logLevel: 'silent', version: '1.2' })
  const documents = [...composer.compose(tokens, true, yaml.length)]
  const errors: Diagnostic[] = []
  for (const document of documents) {
    for (const error of [...document.errors, ...document.warnings].slice(0, ERROR_LIMIT)) {
      const { message, hint } = explain(error)
      errors.push(told(place(error.pos[0], error.pos[1]), message, hint))
    }
  }
  const second = documents[1]
  if (second !== undefined) {
    const at = second.range[0]
    errors.push(told(place(at, at + 3), 'a second YAML document begins here', 'the front matter is one map of keys'))
  }
  const [document] = documents
  return { document, root: document?.contents ?? null, errors, position }
}

const told = (at: Position, message: string, hint?: string): Diagnostic =>
  diagnostic(at.line, at.column, at.length, message, hint)

/** The commonest mistakes in our words; the rest in the parser's own. */
function explain({ code, message }: YAMLError): { message: string; hint?: string } {
  switch (code) {
    case 'TAB_AS_INDENT':
      return { message: 'a tab indents this line', hint: 'YAML is indented with spaces' }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return { message: 'a second key on one line', hint: 'a value that contains ": " needs quotes round it' }
    case 'TAG_RESOLVE_FAILED':
      return { message: 'a YAML tag has no meaning here', hint: 'a value that begins with "!" needs quotes round it' }
    case 'MULTILINE_IMPLICIT_KEY':
      return { message: 'expected `key: value` here', hint: 'is a colon, or the space after it, missing?' }
    default:
      return { message: `YAML: ${message.slice(0, 200)}` }
  }
}
