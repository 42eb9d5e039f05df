/** A small frame for tests of layouts: one place of each kind holds something. */

import type { CoreView, Frame, Stage, Tile } from '../../protocol/frame.ts'

export const A = 0x1_0020_9040
export const B = 0x1_0020_9080

/** "DD......": one letter a word, "." is clean. */
export function tile(line: number, sign: string, letters: string): Tile {
  const stages: Readonly<Record<string, Stage>> = { D: 'dirty', W: 'wc', F: 'flight', Q: 'wpq', P: 'media', L: 'lost' }
  return { line, sign, words: [...letters].map((letter) => stages[letter] ?? 'clean') }
}

const idle = (core: number): CoreView => ({
  core,
  waiting: false,
  storeBuffer: { capacity: 56, entries: [] },
  flushes: [],
  l1: { used: 0, capacity: 512, tiles: [] },
  wc: { capacity: 10, tiles: [] },
})

export function sampleFrame({ cores = 2, dimms = 2, domain = 'adr' as Frame['domain'] } = {}): Frame {
  const busy: CoreView = {
    ...idle(0),
    thread: 'writer',
    instruction: 'sfence',
    waiting: true,
    storeBuffer: { capacity: 56, entries: [{ kind: 'store', spa: A + 8, size: 8, step: 7, sourceLine: 12 }] },
    flushes: [{ kind: 'clwb', line: B, step: 9 }],
    l1: { used: 2, capacity: 512, tiles: [tile(A, 'M', 'DD......'), tile(B, 'E', 'F.......')] },
    wc: { capacity: 10, tiles: [tile(A + 128, 'W', 'WWWW....')] },
  }
  return {
    step: 12,
    event: { kind: 'drain', sentence: 'the store of line 12 became visible', line: A },
    sourceLine: 14,
    stack: [],
    depth: 0,
    cores: Array.from({ length: cores }, (_, core) => (core === 0 ? busy : idle(core))),
    l3: { used: 1, capacity: 8192, tiles: [tile(A, 'E', '........')] },
    controllers: [{ controller: 0, wpq: { used: 1, capacity: 16, tiles: [tile(A + 192, 'Q', 'QQQQQQQQ')] } }],
    dimms: Array.from({ length: dimms }, (_, dimm) => ({
      dimm,
      controller: 0,
      flushHints: 2,
      total: dimm === 0 ? 30 : 0,
      tiles: dimm === 0 ? [A, B].map((line) => ({ ...tile(line, '', 'P.......'), dpa: line - 0x1_0020_0000 })) : [],
    })),
    choices: [],
    motions: [
      {
        step: 12,
        from: { kind: 'store-buffer', core: 0, slot: 0 },
        to: { kind: 'l1', core: 0, line: A },
        stage: 'dirty',
        words: 1,
        label: 'drains',
      },
    ],
    domain,
    output: '',
  }
}
