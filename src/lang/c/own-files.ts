/**
 * The program's own files. One text holds them all: the main file, then sections that begin with a line
 * `--- file: log.h`, which no C can contain. `#include "log.h"` reads a section; its tokens keep their places in the
 * whole text, so that errors and breakpoints need no second kind of place.
 *
 * There is one translation unit, as with gcc and one file: a `.c` section is included, too. Left out: folders that a
 * name is looked for in, `__FILE__` of a section.
 */

import { lex } from './lexer.ts'
import type { Problems } from './problems.ts'
import { sectionsOf } from './sections.ts'
import type { Place, Token } from './token.ts'

/** Sections of one text. */
const MOST_FILES = 32
/** Includes of own files in one program: what reads itself again and again ends here. */
const MOST_INCLUDES = 200
const DEEPEST = 8

interface OwnFile {
  /** Of its heading. */
  readonly at: Place
  readonly text: string
  tokens: readonly Token[] | undefined
  read: boolean
}

const NAME = /^[\w.+-]{1,60}(?:\/[\w.+-]{1,60}){0,4}$/

export class OwnFiles {
  /** The text up to the first section. */
  readonly main: string
  private readonly files = new Map<string, OwnFile>()
  private readonly wrong: (readonly [Place, string])[] = []
  private includes = 0

  constructor(text: string) {
    const sections = sectionsOf(text)
    this.main = text.slice(0, sections[0]?.offset ?? text.length)
    sections.forEach(({ name, line, start, offset }, index) => {
      const at: Place = { line, column: 1, length: start - offset - 1 }
      const end = sections[index + 1]?.offset ?? text.length
      if (!NAME.test(name)) this.wrong.push([at, 'a file needs a name such as log.h'])
      else if (this.files.has(name)) this.wrong.push([at, `there are two files '${name}'`])
      else if (index >= MOST_FILES) this.wrong.push([at, `more than ${MOST_FILES} files`])
      else {
        const padded = '\n'.repeat(line) + text.slice(start, end)
        this.files.set(name, { at, text: padded, tokens: undefined, read: false })
      }
    })
  }

  /** What an include of a file brings; undefined when there is no such file. */
  open(name: string, at: Place, depth: number, problems: Problems): readonly Token[] | undefined {
    const file = this.files.get(name)
    if (file === undefined) return undefined
    file.tokens ??= lex(file.text)
    if (file.read && readOnce(file.tokens)) return []
    file.read = true
    if (depth > DEEPEST || ++this.includes > MOST_INCLUDES) {
      const most = depth > DEEPEST ? `more than ${DEEPEST} deep` : `more than ${MOST_INCLUDES} times`
      problems.error(at, `own files are included ${most}`, 'a file that includes itself needs `#pragma once`')
      return []
    }
    return file.tokens
  }

  /** What only the end of the program tells. */
  finish(problems: Problems): void {
    for (const [at, message] of this.wrong) problems.error(at, message)
    for (const [name, { at, read }] of this.files)
      if (!read && name.endsWith('.c')) problems.error(at, `nothing includes '${name}'`, `write \`#include "${name}"\``)
  }
}

const readOnce = (tokens: readonly Token[]): boolean =>
  tokens.some(
    ({ text, first }, i) => first && text === '#' && tokens[i + 1]?.text === 'pragma' && tokens[i + 2]?.text === 'once',
  )
