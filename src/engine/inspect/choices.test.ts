import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { execute, rig } from '../../../test/hardware.ts'
import { machine, program } from '../../../test/hardware-programs.ts'
import { onDax, recorded } from '../../../test/recorded.ts'
import { runs } from '../../../test/runs.ts'
import type { Choice } from '../../protocol/frame.ts'
import type { Intervention } from '../../protocol/interventions.ts'
import { enabled, type Transition } from '../hw/transition.ts'
import { Cursor } from '../sim/cursor.ts'
import type { EventKind } from '../sim/event.ts'
import { enabledAt } from './choices.ts'
import { frame } from './frame.ts'
import { lossView } from './loss-view.ts'
import type { Recording } from './recording.ts'
import { StateAt } from './state-at.ts'
import { summary } from './summary.ts'

const inWords = (all: readonly Transition[]): readonly string[] => all.map((t) => JSON.stringify(t)).sort()

test.each(['lazy', 'eager', 'random', 'person'] as const)(
  'looked at afterwards, hardware may do at every step what it might when it stood there: %s',
  (policy) => {
    fc.assert(
      fc.property(program(40), machine, fc.nat(), (code, config, seed) => {
        const r = rig(policy, seed, config)
        const then: (readonly string[])[] = []
        r.recorder.onStep = (step) => {
          then[step] = inWords(enabled(r.hw))
        }
        for (const [core, text] of code) execute(r, core, text)
        const cursor = new Cursor(r.trace)
        for (let step = r.trace.length - 1; step >= 0; step--) {
          cursor.seek(step)
          expect(inWords(enabledAt(new StateAt(r.hw, cursor.words))), `step ${step}`).toEqual(then[step])
        }
      }),
      { numRuns: runs(60) },
    )
  },
)

const gallery = (name: string): string => readFileSync(new URL(`../../scenarios/${name}.pmem`, import.meta.url), 'utf8')
const early = gallery('flag-before-record')

const choicesAt = (r: Recording, step: number): readonly Choice[] => frame(r, step, step - 1).choices

const made = (r: Recording, step: number, { transition }: Choice): Intervention => ({
  kind: 'transition',
  at: r.anchorOf(step),
  transition,
})

/** The first choice of a kind, with its step. */
function find(r: Recording, kind: Choice['transition']['kind'], from: number): { step: number; choice: Choice } {
  for (let step = from; step < r.steps; step++)
    for (const choice of choicesAt(r, step)) if (choice.transition.kind === kind) return { step, choice }
  throw new Error(`hardware may never ${kind}`)
}

const EVENTS: Readonly<Record<Choice['transition']['kind'], readonly EventKind[]>> = {
  drain: ['drain', 'wc-fill', 'flush-start', 'flush'],
  flush: ['flush'],
  'wc-drain': ['wc-drain'],
  evict: ['evict'],
  'write-back': ['write-back'],
  'wpq-drain': ['wpq-drain'],
}

describe('a choice', () => {
  const r = recorded(early)

  test('that is taken is the next thing that hardware does, wherever in the program, and names itself', () => {
    let taken = 0
    for (let step = r.machine.programStart; step < r.steps; step++)
      for (const choice of choicesAt(r, step)) {
        const branch = recorded(early, { interventions: [made(r, step, choice)] })
        const at = summary(branch).taken[0] ?? -1
        expect(EVENTS[choice.transition.kind], `${step}: ${choice.sentence}`).toContain(branch.machine.trace.kindOf(at))
        expect(branch.machine.lineOf(at)).toBe(choice.transition.line)
        expect(at).toBeGreaterThan(step)
        expect(summary(branch).unresolved).toEqual([])
        taken++
      }
    expect(taken).toBeGreaterThan(20)
  }, 60_000)

  test('at the last step evicts the record, which then survives', () => {
    const { end } = r.machine
    const interventions = choicesAt(r, end)
      .filter(({ transition }) => transition.kind === 'write-back')
      .map((choice) => made(r, end, choice))
    expect(interventions.length).toBeGreaterThan(0)
    expect(lossView(r, end).lostBytes).toBeGreaterThan(0)
    const branch = recorded(early, { interventions })
    expect(lossView(branch, branch.steps - 1).lostBytes).toBe(0)
  })

  test('comes before a power failure at the same place', () => {
    const { end } = r.machine
    const at = r.anchorOf(end)
    const evict = choicesAt(r, end).filter(({ transition }) => transition.kind === 'write-back')
    const branch = recorded(early, {
      interventions: [{ kind: 'power-failure', at }, ...evict.map((choice) => made(r, end, choice))],
    })
    expect(branch.machine.failedAt).toBe(end + evict.length + 1)
    expect(summary(branch).recover).toMatchObject({ broken: false })
  })

  test('can be made where another one led', () => {
    const { step, choice } = find(r, 'write-back', r.machine.programStart)
    const first = made(r, step, choice)
    const one = recorded(early, { interventions: [first] })
    const at = summary(one).taken[0] ?? -1
    const queued = choicesAt(one, at).find(({ transition }) => transition.kind === 'wpq-drain')
    expect(queued?.transition.line).toBe(choice.transition.line)
    if (queued === undefined) return
    const two = recorded(early, { interventions: [first, made(one, at, queued)] })
    expect(summary(two).taken).toEqual({ 0: at, 1: at + 1 })
    expect(two.machine.trace.kindOf(at + 1)).toBe('wpq-drain')
  })

  test('can be made inside the kernel, before the program starts', () => {
    const { step, choice } = find(r, 'drain', 0)
    expect(step).toBeLessThan(r.machine.programStart)
    expect(frame(r, step, step - 1).stack[0]?.kind).toBe('kernel')
    const branch = recorded(early, { interventions: [made(r, step, choice)] })
    expect(branch.machine.lineOf(summary(branch).taken[0] ?? -1)).toBe(choice.transition.line)
  })

  test('can be made after a power failure, while recover() runs', () => {
    const body = 'p[0] = 1; _mm_clwb((void *)&p[0]); _mm_sfence();'
    const text = onDax(body, '', 'int recover(void) { volatile uint64_t *p = map(); p[8] = p[0]; return 0; }')
    const cut: Intervention = { kind: 'power-failure', at: recorded(text).anchorOf(recorded(text).machine.end) }
    const failed = recorded(text, { interventions: [cut] })
    const { step, choice } = find(failed, 'write-back', failed.machine.recovered?.from ?? 0)
    const branch = recorded(text, { interventions: [cut, made(failed, step, choice)] })
    expect(branch.machine.trace.kindOf(summary(branch).taken[1] ?? -1)).toBe('write-back')
  })

  test('of two alike is the one that was meant', () => {
    const store = (word: number): string => `_mm_stream_si64((long long *)&p[${word}], ${word});`
    const text = onDax(`${store(0)} ${store(1)} ${store(2)}`, 'machine: { policy: person }')
    const whole = recorded(text)
    const { end } = whole.machine
    let step = whole.machine.programStart
    while (choicesAt(whole, step).filter(({ transition }) => transition.kind === 'drain').length < 3) step++
    expect(step).toBeLessThan(end)
    const last = choicesAt(whole, step).at(2)
    expect(last?.transition.nth).toBe(2)
    if (last === undefined) return
    const branch = recorded(text, { interventions: [made(whole, step, last)] })
    const op = branch.machine.trace.a.get(summary(branch).taken[0] ?? -1)
    expect(branch.machine.hw.history.offset(op)).toBe(16)
  })

  test('that a changed program no longer offers is kept, and known to be impossible', () => {
    const { step, choice } = find(r, 'write-back', r.machine.programStart)
    const interventions = [made(r, step, { ...choice, transition: { ...choice.transition, line: 0x1_0020_0fc0 } })]
    const branch = recorded(early, { interventions })
    expect(summary(branch).unresolved).toEqual([0])
    expect(summary(branch).taken).toEqual({})
    expect(branch.hash()).toBe(r.hash())
  })
})

test('when a person picks, nothing moves but what an instruction forces', () => {
  const text = onDax(
    'for (int i = 0; i < 40; i++) p[i] = i; volatile uint64_t q = p[39]; (void)q;',
    'machine: { policy: person }',
  )
  const r = recorded(text)
  const drains: number[] = []
  let stores = 0
  for (let step = r.machine.programStart; step <= r.machine.end; step++) {
    if (r.machine.trace.kindOf(step) === 'store') stores++
    if (r.machine.trace.kindOf(step) === 'drain') drains.push(step)
  }
  expect(stores).toBe(40)
  const ended = drains.filter((step) => step > r.machine.end - 45)
  expect(ended).toEqual(drains)
})
