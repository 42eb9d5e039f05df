/** Several files as one text: the program, then each further file under its heading. */

import { sectionsOf } from '../lang/c/sections.ts'

const heading = (name: string): string => `--- file: ${name}\n`
const closed = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)

export interface NamedText {
  readonly name: string
  readonly text: string
}

/** A program begins with a scenario, else with the C that has a main function, else with the first. */
export function joined(texts: readonly NamedText[]): string {
  const main =
    texts.find(({ name }) => name.endsWith('.pmem')) ?? texts.find(({ text }) => /\bmain\s*\(/.test(text)) ?? texts[0]
  const more = texts.filter((each) => each !== main)
  if (main === undefined || more.length === 0) return main?.text ?? ''
  return [closed(main.text), ...more.map(({ name, text }) => heading(name) + closed(text))].join('')
}

/** With one more file, and the line on which it begins. */
export function withNewFile(text: string): { readonly text: string; readonly line: number } {
  const taken = new Set(sectionsOf(text).map(({ name }) => name))
  let name = 'file.h'
  for (let n = 2; taken.has(name); n++) name = `file${n}.h`
  const longer = `${closed(text)}${heading(name)}\n`
  return { text: longer, line: longer.split('\n').length - 1 }
}
