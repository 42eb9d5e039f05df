/**
 * What may survive, on recordings of random C programs of two threads, against the literal machine of
 * `../crash/reference.test-data.ts` driven by the same recording.
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { recorded } from '../../../test/recorded.ts'
import { runs } from '../../../test/runs.ts'
import { type Happening, Reference, type Write } from '../crash/reference.test-data.ts'
import type { Model } from '../explore/model.ts'
import { ORDER } from '../hw/cpu/isa.ts'
import { Cursor } from '../sim/cursor.ts'
import { NOBODY } from '../sim/trace.ts'
import type { Recording } from './recording.ts'
import { StateAt } from './state-at.ts'
import { Survivals } from './survivals.ts'

/** Three words of one line and one of another. */
const word = fc.constantFrom(0, 1, 7, 8)
const value = fc.integer({ min: 1, max: 3 })
const statement = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          (w: number, v: number) => `p[${w}] = ${v};`,
          (w: number, v: number) => `((volatile uint8_t *)p)[${8 * w + 3}] = ${v};`,
          (w: number, v: number) => `_mm_stream_si64((long long *)(p + ${w}), ${v});`,
        ),
        word,
        value,
      )
      .map(([text, w, v]) => text(w, v)),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          (w: number, v: number) => `__sync_fetch_and_add((uint64_t *)(p + ${w}), ${v});`,
          (w: number, v: number) => `__sync_val_compare_and_swap((uint64_t *)(p + ${w}), 0, ${v});`,
          (w: number, v: number) => `__sync_lock_test_and_set((uint64_t *)(p + ${w}), ${v});`,
        ),
        word,
        value,
      )
      .map(([text, w, v]) => text(w, v)),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('_mm_clwb', '_mm_clflushopt', '_mm_clflush'), word)
      .map(([flush, w]) => `${flush}((void *)(p + ${w}));`),
  },
  { weight: 1, arbitrary: fc.constantFrom('_mm_sfence();', '_mm_mfence();') },
  { weight: 1, arbitrary: word.map((w) => `r = p[${w}];`) },
)
const body = fc.array(statement, { minLength: 1, maxLength: 4 })
const machine = fc.oneof(
  fc.constantFrom('policy: lazy', 'policy: eager'),
  fc.nat(999).map((seed) => `policy: random, seed: ${seed}`),
)
const model = fc.record({ unit: fc.constantFrom('line', 'word'), movnt: fc.constantFrom('visible', 'fence') } as const)

const scenario = (
  threads: readonly (readonly string[])[],
  settings: string,
  { unit, movnt }: Pick<Model, 'unit' | 'movnt'>,
): string => `---
machine: { ${settings} }
model: { unit: ${unit}, movnt: ${movnt} }
threads: [t0, t1]
---
#include <fcntl.h>
#include <immintrin.h>
#include <stdint.h>
#include <sys/mman.h>
static volatile uint64_t *map(void) {
  int fd = open("/dev/dax0.0", O_RDWR);
  volatile uint64_t *p = mmap(0, 2 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  volatile uint64_t r = p[500];
  return p;
}
${threads
  .map((lines, t) => `void t${t}(void) { volatile uint64_t *p = map(); volatile uint64_t r = 0; ${lines.join(' ')} }`)
  .join('\n')}
`

/** The literal machine, told what a recording fixes of NVDIMM lines, step by step. */
class Driven {
  readonly reference: Reference
  private readonly recording: Recording
  private readonly writes: Write[] = [{ line: -1, offset: 0, size: 0, value: 0 }]
  private readonly cursor: Cursor
  private readonly ended = new Set<number>()

  constructor(recording: Recording, { unit, movnt }: Pick<Model, 'unit' | 'movnt'>) {
    this.recording = recording
    this.cursor = new Cursor(recording.machine.trace)
    this.reference = new Reference({ unit, movnt, order: ORDER, power: 'adr', writes: this.writes })
  }

  /** False when the step is nothing to it. */
  see(step: number): boolean {
    const { trace } = this.recording.machine
    const happenings: Happening[] = []
    if (trace.thread.get(step) !== NOBODY || trace.kindOf(step) === 'end') {
      for (const core of this.ended) happenings.push({ kind: 'drained', core })
      this.ended.clear()
    }
    if (trace.kindOf(step) === 'thread-end') this.ended.add(trace.core.get(step))
    happenings.push(...this.happenings(step))
    for (const each of happenings) this.reference.happen(each)
    return happenings.length > 0
  }

  private happenings(step: number): readonly Happening[] {
    const { trace, hw } = this.recording.machine
    const core = trace.core.get(step)
    const a = trace.a.get(step)
    const b = trace.b.get(step)
    const kind = trace.kindOf(step)
    if (kind === 'fence-done') return [{ kind: 'fence', core }]
    if (kind === 'end') return Array.from({ length: hw.config.cores }, (_, core) => ({ kind: 'drained', core }))
    if (trace.thread.get(step) === NOBODY) return []
    switch (kind) {
      case 'store':
      case 'movnt':
        return this.operations(a, b).map((op) => ({ kind, core, op }))
      case 'clwb':
      case 'clflushopt':
        return [{ kind: 'flushopt', core, line: hw.history.line(a) }]
      case 'clflush':
        return [{ kind: 'clflush', core, line: hw.history.line(a) }]
      case 'load': {
        const size = Math.min(b >> 8, 64 - (b & 0xff))
        return this.isPersistent(a)
          ? [{ kind: 'load', core, line: a, offset: b & 0xff, read: this.saw(step, core, a, b & 0xff, size) }]
          : []
      }
      case 'lock': {
        const ops = this.operations(a, b & 0xff)
        const read = ops.map((op) => {
          const { line, offset, size } = this.writes[op] as Write
          return this.saw(step - 1, core, line, offset, size)
        })
        if (hw.history.isWrite(a)) return [{ kind: 'locked', core, ops, read }]
        const loads = ops.map((op, i): Happening => {
          const { line, offset } = this.writes[op] as Write
          return { kind: 'load', core, line, offset, read: read[i] as string }
        })
        return [{ kind: 'fence', core }, ...loads]
      }
      default:
        return []
    }
  }

  private isPersistent(line: number): boolean {
    return this.recording.machine.hw.lines.home(line).kind === 'nvdimm'
  }

  /** Those to NVDIMM of `count` operations from `first` on, as the literal machine numbers them. */
  private operations(first: number, count: number): readonly number[] {
    const { history } = this.recording.machine.hw
    const ops = Array.from({ length: count }, (_, i) => first + i).filter((op) => this.isPersistent(history.line(op)))
    return ops.map((op) => {
      const size = history.size(op)
      const value = Uint8Array.from({ length: size }, (_, i) => history.byte(op, i))
      return this.writes.push({ line: history.line(op), offset: history.offset(op), size, value }) - 1
    })
  }

  /** What the core saw there right after `step`. */
  private saw(step: number, core: number, line: number, offset: number, size: number): string {
    const { hw } = this.recording.machine
    this.cursor.seek(step)
    const state = new StateAt(hw, this.cursor.words)
    const bytes = hw.history.contents(state.visible(line), hw.lines.initial(line)).slice()
    for (const each of state.pending(line)) if (each.core === core) hw.history.applyTo(bytes, 0, each.op)
    return String.fromCharCode(...bytes.subarray(offset, offset + size))
  }
}

test('of a random program with locked instructions, exactly what the literal machine leaves may survive', () => {
  fc.assert(
    fc.property(body, body, machine, model, (first, second, settings, options) => {
      const recording = recorded(scenario([first, second], settings, options))
      const { programStart, end } = recording.machine
      const driven = new Driven(recording, options)
      const survivals = new Survivals(recording)
      for (let step = programStart; step <= end; step++) {
        if (!driven.see(step)) continue
        expect(driven.reference.possible, `step ${step}`).toBe(true)
        const { images } = survivals.view(step, {})
        expect(images, `step ${step}`).toBe(`${driven.reference.images().images.size}`)
      }
    }),
    { numRuns: runs(30) },
  )
})

test('what a run loses is among what may be lost', () => {
  fc.assert(
    fc.property(body, body, machine, model, (first, second, settings, options) => {
      const recording = recorded(scenario([first, second], settings, options))
      const { programStart, end, hw } = recording.machine
      const survivals = new Survivals(recording)
      for (let step = programStart; step <= end; step++) {
        const may = new Set<number>()
        for (const { spa = 0, length } of survivals.view(step, {}).mayLose)
          for (let i = 0; i < length; i++) may.add(spa + i)
        const { lost } = recording.loss(step)
        for (const { line, offset } of lost) expect(may.has(hw.lines.spa(line) + offset), `step ${step}`).toBe(true)
      }
    }),
    { numRuns: runs(30) },
  )
})
