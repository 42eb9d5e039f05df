/** The exact set against a literal machine that tries everything, on random small recordings. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../../test/runs.ts'
import { ORDER } from '../hw/cpu/isa.ts'
import { listedImages } from './listed.test-data.ts'
import { mayLose, possible } from './possible.ts'
import { byteOf, type Happening, Reference, type Setting, type Write } from './reference.test-data.ts'
import { type Guard, type Subject, WAITING } from './subject.ts'
import { Survival } from './survival.ts'
import { assertFastForm } from './window.ts'

/** `writes` of a locked instruction; `pick`: which of the values that it may read it reads. */
type Step = { readonly write?: Write; readonly writes?: readonly Write[]; readonly pick?: number } & Happening

const LINES = 3

const write = fc.record({
  line: fc.integer({ min: 0, max: LINES - 1 }),
  offset: fc.constantFrom(0, 1, 8, 16),
  size: fc.constantFrom(1, 2, 8),
  value: fc.integer({ min: 0, max: 3 }),
})
const wide = fc.tuple(write, fc.boolean()).map(([each, all]): Write => (all ? { ...each, offset: 0, size: 64 } : each))
const split = fc.tuple(write, fc.boolean()).map(([each, two]): readonly Write[] => {
  const first = { ...fitting(each), offset: each.offset % 16 }
  return two ? [first, { ...first, offset: 8 - (first.offset & 8) }] : [first]
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
      arbitrary: fc.record({ kind: fc.constant('movnt' as const), core: cores, op: fc.constant(0), write: wide }),
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
        read: fc.integer({ min: 0, max: 3 }).map((value) => String.fromCharCode(value)),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('locked' as const),
        core: cores,
        ops: fc.constant([]),
        read: fc.constant([]),
        writes: split,
        pick: fc.nat(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('fence' as const), core: cores }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('drained' as const), core: cores }) },
  )

function fitting(w: Write): Write {
  if (w.size > 8) return w
  const room = 8 - (w.offset % 8)
  return { ...w, size: Math.min(w.size, room) }
}

function subjectOf(setting: Setting, steps: readonly Step[]): Subject {
  const touched = new Map<number, Set<number>>()
  const several = new Set(steps.map(({ core }) => core)).size > 1
  const guard: Guard = ({ adr: 'accepted', eadr: 'visible', none: 'media' } as const)[setting.power]
  for (const each of steps) {
    const lines = 'line' in each ? each.line : (each.write?.line ?? each.writes?.[0]?.line ?? -1)
    const isContested = each.kind === 'movnt' && (several || (each.write?.size ?? 0) > 8)
    if (isContested) touched.set(lines, new Set([0, 1]))
    else if (lines >= 0) touched.set(lines, (touched.get(lines) ?? new Set()).add(each.core))
  }
  return {
    unit: setting.unit,
    movnt: setting.movnt,
    order: setting.order,
    cores: 2,
    writes: {
      line: (op) => setting.writes[op]?.line as number,
      offset: (op) => setting.writes[op]?.offset as number,
      size: (op) => setting.writes[op]?.size as number,
      byte: (op) => byteOf(setting.writes[op] as Write, 0),
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
    case 'locked':
      return survival.locked(each.core, each.ops, (op) =>
        Uint8Array.from(each.read[each.ops.indexOf(op)] ?? '', (byte) => byte.charCodeAt(0)),
      )
    case 'load':
      return survival.load(each.core, each.line, each.offset, 1, () => Uint8Array.of(each.read.charCodeAt(0)))
  }
}

/** A generated step as it happens: its writes have numbers. undefined: a locked instruction that cannot happen now. */
function happening(
  raw: Step,
  writes: Write[],
  widest: number,
  readable: (core: number, ops: readonly number[]) => readonly (readonly string[])[],
): Happening | undefined {
  const number = (write: Write): number => writes.push(fitting({ ...write, size: Math.min(write.size, widest) })) - 1
  if (raw.write !== undefined) return { ...raw, op: number(raw.write) } as Happening
  if (raw.kind !== 'locked') return raw
  const ops = (raw.writes ?? []).map(number)
  const all = readable(raw.core, ops)
  if (all.length > 0) return { ...raw, ops, read: all[(raw.pick ?? 0) % all.length] ?? [] }
  writes.length -= ops.length
  return undefined
}

function agree(
  given: readonly Step[],
  o: Pick<Setting, 'unit' | 'movnt' | 'power'>,
  order: Setting['order'] = ORDER,
): void {
  const writes: Write[] = [{ line: -1, offset: 0, size: 0, value: 0 }]
  const setting: Setting = { ...o, order, writes }
  const subject = subjectOf(setting, given)
  const reference = new Reference(setting)
  const survival = new Survival(subject)
  // Eight words that reach media one by one are too many images to list.
  const widest = o.unit === 'word' && o.power === 'none' ? 8 : 64
  for (const [at, raw] of given.entries()) {
    const each = happening(raw, writes, widest, (core, ops) => reference.readable(core, ops))
    if (each === undefined) continue
    const before = reference.copy()
    reference.happen(each)
    // A load that could not have returned this did not happen.
    if (!reference.possible) {
      reference.states = before
      continue
    }
    drive(survival, each)
    const here = possible(survival)
    const { images, certain, units } = reference.images()
    expect(here.images, `after ${at}: ${JSON.stringify(each)}`).toBe(BigInt(images.size))
    // Cores that race are followed jointly: then units have no contents by themselves.
    if (survival.race === undefined)
      expect([...listedImages(survival, subject, LINES)].sort()).toEqual(wholeImages(images, units))
    const open = new Set(here.units.flatMap((unit) => [...unit.open]))
    for (let op = 1; op < writes.length; op++) expect(open.has(op), `write ${op} after ${at}`).toBe(!certain.has(op))
    for (const unit of here.units) for (const { op } of mayLose(survival, unit)) expect(certain.has(op)).toBe(false)
  }
}

/** Images of the literal machine (units that were written to, in the order of their names) as bytes of all lines. */
function wholeImages(images: ReadonlySet<string>, units: readonly string[]): readonly string[] {
  return [...images]
    .map((image) => {
      const bytes = new Array<string>(64 * LINES).fill('\0')
      for (const [i, unit] of units.entries()) {
        const held = image.slice(65 * i + 1, 65 * (i + 1))
        const [line, word] = unit.split('.').map(Number)
        const [first, end] = word === undefined ? [0, 64] : [8 * word, 8 * word + 8]
        for (let at = first; at < end; at++) bytes[64 * (line as number) + at] = held[at] as string
      }
      return bytes.join('')
    })
    .sort()
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

test('what movnt in another order left before a race is still possible in it', () => {
  const write = (line: number, offset: number, value: number): Write => ({ line, offset, size: 1, value })
  const steps = [
    { kind: 'movnt', core: 0, write: write(0, 0, 0) },
    { kind: 'store', core: 1, write: write(2, 0, 1) },
    { kind: 'movnt', core: 1, write: write(2, 1, 1) },
    { kind: 'locked', core: 1, writes: [write(0, 0, 0)] },
    { kind: 'movnt', core: 0, write: write(2, 0, 0) },
  ] as unknown as readonly Step[]
  for (const movnt of ['visible', 'fence'] as const) agree(steps, { unit: 'line', movnt, power: 'none' })
})

test('what a clwb covered before a wide movnt of another core began a race is certain at its fence', () => {
  const steps = [
    { kind: 'locked', core: 1, writes: [{ line: 1, offset: 0, size: 1, value: 1 }] },
    { kind: 'flushopt', core: 0, line: 1 },
    { kind: 'movnt', core: 1, write: { line: 1, offset: 0, size: 64, value: 2 } },
    { kind: 'fence', core: 0 },
  ] as unknown as readonly Step[]
  for (const unit of ['line', 'word'] as const)
    for (const movnt of ['visible', 'fence'] as const) agree(steps, { unit, movnt, power: 'adr' })
})

/** Locked instructions over two cells are left out where each word persists by itself: README.md. */
const inOneUnit = (raw: Step): Step =>
  (raw.kind === 'locked' ? { ...raw, writes: raw.writes?.slice(0, 1) } : raw) as Step

test.each(settings)('two cores leave exactly what the literal machine leaves: %o', (setting) => {
  fc.assert(
    fc.property(fc.array(step(core), { maxLength: 9 }), (steps) =>
      agree(setting.unit === 'word' ? steps.map(inOneUnit) : steps, setting),
    ),
    { numRuns: runs(150) },
  )
})

/** The ordering table with one other cell in the row of clwb and clflushopt. */
const flushoptRows = WAITING.flatMap((younger) =>
  (['never', 'line', 'always'] as const).map((cell) => ({
    younger,
    cell,
    order: { ...ORDER, flushopt: { ...ORDER.flushopt, [younger]: cell } },
  })),
)
const isTaken = (order: Setting['order']): boolean => {
  try {
    assertFastForm({ order })
    return true
  } catch {
    return false
  }
}

test('a table in which something waits for a clwb, and so for what the clwb waits for, is refused', () => {
  const taken = flushoptRows.filter(({ order }) => isTaken(order)).map(({ younger, cell }) => `${younger} ${cell}`)
  expect(taken).toEqual([
    'store never',
    'movnt never',
    'flushopt never',
    'flushopt line',
    'clflush never',
    'clflush line',
  ])
  expect(isTaken(ORDER)).toBe(true)
})

test.each(flushoptRows.filter(({ order }) => isTaken(order)))(
  'clwb before $younger, $cell: the literal machine agrees',
  ({ order }) => {
    fc.assert(
      fc.property(fc.array(step(core), { maxLength: 9 }), fc.constantFrom(...settings), (steps, setting) =>
        agree(steps, setting, order),
      ),
      { numRuns: runs(60) },
    )
  },
)

/** The walk of some steps, of which none reads anything: whatever is added or left out, they could happen. */
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

const unread = fc
  .array(step(core), { maxLength: 12 })
  .map((steps) => steps.filter(({ kind }) => kind !== 'load' && kind !== 'locked'))
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

test('between what a locked instruction reads and what it writes nothing else takes effect', () => {
  const setting = { unit: 'line', movnt: 'visible', power: 'adr' } as const
  const steps: readonly Step[] = [
    { kind: 'store', core: 1, op: 0, write: { line: 0, offset: 0, size: 1, value: 1 } },
    { kind: 'locked', core: 0, ops: [2], read: ['\0'] },
    { kind: 'flushopt', core: 1, line: 0 },
    { kind: 'fence', core: 1 },
  ]
  const writes: Write[] = [
    { line: -1, offset: 0, size: 0, value: 0 },
    { line: 0, offset: 0, size: 1, value: 1 },
    { line: 0, offset: 0, size: 1, value: 2 },
  ]
  const survival = new Survival({ ...subjectOf({ ...setting, order: ORDER, writes }, steps), shared: () => true })
  for (const each of steps) drive(survival, each.kind === 'store' ? { ...each, op: 1 } : each)
  expect(possible(survival).images).toBe(1n)
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
