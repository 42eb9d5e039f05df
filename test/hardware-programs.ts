/** Random programs in the notation of `test/hardware.ts`, and random machines to run them on. */

import fc from 'fast-check'
import type { HardwareConfig } from '../src/engine/hw/hardware.ts'

/** Some share a line, some a set of the cache; the last ones cross eight bytes, or a line. */
const place = fc.constantFrom('a', 'a.1', 'b', 'e', 'i', 'i.7', 'a+2', 'a.1+5', 'a.7+4')
const aligned = fc.constantFrom('a', 'a.1', 'b', 'e', 'i', 'i.7')
const line = fc.constantFrom('a', 'b', 'e', 'i')
const value = fc.integer({ min: 1, max: 99 })
const size = fc.constantFrom('1', '2', '4', '8')

const joined = (...parts: fc.Arbitrary<string | number>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((words) => words.join(' '))
const sized = (...names: string[]): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom(...names), size).map((t) => t.join(''))

export const instruction: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: joined(sized('st'), place, value), weight: 4 },
  { arbitrary: joined(fc.constantFrom('nt8', 'nt4'), aligned, value), weight: 3 },
  { arbitrary: joined(fc.constantFrom('ntdq16', 'ntdq64', 'movdir'), line, value), weight: 2 },
  { arbitrary: joined(sized('ld'), place), weight: 2 },
  { arbitrary: joined(sized('xchg', 'faa'), place, value), weight: 2 },
  { arbitrary: joined(sized('cas'), place, fc.constantFrom(0, 1), value), weight: 1 },
  { arbitrary: joined(fc.constantFrom('clwb', 'clflushopt', 'clflush'), aligned), weight: 4 },
  { arbitrary: fc.constantFrom('sfence', 'mfence', 'lfence'), weight: 2 },
)

/** Instructions of two cores. */
export const program = (maxLength: number): fc.Arbitrary<[0 | 1, string][]> =>
  fc.array(fc.tuple(fc.constantFrom<0 | 1>(0, 1), instruction), { maxLength })

const geometry = fc.record({ sets: fc.constantFrom(1, 2, 4), ways: fc.constantFrom(1, 2) })

export const machine: fc.Arbitrary<Partial<HardwareConfig>> = fc.record({
  dimms: fc.constantFrom(1, 2),
  controllers: fc.constantFrom(1, 2),
  cas: fc.constantFrom('sdm', 'paper'),
  cpu: fc.boolean().map((clwb_evicts) => ({ clwb: true, clflushopt: true, movdir64b: true, avx: true, clwb_evicts })),
  caches: fc.record({ l1: geometry, l3: geometry }),
  store_buffer: fc.constantFrom(1, 2, 8),
  wc_buffers: fc.constantFrom(1, 2, 3),
  wpq: fc.constantFrom(1, 2, 4),
  sfence_retires: fc.boolean(),
})

export const policies: fc.Arbitrary<'lazy' | 'eager' | 'random' | 'person'> = fc.constantFrom(
  'lazy',
  'eager',
  'random',
  'person',
)
