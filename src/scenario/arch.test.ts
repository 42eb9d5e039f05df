import { describe, expect, test } from 'vitest'
import { parseScenario } from './parse.ts'

const parse = (front: string) => parseScenario(`---\n${front}\n---\nint main(void) { return 0; }\n`)
const refused = (front: string): readonly string[] => {
  const parsed = parse(front)
  return parsed.ok ? [] : parsed.error.map(({ line, column, message }) => `${line}:${column} ${message}`)
}

describe('a disk of another architecture is refused with what Kconfig says', () => {
  test.each([
    ['machine: { dcssblk: [{}] }', '`dcssblk` needs CONFIG_DCSSBLK, which depends on S390 && BLOCK', 's390'],
    ['machine: { arch: powerpc, dcssblk: [{}] }', '`dcssblk` needs CONFIG_DCSSBLK', 's390'],
    ['machine: { axonram: [{}] }', '`axonram` needs CONFIG_AXON_RAM, which depends on PPC_IBM_CELL_BLADE', 'powerpc'],
    ['machine: { arch: s390, axonram: [{}] }', '`axonram` needs CONFIG_AXON_RAM', 'powerpc'],
    ['machine: { arch: s390, nvdimms: [{}] }', '`nvdimms` needs CONFIG_ACPI_NFIT, which depends on ACPI', 'x86-64'],
    ['machine: { arch: powerpc, e820: [{}] }', '`e820` needs CONFIG_X86_PMEM_LEGACY', 'x86-64'],
    ['cmdline: memmap=64M!512M\nmachine: { arch: s390 }', '`cmdline` needs CONFIG_X86_PMEM_LEGACY', 'x86-64'],
  ])('%s', (front, reason, arch) => {
    const [first, ...more] = refused(front)
    expect(first).toMatch(/^2:\d+ /)
    expect(first).toContain(reason)
    expect(first).toContain(`it takes \`arch: ${arch}\``)
    expect(more).toEqual([])
  })

  test('build options that only x86-64 selects are off elsewhere, and can not be put on', () => {
    const parsed = parse('machine: { arch: s390, dcssblk: [{}] }')
    expect(parsed.ok && parsed.value.configOff).toEqual([
      'ARCH_HAS_PMEM_API',
      'ARCH_HAS_UACCESS_FLUSHCACHE',
      'ARCH_HAS_NOCACHE_UACCESS',
    ])
    expect(refused('machine: { arch: s390 }\nconfig: { ARCH_HAS_PMEM_API: y }')).toEqual([
      '3:30 CONFIG_ARCH_HAS_PMEM_API is selected by X86_64 alone: it takes `arch: x86-64`',
    ])
  })
})

test('without NVDIMMs nothing is set up unless the scenario says so', () => {
  const parsed = parse('machine: { arch: s390 }')
  expect(parsed.ok && [parsed.value.setup, parsed.value.machine.nvdimms]).toEqual(['', []])
  const said = parse('machine: { arch: s390 }\nsetup: ls /dev')
  expect(said.ok && said.value.setup).toContain('ls /dev')
})

test('segments have names, each its own', () => {
  const parsed = parse('machine: { arch: s390, dcssblk: [{}, { name: MYDCSS }, {}] }')
  expect(parsed.ok && parsed.value.machine.dcssblk?.map(({ name }) => name)).toEqual(['DCSS0', 'MYDCSS', 'DCSS2'])
  const twice = refused('machine: { arch: s390, dcssblk: [{ name: A }, { name: A }] }')
  expect(twice).toEqual(['2:47 there is a segment `A` already'])
  expect(refused('machine: { arch: s390, dcssblk: [{ name: far_too_long }] }')[0]).toContain('up to 8 letters')
})
