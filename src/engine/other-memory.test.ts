import { describe, expect, test } from 'vitest'
import { onDax, recorded, refusal } from '../../test/recorded.ts'
import { lossView } from './inspect/loss-view.ts'
import { runReport } from './inspect/report.ts'
import { sysfs_lookup } from './linux/fs/sysfs/dir.ts'
import { describeNvdimms } from './linux/nvdimm-report.ts'

const PROGRAM = 'p[0] = 1; _mm_clwb((void *)p); _mm_sfence(); p[8] = 2;'
const WARNING = 'nd_pmem namespace0.0: unable to guarantee persistence of writes'

const ran = (front: string) => recorded(onDax(PROGRAM, front))

/** [offset, what survived?] of every store of the program, after a power failure at its end. */
function fate(front: string): readonly string[] {
  const view = lossView(ran(front), ran(front).machine.end)
  return [
    ...view.survived.map(({ file, offset }) => `${file}+${offset} survived`),
    ...view.lost.map(({ file, offset }) => `${file}+${offset} lost`),
  ]
}

const dmesg = (front: string): readonly string[] => runReport(ran(front), undefined).dmesg.map(({ text }) => text)

describe('memmap=64M!512M', () => {
  const front = 'cmdline: memmap=64M!512M\nmachine: { nvdimms: [] }'

  test('is persistent memory that a program can use, and that nobody vouches for', () => {
    expect(fate(front)).toEqual(['/dev/dax0.0+0 survived', '/dev/dax0.0+64 lost'])
    const said = dmesg(front)
    expect(said).toContain('user: [mem 0x0000000020000000-0x0000000023ffffff] persistent (type 12)')
    expect(said).toContain(WARNING)
  })

  test('comes after what the NFIT describes', () => {
    expect(dmesg('cmdline: memmap=64M!512M')).toContain(WARNING.replace('namespace0.0', 'namespace1.0'))
  })

  test('is refused where there is something else', () => {
    expect(refusal(onDax('', 'cmdline: memmap=64M!128M'))).toContain('is persistent, and the kernel runs in it')
    expect(refusal(onDax('', 'cmdline: memmap=64M!4G'))).toContain('is persistent memory already')
    expect(refusal(onDax('', 'cmdline: memmap=64M!3G'))).toContain('holds registers of devices')
    expect(refusal(onDax('', 'cmdline: memmap=64M!512M,64M!520M'))).toMatch(/:2:10: error: 0x20800000/)
  })
})

describe('machine.e820', () => {
  test('type 12 is persistent memory of its own, type 7 means nothing without an NFIT', () => {
    const legacy = (type: number) => `machine: { nvdimms: [], e820: [{ start: 512M, size: 64M, type: ${type} }] }`
    expect(fate(legacy(12))).toEqual(['/dev/dax0.0+0 survived', '/dev/dax0.0+64 lost'])
    expect(dmesg(legacy(12))).toContain('BIOS-e820: [mem 0x0000000020000000-0x0000000023ffffff] persistent (type 12)')
    expect(runReport(ran(legacy(7)), undefined).problem?.message).toContain('No such device')
  })
})

describe('machine.virtio_pmem', () => {
  const front = 'machine: { nvdimms: [], virtio_pmem: [{ size: 64M }] }'

  test('is memory of the host: what the program has flushed from its caches is on its way still', () => {
    expect(dmesg(front)).toContain(WARNING)
    expect(fate(front)).toEqual(['/dev/dax0.0+0 lost', '/dev/dax0.0+64 lost'])
  })

  test('there was none before v5.3', () => {
    expect(runReport(ran(`kernel: v4.18\n${front}`), undefined).problem?.message).toContain('No such device')
  })
})

describe('a region without DIMMs', () => {
  const region = (type: string) => `machine: { nvdimms: [], regions: [{ type: ${type}, size: 64M }] }`

  test('a volatile one is a namespace whose contents a power failure takes', () => {
    expect(dmesg(region('volatile'))).toContain(WARNING)
    expect(fate(region('volatile'))).toEqual([])
  })

  test('a persistent disk keeps what was flushed', () => {
    expect(fate(region('pdisk'))).toEqual(['/dev/dax0.0+0 survived', '/dev/dax0.0+64 lost'])
  })

  test('of a wrong kind is refused', () => {
    const refused = (own: string) => refusal(onDax('', `machine: { regions: [${own}] }`))
    expect(refused('{ type: volatile, size: 64M, nvdimms: [0] }')).toContain('no NVDIMM stands behind')
    expect(refused('{ type: vdisk }')).toContain('needs a `size`')
    expect(refused('{ type: pmem, size: 64M }')).toContain('as large as its NVDIMMs')
  })
})

describe('machine.media_errors', () => {
  const run = (errors: string, setup: string, rest = ''): string => {
    const front = `machine: { nvdimms: [{ size: 64M }, { size: 64M }], media_errors: ${errors}${rest} }`
    const lines = setup.replaceAll('\n', '\n  ')
    return runReport(recorded(`---\n${front}\nsetup: |\n  ${lines}\n---\nint main(void) { return 0; }\n`), undefined)
      .setupOutput
  }
  const BAD = 'cat /sys/block/pmem0/badblocks'

  test('are bad blocks of the disk: a read fails, a write mends them', () => {
    const read = 'hexdump -n 512 -s 4096 /dev/pmem0 && echo readable || echo unreadable'
    expect(run('[{ at: 4K, length: 1K }]', `${BAD}\n${read}`)).toMatch(/^8 2\n.*Input\/output error\n.*\nunreadable\n$/)
    expect(run('[]', `${BAD}\n${read}`)).toMatch(/0001000(.|\n)*\nreadable\n$/)
  })

  test('of an interleaved set appear where the DIMM does', () => {
    const set = ', regions: [{ nvdimms: [0, 1], interleave: 4K }]'
    expect(run('[{ nvdimm: 1, at: 4K, length: 8K }]', BAD, set)).toBe('24 8\n40 8\n')
  })

  test('can be injected where firmware takes them', () => {
    const inject = 'ndctl inject-error -B 8 -n 1 namespace0.0 > /dev/null; cat /sys/block/pmem0/badblocks'
    expect(run('[]', inject)).toBe('8 1\n')
  })

  test('outlive a power failure', () => {
    const text = onDax(
      'p[0] = 1;',
      'machine: { media_errors: [] }\nsetup: ndctl inject-error -B 8 -n 1 namespace0.0',
      'int recover(void) { return 0; }',
    )
    const whole = recorded(text)
    const at = whole.anchorOf(whole.machine.end)
    const { lives } = recorded(text, { interventions: [{ kind: 'power-failure', at }] }).machine
    expect(lives.map(({ kernel }) => sysfs_lookup(kernel, '/sys/bus/nd/devices/region0/badblocks')?.show?.())).toEqual([
      '8 1',
      '8 1',
    ])
  })

  test('that no DIMM has are refused', () => {
    const refused = (own: string) => refusal(onDax('', `machine: { media_errors: [${own}] }`))
    expect(refused('{ nvdimm: 3 }')).toContain('there is no NVDIMM 3')
    expect(refused('{ at: 64M }')).toContain('no address range shows 0x4000000 of this DIMM')
    expect(refused('{ at: 100 }')).toContain('256')
  })
})

describe('config', () => {
  test('a kernel that cannot write caches back vouches for nothing', () => {
    expect(dmesg('config: { ARCH_HAS_PMEM_API: n }')).toContain(WARNING)
    expect(dmesg('config: { ARCH_HAS_PMEM_API: y }')).not.toContain(WARNING)
    expect(refusal(onDax('', 'config: { ARCH_HAS_PMEM_API: maybe }'))).toContain('expected one of y, n')
  })
})

describe('machine.nvdimms', () => {
  const booted = (front: string) => {
    const kernel = ran(front).machine.lives[0]?.kernel
    if (kernel === undefined) throw new Error('it did not boot')
    return describeNvdimms(kernel)
  }

  test('`labels` gives a DIMM a blank label area, whatever its place in the order of handles', () => {
    const dimms = ['{ size: 64M }', '{ size: 64M, labels: 128K }', '{ size: 64M }']
    const { sysfs } = booted(`machine: { nvdimms: [${dimms.join()}] }`)
    const slots = Object.entries(sysfs).filter(([path]) => path.endsWith('/available_slots'))
    // Handles are 0x1, 0x101, 0x11.
    expect(slots.map(([path, value]) => [/nmem\d/.exec(path)?.[0], value])).toEqual([['nmem2', '509']])
  })

  test('`flags` are trouble that firmware reports; a DIMM that is not armed is read-only', () => {
    const front = 'machine: { nvdimms: [{ size: 64M, flags: [save_fail, not_armed] }] }'
    const { dimms, regions } = booted(front)
    expect([dimms[0]?.flags, regions[0]?.read_only]).toEqual(['save_fail not_armed ', '1'])
    expect(dmesg(front)).toContain('nfit ACPI0012:00: Error found in NVDIMM nmem0 flags: save_fail not_armed')
  })
})
