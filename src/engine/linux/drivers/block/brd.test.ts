import { describe, expect, test } from 'vitest'
import { boot, run } from '../../../../../test/flat-machine.ts'
import { onDax, recorded } from '../../../../../test/recorded.ts'
import { summary } from '../../../inspect/summary.ts'
import { wholeShell } from '../../../userspace/shell/whole.ts'
import { wholeNvdimm } from '../../../whole-nvdimm.ts'
import { block_class } from '../../block/genhd.ts'
import { disk_part0 } from '../../include/linux/blk_types.ts'
import { EOPNOTSUPP } from '../../include/linux/errno.ts'
import { bdev_dax_supported, dax_copy_from_iter, dax_direct_access, dax_flush } from '../dax/access.ts'
import { dax_get_by_host } from '../dax/super.ts'
import { brd } from './brd.ts'

const MIB = 1 << 20

function machine(release = 'v6.1', sizes: readonly number[] = [64 * MIB]) {
  const booted = boot(undefined, { release, modules: [brd(sizes)], ...wholeNvdimm })
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
  const dax = dax_get_by_host(booted.k, 'ram0')
  return { ...booted, type, dax, disk: block_class(booted.k).find(({ disk_name }) => disk_name === 'ram0') }
}

describe('a RAM disk', () => {
  test('has the attributes that a real one had (capture ops4-dm)', () => {
    const { type } = machine()
    const shown = (name: string): string => type(`cat /sys/block/ram0/${name}`)
    const expected = {
      size: '131072',
      ro: '0',
      'queue/write_cache': 'write through',
      'queue/fua': '0',
      'queue/dax': '0',
      'queue/logical_block_size': '512',
      'queue/physical_block_size': '4096',
      'queue/hw_sector_size': '512',
      'queue/rotational': '0',
      'queue/minimum_io_size': '4096',
      'queue/optimal_io_size': '0',
      'queue/max_sectors_kb': '127',
      'queue/discard_granularity': '0',
      dev: '1:0',
    }
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, shown(name)]))).toEqual(expected)
    expect(type('ls /sys/block/ram0/dax')).toContain('No such file or directory')
  })

  test('keeps what is written, and gives zeros where nothing was', () => {
    const { type } = machine()
    type('printf hello | dd of=/dev/ram0 bs=1 seek=4094 status=none')
    expect(type('dd if=/dev/ram0 bs=1 skip=4094 count=5 status=none')).toBe('hello')
    expect(type('dd if=/dev/ram0 bs=512 skip=9999 count=1 iflag=direct status=none | hexdump -C | head -n 1')).toBe(
      '00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|',
    )
    expect(type('dd if=/dev/zero of=/dev/ram0 bs=4096 seek=16384 count=1 status=none')).toContain('No space left')
  })

  test('there may be several, as large as was asked for', () => {
    const { type, dmesg } = machine('v6.1', [MIB, 2 * MIB])
    expect(type('blockdev --getsize64 /dev/ram0 /dev/ram1')).toBe('1048576\n2097152')
    expect(dmesg.join('\n')).toContain('brd: module loaded')
  })
})

describe('direct access', () => {
  test.each([
    ['v4.12', ['direct_access']],
    ['v4.12+series:14', ['direct_access']],
    ['v4.13', ['copy_from_iter', 'direct_access']],
    ['v4.14', ['copy_from_iter', 'direct_access']],
    ['v4.15', undefined],
    ['v6.1', undefined],
  ] as const)('%s: publishes %j', (release, expected) => {
    const { dax, disk, k } = machine(release)
    const { name: _, ...ops } = dax?.ops ?? { name: '' }
    expect(dax === undefined ? undefined : Object.keys(ops).sort()).toEqual(expected)
    expect(disk?.dax).toBe(expected !== undefined)
    const supported = disk && run(bdev_dax_supported(k, disk_part0(disk), 4096))
    expect(supported).toBe(expected === undefined ? -EOPNOTSUPP : 0)
  })

  test('gives a page at a time, where block I/O finds the same bytes', () => {
    const { k, dax, type, cpu } = machine('v4.14')
    type('printf hello > /dev/ram0')
    const found = run(dax_direct_access(k, dax, 0, 8))
    if (typeof found === 'number') throw new Error(`${found}`)
    expect(found.pages).toBe(1)
    const bytes = new Uint8Array(5)
    cpu.loadBytes(found.kaddr, bytes, 0, 5)
    expect(new TextDecoder().decode(bytes)).toBe('hello')
    const other = run(dax_direct_access(k, dax, 1, 1))
    expect(typeof other).toBe('object')
  })

  test.each([
    ['v4.12+series:14', 4096],
    ['v4.13', 4096],
    ['v4.14', 4096],
  ] as const)('%s: a copy is an ordinary one, and a flush writes nothing back', (release, size) => {
    const { k, dax, cpu } = machine(release)
    if (dax === undefined) throw new Error('no direct access')
    const found = run(dax_direct_access(k, dax, 0, 1))
    if (typeof found === 'number') throw new Error(`${found}`)
    cpu.issued.length = 0
    const iter = { type: 'iovec', segments: [{ bytes: new Uint8Array(size).fill(7) }] } as const
    expect(run(dax_copy_from_iter(k, dax, 0, found.kaddr, size, iter))).toBe(size)
    run(dax_flush(k, dax, 0, found.kaddr, size))
    expect(cpu.counts()).toEqual({ store: size / 8 })
  })
})

test('what a RAM disk held is gone with the power', () => {
  const body = `char text[512] = "hello", back[512] = "";
  int ram = open("/dev/ram0", O_RDWR);
  write(ram, text, 512); fsync(ram);
  pread(ram, back, 512, 0); printf("%s\\n", back);`
  const look = `int recover(void) { char back[512] = "x"; int ram = open("/dev/ram0", O_RDONLY);
  printf("%ld <%s>\\n", pread(ram, back, 512, 0), back); return 0; }`
  const text = onDax(body, 'machine: { brd: [{ size: 4M }] }', `#include <unistd.h>\n${look}`)
  const recording = recorded(text, { crashAt: 'end' })
  expect(recording.texts('output', recording.machine.end).at(-1)?.text).toBe('hello\n')
  expect(summary(recording).recover?.output).toMatch(/<>\n$/)
})
