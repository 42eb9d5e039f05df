/**
 * The few shapes that every picture is made of. A layout returns a list of them; drawing is one keyed join.
 *
 * Units are CSS pixels of the picture's own box. Colours and fonts come from the class.
 */

/** What a click on a shape chooses. */
export type Pick =
  | { readonly kind: 'line'; readonly line: number }
  | { readonly kind: 'step'; readonly step: number }
  | { readonly kind: 'source'; readonly sourceLine: number; readonly step: number }

interface Common {
  /** Stable identity between pictures. */
  readonly key: string
  readonly class: string
  readonly pick?: Pick
  /** Tooltip. */
  readonly title?: string
}

interface RectShape extends Common {
  readonly kind: 'rect'
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
  readonly r: number
}

interface TextShape extends Common {
  readonly kind: 'text'
  readonly x: number
  readonly y: number
  readonly text: string
  readonly anchor?: 'start' | 'middle' | 'end'
  /** One place a character: letters over words in one node. */
  readonly xs?: readonly number[]
}

interface PathShape extends Common {
  readonly kind: 'path'
  readonly d: string
}

export type Shape = RectShape | TextShape | PathShape

export interface Box {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

/** As many characters as fit: `width` in pixels, `perChar` the font's advance. */
export function clip(text: string, width: number, perChar: number): string {
  const room = Math.floor(width / perChar)
  if (text.length <= room) return text
  return room < 2 ? '' : `${text.slice(0, room - 1)}…`
}
