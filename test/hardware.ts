/**
 * Hardware without a kernel, driven by a one-line notation, for tests of the machine.
 *
 * `st x 1; clwb x; sfence` runs on core 0; `P1: …` on core 1. Locations a … z are 8-byte words, each on a cache line of
 * its own; `x.1` is the next word of x's line. Instructions: st, nt, ld, clwb, clflushopt, clflush, sfence, mfence, lfence.
 */

import { type Spa, spa } from '../src/base/brand.ts'
import { Core } from '../src/engine/hw/cpu/core.ts'
import { Hardware, type HardwareConfig } from '../src/engine/hw/hardware.ts'
import { policy } from '../src/engine/hw/policy.ts'
import { Cells } from '../src/engine/sim/cells.ts'
import { type Actor, Recorder } from '../src/engine/sim/recorder.ts'
import { Trace } from '../src/engine/sim/trace.ts'

const NVDIMM = 0x1_0000_0000

const CONFIG: HardwareConfig = {
  cores: 2,
  controllers: 1,
  cpu: { clwb: true, clflushopt: true },
  caches: { l1: { sets: 4, ways: 2 }, l3: { sets: 8, ways: 4 } },
  store_buffer: 8,
  wc_buffers: 2,
  wpq: 4,
}

export interface Rig {
  readonly hw: Hardware
  readonly cores: readonly Core[]
  readonly trace: Trace
  readonly recorder: Recorder
  /** Values that loads returned, in order. */
  readonly loads: number[]
}

export function rig(
  name: 'lazy' | 'eager' | 'random',
  seed = 0,
  config: Partial<HardwareConfig> = {},
  limit = Number.POSITIVE_INFINITY,
): Rig {
  const cells = new Cells()
  const trace = new Trace(cells)
  const recorder = new Recorder(trace, limit)
  const map = {
    decode: (at: Spa) =>
      at >= NVDIMM
        ? ({ kind: 'nvdimm', dimm: 0, dpa: at - NVDIMM, controller: 0 } as const)
        : ({ kind: 'dram', dimm: 0, dpa: at, controller: 0 } as const),
    initial: () => undefined,
  }
  const all = { ...CONFIG, ...config }
  const hw = new Hardware(all, map, cells, recorder)
  const chosen = policy(name, seed)
  const clock = { count: 0 }
  const cores = Array.from({ length: all.cores }, (_, i) => new Core(i, hw, chosen, clock))
  return { hw, cores, trace, recorder, loads: [] }
}

/** Address of `x`, `x.3`, … */
export function addressOf(name: string): Spa {
  const [base = 'a', word = '0'] = name.split('.')
  return spa(NVDIMM + 64 * (base.charCodeAt(0) - 97) + 8 * Number(word))
}

/** Run one instruction of a core to its end. */
export function execute(r: Rig, core: number, text: string): void {
  const [op, place = 'a', value = '0'] = text.trim().split(/\s+/)
  const c = r.cores[core]
  if (c === undefined) throw new Error(`no core ${core}`)
  r.recorder.actor = actor(core)
  const at = addressOf(place)
  const until = (attempt: () => boolean): void => {
    for (let tries = 0; !attempt(); tries++) if (tries > 10_000) throw new Error(`${text} never completes`)
  }
  switch (op) {
    case 'st':
      until(() => c.store(at, 8, Number(value), 0))
      break
    case 'nt':
      until(() => c.movnti(at, 8, Number(value), 0))
      break
    case 'ld':
      until(() => c.load(at, 8))
      r.loads.push(c.lo)
      break
    case 'clwb':
      until(() => c.clwb(at))
      break
    case 'clflushopt':
      until(() => c.clflushopt(at))
      break
    case 'clflush':
      until(() => c.clflush(at))
      break
    case 'sfence':
      until(() => c.sfence())
      break
    case 'mfence':
      until(() => c.mfence())
      break
    case 'lfence':
      until(() => c.lfence())
      break
    default:
      throw new Error(`no instruction ${op}`)
  }
}

const actor = (core: number): Actor => ({
  id: core,
  core,
  frame: 0,
  ticksSeen: 0,
  sourceLine: () => 0,
  ticks: () => 0,
})

/** `P1: ` in front of an instruction chooses the core. */
export function run(r: Rig, program: string): Rig {
  for (const part of program.split(';')) {
    const [, core = '0', text = ''] = /^\s*(?:P(\d):)?\s*(.*)$/.exec(part) ?? []
    if (text !== '') execute(r, Number(core), text)
  }
  return r
}
