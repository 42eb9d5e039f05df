/**
 * Wrong tables, release by release, and wrong texts in sysfs: how each is refused, and that nothing is left of it.
 *
 * Messages of v6.1: torvalds/linux drivers/md (v6.1) and groundtruth ops4-dm; of v4.12 and v4.13 the same without error
 * numbers, as warnings where v6.0 made them errors (reference/kernel.md §6.1).
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DmMachine, dmMachine } from '../../../../../test/dm-machine.ts'
import { run } from '../../../../../test/flat-machine.ts'
import { runs } from '../../../../../test/runs.ts'
import { sys_openat } from '../../fs/open.ts'
import { sysfs_files } from '../../fs/sysfs/dir.ts'
import { mapped_devices } from './dm-core.ts'

const O_RDWR_EXCL = 0o202

/** Everything that can be seen of a machine, what its devices have open, and what was stored. */
const seen = ({ k, sh, disk, cpu }: DmMachine): unknown => [
  [...sysfs_files(k)].map(({ path, show }) => [path, show?.()]),
  sh('dmsetup table; dmsetup status; dmsetup info -c; dmsetup table --inactive; dmsetup deps; ls /dev /dev/mapper'),
  ['pmem0', 'pmem1', 'ram0'].map((name) => [
    disk(name).part0.bd_openers,
    disk(name).part0.bd_holders,
    disk(name).part0.bd_holder,
  ]),
  mapped_devices(k).map(({ name, suspended, table_devices }) => [
    name,
    suspended,
    table_devices.map((dev) => dev.count),
  ]),
  cpu.issued.filter((line) => /^(store|movnti)/.test(line)).length,
]

/** Where it is refused: by dmsetup itself, when it is loaded, or when it is to take over. */
type Where = 'dmsetup' | 'reload' | 'resume'

interface Bad {
  readonly what: string
  readonly table: string
  readonly where: Where
  /** In the words of the tool, or of errno. */
  readonly error: string
  /** What the log says, without level and without "device-mapper: "; `@`: the device's number. */
  readonly log: readonly string[]
}

const EINVAL = 'Invalid argument'
const ADDING = 'ioctl: error adding target to table'

/** Refused by a target, or on the way to it. */
const target = (what: string, table: string, why: string, error = EINVAL, code = 'EINVAL'): Bad => ({
  what,
  table,
  where: 'reload',
  error,
  log: [`table: @: ${why} (-${code})`, ADDING],
})

/** Refused where its limits are looked at: since v4.16 when it is loaded first, before when it takes over. */
const limits = (what: string, table: string, why: string): Bad => ({
  what,
  table,
  where: 'resume',
  error: EINVAL,
  log: [`table: @: ${why}`],
})

const plain = (what: string, table: string, why: string): Bad => ({
  what,
  table,
  where: 'reload',
  error: EINVAL,
  log: [`table: @: ${why}`, ADDING],
})

const format = (what: string, table: string, line = 1): Bad => ({
  what,
  table,
  where: 'dmsetup',
  error: `Invalid format on line ${line} of table from standard input`,
  log: [],
})

const P0 = '/dev/pmem0'
const P1 = '/dev/pmem1'

const bad: readonly Bad[] = [
  format('garbage', 'garbage'),
  format('a negative start', `-8 8 linear ${P0} 0`),
  format('no type', '0 8'),
  format('hexadecimal', `0x0 8 linear ${P0} 0`),
  format('a second line that is none', `0 8 linear ${P0} 0\\n8 eight linear ${P0} 8`, 2),
  plain('no length', `0 0 linear ${P0} 0`, 'zero-length target'),
  plain('an unknown target', `0 8 raid7 ${P0} 0`, 'raid7: unknown target type'),
  plain('a target in capitals', `0 8 LINEAR ${P0} 0`, 'LINEAR: unknown target type'),
  target('a gap in front', `8 8 linear ${P0} 0`, 'linear: Gap in table'),
  target('a gap between', `0 8 zero\\n16 8 zero`, 'zero: Gap in table'),
  target('an overlap', `0 16 zero\\n8 8 linear ${P0} 0`, 'linear: Gap in table'),
  target('targets the wrong way round', `8 8 zero\\n0 8 zero`, 'zero: Gap in table'),
  target('linear without arguments', '0 8 linear', 'linear: Invalid argument count'),
  target('linear with too many', `0 8 linear ${P0} 0 8`, 'linear: Invalid argument count'),
  target('linear from a word on', `0 8 linear ${P0} start`, 'linear: Invalid device sector'),
  target('linear from a hexadecimal sector on', `0 8 linear ${P0} 0x10`, 'linear: Invalid device sector'),
  target('linear from sector -1 on', `0 8 linear ${P0} -1`, 'linear: Invalid device sector'),
  target('linear from sector +8 on', `0 8 linear ${P0} +8`, 'linear: Invalid device sector'),
  target('linear on nothing', '0 8 linear /dev/pmem9 0', 'linear: Device lookup failed', 'No such device', 'ENODEV'),
  target(
    'linear on a number',
    '0 8 linear 8:0 0',
    'linear: Device lookup failed',
    'No such device or address',
    'ENXIO',
  ),
  target('linear on a folder', '0 8 linear /dev/mapper 0', 'linear: Device lookup failed', 'No such device', 'ENODEV'),
  target(
    'linear on device-dax',
    '0 8 linear /dev/dax0.0 0',
    'linear: Device lookup failed',
    'No such device',
    'ENODEV',
  ),
  target(
    'linear on a disk that somebody has to himself',
    '0 8 linear /dev/ram0 0',
    'linear: Device lookup failed',
    'Device or resource busy',
    'EBUSY',
  ),
  target('striped over nothing', '0 16 striped 0 8', 'striped: Invalid stripe count'),
  target('striped with a chunk of nothing', `0 16 striped 2 0 ${P0} 0 ${P1} 0`, 'striped: Invalid chunk_size'),
  target('striped with a negative chunk', `0 16 striped 2 -8 ${P0} 0 ${P1} 0`, 'striped: Invalid chunk_size'),
  target('striped with a chunk of 2^32', `0 16 striped 2 4294967296 ${P0} 0 ${P1} 0`, 'striped: Invalid chunk_size'),
  target(
    'striped with an odd length',
    `0 15 striped 2 8 ${P0} 0 ${P1} 0`,
    'striped: Target length not divisible by number of stripes',
  ),
  target(
    'striped with a chunk of 3 that does not fit',
    `0 65536 striped 2 3 ${P0} 0 ${P1} 0`,
    'striped: Target length not divisible by chunk size',
  ),
  target('striped with a leg too few', `0 16 striped 2 8 ${P0} 0`, 'striped: Not enough destinations specified'),
  target(
    'striped with a leg too many',
    `0 8 striped 1 8 ${P0} 0 ${P1} 0`,
    'striped: Not enough destinations specified',
  ),
  target(
    'striped with a second leg that is not there',
    `0 16 striped 2 8 ${P0} 0 /dev/pmem9 0`,
    "striped: Couldn't parse stripe destination",
    'No such device',
    'ENODEV',
  ),
  target('striped from a word on', `0 16 striped 2 8 ${P0} 0 ${P1} x`, "striped: Couldn't parse stripe destination"),
  target('zero with arguments', '0 8 zero 0', 'zero: No arguments required'),
  target('a second target that is refused', `0 8 linear ${P0} 0\\n8 8 zero x`, 'zero: No arguments required'),
  target('log-writes without a log', `0 8 log-writes ${P0}`, 'log-writes: Invalid argument count'),
  target(
    'log-writes with a log that is not there',
    `0 8 log-writes ${P0} /dev/pmem9`,
    'log-writes: Log device lookup failed',
    'No such device',
    'ENODEV',
  ),
  ...(
    [
      ['0 100', 'Invalid argument count'],
      ['-1 100 0', 'Invalid device sector'],
      ['0 x 0', 'Invalid up interval'],
      ['0 100 -1', 'Invalid down interval'],
      ['0 0 0', 'Total (up + down) interval is zero'],
      ['0 4294967295 2', 'Interval overflow'],
      ['0 1 1 2 drop_writes', 'Invalid number of feature args'],
      ['0 1 1 7 a b c d e f g', 'Invalid number of feature args'],
      ['0 1 1 1 drop_reads', 'Unrecognised flakey feature requested'],
      ['0 1 1 2 drop_writes drop_writes', 'Feature drop_writes duplicated'],
      ['0 1 1 2 drop_writes error_writes', 'Feature error_writes conflicts with feature drop_writes'],
      ['0 1 1 2 error_writes drop_writes', 'Feature drop_writes conflicts with feature error_writes'],
      ['0 1 1 1 corrupt_bio_byte', 'Feature corrupt_bio_byte requires parameters'],
      ['0 1 1 5 corrupt_bio_byte 0 w 1 0', 'Invalid corrupt bio byte'],
      ['0 1 1 5 corrupt_bio_byte 1 x 1 0', 'Invalid corrupt bio direction (r or w)'],
      ['0 1 1 5 corrupt_bio_byte 1 w 256 0', 'Invalid corrupt value to write into bio byte (0-255)'],
      ['0 1 1 5 corrupt_bio_byte 1 w 1 -1', 'Invalid corrupt bio flags mask'],
      [
        '0 1 1 6 corrupt_bio_byte 1 w 1 0 drop_writes',
        'drop_writes is incompatible with corrupt_bio_byte with the WRITE flag set',
      ],
    ] as const
  ).map(([args, why]) => target(`flakey ${args}`, `0 8 flakey ${P0} ${args}`, `flakey: ${why}`)),
  target('delay with two arguments', `0 8 delay ${P0} 0`, 'delay: Requires exactly 3, 6 or 9 arguments'),
  target('delay without a time', `0 8 delay ${P0} 0 soon`, 'delay: Invalid delay'),
  target('delay from a word on', `0 8 delay ${P0} 0 0 ${P1} x 0`, 'delay: Invalid device sector'),
  target(
    'delay with writes to nothing',
    `0 8 delay ${P0} 0 0 /dev/pmem9 0 0`,
    'delay: Device lookup failed',
    'No such device',
    'ENODEV',
  ),
  limits(
    'longer than its disk',
    `0 1028097 linear ${P0} 0`,
    'pmem0 too small for target: start=0, len=1028097, dev_size=1028096',
  ),
  limits(
    'behind the end of its disk',
    `0 8 linear ${P0} 1028096`,
    'pmem0 too small for target: start=1028096, len=8, dev_size=1028096',
  ),
  limits(
    'far behind it',
    `0 8 linear ${P0} 9007199254740991`,
    'pmem0 too small for target: start=9007199254740991, len=8, dev_size=1028096',
  ),
  limits(
    'a leg that is too short',
    `0 2056192 striped 2 8 ${P1} 0 ${P0} 8`,
    'pmem0 too small for target: start=8, len=1028096, dev_size=1028096',
  ),
]

describe.each(['v4.12', 'v4.13', 'v6.1'])('%s', (release) => {
  const machine = dmMachine(release)
  const now = release === 'v6.1'
  expect(run(sys_openat(machine.k, '/dev/ram0', O_RDWR_EXCL))).toBeGreaterThan(2)
  expect(machine.create('base', `0 64 linear ${P0} 0`, `64 64 striped 2 8 ${P0} 64 ${P1} 0`)).toEqual(['', 0])

  /** What v6.1 says as this release says it. */
  function told({ where, log }: Bad, number: string): readonly string[] {
    const lines = log.map((line) => line.replace('@', number))
    if (where === 'dmsetup') return []
    if (where === 'resume') {
      const behind = [
        'core: Cannot calculate initial queue limits',
        'ioctl: unable to set up device queue for new table.',
      ]
      return [...lines, ...(now ? behind : [])].map((line) => `err: device-mapper: ${line}`)
    }
    const levels = now ? ['err', 'err'] : ['err', 'warn']
    return lines.map((line, i) => `${levels[i]}: device-mapper: ${now ? line : line.replace(/ \(-E\w+\)$/, '')}`)
  }

  test.each(bad)('$what', (each) => {
    const { where, error, table } = each
    const before = seen(machine)
    const from = machine.dmesg.length
    const [said, status] = machine.create('new', table)
    const ioctl = where === 'resume' && now ? 'reload' : where
    const text = where === 'dmsetup' ? error : `device-mapper: ${ioctl} ioctl on new (254:1) failed: ${error}`
    expect([said, status]).toEqual([`${text}\nCommand failed.\n`, 1])
    expect(machine.dmesg.slice(from)).toEqual(told(each, '254:1'))
    expect(seen(machine)).toEqual(before)
  })

  test.each(bad.filter(({ where }) => where === 'reload'))('reload: $what', (each) => {
    const before = seen(machine)
    const from = machine.dmesg.length
    const [said, status] = machine.sh(`printf '${each.table}\\n' | dmsetup reload base`)
    const text = `device-mapper: reload ioctl on base  failed: ${each.error}\nCommand failed.\n`
    expect([said, status]).toEqual([text, 1])
    expect(machine.dmesg.slice(from)).toEqual(told(each, '254:0'))
    expect(seen(machine)).toEqual(before)
  })

  test('a table that is too long is loaded over another one, and gone when it is to take over', () => {
    const before = seen(machine)
    const [too] = bad.filter(({ where }) => where === 'resume')
    expect(machine.sh(`printf '${too?.table}\\n' | dmsetup reload base`)).toEqual(['', 0])
    const from = machine.dmesg.length
    expect(machine.sh('dmsetup resume base')).toEqual([
      'device-mapper: resume ioctl on base  failed: Invalid argument\nCommand failed.\n',
      1,
    ])
    expect(machine.dmesg.slice(from)).toEqual([`err: device-mapper: ${too?.log[0]?.replace('@', '254:0')}`])
    // It stays suspended, with the table that it had.
    expect(machine.sh('dmsetup info base')[0]).toContain('SUSPENDED')
    expect(machine.sh('dmsetup resume base')).toEqual(['', 0])
    expect(seen(machine)).toEqual(before)
  })
})

describe('whatever a table says', () => {
  const word = fc.oneof(
    fc.constantFrom(
      '0',
      '8',
      '16',
      '-1',
      '4294967296',
      '99999999999999999999',
      'x',
      '',
      '0x8',
      '1e3',
      '8.5',
      '\\',
      '#',
    ),
    fc.constantFrom(P0, P1, '/dev/ram0', '/dev/mapper/base', '/dev/dm-0', '259:0', '1:0', '/dev/nope', '/sys', '.'),
    fc.stringMatching(/^[ -~]{0,8}$/),
  )
  const kind = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('linear', 'striped', 'zero', 'error', 'log-writes', 'flakey', 'delay') },
    { weight: 1, arbitrary: word },
  )
  const number = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('0', '8', '16', '24') },
    { weight: 1, arbitrary: word },
  )
  const line = fc
    .tuple(number, number, kind, fc.array(word, { maxLength: 6 }))
    .map(([start, length, type, args]) => [start, length, type, ...args].join(' '))
  const table = fc.array(line, { maxLength: 3 }).map((lines) => lines.map((each) => `${each}\n`).join(''))
  const quoted = (text: string): string => `'${text.replace(/'/g, `'\\''`)}'`

  test.each(['v4.12', 'v6.1'])(
    'one that is refused leaves nothing behind, and one that is not goes again: %s',
    (release) => {
      const machine = dmMachine(release)
      machine.create('base', `0 64 linear ${P0} 0`)
      const { sh, cpu } = machine
      fc.assert(
        fc.property(table, fc.constantFrom('create new', 'reload base'), (text, command) => {
          cpu.issued.length = 0
          const before = seen(machine)
          const [said, status] = sh(`dmsetup ${command} --table ${quoted(text)}`)
          // What log-writes made and took back again has left its end in the log.
          const logs = /log-writes/.test(text)
          if (status !== 0) expect(said).toMatch(/Command failed\.\n$/)
          else sh(command === 'create new' ? 'dmsetup remove new' : 'dmsetup clear base')
          const after = seen(machine) as unknown[]
          expect(logs ? after.slice(0, -1) : after).toEqual(logs ? (before as unknown[]).slice(0, -1) : before)
        }),
        { numRuns: runs(60) },
      )
    },
  )
})

describe('whatever is written to a disk in sysfs', () => {
  const machine = dmMachine()
  machine.create('lin', `0 64 linear ${P0} 0`)
  machine.create('log', `0 64 log-writes ${P1} /dev/ram0`)
  const { k, guest } = machine
  const paths = [...sysfs_files(k)].map(({ path }) => path)
  const own = paths.filter((path) => /\/(pmem0|ram0|dm-[01])\/(queue|dax|dm|integrity)\/[^/]+$/.test(path))
  const garbage = fc.oneof(
    fc.constantFrom('', ' ', '\n', '0', '1', '2', '-1', '4294967295', '4294967296', '0x1', 'y', 'off', 'NaN', '1 1'),
    fc.constantFrom('write back', 'write through', 'write  back', 'Write back', 'none', 'mq-deadline', '512', '513'),
    fc.string({ maxLength: 12 }),
  )
  const shown = (): readonly unknown[] => [...sysfs_files(k)].map(({ path, show }) => [path, show?.()])

  test('it is taken or refused, and what is refused changes nothing', () => {
    expect(own.length).toBeGreaterThan(100)
    fc.assert(
      fc.property(fc.constantFrom(...own), garbage, (path, text) => {
        const before = shown()
        const rc = guest.write(path, text)
        expect(rc).toBeLessThanOrEqual(0)
        const changed = shown().filter((each, i) => JSON.stringify(each) !== JSON.stringify(before[i]))
        if (rc < 0) expect(changed).toEqual([])
        // A switch of one disk is none of another.
        const [, disk] = /\/(pmem0|ram0|dm-[01])\//.exec(path) ?? []
        expect(changed.every((each) => (each as readonly string[])[0]?.includes(`/${disk}/`))).toBe(true)
      }),
      { numRuns: runs(150) },
    )
  })
})
