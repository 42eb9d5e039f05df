/**
 * What hardware may do now, as handles: a small arrow towards media on the entry that may move.
 *
 * A handle stands where nothing else does: in the label row of a tile, under a slot of a store buffer, at the end of a
 * core's note. Lesser ways to move (L1 to L3, one word of a write-combining buffer) have theirs on the line that is
 * looked at only; the palette has all.
 */

import type { Choice } from '../../protocol/frame.ts'
import type { TransitionChoice } from '../../protocol/interventions.ts'
import { lineOf } from '../address.ts'
import type { Box } from '../shape.ts'
import type { BoardLayout } from './layout.ts'
import { LABEL, TILE_HEIGHT, WORD_GAP } from './metrics.ts'

export interface Handle {
  readonly choice: Choice
  readonly key: string
  readonly box: Box
  /** A word or two: what happens to the entry. */
  readonly verb: string
  /** It stands on the line that is looked at. */
  readonly near: boolean
}

const WIDTH = 24
/** Reaches into the free ground above a tile, never onto its words. */
const HEIGHT = 18
/** What fits beside the label of a tile. */
const MOST_BESIDE = 2

const VERBS: Readonly<Record<TransitionChoice['kind'], string>> = {
  drain: 'drain',
  flush: 'complete',
  'wc-drain': 'drain',
  evict: 'to L3',
  'write-back': 'write back',
  'wpq-drain': 'to media',
}

export const verbOf = ({ kind, cell }: TransitionChoice): string => (cell === undefined ? VERBS[kind] : `word ${cell}`)

const isLesser = ({ kind, cell }: TransitionChoice): boolean => kind === 'evict' || cell !== undefined

export function layoutHandles(
  layout: BoardLayout,
  choices: readonly Choice[],
  selected: number | undefined,
): readonly Handle[] {
  const beside = new Map<string, number>()
  // The nearest to the edge is the way to media.
  const ordered = [...choices].sort((a, b) => Number(isLesser(a.transition)) - Number(isLesser(b.transition)))
  return ordered.flatMap((choice) => {
    const { transition, place } = choice
    const near = lineOf(transition.line) === selected
    const at = layout.shown(place)
    if (at === undefined || (isLesser(transition) && !near)) return []
    const handle = (box: Box): Handle => ({
      choice,
      key: choiceKey(transition),
      box,
      verb: verbOf(transition),
      near,
    })
    if (transition.cell !== undefined) return [handle(underWord(at, transition.cell))]
    if (place.kind === 'store-buffer')
      return [handle({ x: at.x + (at.w - WIDTH) / 2, y: at.y + at.h - 6, w: WIDTH, h: HEIGHT })]
    const entry = JSON.stringify(place)
    const index = beside.get(entry) ?? 0
    beside.set(entry, index + 1)
    if (index >= MOST_BESIDE) return []
    return [handle({ x: at.x + at.w - (index + 1) * WIDTH, y: at.y + LABEL - 3 - HEIGHT, w: WIDTH, h: HEIGHT })]
  })
}

/** In the gap below a word of a tile. */
function underWord(tile: Box, word: number): Box {
  const pitch = (tile.w + WORD_GAP) / 8
  return { x: tile.x + word * pitch, y: tile.y + TILE_HEIGHT + 1, w: pitch - WORD_GAP, h: 14 }
}

export const choiceKey = ({ kind, core, line, cell, nth }: TransitionChoice): string =>
  [kind, core, line, cell ?? '', nth ?? ''].join(' ')
