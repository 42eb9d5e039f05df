/** Partitions of a pmem disk: tables as sfdisk writes them, and broken ones. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DmMachine, dmMachine } from '../../../../../test/dm-machine.ts'
import { run } from '../../../../../test/flat-machine.ts'
import { recorded } from '../../../../../test/recorded.ts'
import { runs } from '../../../../../test/runs.ts'
import { summary } from '../../../inspect/summary.ts'
import { bdev_dax_supported } from '../../drivers/dax/access.ts'
import { bdev_name } from '../../include/linux/blk_types.ts'
import { block_devices } from '../genhd.ts'
import { partition_tables } from './core.ts'

const machine = (release = 'v6.1'): DmMachine => dmMachine(release, true, { partitions: partition_tables })

/** "2048,8192\n4096" by sfdisk; what it says. */
const table = ({ sh }: DmMachine, script: string, label = 'dos', disk = 'pmem0'): string =>
  sh(`printf '${script.replaceAll('\n', '\\n')}\\n' | sfdisk -q -X ${label} /dev/${disk}`)[0]

const parts = ({ k }: DmMachine): readonly string[] =>
  block_devices(k)
    .filter(({ bd_partno }) => bd_partno > 0)
    .map((bdev) => `${bdev_name(bdev)} ${bdev.bd_start_sect}+${bdev.bd_nr_sectors}`)

describe('a table', () => {
  test.each(['dos', 'gpt'])('of kind %s makes devices, and says so', (label) => {
    const m = machine()
    expect(table(m, '2048,8192\n,16M', label)).toBe('')
    expect(parts(m)).toEqual(['pmem0p1 2048+8192', 'pmem0p2 10240+32768'])
    expect(m.dmesg.at(-1)).toBe('info:  pmem0: p1 p2')
    expect(m.sh('ls /dev/pmem0p1 /dev/pmem0p2; ls /sys/block/pmem0/pmem0p2')[0]).toBe(
      '/dev/pmem0p1\n/dev/pmem0p2\nalignment_offset\ndiscard_alignment\npartition\nro\nsize\nstart\n',
    )
    const shown = ['partition', 'start', 'size', 'ro', 'alignment_offset'].map(
      (name) => `/sys/class/block/pmem0p2/${name}`,
    )
    expect(m.sh(`cat ${shown.join(' ')}`)[0]).toBe('2\n10240\n32768\n0\n0\n')
    expect(m.sh('blockdev --getsz --getsize64 /dev/pmem0p2')[0]).toBe('32768\n16777216\n')
  })

  test('may take all that is left', () => {
    const m = machine()
    const sectors = Number(m.sh('blockdev --getsz /dev/pmem0')[0])
    table(m, '', 'dos')
    table(m, ',,L,*', 'dos')
    expect(parts(m)).toEqual([`pmem0p1 2048+${sectors - 2048}`])
    table(m, ',+', 'gpt')
    expect(parts(m)).toEqual([`pmem0p1 2048+${sectors - 2048 - 33}`])
  })

  test('whose script is wrong is not written', () => {
    const m = machine()
    for (const [script, said] of [
      ['1,2,3,4,5', 'line 1: unsupported command'],
      ['colour: red', 'line 1: unsupported command'],
      ['2048,8192\n4096,8192', 'line 2: Start sector 4096 out of range.'],
      ['2048,99G', 'Numerical result out of range'],
    ] as const)
      expect(table(m, script)).toContain(said)
    expect(table(m, '2048,8', 'amiga')).toContain("unsupported label 'amiga'")
    expect(parts(m)).toEqual([])
  })

  test('that is wiped takes its devices along', () => {
    const m = machine()
    table(m, '2048,8192', 'gpt')
    m.sh('dd if=/dev/zero of=/dev/pmem0 bs=4096 count=1 conv=fsync status=none; blockdev --rereadpt /dev/pmem0')
    expect(parts(m)).toEqual([])
    expect(m.sh('ls /dev/pmem0p1')[1]).toBe(2)
  })

  test('is read when the disk comes', () => {
    const m = machine()
    table(m, '2048,8192', 'gpt')
    m.guest.unbind('pfn0.0')
    expect(parts(m)).toEqual([])
    m.guest.bind('pfn0.0', 'nd_pmem')
    expect(parts(m)).toEqual(['pmem0p1 2048+8192'])
  })

  test('is not looked for on mapped devices', () => {
    const m = machine()
    m.create('lin', '0 65536 linear /dev/pmem0 0')
    table(m, '2048,8192', 'dos', 'dm-0')
    expect(parts(m)).toEqual([])
    expect(m.sh('blockdev --rereadpt /dev/dm-0')).toEqual(['blockdev: ioctl error on BLKRRPART: Invalid argument\n', 1])
  })
})

describe('extended partitions', () => {
  /** [boot, type, start, count] of each entry. */
  const sector = (entries: readonly (readonly [number, number, number, number])[]): Uint8Array => {
    const bytes = new Uint8Array(512)
    const data = new DataView(bytes.buffer)
    for (const [i, [boot, type, start, count]] of entries.entries()) {
      data.setUint8(446 + i * 16, boot)
      data.setUint8(450 + i * 16, type)
      data.setUint32(454 + i * 16, start, true)
      data.setUint32(458 + i * 16, count, true)
    }
    bytes.set([0x55, 0xaa], 510)
    return bytes
  }
  const written = (sectors: Readonly<Record<number, Uint8Array>>): DmMachine => {
    const m = machine()
    for (const [at, bytes] of Object.entries(sectors)) m.guest.writeDisk('pmem0', Number(at) * 512, bytes)
    m.sh('blockdev --rereadpt /dev/pmem0')
    return m
  }

  test('name logical ones from 5 on, one after the other', () => {
    const m = written({
      0: sector([
        [0x80, 0x83, 2048, 2048],
        [0, 5, 4096, 12288],
      ]),
      4096: sector([
        [0, 0x83, 64, 1000],
        [0, 5, 4096, 8192],
      ]),
      8192: sector([[0, 0x83, 64, 2000]]),
    })
    expect(m.dmesg.at(-1)).toBe('info:  pmem0: p1 p2 < p5 p6 >')
    expect(parts(m)).toEqual(['pmem0p1 2048+2048', 'pmem0p2 4096+2', 'pmem0p5 4160+1000', 'pmem0p6 8256+2000'])
  })

  test('whose chain is a circle end', () => {
    const m = written({ 0: sector([[0, 5, 4096, 12288]]), 4096: sector([[0, 5, 0, 12288]]) })
    expect(parts(m)).toEqual(['pmem0p1 4096+2'])
  })

  test('what reaches behind the end of the disk is cut, what begins there left out', () => {
    const m = written({
      0: sector([
        [0, 0x83, 2048, 9_999_999],
        [0, 0x83, 88_888_888, 8],
      ]),
    })
    expect(parts(m).length).toBe(1)
    expect(m.dmesg.slice(-2)).toEqual([
      'warn: pmem0: p1 size 9999999 extends beyond EOD, truncated',
      'warn: pmem0: p2 start 88888888 is beyond EOD, truncated',
    ])
  })

  test.each([
    ['a status that is none', sector([[7, 0x83, 2048, 8]])],
    ['no 55 AA at the end', sector([[0, 0x83, 2048, 8]]).fill(0, 510)],
    ['an entry for a GPT that is not there', sector([[0, 0xee, 1, 0xffff_ffff]])],
  ])('a sector with %s is no table', (_why, bytes) => {
    expect(parts(written({ 0: bytes }))).toEqual([])
  })
})

describe('a GPT', () => {
  const broken = (...sectors: readonly number[]): DmMachine => {
    const m = machine()
    table(m, '2048,8192', 'gpt')
    const last = Number(m.sh('blockdev --getsz /dev/pmem0')[0]) - 1
    for (const at of sectors) m.guest.writeDisk('pmem0', (at < 0 ? last : at) * 512, new Uint8Array(512))
    m.sh('blockdev --rereadpt /dev/pmem0')
    return m
  }
  const warnings = ({ dmesg }: DmMachine) => dmesg.filter((line) => line.startsWith('warn') && line.includes('GPT'))

  test.each([1, 2])('whose first copy is broken in sector %i is read from the second', (at) => {
    const m = broken(at)
    expect(parts(m)).toEqual(['pmem0p1 2048+8192'])
    expect(warnings(m)).toEqual(['warn: Primary GPT is invalid, using alternate GPT.'])
  })

  test('whose second copy is broken is read all the same', () => {
    const m = broken(-1)
    expect(parts(m)).toEqual(['pmem0p1 2048+8192'])
    expect(warnings(m)).toEqual(['warn: Alternate GPT is invalid, using primary GPT.'])
  })

  test('without a good copy, or without the table in front, is none', () => {
    expect(parts(broken(1, -1))).toEqual([])
    expect(parts(broken(0))).toEqual([])
  })
})

describe('a partition', () => {
  test('is a device of its own: what is written to it stands where it begins', () => {
    const m = machine()
    table(m, '2048,8192')
    m.sh('printf hello | dd of=/dev/pmem0p1 bs=512 seek=1 conv=fsync status=none')
    expect(m.sh('dd if=/dev/pmem0 bs=512 skip=2049 count=1 status=none | head -c 5')[0]).toBe('hello')
    expect(m.bios.at(-2)?.bio).toMatchObject({ sector: 2048, op: 'write' })
    expect(m.sh('dd if=/dev/zero of=/dev/pmem0p1 bs=4M seek=1 count=1 status=none')[0]).toContain('No space left')
  })

  test('that is open keeps its table; the whole disk can not be claimed beside it', () => {
    const m = machine()
    table(m, '2048,8192')
    m.create('lin', '0 64 linear /dev/pmem0p1 0')
    expect(m.sh('blockdev --rereadpt /dev/pmem0')[0]).toContain('Device or resource busy')
    expect(table(m, '4096,8192')).toContain('This disk is currently in use')
    expect(parts(m)).toEqual(['pmem0p1 2048+8192'])
    expect(m.create('whole', '0 64 linear /dev/pmem0 0')[1]).toBe(1)
    expect(m.create('same', '0 64 linear /dev/pmem0p1 64')[1]).toBe(0)
  })

  test('can be what a mapped device stands on', () => {
    const m = machine()
    table(m, '2048,8192\n10240,8192')
    m.create('lin', '0 64 linear /dev/pmem0p2 8')
    expect(m.sh('dmsetup table lin')[0]).toMatch(/^0 64 linear 259:\d+ 8\n$/)
    m.sh('printf hello | dd of=/dev/mapper/lin bs=512 conv=fsync status=none')
    expect(m.sh('dd if=/dev/pmem0 bs=512 skip=10248 count=1 status=none | head -c 5')[0]).toBe('hello')
    expect(m.create('far', '0 8193 linear /dev/pmem0p2 0')[1]).toBe(1)
    expect(m.dmesg.join('\n')).toContain('pmem0p2 too small for target: start=0, len=8193, dev_size=8192')
    expect(m.sh('ls /sys/block/dm-0/slaves /sys/class/block/pmem0p2/holders')[0]).toContain('pmem0p2')
  })

  test.each([
    ['2048,8192', 0, []],
    ['2049,8192', -22, ['err: VFS (pmem0p1): error: unaligned partition for dax']],
  ] as const)('takes a DAX file system when it begins on a page: %s', (script, rc, said) => {
    const m = machine('v4.13')
    table(m, script)
    const part = block_devices(m.k).find(({ bd_partno }) => bd_partno === 1)
    expect(part && run(bdev_dax_supported(m.k, part, 4096))).toBe(rc)
    expect(m.dmesg.filter((line) => line.includes('VFS'))).toEqual(said)
  })
})

test('a table survives the power failure, if it was written before it', () => {
  const text = `---
setup: |
  ndctl create-namespace -e namespace0.0 -f --mode=fsdax --map=mem
  echo 2048,8192 | sfdisk -q -X gpt /dev/pmem0
---
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(void) { int fd = open("/dev/pmem0p1", O_RDWR); pwrite(fd, "hello", 5, 0); fsync(fd); return 0; }
int recover(void) { char b[6] = ""; pread(open("/dev/pmem0p1", O_RDONLY), b, 5, 0); printf("<%s>\\n", b); return 0; }
`
  expect(summary(recorded(text, { crashAt: 'end' })).recover?.output).toMatch(/<hello>\n$/)
})

test('random sectors in place of a table are refused or read; nothing throws, and no device reaches behind the disk', () => {
  const m = machine()
  table(m, '2048,8192\n,1M\n,1M', 'gpt')
  const end = Number(m.sh('blockdev --getsz /dev/pmem0')[0])
  fc.assert(
    fc.property(
      fc.array(fc.record({ at: fc.nat(3 * 512 - 1), byte: fc.nat(255) }), { minLength: 1, maxLength: 12 }),
      (changes) => {
        for (const { at, byte } of changes)
          m.sh(`printf '\\\\${byte.toString(8)}' | dd of=/dev/pmem0 bs=1 seek=${at} status=none`)
        m.sh('blockdev --rereadpt /dev/pmem0')
        for (const { bd_start_sect, bd_nr_sectors } of block_devices(m.k)) {
          expect(bd_nr_sectors).toBeGreaterThan(0)
          expect(bd_start_sect + bd_nr_sectors).toBeLessThanOrEqual(Math.max(end, 131072, 1048576))
        }
      },
    ),
    { numRuns: runs(60) },
  )
})
