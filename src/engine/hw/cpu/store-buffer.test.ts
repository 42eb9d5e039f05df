import { describe, expect, test } from 'vitest'
import { addressOf, rig, run } from '../../../../test/hardware.ts'
import { enabled } from '../transition.ts'
import { CLASSES, type InstructionClass, ORDER, type Order, type OrderTable } from './isa.ts'

/** One instruction of each class that waits in the store buffer, at x. */
const BUFFERED: Partial<Record<InstructionClass, string>> = {
  store: 'st x 1',
  movnt: 'nt x 1',
  flushopt: 'clwb x',
  clflush: 'clflush x',
  sfence: 'sfence',
}

const withCell = (older: InstructionClass, younger: InstructionClass, order: Order): OrderTable => ({
  ...ORDER,
  [older]: { ...ORDER[older], [younger]: order },
})

/** May the second of two instructions leave the store buffer before the first? */
function passes(first: string, second: string, order: OrderTable = ORDER): boolean {
  const r = run(rig('person', 0, { sfence_retires: true, order }), `${first};${second}`)
  return enabled(r.hw).some((t) => t.kind === 'drain' && t.entry === 1)
}

describe('the store buffer asks the ordering table', () => {
  for (const [older, first] of Object.entries(BUFFERED) as [InstructionClass, string][])
    for (const [younger, second] of Object.entries(BUFFERED) as [InstructionClass, string][]) {
      const elsewhere = second.replace('x', 'y')
      const otherWord = second.replace('x', 'x.1')
      test(`${first}; ${second}`, () => {
        for (const order of ['always', 'line', 'bytes', 'never'] as const) {
          const table = withCell(older, younger, order)
          const placed = first !== 'sfence' && second !== 'sfence'
          // A fence lies on no line.
          if (!placed && order !== 'always' && order !== 'never') continue
          expect(passes(first, second, table)).toBe(order === 'never')
          if (!placed) continue
          expect(passes(first, elsewhere, table)).toBe(order !== 'always')
          if (older !== 'flushopt' && older !== 'clflush' && younger !== 'flushopt' && younger !== 'clflush')
            expect(passes(first, otherWord, table)).toBe(order === 'bytes' || order === 'never')
        }
        expect(passes(first, second)).toBe(ORDER[older][younger] === 'never')
      })
    }

  test('for what takes effect when it issues: loads wait for nothing in it, locked instructions for everything', () => {
    for (const text of Object.values(BUFFERED)) {
      const r = run(rig('person', 0, { sfence_retires: true }), text)
      const line = r.hw.lines.find(addressOf('x'))
      for (const kind of ['load', 'lfence'] as const) expect(r.hw.mayIssue(0, kind, line, 0, 8)).toBe(true)
      expect(r.hw.mayIssue(0, 'locked', line, 0, 8)).toBe(false)
    }
  })

  test('and a load that the table makes wait does so', () => {
    const order = withCell('store', 'load', 'line')
    const r = run(rig('person', 0, { order }), 'st x 1; st y 2; ld z')
    expect(run(r, 'P1: ld x').loads).toEqual([0, 0])
    expect(run(r, 'ld x; P1: ld x').loads).toEqual([0, 0, 1, 1])
  })

  test('and every class has its row and column', () => {
    for (const older of CLASSES) expect(Object.keys(ORDER[older]).sort()).toEqual([...CLASSES].sort())
  })
})
