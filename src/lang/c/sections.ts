/** Where the files of a text begin: `--- file: log.h` on a line of its own. What they mean is in `own-files.ts`. */

export interface Section {
  readonly name: string
  /** 1-based line of its heading. */
  readonly line: number
  /** Where the heading begins and where its own text does, in the whole text. */
  readonly offset: number
  readonly start: number
}

/** The headings in a text, in their order. */
export const sectionsOf = (text: string): readonly Section[] => {
  const found: Section[] = []
  let line = 1
  let counted = 0
  for (const heading of text.matchAll(/^--- file:[ \t]*(.*?)[ \t]*\r?(?:\n|$(?![\s\S]))/gm)) {
    for (; counted < heading.index; counted++) if (text[counted] === '\n') line++
    found.push({
      name: heading[1] ?? '',
      line,
      offset: heading.index,
      start: heading.index + heading[0].length,
    })
  }
  return found
}
