/**
 * Which bytes of a copy pass the cache by, which lines are written back, where the fence falls: against a statement of
 * the rules that knows no loops (reference/kernel.md §§1.1–1.4), and against what may survive a power failure.
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boot, run } from '../../../../../../test/flat-machine.ts'
import { runs } from '../../../../../../test/runs.ts'
import { spa } from '../../../../../base/brand.ts'
import { mayLose, possible } from '../../../../crash/possible.ts'
import type { Subject } from '../../../../crash/subject.ts'
import { Survival } from '../../../../crash/survival.ts'
import { ORDER } from '../../../../hw/cpu/isa.ts'
import type { Op } from '../../../../sim/kfunc.ts'
import { sfence } from '../../../../sim/op.ts'
import { memcpy_to_pmem } from '../../../include/linux/pmem.ts'
import type { Kernel } from '../../../kernel.ts'
import { __copy_user_nocache } from './copy_user_64.ts'
import { __copy_user_flushcache, clean_cache_range, memcpy_flushcache } from './usercopy_64.ts'

const BASE = 0x1_0000_0000
const MOST = 256

interface Instruction {
  readonly kind: 'store' | 'movnti' | 'movnti4' | 'clwb' | 'sfence'
  /** From the start of the first line. */
  readonly at: number
}

/** Bytes of an instruction: edges are stored byte by byte. */
const SIZE: Readonly<Record<string, number>> = { store: 1, movnti: 8, movnti4: 4 }

interface Copied {
  readonly m8: number
  readonly m4: number
  /** Offsets of bytes that went through the cache. */
  readonly cached: readonly number[]
  /** Offsets of lines, in order. */
  readonly clwb: readonly number[]
  readonly sfence: number
}

type Copy = (k: Kernel, dst: number, bytes: Uint8Array) => Op<unknown>

const copies = {
  memcpy_flushcache: (k, dst, bytes) => memcpy_flushcache(k, spa(dst), bytes),
  memcpy_to_pmem: (k, dst, bytes) => memcpy_to_pmem(k, spa(dst), bytes),
  __copy_user_nocache: (k, dst, bytes) => __copy_user_nocache(k, spa(dst), { bytes }),
  __copy_user_flushcache: (k, dst, bytes) => __copy_user_flushcache(k, spa(dst), { bytes }),
} satisfies Record<string, Copy>
type Name = keyof typeof copies

const machines = new Map<string, ReturnType<typeof boot>>()

function machine(release: string): ReturnType<typeof boot> {
  const made = machines.get(release) ?? boot(undefined, { release })
  machines.set(release, made)
  return made
}

const pattern = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => (i % 255) + 1)

function instructions(name: Name, release: string, dst: number, n: number, fence = false): readonly Instruction[] {
  const { k, cpu } = machine(release)
  cpu.issued.length = 0
  run(copies[name](k, BASE + dst, pattern(n)) as Op<unknown>)
  if (fence) run(sfence(k))
  return cpu.issued.map((line) => {
    const [kind = '', at = String(BASE)] = line.split(' ')
    return { kind: kind as Instruction['kind'], at: Number(at) - BASE }
  })
}

function copied(name: Name, release: string, dst: number, n: number): Copied {
  const issued = instructions(name, release, dst, n)
  const of = (kind: Instruction['kind']) => issued.filter((each) => each.kind === kind).map(({ at }) => at)
  const { memory } = machine(release).cpu
  if (Buffer.compare(memory.bytes(BASE + dst, n), pattern(n)) !== 0) throw new Error(`${n} bytes at ${dst} differ`)
  return {
    m8: of('movnti').length,
    m4: of('movnti4').length,
    cached: of('store').sort((a, b) => a - b),
    clwb: of('clwb'),
    sfence: of('sfence').length,
  }
}

const line = (at: number): number => at - (at % 64)
const lines = (from: number, n: number): readonly number[] =>
  Array.from({ length: (line(from + n - 1) - line(from)) / 64 + 1 }, (_, i) => line(from) + 64 * i)
const up = (at: number, to: number): number => Math.ceil(at / to) * to
const down = (at: number, to: number): number => Math.floor(at / to) * to

/** Bytes [from, to) of a copy of `n` bytes to `dst` that pass the cache by. */
function bypass(name: Name, dst: number, n: number): readonly [number, number] {
  const isUser = name !== 'memcpy_flushcache'
  // A copy for user space aligns its destination only when there are 8 bytes; the other always does.
  if (isUser && n < 8) return dst % 4 === 0 ? [dst, dst + down(n, 4)] : [dst, dst]
  return [up(dst, 8), Math.max(up(dst, 8), down(dst + n, 4))]
}

/** Lines written back; `dirty`: offsets of cached bytes. */
function writtenBack(name: Name, release: string, dst: number, n: number, dirty: readonly number[]): readonly number[] {
  if (name === '__copy_user_nocache' || name === 'memcpy_to_pmem') return []
  if (name === 'memcpy_flushcache') {
    // Each edge by itself.
    const head = dirty.filter((at) => at < up(dst, 8))
    const tail = dirty.filter((at) => at >= up(dst, 8))
    return [head, tail].flatMap((edge) => (edge[0] === undefined ? [] : lines(edge[0], edge.length)))
  }
  if (n < 8) {
    if (n === 4 && dst % 4 === 0) return []
    return release === 'v5.9' ? lines(dst, n) : [line(dst)]
  }
  const first = dst % 8 === 0 ? [] : [line(dst)]
  const flushed = dst % 8 === 0 ? 0 : up(dst, 64) - dst
  return n > flushed && (n - flushed) % 8 !== 0 ? [...first, line(dst + n - 1)] : first
}

function rule(name: Name, release: string, dst: number, n: number): Copied {
  const [from, to] = bypass(name, dst, n)
  const cached = Array.from({ length: n }, (_, i) => dst + i).filter((at) => at < from || at >= to)
  return {
    m8: Math.floor((to - from) / 8),
    m4: (to - from) % 8 === 4 ? 1 : 0,
    cached,
    clwb: writtenBack(name, release, dst, n, cached),
    sfence: name === 'memcpy_flushcache' ? 0 : 1,
  }
}

const everywhere = [
  ['memcpy_flushcache', 'v4.13'],
  ['__copy_user_nocache', 'v4.12'],
  ['memcpy_to_pmem', 'v4.12'],
  ['__copy_user_flushcache', 'v4.12+series:1'],
  ['__copy_user_flushcache', 'v4.13'],
  ['__copy_user_flushcache', 'v5.9'],
] as const

describe('every offset in a line and every size up to 256', () => {
  test.each(everywhere)('%s of %s does what the rules say', { timeout: 60_000 }, (name, release) => {
    for (let dst = 0; dst < 64; dst++)
      for (let n = 1; n <= MOST; n++) {
        const is = copied(name, release, dst, n)
        const should = rule(name, release, dst, n)
        if (JSON.stringify(is) !== JSON.stringify(should)) expect({ dst, n, ...is }).toEqual({ dst, n, ...should })
      }
  })
})

/** Of 12,736 copies (offset 0 … 63, 1 … 199 bytes) those after which a byte is dirty and its line not written back. */
function leaving(name: Name, release: string): readonly (readonly [number, number])[] {
  const left: (readonly [number, number])[] = []
  for (let dst = 0; dst < 64; dst++)
    for (let n = 1; n < 200; n++) {
      const { cached, clwb } = copied(name, release, dst, n)
      if (cached.some((at) => !clwb.includes(line(at)))) left.push([dst, n])
    }
  return left
}

describe('bytes that stay in the cache', () => {
  test('appear with patch 1 in 21 of 12,736 cases, and are gone in v5.9', { timeout: 60_000 }, () => {
    const cases = leaving('__copy_user_flushcache', 'v4.12+series:1')
    expect(cases).toHaveLength(21)
    expect(cases).toContainEqual([60, 7])
    // Less than 8 bytes over a line's end; 4 aligned ones are a movnti.
    expect(cases.every(([dst, n]) => n < 8 && dst + n > 64 && !(n === 4 && dst % 4 === 0))).toBe(true)
    expect(leaving('__copy_user_flushcache', 'v4.18')).toEqual(cases)
    expect(leaving('__copy_user_flushcache', 'v5.9')).toEqual([])
    expect(leaving('memcpy_flushcache', 'v4.13')).toEqual([])
  })

  test('are left by the copy of v4.12 in 12,336 cases', { timeout: 60_000 }, () => {
    expect(leaving('memcpy_to_pmem', 'v4.12')).toHaveLength(12_336)
  })
})

/** Writes that a power failure under ADR may lose after the instructions, over the exact set of images. */
function losable(issued: readonly Instruction[]): number {
  const writes = issued.map(({ kind, at }) => ({ at, size: SIZE[kind] ?? 0 }))
  const subject: Subject = {
    unit: 'line',
    movnt: 'visible',
    order: ORDER,
    cores: 1,
    writes: {
      line: (op) => Math.floor((writes[op - 1]?.at ?? 0) / 64),
      offset: (op) => (writes[op - 1]?.at ?? 0) % 64,
      size: (op) => writes[op - 1]?.size ?? 0,
      byte: (op) => op % 256,
    },
    guard: () => 'accepted',
    dimm: () => 0,
    initial: () => new Uint8Array(64),
    shared: () => false,
  }
  const survival = new Survival(subject)
  for (const [i, { kind, at }] of issued.entries()) {
    if (kind === 'store') survival.store(0, i + 1)
    else if (kind === 'clwb') survival.flushopt(0, at / 64)
    else if (kind === 'sfence') survival.fence(0)
    else survival.movnt(0, i + 1)
  }
  return possible(survival).units.reduce((sum, unit) => sum + mayLose(survival, unit).length, 0)
}

describe('a power failure', () => {
  test('after memcpy_flushcache() and an SFENCE loses nothing, wherever and however much', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 1, max: 4200 }), (dst, n) => {
        expect(losable(instructions('memcpy_flushcache', 'v4.13', dst, n, true))).toBe(0)
      }),
      {
        numRuns: runs(60),
        examples: [
          [0, 4096],
          [60, 7],
          [63, 2],
        ],
      },
    )
  })

  test('without the SFENCE may lose', () => {
    expect(losable(instructions('memcpy_flushcache', 'v4.13', 60, 7))).toBeGreaterThan(0)
    expect(losable(instructions('memcpy_flushcache', 'v4.13', 0, 64))).toBeGreaterThan(0)
  })

  test('loses 3 bytes of 7 at offset 60 after v4.13’s copy for user space and fsync, none in v5.9', () => {
    const lost = (release: string) => losable(instructions('__copy_user_flushcache', release, 60, 7, true))
    expect([lost('v4.13'), lost('v5.9')]).toEqual([3, 0])
  })
})

describe('worked numbers (reference/kernel.md §1.8)', () => {
  const brief = ({ m8, m4, cached, clwb }: Copied) => [m8, m4, cached.length, clwb]
  test.each([
    [0, 4096, [512, 0, 0, []], [512, 0, 0, []]],
    [13, 100, [12, 0, 4, [0, 64]], [12, 0, 4, [0, 64]]],
    [8, 4, [0, 1, 0, []], [0, 1, 0, []]],
    [12, 4, [0, 1, 0, []], [0, 0, 4, [0]]],
    [10, 4, [0, 0, 4, [0]], [0, 0, 4, [0]]],
    [0, 7, [0, 1, 3, [0]], [0, 1, 3, [0]]],
    [60, 7, [0, 1, 3, [0]], [0, 0, 7, [0, 64]]],
    [61, 7, [0, 0, 7, [0]], [0, 1, 3, [0]]],
    [63, 2, [0, 0, 2, [0]], [0, 0, 2, [0, 64]]],
    [60, 8, [0, 1, 4, [0, 64]], [0, 1, 4, [0]]],
    [60, 20, [2, 0, 4, [0]], [2, 0, 4, [0]]],
    [64, 12, [1, 1, 0, [64]], [1, 1, 0, []]],
    [4, 60, [7, 0, 4, [0]], [7, 0, 4, [0]]],
    [4, 64, [7, 1, 4, [0, 64]], [7, 1, 4, [0]]],
    [1, 4096, [511, 0, 8, [0, 4096]], [511, 0, 8, [0, 4096]]],
    [0, 4097, [512, 0, 1, [4096]], [512, 0, 1, [4096]]],
  ] as const)('to %i, %i bytes', (dst, n, user, kernel) => {
    expect(brief(copied('__copy_user_flushcache', 'v4.13', dst, n))).toEqual(user)
    expect(brief(copied('memcpy_flushcache', 'v4.13', dst, n))).toEqual(kernel)
  })
})

describe('a source that cannot be read from byte F on', () => {
  const broken = (n: number, fault: number, dst = 0) => {
    const { k, cpu } = machine('v4.13')
    cpu.issued.length = 0
    const left = run(__copy_user_flushcache(k, spa(BASE + dst), { bytes: pattern(n), fault }))
    const at = (text: string) => cpu.issued.filter((issued) => issued.startsWith(`${text} `)).length
    return { left, m8: at('movnti'), stores: at('store'), clwb: at('clwb'), sfence: cpu.counts()['sfence'] ?? 0 }
  }

  test('ends the copy there; what the failing turn copies again stays in the cache', () => {
    // Bytes 64 … 99: the first half of the turn has been stored already when the second half faults.
    expect(broken(4096, 100)).toEqual({ left: 3996, m8: 8 + 4, stores: 36, clwb: 0, sfence: 1 })
    expect(broken(4096, 64)).toEqual({ left: 4032, m8: 8, stores: 0, clwb: 0, sfence: 1 })
    expect(broken(16, 12)).toEqual({ left: 4, m8: 1, stores: 4, clwb: 0, sfence: 1 })
  })

  test('in the unaligned head there is no fence', () => {
    expect(broken(100, 2, 5)).toEqual({ left: 98, m8: 0, stores: 2, clwb: 2, sfence: 0 })
  })
})

test('memcpy_flushcache() of 16 bytes is two movnti without a call on newer kernels', () => {
  const { k } = boot(undefined)
  const called: string[] = []
  run(memcpy_flushcache(k, spa(BASE), new Uint8Array(16)), (name) => called.push(name))
  run(memcpy_flushcache(k, spa(BASE), new Uint8Array(24)), (name) => called.push(name))
  expect(called).toEqual(['__memcpy_flushcache'])
})

test('an architecture without such copies has a plain memcpy', () => {
  const { k, cpu } = boot(undefined, { configOff: ['ARCH_HAS_UACCESS_FLUSHCACHE'] })
  run(memcpy_flushcache(k, spa(BASE), new Uint8Array(64)))
  expect(cpu.counts()).toEqual({ store: 8 })
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

  test('of nothing writes back a line all the same when it is not aligned', () => {
    const { k, cpu } = boot(undefined)
    run(clean_cache_range(k, spa(BASE + 60), 0))
    run(clean_cache_range(k, spa(BASE + 64), 0))
    expect(cpu.issued).toEqual([`clwb 0x${BASE.toString(16)}`])
  })
})
