/** Litmus tests played on hardware without a kernel: fast enough to play every witness of every outcome. */

import type { Program } from '../src/engine/explore/program.ts'
import { Core } from '../src/engine/hw/cpu/core.ts'
import { Hardware } from '../src/engine/hw/hardware.ts'
import { policy } from '../src/engine/hw/policy.ts'
import { cutPower } from '../src/engine/hw/power.ts'
import { LitmusActivation } from '../src/engine/litmus/activation.ts'
import { Layout } from '../src/engine/litmus/layout.ts'
import { Player, type Runner } from '../src/engine/litmus/player.ts'
import type { LitmusTest } from '../src/engine/litmus/test.ts'
import { Cells } from '../src/engine/sim/cells.ts'
import { Journal } from '../src/engine/sim/journal.ts'
import { Recorder } from '../src/engine/sim/recorder.ts'
import { Thread } from '../src/engine/sim/thread.ts'
import { Trace } from '../src/engine/sim/trace.ts'

const BASE = 0x1_0000_0000

export interface Ending {
  /** Values by name, as the search names them. */
  readonly values: readonly string[]
  readonly ended: boolean
  readonly stuck: string | undefined
}

/** Play `choices`; what is left: on media after a power failure, in registers and memory otherwise. */
export function playOnRig(test: LitmusTest, choices: string): Ending {
  const cells = new Cells()
  const recorder = new Recorder(new Trace(cells), Number.POSITIVE_INFINITY)
  const layout = new Layout(test, BASE)
  const cores = test.program.threads.length
  const hw = new Hardware(
    {
      cores,
      controllers: 1,
      dimms: 1,
      cas: 'sdm',
      cpu: { clwb: true, clflushopt: true, movdir64b: true, avx: true, clwb_evicts: false },
      caches: { l1: { sets: 4, ways: 2 }, l3: { sets: 8, ways: 4 } },
      store_buffer: 56,
      wc_buffers: 10,
      wpq: 16,
      sfence_retires: true,
    },
    {
      decode: (at) => ({ kind: 'nvdimm', dimm: 0, dpa: at - BASE, controller: 0 }),
      initial: (at) => layout.initial(at),
    },
    cells,
    recorder,
  )
  const journal = new Journal()
  const clock = { count: 0 }
  const runners: Runner[] = test.program.threads.map((_, index) => {
    const thread = new Thread(index, `P${index}`, index, recorder)
    const cpu = new Core(index, hw, policy('person', 0), clock)
    const activation = new LitmusActivation({
      program: test.program,
      layout,
      index,
      lines: [],
      cpu,
      thread,
      recorder,
      journal,
      single: true,
    })
    thread.start(activation)
    return { thread, activation }
  })
  const player = new Player(choices, layout)
  player.begin(hw, runners)
  let failed = false
  for (let next = player.next(); next.kind !== 'over' && !failed; next = player.next()) {
    if (next.kind === 'turn') {
      recorder.actor = next.thread
      recorder.begin(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
      next.thread.turn()
    } else if (next.kind === 'power-failure') {
      cutPower(hw, { power_fail: test.when === 'eadr' ? 'eadr' : 'adr', adr_fails: new Set() })
      failed = true
    }
  }
  const memory = test.locations.map((location) => {
    const at = layout.locationSpa(location)
    const line = hw.lines.find(at)
    const bytes = hw.lines.visible.subarray(64 * line + (at % 64), 64 * line + (at % 64) + location.size)
    return `${location.name}=${bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)}`
  })
  const registers = runners.flatMap(({ activation }, thread) =>
    (test.registers[thread] ?? []).flatMap((name, reg) =>
      name.startsWith('.') ? [] : [`${thread}:${name}=${activation.state.registers[reg]}`],
    ),
  )
  return {
    values: failed ? memory : [...memory, ...registers],
    ended:
      runners.every(({ activation }) => activation.next() === undefined) && hw.storeBuffers.every((b) => b.count === 0),
    stuck: player.stuck && `${player.stuck.text}: ${player.stuck.reason}`,
  }
}

/** A program as a test: cells c0, c1, …, registers r0, r1, …, and a question that is not asked. */
export const testOf = (program: Program, when: LitmusTest['when']): LitmusTest => ({
  name: 'random',
  shows: '',
  source: '',
  program,
  locations: program.lineOf.map((_, cell) => ({ name: `c${cell}`, cell, offset: 0, size: 8 })),
  registers: program.threads.map(({ registers }) => registers.map((_, reg) => `r${reg}`)),
  listing: program.threads.map(() => []),
  when,
  quantifier: 'exists',
  formula: { kind: 'true' },
  condition: 'true',
  verdict: undefined,
  verdicts: [],
  images: undefined,
})
