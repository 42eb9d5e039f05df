/** What a namespace is for, and what kernel and tools call it. */

export type Mode = 'raw' | 'fsdax' | 'devdax' | 'sector'

const MODES: Readonly<Record<string, Mode>> = {
  raw: 'raw',
  memory: 'fsdax',
  fsdax: 'fsdax',
  safe: 'sector',
  sector: 'sector',
  dax: 'devdax',
  devdax: 'devdax',
}

/** A mode by any of its names. */
export const modeOf = (text: string): Mode | undefined => (Object.hasOwn(MODES, text) ? MODES[text] : undefined)
