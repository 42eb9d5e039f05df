/** The board in words: one sentence for its label, and the rows of its table. */

import type { Choice, Frame, Place, Stage } from '../../protocol/frame.ts'
import { lineOf, type Names } from '../address.ts'
import { STAGE_ORDER, STAGES } from '../stage.ts'
import { tileSentence } from './tile.ts'

export interface BoardRow {
  readonly key: string
  readonly place: string
  readonly line: number | undefined
  readonly text: string
  /** What hardware may do with it now. */
  readonly choices: readonly Choice[]
}

export function boardRows(frame: Frame, names?: Names): readonly BoardRow[] {
  const rows: BoardRow[] = []
  const choices = new Map<string, Choice[]>()
  for (const choice of frame.choices) {
    const key = rowKey(choice.place)
    choices.set(key, [...(choices.get(key) ?? []), choice])
  }
  for (const core of frame.cores) {
    core.storeBuffer.entries.forEach((entry, at) => {
      const line = entry.spa === undefined ? undefined : lineOf(entry.spa)
      const text = entry.sourceLine === 0 ? entry.kind : `${entry.kind} of line ${entry.sourceLine}`
      const key = `sb ${core.core} ${at}`
      const place = `Core ${core.core}, store buffer ${at}`
      rows.push({ key, place, line, text, choices: choices.get(key) ?? [] })
    })
    for (const tile of core.wc.tiles) add(`wc ${core.core}`, `Core ${core.core}, write-combining buffer`, tile)
    for (const tile of core.l1.tiles) add(`l1 ${core.core}`, `Core ${core.core}, L1d`, tile)
  }
  for (const tile of frame.l3.tiles) add('l3', 'L3', tile)
  for (const { controller, wpq } of frame.controllers) {
    for (const tile of wpq.tiles) add(`wpq ${controller}`, `Controller ${controller}, write-pending queue`, tile)
  }
  for (const { dimm, tiles } of frame.dimms)
    for (const tile of tiles) add(`media ${dimm}`, `NVDIMM ${dimm}, media`, tile)
  return rows

  function add(key: string, place: string, tile: Parameters<typeof tileSentence>[0]): void {
    const state = tile.sign === '' ? '' : ` (state ${tile.sign})`
    const row = `${key} ${tile.line}`
    const text = `${tileSentence(tile, names)}${state}`
    rows.push({ key: row, place, line: tile.line, text, choices: choices.get(row) ?? [] })
  }
}

function rowKey(place: Place): string {
  switch (place.kind) {
    case 'core':
      return `core ${place.core}`
    case 'store-buffer':
      return `sb ${place.core} ${place.slot}`
    case 'l3':
      return `l3 ${place.line}`
    case 'wpq':
      return `wpq ${place.controller} ${place.line}`
    case 'media':
      return `media ${place.dimm} ${place.line}`
    case 'l1':
    case 'wc':
      return `${place.kind} ${place.core} ${place.line}`
  }
}

/** "2 words dirty in a cache, 1 word in a write-pending queue." */
export function boardSentence(frame: Frame): string {
  const counts = new Map<Stage, number>()
  const tiles = [
    ...frame.cores.flatMap(({ wc, l1 }) => [...wc.tiles, ...l1.tiles]),
    ...frame.l3.tiles,
    ...frame.controllers.flatMap(({ wpq }) => wpq.tiles),
    ...frame.dimms.flatMap((dimm) => dimm.tiles),
  ]
  for (const tile of tiles) for (const stage of tile.words) counts.set(stage, (counts.get(stage) ?? 0) + 1)
  const buffered = frame.cores.reduce((sum, { storeBuffer }) => sum + storeBuffer.entries.length, 0)
  if (buffered > 0) counts.set('store-buffer', buffered)
  const parts = STAGE_ORDER.flatMap((stage) => {
    const count = counts.get(stage) ?? 0
    return count === 0 ? [] : [`${count} word${count === 1 ? '' : 's'} ${STAGES[stage].name}`]
  })
  return parts.length === 0 ? 'Nothing is on its way to media.' : `${parts.join(', ')}.`
}
