/** The exact set against a literal machine that tries everything, on random small recordings. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../../test/runs.ts'
import { ORDER } from '../hw/cpu/isa.ts'
import { mayLose, possible } from './possible.ts'
import { type Happening, Reference, type Setting, type Write } from './reference.test-data.ts'
import type { Guard, Subject } from './subject.ts'
import { Survival } from './survival.ts'

type Step = { readonly write?: Write } & Happening

const LINES = 3

const write = fc.record({
  line: fc.integer({ min: 0, max: LINES - 1 }),
  offset: fc.constantFrom(0, 1, 8, 16),
  size: fc.constantFrom(1, 2, 8),
  value: fc.integer({ min: 0, max: 3 }),
})
const core = fc.integer({ min: 0, max: 1 })
const line = fc.integer({ min: 0, max: LINES - 1 })
const step = (cores: fc.Arbitrary<number>): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('store' as const), core: cores, op: fc.constant(0), write }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('movnt' as const), core: cores, op: fc.constant(0), write }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constantFrom('clflush' as const, 'flushopt' as const), core: cores, line }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('load' as const),
        core: cores,
        line,
        offset: fc.constantFrom(0, 1, 8, 16),
        value: fc.integer({ min: 0, max: 3 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('fence' as const), core: cores }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('drained' as const), core: cores }) },
  )

function fitting(w: Write): Write {
  const room = 8 - (w.offset % 8)
  return { ...w, size: Math.min(w.size, room) }
}

function subjectOf(setting: Setting, steps: readonly Step[]): Subject {
  const touched = new Map<number, Set<number>>()
  const guard: Guard = ({ adr: 'accepted', eadr: 'visible', none: 'media' } as const)[setting.power]
  for (const each of steps) {
    const lines = 'line' in each ? each.line : 'write' in each ? (each.write?.line ?? 0) : -1
    if (each.kind === 'movnt') touched.set(lines, new Set([0, 1]))
    else if (lines >= 0) touched.set(lines, (touched.get(lines) ?? new Set()).add(each.core))
  }
  return {
    unit: setting.unit,
    movnt: setting.movnt,
    order: ORDER,
    cores: 2,
    writes: {
      line: (op) => setting.writes[op]?.line as number,
      offset: (op) => setting.writes[op]?.offset as number,
      size: (op) => setting.writes[op]?.size as number,
      byte: (op) => setting.writes[op]?.value as number,
    },
    guard: () => guard,
    dimm: () => 0,
    initial: () => new Uint8Array(64),
    shared: (unit) => (touched.get(Math.floor(unit / 9))?.size ?? 0) > 1,
  }
}

function drive(survival: Survival, each: Happening): void {
  switch (each.kind) {
    case 'store':
      return survival.store(each.core, each.op)
    case 'movnt':
      return survival.movnt(each.core, each.op)
    case 'clflush':
      return survival.clflush(each.core, each.line)
    case 'flushopt':
      return survival.flushopt(each.core, each.line)
    case 'fence':
      return survival.fence(each.core)
    case 'drained':
      return survival.drained(each.core)
    case 'load':
      return survival.load(each.core, each.line, each.offset, 1, () => Uint8Array.of(each.value))
  }
}

function agree(given: readonly Step[], o: Pick<Setting, 'unit' | 'movnt' | 'power'>): void {
  const writes: Write[] = [{ line: -1, offset: 0, size: 0, value: 0 }]
  const setting: Setting = { ...o, order: ORDER, writes }
  const subject = subjectOf(setting, given)
  const reference = new Reference(setting)
  const survival = new Survival(subject)
  for (const [at, raw] of given.entries()) {
    let each: Happening = raw
    if (raw.write !== undefined) each = { ...raw, op: writes.push(fitting(raw.write)) - 1 } as Happening
    const before = reference.copy()
    reference.happen(each)
    // A load that could not have returned this did not happen.
    if (!reference.possible) {
      reference.states = before
      continue
    }
    drive(survival, each)
    const here = possible(survival)
    const { images, certain } = reference.images()
    expect(here.images, `after ${at}: ${JSON.stringify(each)}`).toBe(BigInt(images.size))
    const open = new Set(here.units.flatMap((unit) => [...unit.open]))
    for (let op = 1; op < writes.length; op++) expect(open.has(op), `write ${op} after ${at}`).toBe(!certain.has(op))
    for (const unit of here.units) for (const { op } of mayLose(survival, unit)) expect(certain.has(op)).toBe(false)
  }
}

const settings = (['line', 'word'] as const).flatMap((unit) =>
  (['visible', 'fence'] as const).flatMap((movnt) =>
    (['adr', 'eadr', 'none'] as const).map((power) => ({ unit, movnt, power })),
  ),
)

test.each(settings)('one core leaves exactly what the literal machine leaves: %o', (setting) => {
  fc.assert(
    fc.property(fc.array(step(fc.constant(0)), { maxLength: 9 }), (steps) => agree(steps, setting)),
    { numRuns: runs(150) },
  )
})

test.each(settings)('two cores leave exactly what the literal machine leaves: %o', (setting) => {
  fc.assert(
    fc.property(fc.array(step(core), { maxLength: 9 }), (steps) => agree(steps, setting)),
    { numRuns: runs(150) },
  )
})

/** The walk of some steps, of which none is a load: whatever is added or left out, they could happen. */
function walked(steps: readonly Step[], o: Pick<Setting, 'unit' | 'movnt' | 'power'>): Survival {
  const writes: Write[] = [{ line: -1, offset: 0, size: 0, value: 0 }]
  const survival = new Survival(subjectOf({ ...o, order: ORDER, writes }, steps))
  for (const each of steps)
    drive(
      survival,
      each.write === undefined ? each : ({ ...each, op: writes.push(fitting(each.write)) - 1 } as Happening),
    )
  return survival
}

const unread = fc.array(step(core), { maxLength: 12 }).map((steps) => steps.filter(({ kind }) => kind !== 'load'))
const strict = settings.filter(({ power }) => power !== 'none')

test.each(strict)('a further flush or fence never makes more images possible: %o', (setting) => {
  const further = fc.oneof(
    fc.record({ kind: fc.constantFrom('clflush' as const, 'flushopt' as const), core, line }),
    fc.record({ kind: fc.constant('fence' as const), core }),
  )
  fc.assert(
    fc.property(unread, fc.nat(), further, (steps, at, one) => {
      const place = at % (steps.length + 1)
      const [before, after] = [
        possible(walked(steps, setting)),
        possible(walked([...steps.slice(0, place), one, ...steps.slice(place)], setting)),
      ]
      if (before.images !== undefined && after.images !== undefined)
        expect(after.images).toBeLessThanOrEqual(before.images)
    }),
    { numRuns: runs(100) },
  )
})

test.each(['line', 'word'] as const)('where caches survive, flushes change nothing for stores: by %s', (unit) => {
  const setting = { unit, movnt: 'visible', power: 'eadr' } as const
  const plain = unread.map((steps) => steps.filter(({ kind }) => kind !== 'movnt'))
  const isFlush = ({ kind }: Step): boolean => kind === 'clflush' || kind === 'flushopt'
  fc.assert(
    fc.property(plain, (steps) => {
      const without = steps.filter((each) => !isFlush(each))
      expect(possible(walked(steps, setting)).images).toBe(possible(walked(without, setting)).images)
    }),
    { numRuns: runs(200) },
  )
})

test.each(strict)('what must survive once must survive ever after: %o', (setting) => {
  fc.assert(
    fc.property(unread, (steps) => {
      let certain = new Set<number>()
      for (let n = 1; n <= steps.length; n++) {
        const here = possible(walked(steps.slice(0, n), setting))
        if (here.images === undefined) return
        const open = new Set(here.units.flatMap((each) => [...each.open]))
        for (const op of certain) expect(open.has(op), `write ${op} after ${n} steps`).toBe(false)
        const issued = steps.slice(0, n).filter(({ write }) => write !== undefined).length
        certain = new Set(Array.from({ length: issued }, (_, i) => i + 1).filter((op) => !open.has(op)))
      }
    }),
    { numRuns: runs(60) },
  )
})

test('without ADR a flush hint makes certain what had arrived before it, once its fence is done', () => {
  const setting = { unit: 'line', movnt: 'visible', power: 'none' } as const
  const flushed: readonly Step[] = [
    { kind: 'store', core: 0, op: 0, write: { line: 0, offset: 0, size: 1, value: 1 } },
    { kind: 'flushopt', core: 0, line: 0 },
  ]
  const late = walked(flushed, setting)
  late.fence(0)
  late.hint(0, 0)
  expect(possible(late).images).toBe(2n)
  late.fence(0)
  expect(possible(late).images).toBe(1n)
  const early = walked(flushed, setting)
  early.hint(0, 0)
  early.fence(0)
  expect(possible(early).images).toBe(2n)
})

test('ten thousand clflushes without a fence are counted, not tried', () => {
  const setting = { unit: 'line', movnt: 'visible', power: 'adr' } as const
  const steps = Array.from({ length: 10_000 }, (_, line): Step[] => [
    { kind: 'store', core: 0, op: 0, write: { line, offset: 0, size: 1, value: 1 } },
    { kind: 'clflush', core: 0, line },
  ]).flat()
  // Either the stores up to one are all there, or that one is the first that is not and its successor is not flushed.
  expect(possible(walked(steps, setting)).images).toBe(10_001n)
})
