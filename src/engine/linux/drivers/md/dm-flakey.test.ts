/** Devices that are out of order now and then, and slow ones (drivers/md/dm-flakey.c, dm-delay.c). */

import { describe, expect, test } from 'vitest'
import { dmMachine } from '../../../../../test/dm-machine.ts'
import { run } from '../../../../../test/flat-machine.ts'
import { submit_bio } from '../../block/blk-core.ts'
import { type BioFlags, disk_part0, new_bio } from '../../include/linux/blk_types.ts'
import { ktime_get, timekeeping_advance } from '../../kernel/time/timekeeping.ts'

const SECOND = 1_000_000_000n

/** A flakey device of 3 seconds up and 2 down, over sectors that hold ones. */
function flakey(features = '') {
  const machine = dmMachine()
  const { k, disk, cpu } = machine
  const bio = (on: string, op: 'read' | 'write', sector: number, data?: Uint8Array, flags?: BioFlags) =>
    run(submit_bio(k, new_bio(disk_part0(disk(on)), op, sector, data, flags)))
  const began = ktime_get(k)
  expect(machine.create('flaky', `0 64 flakey /dev/pmem0 16 3 2 ${features}`)).toEqual(['', 0])
  expect(bio('pmem0', 'write', 16, new Uint8Array(1024).fill(1))).toBe(0)
  return {
    ...machine,
    /** So many seconds after it was made. */
    at: (seconds: number) => timekeeping_advance(k, began + BigInt(seconds) * SECOND + SECOND / 2n - ktime_get(k)),
    write: (fill: number, flags?: BioFlags) => bio('dm-0', 'write', 0, new Uint8Array(512).fill(fill), flags),
    flush: () => bio('dm-0', 'write', 0, undefined, { preflush: true }),
    read: () => {
      const data = new Uint8Array(512)
      const rc = bio('dm-0', 'read', 0, data)
      return rc === 0 ? [...data.subarray(0, 3)] : rc
    },
    /** The first bytes below it. */
    below: () => [...cpu.memory.bytes((disk('pmem0').media?.start ?? 0) + 16 * 512, 3)],
  }
}

test('it is up for a time, down for a time, and up again', () => {
  const { at, write, read, flush, below } = flakey()
  const tried = [0, 2, 3, 4, 5, 7, 8, 10].map((second) => {
    at(second)
    return [second, write(second + 2), read(), flush()]
  })
  const up = (second: number) => [second, 0, [second + 2, second + 2, second + 2], 0]
  const down = (second: number) => [second, -5, -5, -5]
  expect(tried).toEqual([up(0), up(2), down(3), down(4), up(5), up(7), down(8), up(10)])
  expect(below()).toEqual([12, 12, 12])
})

describe('while it is down', () => {
  test.each([
    ['1 drop_writes', 0, [1, 1, 1], 0, [1, 1, 1]],
    ['1 error_writes', -5, [1, 1, 1], -5, [1, 1, 1]],
    ['5 corrupt_bio_byte 2 w 9 0', 0, [7, 9, 7], 0, [7, 9, 7]],
    ['5 corrupt_bio_byte 2 r 9 0', 0, [7, 9, 7], 0, [7, 7, 7]],
    ['5 corrupt_bio_byte 600 w 9 0', 0, [7, 7, 7], 0, [7, 7, 7]],
    ['6 drop_writes corrupt_bio_byte 1 r 9 0', 0, [9, 1, 1], 0, [1, 1, 1]],
    // REQ_FUA
    ['5 corrupt_bio_byte 2 w 9 131072', 0, [7, 7, 7], 0, [7, 7, 7]],
  ] as const)('%s', (features, wrote, back, flushed, left) => {
    const { at, write, read, flush, below, sh } = flakey(features)
    at(3)
    expect([write(7), read(), flush(), below()]).toEqual([wrote, back, flushed, left])
    expect(sh('dmsetup table flaky')[0]).toBe(`0 64 flakey 259:0 16 3 2 ${features} \n`)
  })

  test('only bios with the flags that are asked for are corrupted', () => {
    const { at, write, below } = flakey('5 corrupt_bio_byte 2 w 9 131072')
    at(3)
    write(7, { fua: true })
    expect(below()).toEqual([7, 9, 7])
  })
})

test('everything takes as long as its class says, in ticks of 4 ms, and goes where it says', () => {
  const { k, disk, create, cpu, sh } = dmMachine()
  expect(create('slow', '0 64 delay /dev/pmem0 0 10 /dev/pmem1 8 30 /dev/pmem1 0 50')).toEqual(['', 0])
  const took = (op: 'read' | 'write', data: Uint8Array | undefined, flags: BioFlags = {}): bigint => {
    const before = ktime_get(k)
    expect(run(submit_bio(k, new_bio(disk_part0(disk('dm-0')), op, 2, data, flags)))).toBe(0)
    return (ktime_get(k) - before) / 1_000_000n
  }
  expect(took('read', new Uint8Array(512))).toBe(12n)
  expect(took('write', new Uint8Array(512).fill(3))).toBe(32n)
  expect(took('write', undefined, { preflush: true })).toBe(52n)
  expect(cpu.memory.bytes((disk('pmem1').media?.start ?? 0) + 10 * 512, 1)).toEqual(Uint8Array.of(3))
  expect(sh('dmsetup table slow')[0]).toBe('0 64 delay 259:0 0 10 259:1 8 30 259:1 0 50\n')
  expect([disk('pmem0').part0.bd_openers, sh('dmsetup remove slow'), disk('pmem1').part0.bd_openers]).toEqual([
    1,
    ['', 0],
    0,
  ])
})
