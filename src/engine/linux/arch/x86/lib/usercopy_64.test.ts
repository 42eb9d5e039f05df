import { describe, expect, test } from 'vitest'
import { boot, run } from '../../../../../../test/flat-machine.ts'
import { spa } from '../../../../../base/brand.ts'
import { clean_cache_range, memcpy_flushcache, memcpy_to_pmem } from './usercopy_64.ts'

const BASE = 0x1_0000_0000

/** Instructions of one copy of `n` bytes to `dst`, as `8 movnti, 4 movnti, clwb lines`, and bytes left dirty. */
function copy(how: typeof memcpy_flushcache | typeof memcpy_to_pmem, dst: number, n: number, release = 'v4.13') {
  const { k, cpu } = boot(undefined, { release })
  const bytes = Uint8Array.from({ length: n }, (_, i) => i + 1)
  run(how(k, spa(BASE + dst), bytes) as never)
  expect([...cpu.memory.bytes(BASE + dst, n)]).toEqual([...bytes])
  const lines = cpu.issued.filter((line) => line.startsWith('clwb')).map((line) => Number(line.split(' ')[1]) - BASE)
  const { movnti = 0, movnti4 = 0, sfence = 0 } = cpu.counts()
  const stored = cpu.issued.filter((line) => line.startsWith('store')).map((line) => Number(line.split(' ')[1]) - BASE)
  const dirty = stored.filter((at) => !lines.includes(at - (at % 64)))
  return { m8: movnti, m4: movnti4, clwb: lines, sfence, dirty: dirty.length }
}

describe('memcpy_flushcache', () => {
  // Numbers of reference/kernel.md §1.8, last column.
  test.each([
    [0, 4096, { m8: 512, m4: 0, clwb: [] }],
    [13, 100, { m8: 12, m4: 0, clwb: [0, 64] }],
    [8, 4, { m8: 0, m4: 1, clwb: [] }],
    [12, 4, { m8: 0, m4: 0, clwb: [0] }],
    [0, 7, { m8: 0, m4: 1, clwb: [0] }],
    [60, 7, { m8: 0, m4: 0, clwb: [0, 64] }],
    [61, 7, { m8: 0, m4: 1, clwb: [0] }],
    [60, 8, { m8: 0, m4: 1, clwb: [0] }],
    [64, 12, { m8: 1, m4: 1, clwb: [] }],
    [0, 4097, { m8: 512, m4: 0, clwb: [4096] }],
  ])('to %i, %i bytes', (dst, n, expected) => {
    expect(copy(memcpy_flushcache, dst, n)).toEqual({ ...expected, sfence: 0, dirty: 0 })
  })

  test('never leaves a byte dirty in the cache', () => {
    for (let dst = 0; dst < 64; dst += 3)
      for (let n = 1; n < 140; n += 5) expect(copy(memcpy_flushcache, dst, n).dirty).toBe(0)
  })

  test('of 16 bytes is two movnti without a call on newer kernels', () => {
    const { k } = boot(undefined)
    const called: string[] = []
    run(memcpy_flushcache(k, spa(BASE), new Uint8Array(16)) as never, (name) => called.push(name))
    run(memcpy_flushcache(k, spa(BASE), new Uint8Array(24)) as never, (name) => called.push(name))
    expect(called).toEqual(['__memcpy_flushcache'])
  })
})

describe('memcpy_to_pmem of v4.12', () => {
  test('fences, and leaves unaligned edges dirty', () => {
    expect(copy(memcpy_to_pmem, 2, 6, 'v4.12')).toEqual({ m8: 0, m4: 0, clwb: [], sfence: 1, dirty: 6 })
    expect(copy(memcpy_to_pmem, 0, 4096, 'v4.12')).toMatchObject({ m8: 512, sfence: 1, dirty: 0 })
  })
})

describe('clean_cache_range', () => {
  test('takes CLFLUSHOPT, or CLFLUSH, when the CPU lacks CLWB', () => {
    const used = (clwb: boolean, clflushopt: boolean) => {
      const { k, cpu } = boot(undefined, { cpuFeatures: { clwb, clflushopt } })
      run(clean_cache_range(k, spa(BASE + 60), 8))
      return cpu.counts()
    }
    expect(used(true, true)).toEqual({ clwb: 2 })
    expect(used(false, true)).toEqual({ clflushopt: 2 })
    expect(used(false, false)).toEqual({ clflush: 2 })
  })
})
