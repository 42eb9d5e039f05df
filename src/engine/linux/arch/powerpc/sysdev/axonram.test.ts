/** Disks in the memory behind the Axon bridge (reference/kernel.md §8.3). */

import { describe, expect, test } from 'vitest'
import { boot, run } from '../../../../../../test/flat-machine.ts'
import { recorded, refusal } from '../../../../../../test/recorded.ts'
import { spa } from '../../../../../base/brand.ts'
import { summary } from '../../../../inspect/summary.ts'
import { wholeShell } from '../../../../userspace/shell/whole.ts'
import { wholeNvdimm } from '../../../../whole-nvdimm.ts'
import { block_class } from '../../../block/genhd.ts'
import { bdev_dax_supported, dax_copy_from_iter, dax_direct_access, dax_flush } from '../../../drivers/dax/access.ts'
import { dax_get_by_host } from '../../../drivers/dax/super.ts'
import { disk_part0 } from '../../../include/linux/blk_types.ts'
import { axonram } from './axonram.ts'

const MIB = 1 << 20
const BASE = 0x4000_0000
const DRIVER = '/sys/bus/platform/drivers/axonram'

function machine(release = 'v4.14', sizes: readonly number[] = [4 * MIB, 2 * MIB]) {
  const extents = sizes.map((size, i) => ({ start: BASE + 16 * i * MIB, size }))
  const configOff = ['ARCH_HAS_PMEM_API', 'ARCH_HAS_UACCESS_FLUSHCACHE', 'ARCH_HAS_NOCACHE_UACCESS'] as const
  const booted = boot(undefined, { release, modules: [axonram(extents)], configOff, ...wholeNvdimm })
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

describe('a bank of memory', () => {
  test('is a disk of its own, found in the device tree', () => {
    const { type, dmesg } = machine()
    expect(type('cat /sys/block/axonram0/size /sys/block/axonram1/size /sys/block/axonram1/dev')).toBe(
      '8192\n4096\n253:16',
    )
    expect(type('cat /sys/devices/platform/41000000.dma-memory/ecc')).toBe('0')
    const queue = ['logical_block_size', 'dax', 'write_cache'].map((name) => `/sys/block/axonram0/queue/${name}`)
    expect(type(`cat ${queue.join(' ')}`)).toBe('512\n1\nwrite through')
    expect(dmesg.slice(-2)).toEqual([
      'info: axonram 41000000.dma-memory: Found memory controller on /axon/dma-memory@41000000',
      'info: axonram 41000000.dma-memory: Register DDR2 memory device axonram1 with 2MB',
    ])
  })

  test('without memory is no disk', () => {
    const { type, dmesg } = machine('v4.14', [0])
    expect(dmesg.at(-1)).toBe('err: axonram 40000000.dma-memory: No DDR2 memory found for axonram0')
    expect(type('ls /dev/axonram0')).toContain('No such file or directory')
  })

  test('keeps what is written, to its end', () => {
    const { type } = machine()
    type('printf hello | dd of=/dev/axonram1 bs=1 seek=4094 conv=fsync status=none')
    expect(type('dd if=/dev/axonram1 bs=1 skip=4094 count=5 status=none')).toBe('hello')
    expect(type('dd if=/dev/zero of=/dev/axonram1 bs=4096 seek=512 count=1 status=none')).toContain('No space left')
  })

  test('goes when its driver is unbound, and comes back under another number', () => {
    const { type } = machine()
    expect(type(`echo 40000000.dma-memory > ${DRIVER}/unbind; ls /dev/axonram0`)).toContain('No such file')
    expect(type('ls /sys/devices/platform/40000000.dma-memory/ecc')).toContain('No such file')
    expect(type(`echo 40000000.dma-memory > ${DRIVER}/bind; ls /dev/axonram2`)).toBe('/dev/axonram2')
  })
})

test.each([
  ['v4.12', ['direct_access']],
  ['v4.12+series:14', ['direct_access']],
  ['v4.13', ['copy_from_iter', 'direct_access']],
  ['v4.16', ['copy_from_iter', 'direct_access']],
] as const)('%s: direct access publishes %j, copies plainly and never writes back', (release, expected) => {
  const { k, cpu } = machine(release)
  const dax = dax_get_by_host(k, 'axonram1')
  const disk = block_class(k)[1]
  if (dax === undefined || disk === undefined) throw new Error('no axonram1')
  const { name: _, ...ops } = dax.ops ?? { name: '' }
  expect(Object.keys(ops).sort()).toEqual(expected)
  expect(run(bdev_dax_supported(k, disk_part0(disk), 4096))).toBe(0)
  const kaddr = BASE + 16 * MIB + 4096
  expect(run(dax_direct_access(k, dax, 1, 1000))).toEqual({ pages: 511, kaddr })
  cpu.issued.length = 0
  const iter = { type: 'iovec', segments: [{ bytes: new Uint8Array(64).fill(7) }] } as const
  expect(run(dax_copy_from_iter(k, dax, 1, spa(kaddr), 64, iter))).toBe(64)
  run(dax_flush(k, dax, 1, spa(kaddr), 4096))
  expect(cpu.counts()).toEqual({ store: 8 })
})

const program = (kernel: string): string => `---
kernel: ${kernel}
machine: { arch: powerpc, axonram: [{ size: 1M }] }
---
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(void) { int fd = open("/dev/axonram0", O_RDWR); pwrite(fd, "hello", 5, 0); fsync(fd); return 0; }
int recover(void) { char b[6] = ""; pread(open("/dev/axonram0", O_RDONLY), b, 5, 0); printf("<%s>\\n", b); return 0; }
`

test('what a bank held is gone with the power', () => {
  expect(summary(recorded(program('v4.13'), { crashAt: 'end' })).recover?.output).toMatch(/<>\n$/)
})

test('a release without the driver refuses it', () => {
  expect(refusal(program('v4.18'))).toContain('v4.18 has no driver for it: CONFIG_AXON_RAM is gone')
})
