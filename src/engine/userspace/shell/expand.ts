/** Words → fields: variables, `$(…)`, splitting at blanks, names of files that fit a pattern. */

import { sys_getdents64, sys_newfstatat } from '../../linux/fs/readdir.ts'
import type { Kernel } from '../../linux/kernel.ts'
import type { Request } from '../../sim/kfunc.ts'
import { bytesOfText } from './bytes.ts'
import { entering } from './files.ts'
import { globPattern } from './pattern.ts'
import type { Part, Script, Word } from './script.ts'
import { absolute, type Session } from './session.ts'

/** Bytes of one word after which expanding is given up. */
const MOST_TEXT = 1 << 20

/** Thrown when a word grows beyond all bounds; caught by what runs the script. */
export class TooLong extends Error {}

export interface Expanding {
  readonly k: Kernel
  readonly session: Session
  /** What a script prints, for `$(…)`. */
  output(script: Script): Generator<Request, string, unknown>
}

interface Field {
  text: string
  /** The same as a pattern: what was quoted stands for itself. */
  glob: string
  isPattern: boolean
}

/** Fields of several words. */
export function* expandWords(e: Expanding, words: readonly Word[]): Generator<Request, string[], unknown> {
  const all: string[] = []
  for (const word of words)
    for (const field of yield* fieldsOf(e, word)) {
      const names = field.isPattern ? yield* filesOf(e, field.glob) : []
      if (names.length === 0) all.push(field.text)
      else all.push(...names)
    }
  return all
}

/** One text, blanks and all: what is assigned, or a file's name. */
export function* expandText(e: Expanding, word: Word): Generator<Request, string, unknown> {
  let text = ''
  for (const part of word.parts) {
    text += yield* partText(e, part)
    if (text.length > MOST_TEXT) throw new TooLong('a word is too long')
  }
  return text
}

function* fieldsOf(e: Expanding, word: Word): Generator<Request, readonly Field[], unknown> {
  const fields: Field[] = []
  let field: Field | undefined
  const append = (text: string, quoted: boolean): void => {
    field ??= { text: '', glob: '', isPattern: false }
    field.text += text
    field.glob += quoted ? text.replace(/[\\*?[\]]/g, '\\$&') : text
    if (!quoted && /[*?[]/.test(text)) field.isPattern = true
    if (field.text.length > MOST_TEXT) throw new TooLong('a word is too long')
  }
  const end = (): void => {
    if (field !== undefined) fields.push(field)
    field = undefined
  }
  for (const part of word.parts) {
    const text = yield* partText(e, part)
    if (part.kind === 'text' || part.quoted) append(text, part.quoted)
    else
      for (const [index, piece] of text.split(/[ \t\n]+/).entries()) {
        if (index > 0) end()
        if (piece !== '') append(piece, false)
      }
  }
  end()
  return fields
}

function* partText(e: Expanding, part: Part): Generator<Request, string, unknown> {
  if (part.kind === 'text') return bytesOfText(part.text)
  if (part.kind === 'output') return (yield* e.output(part.script)).replace(/\n+$/, '')
  const value = variable(e, part.name)
  const { otherwise } = part
  if (otherwise === undefined) return value ?? ''
  const missing = value === undefined || (otherwise.empty && value === '')
  if (otherwise.sign === '-') return missing ? yield* expandText(e, otherwise.word) : value
  return missing ? '' : yield* expandText(e, otherwise.word)
}

function variable({ k, session }: Expanding, name: string): string | undefined {
  switch (name) {
    case '?':
      return String(session.status)
    case '#':
      return '0'
    case '$':
      return String(k.current.pid)
    case 'PWD':
      return session.folder
    default:
      return session.variables.get(name)
  }
}

/** Paths that fit a pattern, in order; none: the pattern stays as it is. */
function* filesOf({ k, session }: Expanding, glob: string): Generator<Request, readonly string[], unknown> {
  const [root = '', ...rest] = /^(\/*)(.*)$/s.exec(glob)?.slice(1) ?? []
  let found = [root]
  for (const [index, part] of (rest[0] ?? '').split(/\/+/).entries()) {
    const next: string[] = []
    for (const before of found) {
      const start = index === 0 ? before : `${before}/`
      if (!/[*?[]/.test(part)) {
        const path = start + part.replace(/\\(.)/g, '$1')
        const stat = yield* sys_newfstatat(entering(k), absolute(session, path), true)
        if (typeof stat !== 'number') next.push(path)
        continue
      }
      const names = yield* sys_getdents64(entering(k), absolute(session, start === '' ? '.' : start))
      if (typeof names === 'number') continue
      const pattern = globPattern(part)
      const hidden = part.startsWith('.')
      next.push(
        ...[...names]
          .sort()
          .filter((name) => (hidden || !name.startsWith('.')) && pattern.fits(name))
          .map((name) => start + name),
      )
    }
    found = next
  }
  return found
}
