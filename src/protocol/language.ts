/** What the editor asks about a text, and what it is told. Offsets are UTF-16 units of the whole text. */

export type LanguageQuestion =
  | { readonly ask: 'complete'; readonly text: string; readonly at: number }
  | { readonly ask: 'explain'; readonly text: string; readonly at: number }
  | { readonly ask: 'records'; readonly text: string }

type CompletionKind =
  | 'function'
  | 'macro'
  | 'variable'
  | 'member'
  | 'type'
  | 'keyword'
  | 'header'
  | 'key'
  | 'value'
  | 'command'
  | 'option'

export interface Completion {
  readonly label: string
  readonly kind: CompletionKind
  /** A type, a signature, a default. */
  readonly detail: string
  /** One or two sentences; may be empty. */
  readonly info: string
  /** What is written instead of the label. */
  readonly insert?: string
}

export interface Completions {
  /** Where the word begins that a completion replaces. */
  readonly from: number
  readonly items: readonly Completion[]
}

export interface Explanation {
  readonly from: number
  readonly to: number
  /** A declaration or a key, as code. */
  readonly title: string
  readonly info: string
}

export interface MemberLayout {
  readonly name: string
  /** 1-based line of the text. */
  readonly line: number
  /** Bytes from the record's start. */
  readonly offset: number
  readonly size: number
  /** Bit-field: its lowest bit from `offset`, and its width. */
  readonly bits?: { readonly at: number; readonly width: number }
  /** First and last cache line that it has bytes in, from 0. */
  readonly lines: readonly [number, number]
  /** It would fit into one line, and lies in two. */
  readonly crosses: boolean
  /** Unused bytes behind it. */
  readonly padding: number
}

export interface RecordLayout {
  /** "struct log". */
  readonly name: string
  readonly line: number
  readonly size: number
  readonly align: number
  readonly members: readonly MemberLayout[]
}

export interface LanguageAnswers {
  readonly complete: Completions | null
  readonly explain: Explanation | null
  readonly records: readonly RecordLayout[]
}

export interface LanguageRequest {
  readonly id: number
  readonly question: LanguageQuestion
}

export interface LanguageReply {
  readonly id: number
  /** Absent when the question broke the worker's work. */
  readonly answer?: LanguageAnswers[keyof LanguageAnswers]
}
