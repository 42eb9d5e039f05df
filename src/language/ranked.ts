/** The items that fit what was written so far, the best first. */

import type { Completion } from '../protocol/language.ts'

const MOST = 60

/** 0 is best; undefined does not fit. */
function distance(label: string, written: string): number | undefined {
  if (label.startsWith(written)) return 0
  const [low, wanted] = [label.toLowerCase(), written.toLowerCase()]
  if (low.startsWith(wanted)) return 1
  // `clwb` finds `_mm_clwb`.
  return wanted.length >= 2 && low.includes(wanted) ? 2 : undefined
}

/** Of equals the earlier comes first: what the program itself names. */
export const ranked = (items: readonly Completion[], written: string): readonly Completion[] =>
  items
    .flatMap((item, index) => {
      const far = distance(item.label, written)
      return far === undefined ? [] : [{ item, order: far * items.length + index }]
    })
    .sort((a, b) => a.order - b.order)
    .slice(0, MOST)
    .map(({ item }) => item)
