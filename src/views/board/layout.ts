/**
 * Where everything of the machine stands: cores on top, media at the bottom, the persistence domain as a border.
 *
 * From top to bottom: core with its store buffer and write-combining buffers, L1d, L3, write-pending queues, media.
 * The border encloses what a power failure spares: media; the queues too (ADR); the caches too (eADR).
 */

import { ensure } from '../../base/assert.ts'
import type { Frame, Place } from '../../protocol/frame.ts'
import type { Names } from '../address.ts'
import type { Box, Shape } from '../shape.ts'
import { type Card, type PlacedTile, tileCard } from './card.ts'
import { type CoreCard, coreCard } from './core-card.ts'
import { CORE_HEIGHT, DOMAIN_HEAD, DOMAIN_PAD, GAP, RADIUS, TILE_BUDGET, WC_WIDTH } from './metrics.ts'
import { type Rows, shareHeight } from './rows.ts'

export interface BoardModel {
  readonly frame: Frame
  readonly selected: number | undefined
  /** What the scenario calls places; addresses otherwise. */
  readonly names?: Names | undefined
}

export interface BoardLayout {
  readonly width: number
  readonly height: number
  readonly shapes: readonly Shape[]
  /** Every tile on the board, for keyboard and table. */
  readonly tiles: readonly PlacedTile[]
  place(place: Place): Box
  /** Where it is drawn itself; undefined when something else stands for it. */
  shown(place: Place): Box | undefined
}

export function layoutBoard({ frame, selected, names }: BoardModel, box: { w: number; h: number }): BoardLayout {
  const left = DOMAIN_PAD
  const rows = shareHeight(frame, box.w - 2 * DOMAIN_PAD, Math.max(0, box.h - 8))
  const shapes: Shape[] = []
  const cards = new Map<string, Card>()
  const cores = new Map<number, CoreCard>()
  const options = {
    urgent: urgentLines(frame, selected),
    familiar: new Set(frame.dimms.flatMap(({ tiles }) => tiles.map(({ line }) => line))),
    selected,
    names,
    cap: tileCap(frame),
  }
  const add = (key: string, card: Card): void => {
    cards.set(key, card)
    shapes.push(...card.shapes)
  }
  let y = 8

  grid(frame.cores, rows.groups, rows.groupWidth, left, y, CORE_HEIGHT).forEach(([core, at]) => {
    const card = coreCard(core, { ...at, w: at.w - WC_WIDTH - GAP }, selected, names)
    cores.set(core.core, card)
    shapes.push(...card.shapes)
    const wc = { ...at, x: at.x + at.w - WC_WIDTH, w: WC_WIDTH }
    add(
      `wc ${core.core}`,
      tileCard(`wc ${core.core}`, wc, `WC`, [`${core.wc.tiles.length} / ${core.wc.capacity}`], core.wc.tiles, options),
    )
  })
  y += lines(frame.cores.length, rows.groups) * (CORE_HEIGHT + GAP)

  if (frame.domain === 'eadr') y += DOMAIN_HEAD
  const cachesTop = y
  grid(frame.cores, rows.groups, rows.groupWidth, left, y, rows.l1Height).forEach(([core, at]) => {
    const aside = [`${core.l1.used} of ${core.l1.capacity} lines`, `${core.l1.used}/${core.l1.capacity}`]
    add(`l1 ${core.core}`, tileCard(`l1 ${core.core}`, at, `L1d · core ${core.core}`, aside, core.l1.tiles, options))
  })
  y += lines(frame.cores.length, rows.groups) * (rows.l1Height + GAP)

  const l3 = { x: left, y, w: box.w - 2 * left, h: rows.l3Height }
  add(
    'l3',
    tileCard('l3', l3, 'L3 · shared', [`${frame.l3.used} of ${frame.l3.capacity} lines`], frame.l3.tiles, options),
  )
  y += rows.l3Height

  y += frame.domain === 'adr' ? DOMAIN_HEAD + DOMAIN_PAD : GAP
  const queuesTop = y
  grid(frame.controllers, rows.controllers, rows.controllerWidth, left, y, rows.wpqHeight).forEach(([imc, at]) => {
    const key = `wpq ${imc.controller}`
    const aside = [`${imc.wpq.used} / ${imc.wpq.capacity}`]
    add(key, tileCard(key, at, `iMC ${imc.controller} · write-pending queue`, aside, imc.wpq.tiles, options))
  })
  y += lines(frame.controllers.length, rows.controllers) * (rows.wpqHeight + GAP)

  if (frame.domain === 'none') y += DOMAIN_HEAD
  const mediaTop = y
  grid(frame.dimms, rows.dimms, rows.dimmWidth, left, y, rows.mediaHeight).forEach(([dimm, at]) => {
    const key = `media ${dimm.dimm}`
    const hints = dimm.flushHints
    const aside = hints === 0 ? ['no flush hints', 'no hints'] : [`flush hints: ${hints}`, `hints: ${hints}`]
    add(key, tileCard(key, at, `NVDIMM ${dimm.dimm} · media`, aside, dimm.tiles, { ...options, total: dimm.total }))
  })
  y += lines(frame.dimms.length, rows.dimms) * (rows.mediaHeight + GAP) - GAP

  const top = { none: mediaTop, adr: queuesTop, eadr: cachesTop }[frame.domain]
  const border = domainBorder(frame.domain, { x: 1, y: top - DOMAIN_PAD, w: box.w - 2, h: y - top + 2 * DOMAIN_PAD })
  const height = y + DOMAIN_PAD + 2
  return {
    width: box.w,
    height,
    shapes: [border.area, ...shapes, ...border.sign],
    tiles: [...cards.values()].flatMap((card) => card.tiles),
    place: (place) => find(place, cards, cores, rows),
    shown: (place) => findShown(place, cards, cores),
  }
}

function find(place: Place, cards: ReadonlyMap<string, Card>, cores: ReadonlyMap<number, CoreCard>, rows: Rows): Box {
  if (!('line' in place)) {
    const core = ensure(cores.get(place.core), 'a place names a core of the machine')
    return core.slot(place.kind === 'store-buffer' ? place.slot : 0)
  }
  const key = cardOf(place)
  const card = ensure(cards.get(key), `the board has a card "${key}" (${rows.groups} core groups a row)`)
  return tileIn(card, place.line) ?? card.fallback
}

function findShown(
  place: Place,
  cards: ReadonlyMap<string, Card>,
  cores: ReadonlyMap<number, CoreCard>,
): Box | undefined {
  if ('line' in place) return tileIn(cards.get(cardOf(place)), place.line)
  const core = cores.get(place.core)
  if (place.kind === 'core') return core?.note
  return core !== undefined && place.slot < core.ownSlots ? core.slot(place.slot) : undefined
}

const tileIn = (card: Card | undefined, line: number): Box | undefined =>
  card?.tiles.find(({ tile }) => tile.line === line)?.box

/** Key of the card that has a place's tile. */
function cardOf(place: Extract<Place, { line: number }>): string {
  switch (place.kind) {
    case 'l3':
      return 'l3'
    case 'wpq':
      return `wpq ${place.controller}`
    case 'media':
      return `media ${place.dimm}`
    case 'l1':
    case 'wc':
      return `${place.kind} ${place.core}`
  }
}

/** The line a person looks at, and every line that just moved, are shown whatever else is hidden. */
function urgentLines(frame: Frame, selected: number | undefined): ReadonlySet<number> {
  const lines = frame.motions.flatMap(({ to, from }) => [to, from]).flatMap((at) => ('line' in at ? [at.line] : []))
  return new Set(selected === undefined ? lines : [selected, ...lines])
}

function tileCap(frame: Frame): number {
  const counts = [
    ...frame.cores.flatMap(({ l1, wc }) => [l1.tiles.length, wc.tiles.length]),
    frame.l3.tiles.length,
    ...frame.controllers.map(({ wpq }) => wpq.tiles.length),
    ...frame.dimms.map(({ tiles }) => tiles.length),
  ].filter((count) => count > 0)
  const all = counts.reduce((sum, count) => sum + count, 0)
  return all <= TILE_BUDGET ? all : Math.floor(TILE_BUDGET / counts.length)
}

const DOMAIN_SIGN = {
  none: 'Persistence domain (media only)',
  adr: 'Persistence domain (ADR)',
  eadr: 'Persistence domain (eADR)',
} as const

function domainBorder(domain: Frame['domain'], at: Box): { area: Shape; sign: readonly Shape[] } {
  const width = (text: string): number => text.length * 6.15 + 26
  const whole = `${DOMAIN_SIGN[domain]}: everything inside survives`
  const text = width(whole) <= at.w - 16 ? whole : DOMAIN_SIGN[domain]
  const w = Math.min(at.w - 40, width(text))
  return {
    area: { kind: 'rect', key: 'domain', class: 'domain', ...at, r: RADIUS + 4 },
    sign: [
      { kind: 'rect', key: 'domain sign', class: 'domain-sign', x: at.x + 16, y: at.y - 10, w, h: 20, r: 10 },
      { kind: 'text', key: 'domain text', class: 'domain-text', x: at.x + 28, y: at.y + 4, text },
    ],
  }
}

/** Items in rows of `columns`, each with its box. */
function grid<T>(
  items: readonly T[],
  columns: number,
  w: number,
  x: number,
  y: number,
  h: number,
): readonly (readonly [T, Box])[] {
  return items.map((item, index) => {
    const column = index % columns
    const row = Math.floor(index / columns)
    return [item, { x: x + column * (w + GAP), y: y + row * (h + GAP), w, h }]
  })
}

const lines = (count: number, perRow: number): number => Math.ceil(count / perRow)
