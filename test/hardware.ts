/**
 * Hardware without a kernel, driven by a one-line notation, for tests of the machine.
 *
 * `st x 1; clwb x; sfence` runs on core 0; `P1: …` on core 1. Locations a … z are 8-byte words, each on a cache line of
 * its own; `x.1` is the next word of x's line, `x+3` lies three bytes further on. Lines follow each other in memory.
 *
 * | instruction | what |
 * | --- | --- |
 * | `st x 1`, `nt x 1`, `ld x` | store, movnti, load of eight bytes; `st1`, `nt4`, `ld2`, … of fewer |
 * | `ntdq16 x 1`, `ntdq32`, `ntdq64`, `movdir x 1` | so many bytes, each eight of them 1 |
 * | `xchg x 1`, `faa x 1`, `cas x 0 1` | locked; `cas4`, … of fewer bytes; the old contents count as a load |
 * | `clwb x`, `clflushopt x`, `clflush x`, `sfence`, `mfence`, `lfence` | |
 */

import { type Spa, spa } from '../src/base/brand.ts'
import { Core } from '../src/engine/hw/cpu/core.ts'
import { Hardware, type HardwareConfig } from '../src/engine/hw/hardware.ts'
import { policy } from '../src/engine/hw/policy.ts'
import { apply, enabled, type Transition, type TransitionKind } from '../src/engine/hw/transition.ts'
import { Cells } from '../src/engine/sim/cells.ts'
import type { AccessSize } from '../src/engine/sim/cpu.ts'
import { type Actor, Recorder } from '../src/engine/sim/recorder.ts'
import { Trace } from '../src/engine/sim/trace.ts'

const NVDIMM = 0x1_0000_0000

const CONFIG: HardwareConfig = {
  cores: 2,
  controllers: 1,
  dimms: 1,
  cas: 'sdm',
  cpu: { clwb: true, clflushopt: true, movdir64b: true, avx: true, clwb_evicts: false },
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
  /** Values that loads and locked instructions returned, in order. */
  readonly loads: number[]
}

export function rig(
  name: 'lazy' | 'eager' | 'random' | 'person',
  seed = 0,
  config: Partial<HardwareConfig> = {},
  limit = Number.POSITIVE_INFINITY,
): Rig {
  const cells = new Cells()
  const trace = new Trace(cells)
  const recorder = new Recorder(trace, limit)
  const all = { ...CONFIG, ...config }
  const map = {
    decode(at: Spa) {
      if (at < NVDIMM) return { kind: 'dram', dimm: 0, dpa: at, controller: 0 } as const
      const line = (at - NVDIMM) / 64
      const dimm = line % all.dimms
      return {
        kind: 'nvdimm',
        dimm,
        dpa: 64 * Math.floor(line / all.dimms),
        controller: dimm % all.controllers,
      } as const
    },
    initial: () => undefined,
  }
  const hw = new Hardware(all, map, cells, recorder)
  const chosen = policy(name, seed)
  const clock = { count: 0 }
  const cores = Array.from({ length: all.cores }, (_, i) => new Core(i, hw, chosen, clock))
  return { hw, cores, trace, recorder, loads: [] }
}

/** Address of `x`, `x.3`, `x.3+5`, … */
export function addressOf(name: string): Spa {
  const [, base = 'a', word = '0', byte = '0'] = /^([a-z])(?:\.(\d))?(?:\+(\d+))?$/.exec(name) ?? []
  return spa(NVDIMM + 64 * (base.charCodeAt(0) - 97) + 8 * Number(word) + Number(byte))
}

/** `bytes` bytes, each eight of them `value`. */
function repeated(value: number, bytes: number): Uint8Array {
  const data = new Uint8Array(bytes)
  for (let at = 0; at < bytes; at += 8) new DataView(data.buffer).setUint32(at, value, true)
  return data
}

/** Run one instruction of a core to its end. */
export function execute(r: Rig, core: number, text: string): void {
  const [name = '', place = 'a', value = '0', second = '0'] = text.trim().split(/\s+/)
  const [, op = '', width = '8'] = /^([a-z]+)(\d*)$/.exec(name) ?? []
  const c = r.cores[core]
  if (c === undefined) throw new Error(`no core ${core}`)
  r.recorder.actor = actor(core)
  const at = addressOf(place)
  const size = Number(width || 8) as AccessSize
  const word = Number(value)
  const until = (attempt: () => boolean): void => {
    for (let tries = 0; !attempt(); tries++) if (tries > 10_000) throw new Error(`${text} never completes`)
  }
  const reading = (attempt: () => boolean): void => {
    until(attempt)
    r.loads.push((c.hi >>> 0) * 2 ** 32 + (c.lo >>> 0))
  }
  switch (op) {
    case 'st':
      return until(() => c.store(at, size, word, 0))
    case 'nt':
      return until(() => c.movnti(at, size === 4 ? 4 : 8, word, 0))
    case 'ntdq':
      return until(() => c.movntdq(at, repeated(word, size)))
    case 'movdir':
      return until(() => c.movdir64b(at, repeated(word, 64)))
    case 'ld':
      return reading(() => c.load(at, size))
    case 'xchg':
      return reading(() => c.locked(at, size, 'xchg', word, 0))
    case 'faa':
      return reading(() => c.locked(at, size, 'add', word, 0))
    case 'cas':
      return reading(() => c.compareAndSwap(at, size, [word, 0], [Number(second), 0]))
    case 'clwb':
    case 'clflushopt':
    case 'clflush':
      return until(() => c[op](at))
    case 'sfence':
    case 'mfence':
    case 'lfence':
      return until(() => c[op]())
    default:
      throw new Error(`no instruction ${op}`)
  }
}

/** Take the first enabled transition of a kind, of those that `wanted` describes. */
export function take(r: Rig, kind: TransitionKind, wanted: Partial<Transition> = {}): Rig {
  const found = enabled(r.hw).find((t) =>
    Object.entries({ ...wanted, kind }).every(([key, value]) => t[key as keyof Transition] === value),
  )
  if (found === undefined) throw new Error(`nothing to ${kind}`)
  apply(r.hw, found)
  return r
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
