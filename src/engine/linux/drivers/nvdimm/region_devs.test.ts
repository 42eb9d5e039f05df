import { expect, test } from 'vitest'
import { boot, run } from '../../../../../test/flat-machine.ts'
import { platformOf } from '../../../firmware/platform.ts'
import { wholeShell } from '../../../userspace/shell/whole.ts'
import { task_struct } from '../../include/linux/sched.ts'
import { contextFor } from '../../kernel.ts'
import { all_devices } from '../base/core.ts'
import { to_nd_region } from './nd.ts'
import { nvdimm_flush } from './region_devs.ts'

const HINTS = 0xf000_0000

/** Two interleaved DIMMs with so many hints each. */
function machine(hints: readonly [number, number]) {
  const platform = platformOf({
    nvdimms: hints.map((flush_hints) => ({ size: 0x400_0000, flush_hints })),
    regions: [{ nvdimms: [0, 1], interleave: 4096 }],
    power_fail: 'adr',
    firmware: {},
  })
  if (!platform.ok) throw new Error(platform.error.message)
  const booted = boot(platform.value.nfit)
  const dev = [...all_devices(booted.k)].find(({ name }) => name === 'region0')
  if (dev === undefined) throw new Error('no region')
  return { ...booted, region: to_nd_region(dev) }
}

test('a deep flush is a fence, one hint of every DIMM, a fence; each flush takes the next hint', () => {
  const { k, cpu, region } = machine([4, 4])
  // The sequence of reference/kernel.md §3.3 for pid 1234: 88, 333, 471, 535.
  const task = task_struct.create(k.journal, { pid: 1234, comm: 'flusher' })
  const context = contextFor(k, cpu, task, 0)
  const start = cpu.issued.length
  for (let i = 0; i < 4; i++) run(nvdimm_flush(context, region))
  const hint = (dimm: number, index: number) => `writeq 0x${(HINTS + 4096 * dimm + 64 * index).toString(16)}`
  const flush = (index: number) => ['sfence', hint(0, index), hint(1, index), 'sfence']
  expect(cpu.issued.slice(start)).toEqual([...flush(0), ...flush(1), ...flush(3), ...flush(3)])
})

test('of unequal numbers of hints the smaller counts, rounded down to a power of two', () => {
  const { region } = machine([3, 5])
  expect(1 << region.hints_shift).toBe(2)
})

test('without hints it is two fences and trust in ADR', () => {
  const { k, cpu, region } = machine([0, 0])
  const start = cpu.issued.length
  run(nvdimm_flush(k, region))
  expect(cpu.issued.slice(start)).toEqual(['sfence', 'sfence'])
})

test('writing 1 to deep_flush flushes, anything else is an error', () => {
  const { k, cpu } = machine([1, 1])
  const start = cpu.issued.length
  const write = (text: string) =>
    run(wholeShell.setup(k, `echo ${text} > /sys/bus/nd/devices/region0/deep_flush`, 1, () => {}))
  expect(write('1')).toBeUndefined()
  expect(cpu.issued.slice(start)).toHaveLength(4)
  expect(write('0')).toEqual({ line: 1, message: 'bash: echo: write error: Invalid argument' })
})
