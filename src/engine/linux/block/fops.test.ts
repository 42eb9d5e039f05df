/** Disks as programs use them: what a real Linux 6.1 did for each dd (groundtruth capture ops3-write-cache), and more. */

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { boot, FlatMemory, run } from '../../../../test/flat-machine.ts'
import { wholeShell } from '../../userspace/shell/whole.ts'
import { wholeNvdimm } from '../../whole-nvdimm.ts'
import { rwbs } from '../include/linux/blk_types.ts'

const nfit = new Uint8Array(
  readFileSync(new URL('../../../../test/fixtures/groundtruth/a-1nvdimm-nolabel/NFIT.bin', import.meta.url)),
)
const BASE = 0x1_0000_0000

/** The functions that the capture traced, and those of ours that stand for them. */
const TRACED: Readonly<Record<string, string>> = {
  __memcpy_flushcache: '__memcpy_flushcache',
  blkdev_issue_flush: 'blkdev_issue_flush',
  nvdimm_flush: 'nvdimm_flush',
  generic_nvdimm_flush: 'generic_nvdimm_flush',
  pmem_do_read: 'pmem_do_read',
  pmem_do_write: 'pmem_do_write',
  pmem_submit_bio: 'pmem_submit_bio',
}

function machine(release = 'v6.1') {
  const memory = new FlatMemory()
  const bios: string[] = []
  const onBio = (bio: Parameters<typeof rwbs>[0], stripped: boolean): void => {
    bios.push(`${rwbs(bio)} ${bio.sector} + ${bio.nr_sectors}${stripped ? ' stripped' : ''}`)
  }
  const { k, dmesg } = boot(nfit, { release, memory, onBio, ...wholeNvdimm })
  const shell = wholeShell.console()
  let output = ''
  const counts = new Map<string, number>()
  const type = (command: string): number => {
    output = ''
    counts.clear()
    bios.length = 0
    const print = (text: string): void => {
      output += text
    }
    return run(shell.run(k, command, print), (name) => counts.set(name, (counts.get(name) ?? 0) + 1))
  }
  return {
    type,
    memory,
    dmesg,
    /** What the last command printed, said in bios, and called. */
    printed: () => output,
    bios: () => [...bios],
    calls: () =>
      Object.fromEntries(
        Object.entries(TRACED).flatMap(([ours, real]) => {
          const count = counts.get(ours) ?? 0
          return count === 0 ? [] : [[real, count]]
        }),
      ),
  }
}

const flushes = (n: number) => ({ nvdimm_flush: n, generic_nvdimm_flush: n })
const writes = (n: number) => ({ __memcpy_flushcache: n, pmem_do_write: n })

describe('capture ops3: a pmem disk', () => {
  const { type, calls } = machine()
  test.each([
    ['dd if=/dev/zero of=/dev/pmem0 bs=1M count=1 conv=notrunc', { ...writes(256), pmem_submit_bio: 256 }],
    ['dd if=/dev/zero of=/dev/pmem0 bs=4096 count=4 oflag=direct', { ...writes(4), pmem_submit_bio: 4 }],
    [
      'dd if=/dev/zero of=/dev/pmem0 bs=4096 count=4 oflag=direct,sync',
      { ...writes(4), blkdev_issue_flush: 4, ...flushes(8), pmem_submit_bio: 8 },
    ],
    [
      'dd if=/dev/zero of=/dev/pmem0 bs=4096 count=4 conv=fsync',
      { ...writes(4), blkdev_issue_flush: 1, ...flushes(1), pmem_submit_bio: 5 },
    ],
    ['dd if=/dev/pmem0 of=/dev/null bs=4096 count=4 iflag=direct', { pmem_do_read: 4, pmem_submit_bio: 4 }],
  ])('write back: %s', (command, expected) => {
    expect(type(command)).toBe(0)
    expect(calls()).toEqual(expected)
  })

  test.each([
    [
      'dd if=/dev/zero of=/dev/pmem0 bs=4096 count=4 oflag=direct,sync',
      { ...writes(4), blkdev_issue_flush: 4, pmem_submit_bio: 4 },
    ],
    [
      'dd if=/dev/zero of=/dev/pmem0 bs=4096 count=4 conv=fsync',
      { ...writes(4), blkdev_issue_flush: 1, pmem_submit_bio: 4 },
    ],
  ])('write through: %s', (command, expected) => {
    type('echo "write through" > /sys/block/pmem0/queue/write_cache')
    expect(type(command)).toBe(0)
    expect(calls()).toEqual(expected)
  })
})

describe('bios', () => {
  test('say what blktrace says of them, and where a flush goes no further', () => {
    const { type, bios } = machine()
    type('dd if=/dev/zero of=/dev/pmem0 bs=4096 seek=2 count=1 oflag=direct,sync status=none')
    expect(bios()).toEqual(['WFS 16 + 8', 'FWS 0 + 0'])
    type('echo "write through" > /sys/block/pmem0/queue/write_cache')
    type('dd if=/dev/zero of=/dev/pmem0 bs=4096 seek=2 count=1 oflag=direct,sync status=none')
    expect(bios()).toEqual(['WFS 16 + 8 stripped', 'FWS 0 + 0 stripped'])
    type('dd if=/dev/zero of=/dev/pmem0 bs=2M count=1 oflag=direct status=none')
    expect(bios()).toEqual(['WS 0 + 2048', 'WS 2048 + 2048'])
  })

  test('before the driver asked its region every disk had FUA and a cache', () => {
    for (const release of ['v4.12', 'v4.13', 'v6.1']) {
      const { type, calls } = machine(release)
      type('dd if=/dev/zero of=/dev/pmem0 bs=4096 count=1 oflag=direct,sync status=none')
      expect(calls()['nvdimm_flush']).toBe(2)
    }
  })
})

describe('the page cache', () => {
  test('keeps what is written until the last close, fsync or sync; a part of a page is read first', () => {
    const { type, calls, memory, printed } = machine()
    memory.write(BASE + 4096, 0x41)
    expect(type('printf xyz | dd of=/dev/pmem0 bs=1 seek=4097 status=none')).toBe(0)
    expect(calls()).toEqual({ ...writes(1), pmem_do_read: 1, pmem_submit_bio: 1 })
    expect([...memory.bytes(BASE + 4096, 5)]).toEqual([0x41, 0x78, 0x79, 0x7a, 0])
    expect(type('dd if=/dev/pmem0 bs=1 skip=4096 count=4 status=none')).toBe(0)
    expect(printed()).toBe('Axyz')
  })

  test('is written back before direct I/O reads, and forgotten where direct I/O writes', () => {
    const { type, printed } = machine()
    type('printf 0123 > /dev/pmem0')
    type('dd if=/dev/pmem0 bs=512 count=1 iflag=direct status=none | head -c 4')
    expect(printed()).toBe('0123')
  })
})

describe('what can not be', () => {
  test('is refused in the words of the real tools', () => {
    const { type, printed } = machine()
    const said = (command: string): readonly [number, string] => [type(command), printed().trimEnd()]
    expect(said('dd if=/dev/zero of=/dev/pmem0 bs=100 count=1 oflag=direct status=none')).toEqual([
      1,
      "dd: error writing '/dev/pmem0': Invalid argument",
    ])
    expect(said('dd if=/dev/zero of=/dev/pmem0 bs=1M seek=256 count=1 status=none')).toEqual([
      1,
      "dd: error writing '/dev/pmem0': No space left on device",
    ])
    expect(said('dd if=/dev/pmem7 count=1')).toEqual([1, "dd: failed to open '/dev/pmem7': No such file or directory"])
    expect(said('dd bs=0')[1]).toBe("dd: invalid number: '0'")
    expect(said('dd bs=4Q')[1]).toBe("dd: invalid number: '4Q'")
    expect(said('dd iflag=warp')[1]).toBe("dd: invalid input flag: 'warp'\nTry 'dd --help' for more information.")
    expect(said('blkdiscard /dev/pmem0')).toEqual([
      1,
      'blkdiscard: /dev/pmem0: BLKDISCARD ioctl failed: Operation not supported',
    ])
    expect(said('blockdev --setro /dev/pmem0 && dd if=/dev/zero of=/dev/pmem0 count=1 status=none')).toEqual([
      1,
      "dd: error writing '/dev/pmem0': Operation not permitted",
    ])
  })

  test('a write that ends behind the disk writes what fits', () => {
    const { type, printed } = machine()
    expect(type('dd if=/dev/zero of=/dev/pmem0 bs=64K seek=4095 count=2')).toBe(1)
    expect(printed().split('\n').slice(0, 3)).toEqual([
      "dd: error writing '/dev/pmem0': No space left on device",
      '2+0 records in',
      '1+0 records out',
    ])
  })
})

describe('tools', () => {
  test('dd counts blocks, and copies from and to pipes', () => {
    const { type, printed } = machine()
    type('printf 0123456789 | dd bs=4 2>/dev/null')
    expect(printed()).toBe('0123456789')
    type('printf 0123456789 | dd bs=4 status=noxfer of=/dev/null')
    expect(printed()).toBe('2+1 records in\n2+1 records out\n')
    type('dd if=/dev/zero of=/dev/null bs=4K count=1')
    expect(printed()).toMatch(
      /^1\+0 records in\n1\+0 records out\n4096 bytes \(4\.1 kB, 4\.0 KiB\) copied, 0\.\d+ s, \d/,
    )
  })

  test('blockdev asks for sizes, blkdiscard -z fills with zeros', () => {
    const { type, printed, memory } = machine()
    type('blockdev --getsize64 --getss --getpbsz --getro --getsz /dev/pmem0')
    expect(printed()).toBe('268435456\n512\n4096\n0\n524288\n')
    memory.write(BASE + 8192, 7)
    memory.write(BASE + 12288, 8)
    expect(type('blkdiscard -z -o 8192 -l 4096 /dev/pmem0')).toBe(0)
    expect([memory.read(BASE + 8192), memory.read(BASE + 12288)]).toEqual([0, 8])
    expect(type('sync; sync /dev/pmem0')).toBe(0)
  })
})
