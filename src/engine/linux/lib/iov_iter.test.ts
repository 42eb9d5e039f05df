/** Copies of several segments, worked out in reference/kernel.md §1.8: `left` are bytes that nothing writes back. */

import { describe, expect, test } from 'vitest'
import { boot, run } from '../../../../test/flat-machine.ts'
import { spa } from '../../../base/brand.ts'
import { clear_pmem, copy_from_iter_pmem, invalidate_pmem, wb_cache_pmem } from '../include/linux/pmem.ts'
import {
  copy_from_iter,
  copy_from_iter_flushcache,
  copy_from_iter_nocache,
  type IovIter,
  iov_iter_advance,
  iov_iter_count,
} from './iov_iter.ts'

const BASE = 0x1_0000_0000
const line = (at: number): number => at - (at % 64)

const iter = (type: IovIter['type'], sizes: readonly number[]): IovIter => ({
  type,
  segments: sizes.map((size, s) => ({ bytes: Uint8Array.from({ length: size }, (_, i) => ((s * 100 + i) % 255) + 1) })),
})
const joined = ({ segments }: IovIter): readonly number[] => segments.flatMap(({ bytes }) => [...bytes])

type Copy =
  | typeof copy_from_iter
  | typeof copy_from_iter_flushcache
  | typeof copy_from_iter_nocache
  | typeof copy_from_iter_pmem

function copied(how: Copy, release: string, from: IovIter, dst = 0, bytes = iov_iter_count(from)) {
  const { k, cpu } = boot(undefined, { release })
  const count = run(how(k, spa(BASE + dst), bytes, from))
  expect([...cpu.memory.bytes(BASE + dst, count)]).toEqual(joined(from).slice(0, count))
  const of = (name: string) =>
    cpu.issued.filter((issued) => issued.startsWith(`${name} `)).map((issued) => Number(issued.split(' ')[1]) - BASE)
  const clwb = of('clwb')
  // When a line is written back, what was stored in it before goes.
  const left = of('store').filter((at) => !clwb.includes(line(at)))
  return { m8: of('movnti').length, m4: of('movnti4').length, clwb, left, sfence: cpu.counts()['sfence'] ?? 0, count }
}

describe('writev', () => {
  test.each([
    [[100, 100, 100], { m8: 36, m4: 2, clwb: [256], left: [100, 101, 102, 103] }, { clwb: [64, 64, 256] }],
    [[13, 51, 4032], { m8: 511, m4: 1, clwb: [], left: [12, 13, 14, 15] }, { clwb: [0, 0] }],
    [[5, 4091], { clwb: [], left: [4, 5, 6, 7] }, { clwb: [0, 0] }],
    [[64, 64], { m8: 16, m4: 0, clwb: [], left: [] }, { clwb: [] }],
    [[61, 67], { clwb: [], left: [60, 61, 62, 63] }, { clwb: [0, 0] }],
  ])(
    'of %j bytes: v4.12 guesses once for all, from patch 1 on each segment sees to its edges',
    (sizes, before, after) => {
      const from = iter('iovec', sizes)
      const common = { sfence: sizes.length, count: iov_iter_count(from) }
      expect(copied(copy_from_iter_pmem, 'v4.12', from)).toMatchObject({ ...before, ...common })
      expect(copied(copy_from_iter_flushcache, 'v4.13', from)).toMatchObject({ left: [], ...after, ...common })
    },
  )
})

describe('pages and memory of the kernel', () => {
  test.each(['bvec', 'kvec'] as const)('%s: v4.12 writes back all of it, then it passes the cache by', (type) => {
    const from = iter(type, [4096])
    expect(copied(copy_from_iter_pmem, 'v4.12', from)).toMatchObject({ m8: 0, left: [], sfence: 0, count: 4096 })
    expect(copied(copy_from_iter_pmem, 'v4.12', from).clwb).toHaveLength(64)
    expect(copied(copy_from_iter_flushcache, 'v4.13', from)).toMatchObject({ m8: 512, clwb: [], sfence: 0 })
  })

  test('through the cache nothing is written back', () => {
    expect(copied(copy_from_iter, 'v4.13', iter('iovec', [100]))).toMatchObject({ m8: 0, clwb: [], sfence: 0 })
    expect(copied(copy_from_iter_nocache, 'v4.13', iter('kvec', [100]))).toMatchObject({ m8: 0, clwb: [], sfence: 0 })
    expect(copied(copy_from_iter_nocache, 'v4.13', iter('iovec', [104]))).toMatchObject({ m8: 13, sfence: 1 })
  })
})

describe('an iterator', () => {
  test('goes on where it was left', () => {
    const from = iter('iovec', [10, 0, 20])
    const rest = iov_iter_advance(from, 15)
    expect(joined(rest)).toEqual(joined(from).slice(15))
    expect([iov_iter_count(rest), iov_iter_count(iov_iter_advance(from, 30))]).toEqual([15, 0])
    expect(joined(iov_iter_advance(from, 0))).toEqual(joined(from))
  })

  test('gives as much as is asked for', () => {
    expect(copied(copy_from_iter_flushcache, 'v4.13', iter('iovec', [100, 100]), 0, 150).count).toBe(150)
  })

  test('ends at a byte that cannot be read, and what follows is not touched', () => {
    const { segments } = iter('iovec', [64, 64, 64])
    const [first, second, third] = segments
    if (first === undefined || second === undefined || third === undefined) throw new Error()
    const broken: IovIter = { type: 'iovec', segments: [first, { ...second, fault: 20 }, third] }
    expect(copied(copy_from_iter_flushcache, 'v4.13', broken).count).toBe(84)
    expect(copied(copy_from_iter_flushcache, 'v4.13', iov_iter_advance(broken, 84)).count).toBe(0)
    expect(copied(copy_from_iter, 'v4.13', broken).count).toBe(84)
  })

  test('without copies past the cache an architecture takes its nocache copy', () => {
    const { k, cpu } = boot(undefined, { configOff: ['ARCH_HAS_UACCESS_FLUSHCACHE'] })
    expect(run(copy_from_iter_flushcache(k, spa(BASE), 7, iter('iovec', [7])))).toBe(7)
    expect(cpu.counts()).toEqual({ movnti4: 1, store: 3, sfence: 1 })
  })
})

describe('include/linux/pmem.h', () => {
  const counted = (configOff: readonly 'ARCH_HAS_PMEM_API'[], what: typeof wb_cache_pmem) => {
    const { k, cpu } = boot(undefined, { release: 'v4.12', configOff })
    run(what(k, spa(BASE + 100), 200))
    return cpu.counts()
  }

  test('clears, writes back and throws out whole lines', () => {
    expect(counted([], clear_pmem)).toEqual({ store: 25, clwb: 4 })
    expect(counted([], wb_cache_pmem)).toEqual({ clwb: 4 })
    expect(counted([], invalidate_pmem)).toEqual({ mfence: 2, clflushopt: 4 })
  })

  test('is plain copies, and nothing, where caches can not be written back', () => {
    expect(counted(['ARCH_HAS_PMEM_API'], clear_pmem)).toEqual({ store: 25 })
    expect(counted(['ARCH_HAS_PMEM_API'], wb_cache_pmem)).toEqual({})
    expect(counted(['ARCH_HAS_PMEM_API'], invalidate_pmem)).toEqual({})
    const { k, cpu } = boot(undefined, { release: 'v4.12', configOff: ['ARCH_HAS_PMEM_API'] })
    expect(run(copy_from_iter_pmem(k, spa(BASE), 64, iter('bvec', [64])))).toBe(64)
    expect(cpu.counts()).toEqual({ store: 8 })
  })
})
