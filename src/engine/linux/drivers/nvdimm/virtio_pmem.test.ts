import { expect, test } from 'vitest'
import { bootCapture, captures } from '../../../../../test/captures.ts'
import { run } from '../../../../../test/flat-machine.ts'
import { all_devices } from '../base/core.ts'
import { to_nd_region } from './nd.ts'
import { nvdimm_flush } from './region_devs.ts'

test('a flush of a virtio-pmem region is a request to the host between two fences', () => {
  const [, capture] = captures.find(([name]) => name.startsWith('k1')) ?? []
  if (capture === undefined) throw new Error('no capture')
  const { k, cpu } = bootCapture(capture)
  const dev = [...all_devices(k)].find(({ name }) => name === 'region0')
  if (dev === undefined) throw new Error('no region')
  const before = cpu.issued.length
  const calls: string[] = []
  expect(run(nvdimm_flush(k, to_nd_region(dev)), (name) => calls.push(name))).toBe(0)
  expect(cpu.issued.slice(before)).toEqual(['sfence', 'writeq 0xfe000000', 'sfence'])
  expect(calls).toEqual(['nvdimm_flush', 'async_pmem_flush', 'virtio_pmem_flush'])
})
