/** A core: what it runs, its store buffer, what it waits for. */

import type { CoreView, StoreBufferSlot } from '../../protocol/frame.ts'
import { lineOf, type Names, shortAddress } from '../address.ts'
import { type Box, clip, type Shape } from '../shape.ts'
import { cardFrame } from './card.ts'
import { MONO_11, PAD, SANS_10, TITLE } from './metrics.ts'

const SLOT_WIDTH = 38
const SLOT_GAP = 5
const SLOT_HEIGHT = 26
/** Baseline of what the core waits for. */
const NOTE = 96

export interface CoreCard {
  readonly shapes: readonly Shape[]
  /** Place of the n-th entry of the store buffer; entries beyond the last slot stand in it. */
  slot(index: number): Box
  /** Entries that have a slot of their own. */
  readonly ownSlots: number
  /** The line that says what the core waits for. */
  readonly note: Box
}

export function coreCard(core: CoreView, box: Box, selected: number | undefined, names?: Names): CoreCard {
  const key = `core ${core.core}`
  const { entries, capacity } = core.storeBuffer
  const title = core.thread === undefined ? `Core ${core.core}` : `Core ${core.core} · ${core.thread}`
  const room = Math.max(1, Math.floor((box.w - 2 * PAD + SLOT_GAP) / (SLOT_WIDTH + SLOT_GAP)))
  const slot = (index: number): Box => ({
    x: box.x + PAD + Math.min(index, room - 1) * (SLOT_WIDTH + SLOT_GAP),
    y: box.y + TITLE + 2,
    w: SLOT_WIDTH,
    h: SLOT_HEIGHT,
  })
  const shapes: Shape[] = [
    ...cardFrame(key, box, title, [
      `store buffer ${entries.length} / ${capacity}`,
      `buffer ${entries.length}/${capacity}`,
      `${entries.length}/${capacity}`,
    ]),
  ]
  const overflow = entries.length > room ? entries.length - room + 1 : 0
  for (let i = 0; i < Math.min(room, capacity); i++) {
    const at = slot(i)
    const entry = overflow > 0 && i === room - 1 ? undefined : entries[i]
    const chosen = entry?.spa !== undefined && lineOf(entry.spa) === selected
    shapes.push({
      kind: 'rect',
      key: `${key} slot ${i}`,
      class: entry === undefined ? 'slot' : `slot full ${slotStage(entry)}${chosen ? ' selected' : ''}`,
      ...at,
      r: 5,
      ...(entry === undefined ? {} : { title: slotSentence(entry, names), pick: pickOf(entry) }),
    })
    const text = overflow > 0 && i === room - 1 ? `+${overflow}` : entry === undefined ? '' : slotText(entry, names)
    if (text !== '') {
      shapes.push({
        kind: 'text',
        key: `${key} slot text ${i}`,
        class: 'slot-text',
        x: at.x + at.w / 2,
        y: at.y + at.h / 2 + 3.5,
        anchor: 'middle',
        text,
        ...(entry === undefined ? {} : { pick: pickOf(entry) }),
      })
    }
  }
  const left = box.x + PAD
  const inner = box.w - 2 * PAD
  shapes.push({
    kind: 'text',
    key: `${key} instruction`,
    class: 'instruction',
    x: left,
    y: box.y + 78,
    text: clip(core.instruction ?? 'idle', inner, MONO_11),
  })
  shapes.push({
    kind: 'text',
    key: `${key} note`,
    class: core.waiting ? 'note waiting' : 'note',
    x: left,
    y: box.y + NOTE,
    text: clip(note(core), inner, SANS_10),
  })
  return {
    shapes,
    slot,
    ownSlots: Math.min(room, capacity, entries.length) - (overflow > 0 ? 1 : 0),
    note: { x: left, y: box.y + NOTE - 11, w: inner, h: 14 },
  }
}

const pickOf = (entry: StoreBufferSlot) =>
  entry.spa === undefined
    ? ({ kind: 'step', step: entry.step } as const)
    : ({ kind: 'line', line: lineOf(entry.spa) } as const)

const slotStage = (entry: StoreBufferSlot): string => {
  if (entry.kind === 'store') return 'slot-store'
  return entry.kind === 'movnt' || entry.kind === 'movdir64b' ? 'slot-movnt' : 'slot-order'
}

/** A flush names its line's first byte. */
const nameOf = (spa: number, names: Names | undefined): string | undefined => names?.at(spa) ?? names?.onLine(spa)

const slotText = (entry: StoreBufferSlot, names: Names | undefined): string => {
  if (entry.spa === undefined) return 'fence'
  const name = nameOf(entry.spa, names)
  const place = name === undefined ? shortAddress(entry.spa).slice(1) : clip(name, SLOT_WIDTH - MONO_11, MONO_11)
  return entry.kind === 'store' || slotStage(entry) === 'slot-movnt' ? place : `↓${place}`
}

function slotSentence(entry: StoreBufferSlot, names: Names | undefined): string {
  const where =
    entry.spa === undefined ? '' : ` ${nameOf(entry.spa, names) ?? shortAddress(entry.spa)}, ${entry.size} bytes`
  const line = entry.sourceLine === 0 ? '' : `, line ${entry.sourceLine}`
  return `${entry.kind}${where}, issued at step ${entry.step}${line}`
}

function note(core: CoreView): string {
  const flushes = core.flushes.length
  const flying = flushes === 1 ? '1 flush' : `${flushes} flushes`
  if (core.waiting) return flushes > 0 ? `◷ waits for ${flying}` : '◷ waits'
  if (flushes > 0) return `${flying} under way, no fence has waited`
  return core.thread === undefined ? 'no thread' : ''
}
