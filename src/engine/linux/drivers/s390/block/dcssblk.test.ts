/** Disks in saved segments of z/VM (reference/kernel.md §8.3). */

import { describe, expect, test } from 'vitest'
import { boot, run } from '../../../../../../test/flat-machine.ts'
import { recorded } from '../../../../../../test/recorded.ts'
import { spa } from '../../../../../base/brand.ts'
import { createSavedSegment } from '../../../../hw/saved-segments.ts'
import { summary } from '../../../../inspect/summary.ts'
import { Journal } from '../../../../sim/journal.ts'
import { wholeShell } from '../../../../userspace/shell/whole.ts'
import { wholeNvdimm } from '../../../../whole-nvdimm.ts'
import type { SegmentType } from '../../../arch/s390/mm/extmem.ts'
import { block_class } from '../../../block/genhd.ts'
import { disk_part0 } from '../../../include/linux/blk_types.ts'
import { bdev_dax_supported, dax_copy_from_iter, dax_direct_access, dax_flush } from '../../dax/access.ts'
import { dax_get_by_host } from '../../dax/super.ts'
import { dcssblk } from './dcssblk.ts'

const MIB = 1 << 20
const BASE = 0x4000_0000
const ROOT = '/sys/devices/dcssblk'

/** Segments A, B, … behind each other; `load`: the module's parameter. */
function machine(types: readonly SegmentType[] = ['SW'], load: readonly string[] = ['A'], release = 'v6.1') {
  const journal = new Journal()
  const savedSegments = types.map((type, i) =>
    createSavedSegment(journal, {
      name: String.fromCharCode(65 + i),
      start: spa(BASE + i * MIB),
      size: MIB,
      type,
      pages: new Map<number, Uint8Array>(),
    }),
  )
  const configOff = ['ARCH_HAS_PMEM_API', 'ARCH_HAS_UACCESS_FLUSHCACHE', 'ARCH_HAS_NOCACHE_UACCESS'] as const
  const start = () => {
    const booted = boot(undefined, { release, modules: [dcssblk(load)], savedSegments, configOff, ...wholeNvdimm })
    const shell = wholeShell.console()
    const type = (text: string): string => {
      let output = ''
      run(
        shell.run(booted.k, text, (more) => {
          output += more
        }),
      )
      return output.trimEnd()
    }
    return { ...booted, type }
  }
  return { ...start(), reboot: start }
}

const write = (text: string): string => `printf '${text}' | dd of=/dev/dcssblk0 conv=fsync status=none`
const READ = 'dd if=/dev/dcssblk0 bs=5 count=1 status=none | tr -d "\\\\000"'

describe('a disk in a segment', () => {
  test('has blocks of a page and direct access; shared, not waiting to be saved', () => {
    const { type, dmesg } = machine()
    expect(type(`cat ${ROOT}/A/shared ${ROOT}/A/save ${ROOT}/A/seglist`)).toBe('1\n0\nA')
    const queue = ['logical_block_size', 'dax', 'write_cache', 'fua'].map((name) => `/sys/block/dcssblk0/queue/${name}`)
    expect(type(`cat ${queue.join(' ')}`)).toBe('4096\n1\nwrite through\n0')
    expect(type('cat /sys/block/dcssblk0/dev /sys/block/dcssblk0/size')).toBe('253:0\n2048')
    expect(dmesg).toContain('info: dcssblk: Loaded A with total size 1048576 bytes and capacity 2048 sectors')
  })

  test('loses with the guest what was not saved; a flush is of no use', () => {
    const { type, reboot } = machine()
    type(write('first'))
    expect(type(READ)).toBe('first')
    expect(reboot().type(READ)).toBe('')
  })

  test('keeps what was saved, as it was then', () => {
    const { type, reboot, dmesg } = machine()
    type(write('first'))
    type(`echo 1 > ${ROOT}/A/save`)
    type(write('later'))
    expect(dmesg.at(-1)).toBe('info: dcssblk: All DCSSs that map to device A are saved')
    expect(reboot().type(READ)).toBe('first')
  })

  test('that is busy is saved when the last one closes it, unless that is taken back', () => {
    const { type, dmesg, reboot } = machine()
    const said = () => dmesg.filter((line) => line.includes('dcssblk: ')).map((line) => line.split('dcssblk: ')[1])
    // The redirection has the disk open while the commands run.
    type(`{ printf first; echo 1 > ${ROOT}/A/save; cat ${ROOT}/A/save > /dev/null; } > /dev/dcssblk0`)
    expect(said().slice(-2)).toEqual([
      'Device A is in use, its DCSSs will be saved when it becomes idle',
      'Device A has become idle and is being saved now',
    ])
    type(`{ printf later; echo 1 > ${ROOT}/A/save; echo 0 > ${ROOT}/A/save; } > /dev/dcssblk0`)
    expect(said().at(-1)).toBe('A pending save request for device A has been canceled')
    expect(reboot().type(READ)).toBe('first')
  })

  test.each(['SN', 'EN'] as const)('of type %s cannot be saved', (kind) => {
    const { type, dmesg, reboot } = machine([kind])
    type(write('first'))
    type(`echo 1 > ${ROOT}/A/save`)
    expect(dmesg.at(-1)).toBe('warn: dcssblk: DCSS A is of type SN or EN and cannot be saved')
    expect(reboot().type(READ)).toBe('')
  })

  test.each([
    ['SW', '0'],
    ['EW', '0'],
    ['SR', '1'],
    ['ER', '1'],
    ['SC', '1'],
  ] as const)('of type %s is read only while shared: %s', (kind, ro) => {
    const { type, dmesg } = machine([kind])
    expect(type('cat /sys/block/dcssblk0/ro')).toBe(ro)
    const alone = type(`echo 0 > ${ROOT}/A/shared`)
    if (kind === 'SC') {
      expect(alone).toContain('Invalid argument')
      expect(dmesg.at(-1)).toBe('err: dcssblk: DCSS A is of type SC and cannot be loaded as exclusive-writable')
    } else expect(type('cat /sys/block/dcssblk0/ro')).toBe('0')
    type(`echo 1 > ${ROOT}/A/shared`)
    expect(type('cat /sys/block/dcssblk0/ro')).toBe(ro)
  })

  test('that changes its mode is loaded again, as it was saved', () => {
    const { type } = machine()
    type(write('first'))
    type(`echo 1 > ${ROOT}/A/save`)
    type(write('later'))
    expect(type(READ)).toBe('later')
    type(`echo 0 > ${ROOT}/A/shared`)
    expect(type(READ)).toBe('first')
  })

  test('can be removed and added; what stood there unsaved is gone', () => {
    const { type } = machine()
    type(write('first'))
    expect(type(`echo a > ${ROOT}/remove; ls ${ROOT}`)).toBe('add\nremove')
    expect(type(`echo a > ${ROOT}/add; ls /dev/dcssblk0`)).toBe('/dev/dcssblk0')
    expect(type(READ)).toBe('')
  })

  test('may be of several segments that follow each other', () => {
    const { type } = machine(['EW', 'EN', 'EW'], ['A:B'])
    expect(type(`cat ${ROOT}/A/seglist /sys/block/dcssblk0/size`)).toBe('A\nB\n4096')
  })
})

describe('what is refused leaves everything as it was', () => {
  test.each([
    ['add', 'a', 'File exists', undefined],
    ['add', 'nine_char', 'File name too long', undefined],
    ['add', '', 'File name too long', undefined],
    ['add', 'b:', 'File name too long', undefined],
    ['add', 'none', 'No such file or directory', 'err: extmem: DCSS NONE cannot be loaded or queried'],
    ['add', 'b:d', 'Invalid argument', 'err: dcssblk: Adjacent DCSSs B and D are not contiguous'],
    ['add', 'b:c', 'Invalid argument', 'err: dcssblk: DCSS B and DCSS C have incompatible types'],
    ['remove', 'b', 'No such device', 'warn: dcssblk: Device B cannot be removed because it is not a known device'],
    ['remove', '', 'File name too long', undefined],
    ['A/shared', '2', 'Invalid argument', undefined],
    ['A/shared', '10', 'Invalid argument', undefined],
    ['A/save', 'yes', 'Invalid argument', undefined],
  ] as const)('%s: %j is %s', (file, text, error, log) => {
    const { type, dmesg } = machine(['SW', 'SW', 'SR', 'SW'])
    const before = type(`ls ${ROOT} ${ROOT}/A; cat ${ROOT}/A/shared ${ROOT}/A/save`)
    expect(type(`echo ${text} > ${ROOT}/${file}`)).toContain(error)
    expect(type(`ls ${ROOT} ${ROOT}/A; cat ${ROOT}/A/shared ${ROOT}/A/save`)).toBe(before)
    if (log !== undefined) expect(dmesg.at(-1)).toBe(log)
    // Nothing of what was tried is still loaded.
    if (file === 'add' && text !== 'a') expect(type(`echo b > ${ROOT}/add; cat ${ROOT}/B/seglist`)).toBe('B')
  })

  test('a device in use is neither removed nor changed', () => {
    const { type, dmesg } = machine()
    expect(type(`{ echo a > ${ROOT}/remove; } > /dev/dcssblk0`)).toContain('Device or resource busy')
    expect(dmesg.at(-1)).toBe('warn: dcssblk: Device A cannot be removed while it is in use')
    expect(type(`{ echo 0 > ${ROOT}/A/shared; } > /dev/dcssblk0`)).toContain('Device or resource busy')
  })
})

describe('direct access', () => {
  test.each([
    ['v4.12', ['direct_access']],
    ['v4.12+series:14', ['direct_access']],
    ['v4.13', ['copy_from_iter', 'direct_access']],
    ['v4.18', ['copy_from_iter', 'direct_access']],
    ['v5.9', ['copy_from_iter', 'direct_access', 'zero_page_range']],
    ['v5.17', ['direct_access', 'zero_page_range']],
    ['v6.1', ['direct_access', 'zero_page_range']],
  ] as const)('%s: publishes %j, copies plainly and never writes back', (release, expected) => {
    const { k, cpu } = machine(['SW'], ['A'], release)
    const dax = dax_get_by_host(k, 'dcssblk0')
    const disk = block_class(k).find(({ disk_name }) => disk_name === 'dcssblk0')
    if (dax === undefined || disk === undefined) throw new Error('no dcssblk0')
    const { name: _, ...ops } = dax.ops ?? { name: '' }
    expect(Object.keys(ops).sort()).toEqual(expected)
    expect(run(bdev_dax_supported(k, disk_part0(disk), 4096))).toBe(0)
    expect(run(dax_direct_access(k, dax, 0, 1000))).toEqual({ pages: 256, kaddr: BASE })
    cpu.issued.length = 0
    const iter = { type: 'iovec', segments: [{ bytes: new Uint8Array(64).fill(7) }] } as const
    expect(run(dax_copy_from_iter(k, dax, 0, spa(BASE), 64, iter))).toBe(64)
    run(dax_flush(k, dax, 0, spa(BASE), 4096))
    expect(cpu.counts()).toEqual({ store: 8 })
  })
})

test('a power failure takes what a program wrote and synced, and leaves what had been saved', () => {
  const text = `---
machine: { arch: s390, dcssblk: [{ size: 1M }] }
setup: |
  printf first | dd of=/dev/dcssblk0 conv=fsync status=none
  echo 1 > /sys/devices/dcssblk/DCSS0/save
---
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(void) { int fd = open("/dev/dcssblk0", O_RDWR); pwrite(fd, "later", 5, 0); fsync(fd); close(fd); return 0; }
int recover(void) { char b[6] = ""; pread(open("/dev/dcssblk0", O_RDONLY), b, 5, 0); printf("<%s>\\n", b); return 0; }
`
  expect(summary(recorded(text, { crashAt: 'end' })).recover?.output).toMatch(/<first>\n$/)
})
