/**
 * How the board's cards share its height: every kind of card gets one row of tiles, then whoever still hides lines
 * gets another in turn while the board fits what is visible. What remains makes the media cards taller.
 */

import type { Frame } from '../../protocol/frame.ts'
import { cardHeight, columnsIn } from './card.ts'
import { CORE_HEIGHT, DIMM_MIN_WIDTH, DOMAIN_HEAD, DOMAIN_PAD, GAP, GROUP_MIN_WIDTH } from './metrics.ts'

export interface Rows {
  /** Core groups beside each other, and the width of one. */
  readonly groups: number
  readonly groupWidth: number
  readonly controllers: number
  readonly controllerWidth: number
  readonly dimms: number
  readonly dimmWidth: number
  readonly l1Height: number
  readonly l3Height: number
  readonly wpqHeight: number
  readonly mediaHeight: number
  readonly total: number
}

/** Height of the board with one row of tiles everywhere; it depends on the machine, not on what it holds. */
function leastHeight(frame: Frame, beside: number): number {
  const rows = (count: number): number => Math.ceil(count / beside)
  return (
    rows(frame.cores.length) * (CORE_HEIGHT + cardHeight(1) + 2 * GAP) +
    cardHeight(1) +
    (rows(frame.controllers.length) + rows(frame.dimms.length)) * (cardHeight(1) + GAP) +
    DOMAIN_HEAD +
    3 * DOMAIN_PAD
  )
}

/** What a scaled board keeps: room for further rows, and this width for a core with its buffers. */
const AIR = 1.15
const COMFORTABLE = 420
const LARGEST = 2
/** Text stays legible. */
const SMALLEST = 0.85

/** The scale at which the board fills `box`: the same at every step of a recording. */
export function boardScale(frame: Frame, box: { readonly w: number; readonly h: number }): number {
  const beside = Math.min(2, Math.max(frame.cores.length, frame.controllers.length, frame.dimms.length))
  const widest = box.w / (beside * (COMFORTABLE + GAP) + 2 * DOMAIN_PAD)
  const least = leastHeight(frame, beside)
  if (box.h < least) return Math.max(SMALLEST, box.h / least)
  return Math.max(1, Math.min(LARGEST, widest, box.h / (least * AIR)))
}

/** `width` is inside the domain's border, `height` what is visible (0: as little as possible). */
export function shareHeight(frame: Frame, width: number, height: number): Rows {
  const share = (count: number, least: number): { n: number; w: number } => {
    const n = Math.max(1, Math.min(count, Math.floor((width + GAP) / (least + GAP)) || 1))
    return { n, w: (width - (n - 1) * GAP) / n }
  }
  const group = share(frame.cores.length, GROUP_MIN_WIDTH)
  const controller = share(frame.controllers.length, GROUP_MIN_WIDTH)
  const aligned = share(frame.dimms.length, GROUP_MIN_WIDTH)
  const dimm = frame.dimms.length <= controller.n ? aligned : share(frame.dimms.length, DIMM_MIN_WIDTH)

  const most = (counts: readonly number[], w: number): number =>
    Math.max(1, Math.ceil(Math.max(0, ...counts) / columnsIn(w)))
  const wanted = {
    media: most(
      frame.dimms.map(({ tiles, total }) => tiles.length + (total > tiles.length ? 1 : 0)),
      dimm.w,
    ),
    l1: most(
      frame.cores.map(({ l1 }) => l1.tiles.length),
      group.w,
    ),
    wpq: most(
      frame.controllers.map(({ wpq }) => wpq.tiles.length),
      controller.w,
    ),
    l3: most([frame.l3.tiles.length], width),
  }
  const rows = { media: 1, l1: 1, wpq: 1, l3: 1 }
  const lines = (count: number, perRow: number): number => Math.ceil(count / perRow)
  const total = (): number => {
    const groups = lines(frame.cores.length, group.n)
    return (
      groups * (CORE_HEIGHT + GAP) +
      groups * (cardHeight(rows.l1) + GAP) +
      cardHeight(rows.l3) +
      lines(frame.controllers.length, controller.n) * (cardHeight(rows.wpq) + GAP) +
      lines(frame.dimms.length, dimm.n) * (cardHeight(rows.media) + GAP) +
      DOMAIN_HEAD +
      3 * DOMAIN_PAD
    )
  }
  const most4 = { media: 8, l1: 4, wpq: 3, l3: 2 }
  const least = height === 0 ? { media: 2, l1: 2, wpq: 1, l3: 1 } : { ...rows }
  for (let grew = true; grew; ) {
    grew = false
    for (const kind of ['media', 'l1', 'wpq', 'l3'] as const) {
      if (rows[kind] >= Math.min(wanted[kind], most4[kind])) continue
      rows[kind]++
      if (total() > height && rows[kind] > least[kind]) rows[kind]--
      else grew = true
    }
  }
  const spare = Math.max(0, height - total()) / lines(frame.dimms.length, dimm.n)
  return {
    groups: group.n,
    groupWidth: group.w,
    controllers: controller.n,
    controllerWidth: controller.w,
    dimms: dimm.n,
    dimmWidth: dimm.w,
    l1Height: cardHeight(rows.l1),
    l3Height: cardHeight(rows.l3),
    wpqHeight: cardHeight(rows.wpq),
    mediaHeight: cardHeight(rows.media) + Math.min(spare, 160),
    total: Math.max(total(), height),
  }
}
