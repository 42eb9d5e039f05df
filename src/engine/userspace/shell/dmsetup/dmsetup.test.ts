/** dmsetup as lvm2 2.03.16 has it: what it says, how it ends, and what the kernel says (libdm/dm-tools/dmsetup.c). */

import { describe, expect, test } from 'vitest'
import { type DmMachine, dmMachine } from '../../../../../test/dm-machine.ts'
import { run } from '../../../../../test/flat-machine.ts'
import { sys_openat } from '../../../linux/fs/open.ts'

const COMMAND_FAILED = 'Command failed.\n'
const LINEAR = '0 8 linear /dev/pmem0 0'

function machine(...names: readonly string[]): DmMachine {
  const made = dmMachine()
  for (const name of names) expect(made.create(name, LINEAR)).toEqual(['', 0])
  return made
}

describe('rename', () => {
  test('a device has another name, in /dev, in sysfs and for dmsetup', () => {
    const { sh, guest, k } = machine('old')
    expect(sh('dmsetup rename old new')).toEqual(['', 0])
    expect(sh('dmsetup ls')).toEqual(['new\t(254:0)\n', 0])
    expect(guest.read('/sys/block/dm-0/dm/name')).toBe('new')
    expect(run(sys_openat(k, '/dev/mapper/old', 0))).toBe(-2)
    expect(sh('dmsetup rename /dev/mapper/new third; dmsetup rename /dev/dm-0 fourth; dmsetup ls')[0]).toContain(
      'fourth',
    )
  })

  test.each([
    [
      'old old',
      'Device or resource busy',
      'Unable to change name on mapped device old to one that already exists: old',
    ],
    ['none new', 'No such device or address', 'Unable to rename non-existent device, none to new'],
    ['--setuuid none u', 'No such device or address', 'Unable to rename non-existent device, none to uuid u'],
  ])('%s is refused', (args, error, why) => {
    const { sh, dmesg } = machine('old')
    const name = args.replace('--setuuid ', '').split(' ')[0]
    expect(sh(`dmsetup rename ${args}`)).toEqual([
      `device-mapper: rename ioctl on ${name}  failed: ${error}\n${COMMAND_FAILED}`,
      1,
    ])
    expect(dmesg.at(-1)).toBe(`err: device-mapper: ioctl: ${why}`)
  })

  test('a UUID is set once', () => {
    const { sh, dmesg } = machine('a', 'b')
    expect(sh('dmsetup rename a --setuuid first')).toEqual(['', 0])
    expect(sh('dmsetup info -c --noheadings -o name,uuid a')[0]).toMatch(/^a +first/)
    expect(sh('dmsetup rename a --setuuid second')[1]).toBe(1)
    expect(dmesg.at(-1)).toBe(
      'err: device-mapper: ioctl: Unable to change uuid of mapped device a to second because uuid is already set to first',
    )
    expect(sh('dmsetup rename b --setuuid first')[1]).toBe(1)
    expect(dmesg.at(-1)).toContain('Unable to change uuid on mapped device b to one that already exists: first')
  })

  test.each([
    ['a/b', 'Name "a/b" invalid. It contains "/".'],
    ["''", 'Non empty new name is required.'],
    ['x'.repeat(128), `Name "${'x'.repeat(128)}" too long`],
  ])('to %s: the kernel is not even asked', (to, said) => {
    const { sh, dmesg } = machine('old')
    const before = dmesg.length
    expect(sh(`dmsetup rename old ${to}`)).toEqual([`${said}\n${COMMAND_FAILED}`, 1])
    expect(dmesg.length).toBe(before)
  })
})

describe('message', () => {
  test.each([
    ['a x y', 'Invalid sector.', undefined],
    ['none 0 y', 'device-mapper: message ioctl on none  failed: No such device or address', undefined],
    [
      'a 0 y',
      'device-mapper: message ioctl on a  failed: Invalid argument',
      'ioctl: Target type does not support messages',
    ],
    [
      'a 8 y',
      'device-mapper: message ioctl on a  failed: Invalid argument',
      'ioctl: Target message sector outside device.',
    ],
    [
      'a 0 @stats',
      'device-mapper: message ioctl on a  failed: Invalid argument',
      'core: Unsupported message sent to DM core: @stats',
    ],
  ])('%s is refused', (args, said, why) => {
    const { sh, dmesg } = machine('a')
    const before = dmesg.length
    expect(sh(`dmsetup message ${args}`)).toEqual([`${said}\n${COMMAND_FAILED}`, 1])
    expect(dmesg.slice(before)).toEqual(why === undefined ? [] : [`err: device-mapper: ${why}`])
  })

  test('an empty one is only grumbled at', () => {
    const { sh, dmesg } = machine('a')
    expect(sh('dmsetup message a 0')).toEqual(['No message supplied.\n', 0])
    expect(dmesg.at(-1)).toBe('err: device-mapper: ioctl: Empty message received.')
  })

  test('before v6.0 the kernel warned', () => {
    const { sh, dmesg, create } = dmMachine('v4.13')
    create('a', LINEAR)
    expect(sh('dmsetup message a 0 x')[1]).toBe(1)
    expect(dmesg.at(-1)).toBe('warn: device-mapper: ioctl: Target type does not support messages')
  })
})

describe('wiping', () => {
  test('a wiped device is as long as before, fails, and stands on nothing', () => {
    const { sh, guest, disk } = machine('a')
    expect(sh('dmsetup wipe_table a')).toEqual(['', 0])
    expect(sh('dmsetup table a')).toEqual(['0 8 error \n', 0])
    expect([guest.read('/sys/block/dm-0/size'), disk('pmem0').part0.bd_openers]).toEqual(['8', 0])
    expect(sh('hexdump -n 16 /dev/mapper/a')[0]).toContain('Input/output error')
  })

  test('one that is open is wiped by remove --force, and stays', () => {
    const { sh, k, disk } = machine('a')
    run(sys_openat(k, '/dev/mapper/a', 0))
    expect(sh('dmsetup remove --force a')).toEqual([
      `device-mapper: remove ioctl on a  failed: Device or resource busy\n${COMMAND_FAILED}`,
      1,
    ])
    expect([sh('dmsetup table a')[0], disk('pmem0').part0.bd_openers]).toEqual(['0 8 error \n', 0])
  })

  test('remove --force takes one that is not in use; one that is not there it does not find', () => {
    const { sh } = machine('a')
    expect(sh('dmsetup remove -f a')).toEqual(['', 0])
    const why = (ioctl: string): string => `device-mapper: ${ioctl} ioctl on a  failed: No such device or address\n`
    expect(sh('dmsetup remove -f a')).toEqual([`${why('table')}${why('reload')}${why('remove')}${COMMAND_FAILED}`, 1])
    expect(sh('dmsetup remove a b')).toEqual([
      `${why('remove')}${why('remove').replace(' a ', ' b ')}${COMMAND_FAILED}`,
      1,
    ])
  })

  test('without a table there is nothing to wipe', () => {
    const { sh, dmesg } = machine()
    sh('dmsetup create a --notable')
    expect(sh('dmsetup wipe_table a')[1]).toBe(1)
    expect(dmesg.at(-2)).toBe('err: device-mapper: table: 254:0: zero-length target')
  })

  test('remove_all leaves what is open; with --force it frees what is below, and says what stays', () => {
    const { sh, k, dmesg, disk } = machine('a')
    sh("echo '0 8 linear /dev/mapper/a 0' | dmsetup create b")
    run(sys_openat(k, '/dev/mapper/b', 0))
    expect(sh('dmsetup remove_all')).toEqual(['', 0])
    expect(dmesg.at(-1)).toBe('warn: device-mapper: ioctl: remove_all left 2 open device(s)')
    expect(sh('dmsetup remove_all --force')).toEqual(['Unable to remove 1 device(s).\n', 0])
    expect([sh('dmsetup ls')[0], disk('pmem0').part0.bd_openers]).toEqual(['b\t(254:1)\n', 0])
  })
})

test.each([
  ['reload --notable a', '--notable only available when creating new device.'],
  ['create a/b --notable', 'Name "a/b" invalid. It contains "/".'],
  ['suspend /dev/mapper/none', 'Device /dev/mapper/none not found'],
  ['table /dev/pmem0', 'Device /dev/pmem0 not found'],
  ['info /dev/dm-7', 'Device /dev/dm-7 not found'],
  [`clear ${'x'.repeat(128)}`, `Name "${'x'.repeat(128)}" too long.`],
])('dmsetup %s', (args, said) => {
  expect(machine('a').sh(`dmsetup ${args}`)).toEqual([`${said}\n${COMMAND_FAILED}`, 1])
})
