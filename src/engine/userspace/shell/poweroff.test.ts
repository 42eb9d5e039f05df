import { expect, test } from 'vitest'
import { dmMachine } from '../../../../test/dm-machine.ts'
import { run } from '../../../../test/flat-machine.ts'
import { device_shutdown } from '../../linux/drivers/base/core.ts'

test('going down in order flushes every region that a pmem disk stands on', () => {
  const m = dmMachine()
  const called: string[] = []
  run(device_shutdown(m.k), (name) => called.push(name))
  expect(called.filter((name) => name === 'nd_pmem_shutdown')).toHaveLength(2)
  expect(called.filter((name) => name === 'nvdimm_flush')).toHaveLength(2)
  expect(m.sh('poweroff')).toEqual(['', 0])
  expect(m.sh('poweroff -q')[1]).toBe(1)
})
