/**
 * What hardware may do of its own accord right after a step, as far as the board shows it.
 *
 * The rule is that of `hw/transition.ts`, asked with the cells as they were at the step. Left out: lines that no box of
 * the board shows.
 */

import { address } from '../../base/bytes.ts'
import type { Choice, Frame, Place } from '../../protocol/frame.ts'
import { alike, enabled, type Transition } from '../hw/transition.ts'
import type { StateAt } from './state-at.ts'

/** What the board shows, choices aside. */
type Shown = Pick<Frame, 'cores' | 'l3' | 'controllers'>

/** Everything that hardware may do at the state. */
export const enabledAt = (state: StateAt): readonly Transition[] =>
  state.hw.cells.as(state.words, () => enabled(state.hw, state.dirtyLines()))

export function choices(state: StateAt, shown: Shown): readonly Choice[] {
  const { hw } = state
  const all = enabledAt(state)
  return all.flatMap((t) => {
    const place = placeOf(state, t, shown)
    if (place === undefined) return []
    const cell = t.cell === undefined ? {} : { cell: t.cell }
    const wanted = { kind: t.kind, core: t.core, line: hw.lines.spa(t.line), ...cell }
    const nth = alike(hw, all, wanted).indexOf(t)
    return [{ transition: nth === 0 ? wanted : { ...wanted, nth }, place, sentence: sentenceOf(state, t) }]
  })
}

function placeOf(state: StateAt, t: Transition, { cores, l3, controllers }: Shown): Place | undefined {
  const line = state.hw.lines.spa(t.line)
  const { core } = t
  const view = cores[core]
  const inL1 = (at: number): boolean => cores[at]?.l1.tiles.some((tile) => tile.line === line) ?? false
  switch (t.kind) {
    case 'drain':
      return { kind: 'store-buffer', core, slot: state.storeBuffer(core).indexOf(bufferedOp(state, t)) }
    case 'flush':
      return inL1(core) ? { kind: 'l1', core, line } : { kind: 'core', core }
    case 'wc-drain':
      return view?.wc.tiles.some((tile) => tile.line === line) ? { kind: 'wc', core, line } : undefined
    case 'evict':
      return inL1(core) ? { kind: 'l1', core, line } : undefined
    case 'write-back': {
      const owner = state.dirty(t.line)?.core ?? -1
      if (owner >= 0) return inL1(owner) ? { kind: 'l1', core: owner, line } : undefined
      return l3.tiles.some((tile) => tile.line === line) ? { kind: 'l3', line } : undefined
    }
    case 'wpq-drain': {
      const tiles = controllers[core]?.wpq.tiles ?? []
      return tiles.some((tile) => tile.line === line) ? { kind: 'wpq', controller: core, line } : undefined
    }
  }
}

/** The operation at a position of a store buffer, holes counted. */
const bufferedOp = ({ hw, words }: StateAt, { core, entry }: Transition): number =>
  hw.cells.as(words, () => hw.storeBuffers[core]?.at(entry) ?? 0)

function sentenceOf(state: StateAt, t: Transition): string {
  const { hw } = state
  const { history } = hw
  const line = address(hw.lines.spa(t.line))
  const core = `core ${t.core}`
  switch (t.kind) {
    case 'drain': {
      const op = bufferedOp(state, t)
      const kind = history.kind(op)
      const from = `The store buffer of ${core} lets`
      if (kind === 'store')
        return `${from} the store to ${address(hw.lines.spa(t.line) + history.offset(op))} become visible`
      if (history.isFence(op)) return `${from} the ${kind} go: everything before it has arrived`
      if (!history.isWrite(op) && kind !== 'hint') return `${from} the ${kind} of line ${line} begin`
      return `${from} the ${kind === 'hint' ? 'flush-hint store' : kind} to ${address(hw.lines.spa(t.line) + history.offset(op))} go`
    }
    case 'flush': {
      const op = state.flushes(t.core)[t.entry] ?? 0
      const kind = history.kind(op)
      return kind === 'hint'
        ? `The flush hint of ${core} empties the write-pending queue of NVDIMM ${hw.lines.home(t.line).dimm}`
        : `The ${kind} of line ${line} by ${core} completes`
    }
    case 'wc-drain':
      return t.cell === undefined
        ? `The write-combining buffer of ${core} hands over line ${line}`
        : `The write-combining buffer of ${core} hands over eight bytes, ${address(hw.lines.spa(t.line) + 8 * t.cell)}`
    case 'evict':
      return `L1 of ${core} hands line ${line} down to L3`
    case 'write-back': {
      const owner = state.dirty(t.line)?.core ?? -1
      return `${owner < 0 ? 'L3' : `L1 of core ${owner}`} writes back line ${line}`
    }
    case 'wpq-drain':
      return `The write-pending queue of controller ${t.core} writes line ${line} to media`
  }
}
