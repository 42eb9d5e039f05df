/** What the headers offer: functions with their declarations, macros, and the header of each. */

import { allHeaders } from '../lang/c/more-headers.ts'
import { instructionWords } from './words/instructions.ts'
import { libraryWords } from './words/library.ts'

export interface Known {
  readonly kind: 'function' | 'macro'
  /** The declaration, or the macro with its parameters. */
  readonly title: string
  /** Empty for what the compiler knows by itself. */
  readonly header: string
}

/** One or two sentences about a function or an operation; undefined for what has none. */
export const wordsOf = (name: string): string | undefined => libraryWords(name) ?? instructionWords(name)

const DECLARATION = /^(?:_Noreturn )?[a-z_][\w ]*?[ *]+(\w+)\((?!\*).*\)$/

function read(): ReadonlyMap<string, Known> {
  const found = new Map<string, Known>()
  for (const [name, text] of Object.entries(allHeaders)) {
    const header = name === 'builtins' ? '' : name
    for (const [, macro = '', parameters = '', value = ''] of text.matchAll(
      /^#define (\w+)(\([^)]*\))?[ \t]*(.*)$/gm,
    )) {
      if (found.get(macro)?.kind === 'function') continue
      const title = parameters === '' && value.length <= 60 ? `${macro} ${value}` : `${macro}${parameters}`
      found.set(macro, { kind: 'macro', title, header })
    }
    const plain = text.replace(/^#.*$/gm, '').replace(/\{[^{}]*\}/g, '')
    for (const statement of plain.split(';')) {
      const declaration = statement.replace(/\s+/g, ' ').trim()
      const declared = declaration.startsWith('typedef') ? undefined : DECLARATION.exec(declaration)?.[1]
      if (declared === undefined || (found.has(declared) && found.get(declared)?.header !== '')) continue
      found.set(declared, { kind: 'function', title: declaration, header })
    }
  }
  return found
}

let kept: ReadonlyMap<string, Known> | undefined

export function known(): ReadonlyMap<string, Known> {
  kept ??= read()
  return kept
}

/** Names that only headers use. */
export const isInner = (name: string): boolean =>
  /^__(?!builtin_|sync_|atomic_)/.test(name) || /^_(?:IO|SC)_|^_IO/.test(name)
