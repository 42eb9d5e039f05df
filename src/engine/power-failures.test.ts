/** Power fails during changes of labels, namespaces and atomic sectors, on the recorded machine: old or new, never neither. */

import { describe, expect, test } from 'vitest'
import { runs } from '../../test/runs.ts'
import type { Intervention } from '../protocol/interventions.ts'
import { parseScenario } from '../scenario/parse.ts'
import type { Recording } from './inspect/recording.ts'
import { summary } from './inspect/summary.ts'
import { describeNvdimms } from './linux/nvdimm-report.ts'
import { prepareAny } from './prepare.ts'
import { record } from './record.ts'

const scenario = (front: string, program: string): string => `---\n${front}---\n${program}`

const LABELS = `machine: { nvdimms: [{ size: 64M, labels: 8K }] }
setup: |
  ndctl disable-region region0
  ndctl init-labels -V 1.2 nmem0
  ndctl enable-region region0
`
const NOTHING = 'int main(void) { return 0; }\nint recover(void) { return 0; }\n'

function recorded(text: string, interventions: readonly Intervention[]): Recording {
  const parsed = parseScenario(text)
  if (!parsed.ok) throw new Error(parsed.error[0]?.message)
  const recording = record(parsed.value, text, { prepare: prepareAny, interventions })
  if (!recording.ok) throw new Error(recording.error[0]?.message)
  return recording.value
}

/** Namespaces of the last life with a size: name, bytes, mode. */
function namespaces({ machine, steps }: Recording): string {
  const life = machine.lives.at(-1)
  if (life === undefined) return ''
  const found = machine.journal.at(steps - 1, () => describeNvdimms(life.kernel).namespaces)
  return found
    .filter(({ size }) => size !== 0)
    .map(({ uuid, alt_name, size, mode }) => `${uuid} ${alt_name} ${size} ${mode}`)
    .join('\n')
}

const UUID = '00000001-1111-4222-8333-444444444441'

interface Change {
  readonly what: string
  /** Before the change. */
  readonly setup?: string
  readonly command: string
  /** Steps from one power failure to the next besides those at which firmware stores. */
  readonly stride: number
}

const changes: readonly Change[] = [
  { what: 'a namespace is made', command: `ndctl create-namespace -m raw -s 16M -n one -u ${UUID}`, stride: 90 },
  {
    what: 'it is destroyed',
    setup: `  ndctl create-namespace -m raw -s 16M -n one -u ${UUID}\n`,
    command: 'ndctl destroy-namespace -f namespace0.0',
    stride: 120,
  },
  {
    what: 'it gets another name',
    setup: `  ndctl create-namespace -m raw -s 16M -n one -u ${UUID}\n  ndctl disable-namespace namespace0.0\n`,
    command: 'echo two > /sys/bus/nd/devices/namespace0.0/alt_name',
    stride: 60,
  },
]

describe('power fails while', () => {
  test.each(changes)('$what: afterwards there is what was or what will be', { timeout: 120_000 }, (change) => {
    const { setup = '', command, stride } = change
    const text = scenario(LABELS + setup, NOTHING)
    const start = recorded(text, [])
    const typed: Intervention = { kind: 'command', at: start.anchorOf(start.machine.programStart), text: command }
    const whole = recorded(text, [typed])
    const outcome = summary(whole).commands?.[0]
    expect(outcome?.status).toBe(0)
    const [before, after] = [namespaces(start), namespaces(whole)]
    expect(after).not.toBe(before)
    const { trace } = whole.machine
    const label = (step: number): boolean => trace.kindOf(step) === 'label'
    const steps = Array.from({ length: (outcome?.to ?? 0) - (outcome?.from ?? 0) }, (_, i) => (outcome?.from ?? 0) + i)
    const failing = steps.filter((step, i) => label(step) || i % Math.max(1, Math.floor(stride / runs(1))) === 0)
    expect(failing.filter(label).length).toBeGreaterThan(5)
    const states = failing.map((step) => {
      const cut: Intervention = { kind: 'power-failure', at: whole.anchorOf(step) }
      return namespaces(recorded(text, [typed, cut]))
    })
    expect(states.filter((state) => state !== before && state !== after)).toEqual([])
    // Once the new state has been there it stays.
    expect(states.lastIndexOf(before)).toBeLessThan(states.indexOf(after))
  })
})

test('each word that firmware stores is a step, in ascending order within a command, and a torn index is survived', () => {
  const text = scenario(LABELS, NOTHING)
  const { machine } = recorded(text, [])
  const { trace } = machine
  const offsets: number[] = []
  for (let step = 0; step < trace.length; step++)
    if (trace.kindOf(step) === 'label') {
      expect(trace.texts[trace.a.get(step)]).toBe('nmem0')
      offsets.push(trace.b.get(step))
    }
  expect(offsets.length).toBeGreaterThan(10)
  expect(offsets).toEqual([...offsets].sort((a, b) => a - b))
  expect(offsets.every((offset) => offset % 8 === 0)).toBe(true)
})

const SECTORS = `machine: { nvdimms: [{ size: 32M }], policy: POLICY }
setup: ndctl create-namespace -e namespace0.0 -f -m sector -l 4096
`

test.each(['lazy', 'eager', 'random'])(
  'a sector in sector mode reads as before or as after, at whatever step of its write the power fails (%s)',
  { timeout: 120_000 },
  (policy) => {
    const text = scenario(SECTORS.replace('POLICY', policy), NOTHING)
    const start = recorded(text, [])
    const write = "head -c 4096 /dev/zero | tr '\\0' a > /dev/pmem0s"
    const typed: Intervention = { kind: 'command', at: start.anchorOf(start.machine.programStart), text: write }
    const whole = recorded(text, [typed])
    const { from, to, status } = summary(whole).commands?.[0] ?? { from: 0, to: 0 }
    expect(status).toBe(0)
    const read: string[] = []
    for (let step = from; step <= to; step += Math.max(1, Math.floor((to - from) / runs(5)))) {
      const cut: Intervention = { kind: 'power-failure', at: whole.anchorOf(step) }
      const failed = recorded(text, [typed, cut])
      const look: Intervention = {
        kind: 'command',
        at: failed.anchorOf(failed.steps - 1),
        text: "head -c 4096 /dev/pmem0s | tr '\\0' 0",
      }
      const seen = summary(recorded(text, [typed, cut, look])).commands?.[2]
      expect([step, seen?.status]).toEqual([step, 0])
      read.push(seen?.output ?? '')
    }
    const [before, after] = ['0', 'a'].map((char) => char.repeat(4096))
    expect(new Set(read)).toEqual(new Set([before, after]))
    expect(read.lastIndexOf(before ?? '')).toBeLessThan(read.indexOf(after ?? ''))
  },
)
