/** A scenario's text as the language services see it: where the front matter ends, where a place is. */

import { splitFrontMatter } from '../scenario/front-matter.ts'

export interface Source {
  readonly text: string
  /** The C, with line numbers of the whole text. */
  readonly program: string
  /** Where the C begins in the whole text. */
  readonly programOffset: number
  /** Of a text with front matter. */
  readonly yaml: { readonly from: number; readonly to: number } | undefined
}

export function sourceOf(text: string): Source {
  const parts = splitFrontMatter(text)
  // A front matter that has no end yet: everything is front matter.
  if (!parts.ok) return { text, program: '', programOffset: text.length + 1, yaml: { from: 4, to: text.length } }
  const { yaml, yamlOffset, program, programOffset } = parts.value
  const inFront = yamlOffset === 0 ? undefined : { from: yamlOffset, to: yamlOffset + yaml.length }
  return { text, program, programOffset, yaml: inFront }
}

export interface Spot {
  readonly line: number
  readonly column: number
}

/** 1-based, as the compiler counts. */
export function spotOf(text: string, at: number): Spot {
  const before = text.slice(0, at)
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') }
}

/** The word around `at`. */
export function wordAt(
  text: string,
  at: number,
): { readonly from: number; readonly to: number; readonly word: string } {
  let from = at
  while (from > 0 && /\w/.test(text[from - 1] ?? '')) from--
  let to = at
  while (/\w/.test(text[to] ?? '')) to++
  return { from, to, word: text.slice(from, to) }
}

/** Is the place in a comment or a string of the C? Goes through the program once. */
export function inCode({ text, programOffset }: Source, at: number): boolean {
  const form = /\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?/g
  form.lastIndex = programOffset
  for (let found = form.exec(text); found !== null && found.index < at; found = form.exec(text)) {
    const end = found.index + found[0].length
    const closed = found[0].startsWith('//') ? false : /^(?:\/\*[\s\S]*\*\/|"[\s\S]*"|'[\s\S]*')$/.test(found[0])
    if (at < end || (at === end && !closed)) return false
  }
  return true
}
