/** What the picture follows when a person has not chosen: a function of the frame alone, so that going back is exact. */

import type { Frame, LineView, Stage, Tile } from '../protocol/frame.ts'
import type { AppState } from './app-state.ts'

/** SPA of the line that the event speaks of, or else of the line that is nearest to being lost. */
export function followedLine(frame: Frame): number | undefined {
  if (frame.event.line !== undefined) return frame.event.line
  // When the power fails, what is lost matters more than what was saved.
  const moved = frame.event.kind === 'power-failure' ? undefined : frame.motions.at(-1)
  if (moved !== undefined && moved.step === frame.step && 'line' in moved.to) return moved.to.line
  for (const { storeBuffer } of frame.cores) {
    const spa = storeBuffer.entries.at(-1)?.spa
    if (spa !== undefined) return spa - (spa % 64)
  }
  const tiles: readonly Tile[] = [
    ...frame.cores.flatMap(({ wc, l1 }) => [...wc.tiles, ...l1.tiles]),
    ...frame.l3.tiles,
    ...frame.controllers.flatMap(({ wpq }) => wpq.tiles),
    ...frame.dimms.flatMap((dimm) => dimm.tiles),
  ]
  const holding = (stages: readonly Stage[]): number | undefined =>
    tiles.find(({ words }) => words.some((stage) => stages.includes(stage)))?.line
  return (
    holding(['lost']) ?? holding(['dirty', 'wc', 'flight']) ?? holding(['wpq']) ?? holding(['media']) ?? tiles[0]?.line
  )
}

/** 0…63: the byte of the newest store to the line. */
export function followedByte({ bytes }: LineView): number {
  let best = 0
  let newest = -1
  bytes.forEach(({ step }, at) => {
    if (step !== undefined && step > newest) {
      newest = step
      best = at
    }
  })
  return best
}

/** The line of the program that the focus stands at; 0: none. */
export const currentLine = ({ standing, frame }: Pick<AppState, 'standing' | 'frame'>): number =>
  standing ?? frame?.sourceLine ?? 0
