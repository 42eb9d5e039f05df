/** Tables that are refused, and what they leave behind: nothing (reference/kernel.md §6.1; groundtruth ops4-dm). */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DmMachine, dmMachine } from '../../../../../test/dm-machine.ts'
import { run } from '../../../../../test/flat-machine.ts'
import { runs } from '../../../../../test/runs.ts'
import { submit_bio } from '../../block/blk-core.ts'
import { block_class } from '../../block/genhd.ts'
import { sys_openat } from '../../fs/open.ts'
import { sysfs_files } from '../../fs/sysfs/dir.ts'
import { disk_part0, new_bio } from '../../include/linux/blk_types.ts'
import { mapped_devices } from './dm-core.ts'

const O_EXCL = 0o200

/** Everything that can be seen, but for how many disks there have ever been. */
const seen = ({ k, sh, disk }: DmMachine): unknown => [
  [...sysfs_files(k)].map(({ path, show }) => [path, show?.()]),
  sh('dmsetup table; dmsetup status; dmsetup info -c; dmsetup table --inactive; ls /dev /dev/mapper'),
  ['pmem0', 'pmem1', 'ram0'].map((name) => [
    disk(name).part0.bd_openers,
    disk(name).part0.bd_holders,
    disk(name).part0.bd_holder,
  ]),
]

const last = ({ dmesg }: DmMachine, lines: number): readonly string[] => dmesg.slice(-lines)

const REFUSED = 'err: device-mapper: ioctl: error adding target to table'
const INVALID = 'Invalid argument'

/** Table, what the log says of it behind the device's number, and the tool's error. */
const refused: readonly (readonly [string, string, string])[] = [
  ['0 8 linear /dev/pmem0', 'linear: Invalid argument count (-EINVAL)', INVALID],
  ['0 8 linear /dev/pmem0 0 1', 'linear: Invalid argument count (-EINVAL)', INVALID],
  ['0 8 linear /dev/pmem0 x', 'linear: Invalid device sector (-EINVAL)', INVALID],
  ['0 8 linear /dev/pmem0 8s', 'linear: Invalid device sector (-EINVAL)', INVALID],
  ['0 8 linear /dev/nope 0', 'linear: Device lookup failed (-ENODEV)', 'No such device'],
  ['0 8 linear pmem0 0', 'linear: Device lookup failed (-ENODEV)', 'No such device'],
  ['0 8 linear /dev/null 0', 'linear: Device lookup failed (-ENODEV)', 'No such device'],
  ['0 8 linear /dev/mapper/nope 0', 'linear: Device lookup failed (-ENODEV)', 'No such device'],
  ['0 8 linear 9:9 0', 'linear: Device lookup failed (-ENXIO)', 'No such device or address'],
  ['0 16 striped', 'striped: Not enough arguments (-EINVAL)', INVALID],
  ['0 16 striped 2', 'striped: Not enough arguments (-EINVAL)', INVALID],
  ['0 16 striped 0 8 /dev/pmem0 0', 'striped: Invalid stripe count (-EINVAL)', INVALID],
  ['0 16 striped two 8 /dev/pmem0 0', 'striped: Invalid stripe count (-EINVAL)', INVALID],
  ['0 16 striped 2 0 /dev/pmem0 0 /dev/pmem1 0', 'striped: Invalid chunk_size (-EINVAL)', INVALID],
  ['0 16 striped 2 -8 /dev/pmem0 0 /dev/pmem1 0', 'striped: Invalid chunk_size (-EINVAL)', INVALID],
  [
    '0 17 striped 2 8 /dev/pmem0 0 /dev/pmem1 0',
    'striped: Target length not divisible by number of stripes (-EINVAL)',
    INVALID,
  ],
  [
    '0 24 striped 2 8 /dev/pmem0 0 /dev/pmem1 0',
    'striped: Target length not divisible by chunk size (-EINVAL)',
    INVALID,
  ],
  ['0 16 striped 2 8 /dev/pmem0 0 /dev/pmem1', 'striped: Not enough destinations specified (-EINVAL)', INVALID],
  [
    '0 16 striped 2 8 /dev/pmem0 0 /dev/pmem1 0 /dev/ram0 0',
    'striped: Not enough destinations specified (-EINVAL)',
    INVALID,
  ],
  [
    '0 16 striped 2 8 /dev/pmem0 0 /dev/nope 0',
    "striped: Couldn't parse stripe destination (-ENODEV)",
    'No such device',
  ],
  ['0 16 striped 2 8 /dev/pmem0 0 /dev/pmem1 x', "striped: Couldn't parse stripe destination (-EINVAL)", INVALID],
  ['0 8 cache /dev/pmem0 0', 'cache: unknown target type', INVALID],
  ['0 8 zero 1', 'zero: No arguments required (-EINVAL)', INVALID],
  ['0 0 linear /dev/pmem0 0', 'zero-length target', INVALID],
  ['8 8 linear /dev/pmem0 0', 'linear: Gap in table (-EINVAL)', INVALID],
  ['0 8 linear /dev/pmem0 0\\n16 8 linear /dev/pmem0 8', 'linear: Gap in table (-EINVAL)', INVALID],
  ['0 16 linear /dev/pmem0 0\\n8 16 linear /dev/pmem1 8', 'linear: Gap in table (-EINVAL)', INVALID],
]

describe('a table that is refused says why, and changes nothing', () => {
  const machine = dmMachine()
  machine.create('base', '0 64 linear /dev/pmem0 0', '64 64 striped 2 8 /dev/pmem0 64 /dev/pmem1 0')

  test.each(refused)('%s', (table, why, error) => {
    const before = seen(machine)
    const ioctl = (place: string): string =>
      `device-mapper: reload ioctl on ${place} failed: ${error}\nCommand failed.\n`
    expect(machine.create('new', table)).toEqual([ioctl('new (254:1)'), 1])
    expect(last(machine, 2)).toEqual([`err: device-mapper: table: 254:1: ${why}`, REFUSED])
    expect(machine.sh(`printf '${table}\\n' | dmsetup reload base`)).toEqual([ioctl('base '), 1])
    expect(last(machine, 2)).toEqual([`err: device-mapper: table: 254:0: ${why}`, REFUSED])
    expect(seen(machine)).toEqual(before)
  })

  test('also one that is longer than its disk, when it is loaded first', () => {
    const before = seen(machine)
    const why = 'pmem0 too small for target: start=1028088, len=16, dev_size=1028096'
    const [said] = machine.create('new', '0 16 linear /dev/pmem0 1028088')
    expect(said).toContain('reload ioctl on new (254:1) failed: Invalid argument')
    expect(last(machine, 3)).toEqual([
      `err: device-mapper: table: 254:1: ${why}`,
      'err: device-mapper: core: Cannot calculate initial queue limits',
      'err: device-mapper: ioctl: unable to set up device queue for new table.',
    ])
    expect(seen(machine)).toEqual(before)
  })

  test('before v4.16 such a table is loaded, and refused when it is to take over', () => {
    const old = dmMachine('v4.13')
    const before = seen(old)
    const [said] = old.create('new', '0 16 linear /dev/pmem0 1028088')
    expect(said).toBe('device-mapper: resume ioctl on new (254:0) failed: Invalid argument\nCommand failed.\n')
    expect(seen(old)).toEqual(before)
    old.create('new', '0 8 linear /dev/pmem0 x')
    expect(last(old, 2)).toEqual([
      'err: device-mapper: table: 254:0: linear: Invalid device sector',
      'warn: device-mapper: ioctl: error adding target to table',
    ])
  })
})

test('pieces must be whole blocks of the disk below', () => {
  const machine = dmMachine()
  machine.disk('ram0').logical_block_size = PAGE
  const says = (...table: readonly string[]): string | undefined => {
    expect(machine.create('new', ...table)[1]).toBe(1)
    return machine.dmesg.at(-3)?.replace(/^.*254:0: /, '')
  }
  const rest = 'not aligned to h/w logical block size 4096'
  expect(says('0 9 linear /dev/ram0 0')).toBe(`len=9 ${rest} of ram0`)
  expect(says('0 8 linear /dev/ram0 4')).toBe(`start=4 ${rest} of ram0`)
  expect(says('0 4 zero', '4 8 linear /dev/ram0 0')).toBe(`table line 1 (start sect 4 len 8) ${rest}`)
  expect(says('0 8 linear /dev/ram0 0', '8 4 zero')).toBe(`table line 2 (start sect 8 len 4) ${rest}`)
  expect(machine.create('new', '0 4 zero', '4 4 zero', '8 8 linear /dev/ram0 0')).toEqual(['', 0])
  expect(machine.guest.read('/sys/block/dm-0/queue/logical_block_size')).toBe('4096')
})

const PAGE = 4096

describe('a device keeps its kind', () => {
  const reload = (machine: DmMachine, name: string, table: string) =>
    machine.sh(`echo ${table} | dmsetup reload ${name} && dmsetup resume ${name}`)[1]

  test('from direct access there is no way back', () => {
    const machine = dmMachine()
    machine.create('lin', '0 8 linear /dev/pmem0 0')
    const before = seen(machine)
    expect(reload(machine, 'lin', '0 8 linear /dev/ram0 0')).toBe(1)
    expect(last(machine, 1)).toEqual([
      "err: device-mapper: ioctl: can't change device type (old=3 vs new=1) after initial table load.",
    ])
    expect(seen(machine)).toEqual(before)
    // One without devices makes no difference.
    expect(reload(machine, 'lin', '0 8 error')).toBe(0)
    expect(machine.guest.read('/sys/block/dm-0/queue/dax')).toBe('0')
    expect(reload(machine, 'lin', '0 16 linear /dev/pmem1 0')).toBe(0)
    expect(['queue/dax', 'size'].map((name) => machine.guest.read(`/sys/block/dm-0/${name}`))).toEqual(['1', '16'])
    expect(['pmem0', 'pmem1', 'ram0'].map((name) => machine.disk(name).part0.bd_openers)).toEqual([0, 1, 0])
  })

  test.each([
    ['v4.15', 1],
    ['v4.16', 0],
    ['v6.1', 0],
  ])('a plain one may learn it since v4.16: %s', (release, status) => {
    const machine = dmMachine(release)
    machine.create('lin', '0 8 linear /dev/ram0 0')
    expect(reload(machine, 'lin', '0 8 linear /dev/pmem0 0')).toBe(status)
    expect(machine.guest.read('/sys/block/dm-0/queue/dax')).toBe(status === 0 ? '1' : '0')
  })
})

describe('who has a disk', () => {
  test('mapped devices share it, nobody else may claim it, and one that is in use stays', () => {
    const machine = dmMachine()
    const { k, sh, disk } = machine
    machine.create('a', '0 8 linear /dev/pmem0 0', '8 8 linear /dev/pmem0 8')
    machine.create('b', '0 8 linear 259:0 0')
    machine.create('on-b', '0 8 linear /dev/mapper/b 0')
    expect([disk('pmem0').part0.bd_openers, disk('pmem0').part0.bd_holders]).toEqual([2, 4])
    expect(run(sys_openat(k, '/dev/pmem0', O_EXCL))).toBe(-16)
    expect(sh('dmsetup remove b')).toEqual([
      'device-mapper: remove ioctl on b  failed: Device or resource busy\nCommand failed.\n',
      1,
    ])
    expect(sh('dmsetup create a --table "0 8 zero"')).toEqual([
      'device-mapper: create ioctl on a  failed: Device or resource busy\nCommand failed.\n',
      1,
    ])
    expect(sh('dmsetup deps')[0]).toBe(
      'a: 1 dependencies\t: (259, 0)\nb: 1 dependencies\t: (259, 0)\non-b: 1 dependencies\t: (254, 1)\n',
    )
    expect(sh('dmsetup remove a')).toEqual(['', 0])
    expect(run(sys_openat(k, '/dev/pmem0', O_EXCL))).toBe(-16)
    expect(sh('dmsetup remove_all')).toEqual(['', 0])
    expect(sh('dmsetup ls')).toEqual(['No devices found\n', 0])
    expect(run(sys_openat(k, '/dev/pmem0', O_EXCL))).toBeGreaterThan(2)
    expect(machine.create('a', '0 8 linear /dev/pmem0 0')[0]).toContain('failed: Device or resource busy')
  })

  test('none stands on itself, however many are between', () => {
    const machine = dmMachine()
    machine.create('a', '0 8 linear /dev/pmem0 0')
    machine.create('b', '0 8 linear /dev/mapper/a 0')
    for (const name of ['a', 'b'])
      expect(machine.sh(`echo 0 8 linear /dev/mapper/${name} 0 | dmsetup reload a`)[1]).toBe(1)
  })
})

describe('suspended', () => {
  test('it takes nothing until it is resumed', () => {
    const machine = dmMachine()
    const { k, sh, disk, guest } = machine
    machine.create('lin', '0 8 linear /dev/pmem0 0')
    const write = () => run(submit_bio(k, new_bio(disk_part0(disk('dm-0')), 'write', 0, new Uint8Array(512))))
    expect(sh('dmsetup suspend lin; dmsetup info lin')[0]).toContain('State:             SUSPENDED\n')
    expect(guest.read('/sys/block/dm-0/dm/suspended')).toBe('1')
    expect(write).toThrow('nothing waits')
    sh('dmsetup resume lin')
    expect(write()).toBe(0)
  })

  test('a new table waits beside the old one, and is told from it', () => {
    const { create, sh } = dmMachine()
    create('lin', '0 8 linear /dev/pmem0 0')
    sh('echo 0 16 linear /dev/pmem1 0 | dmsetup load lin')
    expect(sh('dmsetup info -c --noheadings -o name,attr,segments')[0]).toMatch(/^lin +LI-w +1\n$/)
    expect(sh('dmsetup table; dmsetup table --inactive lin')[0]).toBe('lin: 0 8 linear 259:0 0\n0 16 linear 259:1 0\n')
    sh('dmsetup clear lin')
    expect(sh('dmsetup table --inactive lin; dmsetup resume lin; dmsetup table lin')[0]).toBe('0 8 linear 259:0 0\n')
    expect(sh('dmsetup create empty -n; dmsetup info empty')[0]).toContain('Tables present:    None\n')
  })
})

test('dmsetup and what is not there', () => {
  const { sh } = dmMachine()
  const ENXIO = 'No such device or address\nCommand failed.\n'
  expect(sh('dmsetup table nope')).toEqual([`device-mapper: table ioctl on nope  failed: ${ENXIO}`, 1])
  expect(sh('dmsetup remove nope')).toEqual([`device-mapper: remove ioctl on nope  failed: ${ENXIO}`, 1])
  expect(sh('dmsetup info nope')).toEqual(['Device does not exist.\nCommand failed.\n', 1])
  expect(sh('dmsetup create a --table "0 x zero"')).toEqual([
    'Invalid format on line 1 of table on command line\nCommand failed.\n',
    1,
  ])
  expect(sh('dmsetup create')[0]).toContain('Incorrect number of arguments')
  expect(sh('dmsetup wipe a')[0]).toContain('Unknown command')
  expect(sh('dmsetup create a/b --table "0 8 zero"')[0]).toContain('It contains "/"')
  expect(sh('dmsetup version')[0]).toBe('Library version:   1.02.185 (2022-05-18)\nDriver version:    4.47.0\n')
  expect(sh('dmsetup ls --tree')[1]).toBe(1)
})

test('the node of a mapped device leads to its disk', () => {
  const { create, sh } = dmMachine()
  create('lin', '0 8 linear /dev/pmem0 0')
  expect(sh('ls -l /dev/mapper')[0]).toMatch(/control\n.*lin -> \.\.\/dm-0\n$/)
  expect(sh('hexdump -n 16 /dev/mapper/lin')).toEqual(sh('hexdump -n 16 /dev/dm-0'))
  expect(sh('cat /sys/block/dm-0/dm/name')[0]).toBe('lin\n')
})

test('whatever is asked in whatever order, a disk is open as often as devices use it, and free in the end', () => {
  const names = ['a', 'b', 'c']
  const paths = ['/dev/pmem0', '/dev/pmem1', '/dev/ram0', ...names.map((name) => `/dev/mapper/${name}`), '/dev/nope']
  const line = fc
    .record({
      begin: fc.constantFrom(0, 8, 16),
      len: fc.constantFrom(0, 8, 16, 2 ** 40),
      legs: fc.array(fc.constantFrom(...paths), { maxLength: 3 }),
      chunk: fc.constantFrom('8', '1', '0', 'x'),
      at: fc.constantFrom('0', '8', '-1', 'x'),
    })
    .map(({ begin, len, legs, chunk, at }) => {
      const [first, ...more] = legs
      if (first === undefined) return `${begin} ${len} zero`
      if (more.length === 0) return `${begin} ${len} linear ${first} ${at}`
      return `${begin} ${len} striped ${legs.length} ${chunk} ${legs.map((leg) => `${leg} ${at}`).join(' ')}`
    })
  const table = fc.array(line, { minLength: 1, maxLength: 2 }).map((lines) => lines.join('\\n'))
  const name = fc.constantFrom(...names)
  const command = fc.oneof(
    fc
      .tuple(fc.constantFrom('create', 'reload'), name, table)
      .map(([what, of, text]) => `printf '${text}\\n' | dmsetup ${what} ${of}`),
    fc
      .tuple(fc.constantFrom('resume', 'suspend', 'remove', 'clear'), name)
      .map(([what, of]) => `dmsetup ${what} ${of}`),
  )
  const machine = dmMachine()
  const { k, sh } = machine
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 12 }), (commands) => {
      for (const text of commands) {
        const [said, status] = sh(text)
        expect(status === 0 ? said : said.split('\n').at(-2)).toBe(status === 0 ? '' : 'Command failed.')
        for (const disk of block_class(k)) {
          const users = mapped_devices(k).filter(({ table_devices }) => table_devices.some((dev) => dev.disk === disk))
          expect([disk.disk_name, disk.part0.bd_openers, disk.part0.bd_holders]).toEqual([
            disk.disk_name,
            users.length,
            // Of a whole disk each claim counts twice, as upstream counts it.
            2 * users.length,
          ])
        }
      }
      sh('dmsetup remove_all')
      expect(block_class(k).map(({ disk_name, part0 }) => [disk_name, part0.bd_holder])).toEqual([
        ['pmem0', undefined],
        ['pmem1', undefined],
        ['ram0', undefined],
      ])
    }),
    { numRuns: runs(60) },
  )
})

test('a disk shows before its first table up to v5.16', () => {
  const shows = (release: string): boolean => {
    const machine = dmMachine(release)
    machine.sh('dmsetup create empty --notable')
    return machine.guest.read('/sys/block/dm-0/size') === '0'
  }
  expect(['v4.13', 'v5.9', 'v5.17', 'v6.1'].map(shows)).toEqual([true, true, false, false])
})
