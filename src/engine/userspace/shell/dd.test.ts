/** dd where reads fail, and what blockdev says of a disk. */

import { expect, test } from 'vitest'
import { dmMachine } from '../../../../test/dm-machine.ts'

/** pmem0 whose ninth sector can't be read. */
function machine() {
  const m = dmMachine()
  m.sh('printf abcdefgh > /dev/pmem0; printf 12345678 | dd of=/dev/pmem0 bs=512 seek=16 status=none')
  m.disk('pmem0').bb = [{ sector: 8, count: 1 }]
  return m
}
const READ = 'dd if=/dev/pmem0 of=/dev/ram0 bs=4096 count=3 iflag=direct'
const ERROR = "dd: error reading '/dev/pmem0': Input/output error"

test('a read that fails ends dd, with what came before it written', () => {
  const { sh } = machine()
  const [output, status] = sh(READ)
  expect(output.split('\n').slice(0, 3)).toEqual([ERROR, '1+0 records in', '1+0 records out'])
  expect(status).toBe(1)
})

test('conv=noerror goes on behind it, and says how far it was', () => {
  const { sh } = machine()
  const [output, status] = sh(`${READ} conv=noerror`)
  expect(output.split('\n').slice(0, 5)).toEqual([
    ERROR,
    '1+0 records in',
    '1+0 records out',
    '2+0 records in',
    '2+0 records out',
  ])
  expect(status).toBe(1)
  // The block behind stands where the bad one would.
  expect(sh('dd if=/dev/ram0 bs=8 skip=512 count=1 status=none')[0]).toBe('12345678')
})

test('with sync, zeros keep its place', () => {
  const { sh } = machine()
  expect(sh(`${READ} conv=noerror,sync status=none`)).toEqual([`${ERROR}\n`, 1])
  expect(sh('dd if=/dev/ram0 bs=8 skip=1024 count=1 status=none')[0]).toBe('12345678')
  expect(sh('dd if=/dev/ram0 bs=8 skip=512 count=1 status=none')[0]).toBe('\0'.repeat(8))
})

test('blockdev answers from the limits of the disk, also those that were set', () => {
  const { sh, create } = dmMachine()
  const asked = '--getra --getmaxsect --getalignoff --getiomin --getioopt'
  expect(sh(`blockdev ${asked} /dev/pmem0`)[0]).toBe('256\n2560\n0\n4096\n0\n')
  sh('echo 512 > /sys/block/pmem0/queue/read_ahead_kb; echo 64 > /sys/block/pmem0/queue/max_sectors_kb')
  expect(sh(`blockdev ${asked} /dev/pmem0`)[0]).toBe('1024\n128\n0\n4096\n0\n')
  create('odd', '0 64 linear /dev/pmem0 1')
  expect(sh('blockdev --getalignoff /dev/dm-0')[0]).toBe('3584\n')
})
