/** What is wrong with a YAML text, while it is read. */

import type { CST } from 'yaml'
import type { Span } from './node.ts'

export type Complain = (at: Span, message: string, hint?: string) => void

export interface Complaints {
  /** Broken YAML: what follows may not mean what it seems to. */
  readonly broken: Complain
  /** Good YAML that is not read here. */
  readonly refused: Complain
}

type Sourced = Pick<CST.SourceToken, 'offset' | 'source'>

export const spanOf = ({ offset, source }: Sourced): Span => ({ offset, end: offset + source.length })

export const point = (offset: number): Span => ({ offset, end: offset + 1 })

/** A piece of the text as a message shows it. */
export const shown = (source: string): string => `\`${source.length > 40 ? `${source.slice(0, 40)}…` : source}\``

const UNEXPECTED = /^(?:Unexpected \S+ token|Not a YAML token)/

/** Complain about a token that the parser could not place. */
export function brokenToken({ message, ...token }: CST.ErrorToken, { broken }: Complaints): void {
  if (message.startsWith('Unexpected block-seq-ind')) {
    broken(spanOf(token), 'a list cannot begin on the line of its key', 'begin the first `-` on a line of its own')
  } else if (UNEXPECTED.test(message) && token.source.trim() !== '') {
    broken(spanOf(token), `${shown(token.source)} is not expected here`)
  } else {
    broken(spanOf(token), `YAML: ${message.slice(0, 200)}`)
  }
}
