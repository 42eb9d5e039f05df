import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Booted, boot, FlatMemory, run } from '../../../../../test/flat-machine.ts'
import { spa } from '../../../../base/brand.ts'
import { wholeShell } from '../../../userspace/shell/whole.ts'
import { asm_exc_page_fault, SIGBUS, translate } from '../../arch/x86/mm/fault.ts'
import { fileOfSpa } from '../../fs/file-of-spa.ts'
import { sys_close, sys_openat } from '../../fs/open.ts'
import { sysfs_lookup } from '../../fs/sysfs/dir.ts'
import { sys_mmap, sys_munmap } from '../../mm/mmap.ts'
import { decode_pfn_sb, encode_pfn_sb } from '../nvdimm/pfn_sb.ts'

const fixtures = new URL('../../../../../test/fixtures/groundtruth/', import.meta.url)
const nfit = new Uint8Array(readFileSync(new URL('a-1nvdimm-nolabel/NFIT.bin', fixtures)))
const DEVDAX = 'ndctl create-namespace -e namespace0.0 -f --mode=devdax --map=mem'
const DATA = 0x1_0020_0000
const SIZE = 0x1000_0000 - 0x20_0000

const [RDWR, READ_WRITE, SHARED, PRIVATE, FIXED, ANONYMOUS] = [2, 3, 1, 2, 16, 32]
const MIB2 = 0x20_0000

let machine: Booted
let memory: FlatMemory
beforeEach(() => {
  memory = new FlatMemory()
  machine = boot(nfit, { memory })
  expect(run(wholeShell.setup(machine.k, DEVDAX, 1, () => {}))).toBeUndefined()
})

const show = (path: string): string | number | undefined => sysfs_lookup(machine.k, path)?.show?.()
const open = (path = '/dev/dax0.0', flags = RDWR): number => run(sys_openat(machine.k, path, flags))
const map = (length: number, { flags = SHARED, fd = open(), offset = 0, addr = 0, prot = READ_WRITE } = {}): number =>
  run(sys_mmap(machine.k, addr, length, prot, flags, fd, offset))
const fault = (va: number): number => run(asm_exc_page_fault(machine.k, va, true))
const at = (va: number): number | undefined => translate(machine.k, va, true)

describe('ndctl create-namespace --mode=devdax', () => {
  test('turns the raw disk into a device of everything behind the first 2 MiB', () => {
    expect(show('/sys/bus/nd/devices/namespace0.0/mode')).toBe('dax')
    expect(show('/sys/bus/nd/devices/namespace0.0/holder')).toBe('dax0.0')
    expect(show('/sys/bus/dax/devices/dax0.0/size')).toBe(String(SIZE))
    expect(show('/sys/bus/dax/devices/dax0.0/resource')).toBe(`0x${DATA.toString(16)}`)
    expect(show('/sys/bus/nd/devices/region0/dax_seed')).toBe('dax0.1')
    expect(show('/sys/block/pmem0/size')).toBeUndefined()
  })

  test('writes the info block with movnti and flushes it', () => {
    const { cpu } = boot(nfit, { memory: new FlatMemory() })
    const before = cpu.counts()
    expect(before).toEqual({ load: 192 })
    expect(machine.cpu.counts()).toMatchObject({ movnti: 512, sfence: 6 })
    const last = machine.cpu.issued.findLastIndex((line) => line.startsWith('movnti'))
    expect(machine.cpu.issued.slice(last + 1)).toEqual(['sfence', 'sfence'])
  })

  test('survives: the next boot finds the device on media', () => {
    machine = boot(nfit, { memory })
    expect(open()).toBe(3)
    expect(show('/sys/bus/dax/devices/dax0.0/size')).toBe(String(SIZE))
    expect(machine.cpu.counts()['movnti']).toBeUndefined()
  })

  test('what the kernel looked like before can still be read', () => {
    machine = boot(nfit, {})
    const { journal } = machine.k
    journal.now = 10
    run(wholeShell.setup(machine.k, DEVDAX, 1, () => {}))
    const modes = [9, 10].map((step) => journal.at(step, () => show('/sys/bus/nd/devices/namespace0.0/mode')))
    expect(modes).toEqual(['raw', 'dax'])
    expect(journal.at(9, () => show('/sys/block/pmem0/size'))).toBe('524288')
  })

  test('an info block that is damaged leaves a raw disk', () => {
    memory.write(0x1_0000_1000 + 90, 0xff)
    machine = boot(nfit, { memory })
    expect(open()).toBe(-2)
    expect(show('/sys/block/pmem0/queue/write_cache')).toBe('write back')
  })
})

test('the info block is the one that a real kernel writes, byte for byte', () => {
  const real = JSON.parse(readFileSync(new URL('devdax-mem.json', fixtures), 'utf8'))
  const block = memory.bytes(real.resource + 4096, 4096)
  const sb = decode_pfn_sb('NVDIMM_DAX_INFO', block)
  if (sb === undefined) throw new Error('no info block')
  const same = encode_pfn_sb('NVDIMM_DAX_INFO', { ...sb, uuid: real.uuid })
  const hex = Buffer.from(same).toString('hex')
  expect(hex.startsWith(real.used)).toBe(true)
  expect(hex.slice(4088 * 2)).toBe(real.checksum)
})

describe('mapping /dev/dax0.0', () => {
  test('a fault maps 2 MiB to the memory itself', () => {
    const va = map(2 * MIB2, { offset: MIB2 })
    expect(va % MIB2).toBe(0)
    expect(at(va)).toBeUndefined()
    expect(fault(va + 100)).toBe(0)
    expect(at(va)).toBe(DATA + MIB2)
    expect(at(va + MIB2 - 1)).toBe(DATA + 2 * MIB2 - 1)
    expect(at(va + MIB2)).toBeUndefined()
    expect(fileOfSpa(machine.k, spa(DATA + MIB2 + 5))).toEqual({ file: '/dev/dax0.0', offset: MIB2 + 5 })
    expect(fileOfSpa(machine.k, spa(DATA - 1))).toBeUndefined()
  })

  test('must be shared, and whole multiples of 2 MiB', () => {
    expect(map(4096)).toBe(-22)
    expect(map(MIB2, { offset: 4096 })).toBe(-22)
    expect(map(MIB2, { flags: PRIVATE })).toBe(-22)
    expect(machine.dmesg.filter((line) => line.startsWith('info'))).toEqual([
      expect.stringContaining('device_dax dax0.0: program: dax_mmap: fail, unaligned vma'),
      expect.stringContaining('unaligned vma'),
      'info: device_dax dax0.0: program: dax_mmap: fail, attempted private mapping',
    ])
  })

  test('behind the end of the device there is nothing', () => {
    const va = map(2 * MIB2, { offset: SIZE - MIB2 })
    expect(fault(va)).toBe(0)
    expect(fault(va + MIB2)).toBe(SIGBUS)
  })

  test('is refused without a file, without write permission, at a bad address', () => {
    expect(map(MIB2, { fd: 9 })).toBe(-9)
    expect(map(MIB2, { fd: open('/dev/dax0.0', 0) })).toBe(-13)
    expect(map(MIB2, { flags: SHARED | FIXED, addr: 123 })).toBe(-22)
    expect(map(MIB2, { fd: open('/sys/bus/nd/devices/region0/size', 0) })).toBe(-19)
  })

  test('munmap takes the translation away', () => {
    const va = map(2 * MIB2)
    expect([fault(va), fault(va + MIB2)]).toEqual([0, 0])
    expect(run(sys_munmap(machine.k, va, 4096))).toBe(-22)
    expect(run(sys_munmap(machine.k, va, MIB2))).toBe(0)
    expect(at(va)).toBeUndefined()
    expect(at(va + MIB2)).toBe(DATA + MIB2)
    expect(fault(va)).toBe(11)
  })

  test('anonymous memory comes from RAM, a page at a time', () => {
    const va = map(8192, { flags: PRIVATE | ANONYMOUS, fd: -1 })
    expect(fault(va + 4096)).toBe(0)
    expect(at(va + 4097)).toBe(0x100_0001)
    expect(at(va)).toBeUndefined()
  })
})

test('descriptors are the lowest free, and closing one twice is an error', () => {
  expect([open(), open()]).toEqual([3, 4])
  expect(run(sys_close(machine.k, 3))).toBe(0)
  expect(run(sys_close(machine.k, 3))).toBe(-9)
  expect(open()).toBe(3)
  expect(open('/dev/none')).toBe(-2)
})
