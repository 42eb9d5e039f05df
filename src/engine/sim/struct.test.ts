import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../../test/runs.ts'
import { Journal } from './journal.ts'
import { struct } from './struct.ts'

const region = struct('nd_region', { size: 0, name: '', mappings: [] as readonly number[] })

describe('a kernel object', () => {
  test('reads as it was right after any step', () => {
    const journal = new Journal()
    journal.now = 3
    const r = region.create(journal, { size: 16 })
    journal.now = 5
    r.size = 32
    r.mappings = [1, 2]
    journal.now = 9
    r.size = 64
    expect(journal.at(2, () => r.size)).toBe(0)
    expect(journal.at(4, () => [r.size, r.mappings])).toEqual([16, []])
    expect(journal.at(5, () => [r.size, r.mappings])).toEqual([32, [1, 2]])
    expect(r.size).toBe(64)
  })

  test('an assignment that changes nothing leaves no trace', () => {
    const journal = new Journal()
    const r = region.create(journal)
    r.size = 0
    expect(journal.length).toBe(0)
  })

  test('forgetting the future takes it back', () => {
    const journal = new Journal()
    const r = region.create(journal, { name: 'region0' })
    journal.now = 7
    r.name = 'region1'
    journal.truncate(6)
    expect(r.name).toBe('region0')
    expect(journal.length).toBe(1)
  })

  test('any history of writes can be read back at any step', () => {
    const writes = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 9 })), { maxLength: 40 })
    fc.assert(
      fc.property(writes, fc.array(fc.nat({ max: 120 })), (changes, questions) => {
        const journal = new Journal()
        const r = region.create(journal)
        const at: number[] = []
        changes.forEach(([pause, size]) => {
          journal.now += 1 + pause
          r.size = size
          at[journal.now] = size
        })
        for (const step of questions) {
          const expected = at.slice(0, step + 1).findLast((size) => size !== undefined) ?? 0
          expect(journal.at(step, () => r.size)).toBe(expected)
        }
      }),
      { numRuns: runs(200) },
    )
  })
})
