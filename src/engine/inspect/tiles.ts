/** Lines as tiles: eight words of eight bytes, each with how far it has come, for every place that holds lines. */

import type { Stage, Tile } from '../../protocol/frame.ts'
import { byteMasks } from '../hw/cpu/wc-buffer.ts'
import type { StateAt } from './state-at.ts'

const SIGNS = ['I', 'S', 'E', 'M']

/** Words that these operations wrote, in `stage`; the others clean. */
function words(state: StateAt, ops: readonly number[], stage: Stage): Stage[] {
  const { history } = state.hw
  const words: Stage[] = Array.from({ length: 8 }, () => 'clean')
  for (const op of ops) for (let i = 0; i < 8; i++) if (history.words(op) & (1 << i)) words[i] = stage
  return words
}

export function cacheTile(
  state: StateAt,
  cached: { readonly line: number; readonly version: number; readonly state: number },
): Tile {
  const dirty = cached.state === 3 ? state.between(cached.version, state.accepted(cached.line)) : []
  const stage: Stage = state.inFlight(cached.line) ? 'flight' : 'dirty'
  return {
    line: state.hw.lines.spa(cached.line),
    // DRAM is cached like everything else; it must not be taken for a line of an NVDIMM.
    sign: `${SIGNS[cached.state] ?? ''}${state.hw.lines.home(cached.line).kind === 'dram' ? ' DRAM' : ''}`,
    words: words(state, dirty, stage),
  }
}

export const wcTile = (state: StateAt, open: { readonly line: number; readonly chain: number }): Tile => ({
  line: state.hw.lines.spa(open.line),
  sign: 'W',
  bytes: byteMasks(state.hw.history, open.chain),
  words: words(state, state.hw.history.chainOps(open.chain), 'wc'),
})

export const wpqTile = (state: StateAt, queued: { readonly line: number; readonly version: number }): Tile => ({
  line: state.hw.lines.spa(queued.line),
  sign: 'Q',
  words: words(state, state.between(queued.version, state.media(queued.line)), 'wpq'),
})

/** Media: every word that was ever written and arrived; `lost`: words that the last power failure took bytes from. */
export function mediaTile(state: StateAt, line: number, lost: ReadonlySet<number>): Tile {
  const written = state.hw.history.writtenWords(state.media(line))
  const tile = Array.from({ length: 8 }, (_, word): Stage => (written & (1 << word) ? 'media' : 'clean'))
  for (const word of lost) tile[word] = 'lost'
  return { line: state.hw.lines.spa(line), sign: '', words: tile }
}
