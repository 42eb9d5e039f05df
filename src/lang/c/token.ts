/** Tokens of C, from the lexer to the parser, and the place each one has in the text. */

export interface Place {
  /** 1-based, of the whole scenario text. */
  readonly line: number
  /** 1-based, UTF-16 units. */
  readonly column: number
  readonly length: number
}

export type TokenKind = 'identifier' | 'number' | 'character' | 'string' | 'punctuator' | 'other' | 'end'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  /** A token that a macro or a header made has the place of the macro's use or of the `#include`. */
  readonly at: Place
  /** White space stands before it. */
  readonly spaced: boolean
  /** First of its line: a `#` here starts a directive. */
  readonly first: boolean
  /** Macros that must not be expanded again in this token (Prosser's hide set). */
  readonly hidden: ReadonlySet<string> | undefined
  /** Why the token is malformed; told only when the token is not skipped by `#if`. */
  readonly problem: string | undefined
}
