import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boot, run } from '../../../../../test/flat-machine.ts'
import { runs } from '../../../../../test/runs.ts'
import { createLabelArea } from '../../../hw/label-area.ts'
import { poison_support } from '../../../linux/drivers/acpi/nfit/poison_support.ts'
import { btt_support } from '../../../linux/drivers/nvdimm/btt_support.ts'
import { label_support } from '../../../linux/drivers/nvdimm/label_support.ts'
import { Journal } from '../../../sim/journal.ts'
import { wholeShell } from '../whole.ts'
import { wholeNdctlCommands } from './all.ts'

const fixtures = new URL('../../../../../test/fixtures/groundtruth/', import.meta.url)
const nfit = new Uint8Array(readFileSync(new URL('a-1nvdimm-nolabel/NFIT.bin', fixtures)))
const SECTOR_MODE = 'ndctl create-namespace -e namespace0.0 -f -m sector -l 4096'

function shellOf({ labels = false, errors = false }: { labels?: boolean; errors?: boolean } = {}) {
  const journal = new Journal()
  const { k } = boot(nfit, {
    journal,
    labels: label_support,
    btt: btt_support,
    poison: poison_support,
    labelAreas: labels ? { nmem0: createLabelArea(journal, 131072) } : {},
    ...(errors ? { mediaErrors: { records: [], clear_err_unit: 256, injectable: true } } : {}),
  })
  const shell = wholeShell.console()
  /** What a command prints on both streams, and its status unless that is 0. */
  const typed = (command: string): string => {
    let printed = ''
    const status = run(
      shell.run(k, command, (text) => {
        printed += text
      }),
    )
    return status === 0 ? printed : `${printed}[${status}]`
  }
  return { k, typed }
}

describe('ndctl check-namespace', () => {
  const broken = (damage: string): ((command: string) => string) => {
    const { typed } = shellOf()
    typed(SECTOR_MODE)
    typed('ndctl disable-namespace namespace0.0')
    const sysfs = '/sys/bus/nd/devices/namespace0.0'
    typed(`echo 1 > ${sysfs}/force_raw; echo namespace0.0 > /sys/bus/nd/drivers/nd_pmem/bind`)
    expect(typed(damage)).toBe('')
    typed(`echo namespace0.0 > /sys/bus/nd/drivers/nd_pmem/unbind; echo 0 > ${sysfs}/force_raw`)
    return typed
  }

  test('finds nothing wrong with a new table, and refuses one that is in use', () => {
    const { typed } = shellOf()
    typed(SECTOR_MODE)
    expect(typed('ndctl check-namespace namespace0.0')).toBe(
      'namespace0.0: namespace_check: namespace0.0: check aborted, namespace online\nerror checking namespaces: Device or resource busy\nchecked 0 namespaces\n[240]',
    )
    expect(typed('ndctl check-namespace -f namespace0.0')).toBe('checked 1 namespace\n')
    expect(typed('ndctl list -N | grep blockdev')).toBe('    "blockdev":"pmem0s"\n')
  })

  test('capture ops8: the first info block is gone; only --repair brings it back', () => {
    const typed = broken('head -c 8192 /dev/zero > /dev/pmem0')
    expect(typed('ndctl enable-namespace namespace0.0; ls /dev | grep pmem')).toBe('enabled 1 namespace\npmem0\n')
    typed('ndctl disable-namespace namespace0.0')
    expect(typed('ndctl check-namespace namespace0.0')).toBe(
      `namespace0.0: btt_write_info: BTT info block at offset 0x1000 needs to be restored
namespace0.0: namespace_check: Unable to recover any BTT info blocks
namespace0.0: namespace_check: This may not be a sector mode namespace
error checking namespaces: No such device or address
checked 0 namespaces
[250]`,
    )
    expect(typed('ndctl check-namespace --repair namespace0.0')).toBe('checked 1 namespace\n')
    expect(typed('ndctl check-namespace namespace0.0')).toBe('checked 1 namespace\n')
    expect(typed('ndctl enable-namespace namespace0.0; ls /dev | grep pmem')).toBe('enabled 1 namespace\npmem0s\n')
  })

  test('a namespace in another mode has no table', () => {
    const { typed } = shellOf()
    expect(typed('ndctl check-namespace -f namespace0.0')).toContain('This may not be a sector mode namespace\n')
  })
})

describe('labels', () => {
  test('read-labels shows index blocks and labels, and 128 KiB without --json', () => {
    const { typed } = shellOf({ labels: true })
    expect(typed('ndctl init-labels nmem0')).toBe('nmem0: regions active, abort label write\ninitialized 0 nmem\n[1]')
    expect(typed('ndctl disable-region region0; ndctl init-labels -V 1.2 nmem0; ndctl enable-region region0')).toBe(
      'disabled 1 region\ninitialized 1 nmem\nenabled 1 region\n',
    )
    expect(typed('ndctl read-labels -j nmem0 2>/dev/null | head -n 11')).toBe(`[
  {
    "dev":"nmem0",
    "index":[
      {
        "signature":"NAMESPACE_INDEX",
        "major":1,
        "minor":2,
        "labelsize":256,
        "seq":3,
        "nslot":510
`)
    typed('ndctl create-namespace -m raw -s 32M -n a/b -u 00000001-1111-4222-8333-444444444441')
    const { index, label } = JSON.parse(typed('ndctl read-labels -ju nmem0 2>/dev/null')) as {
      index: readonly { seq: number }[]
      label: readonly Record<string, unknown>[]
    }
    expect(index.map(({ seq }) => seq)).toEqual([2, 1])
    expect(label.at(-1)).toEqual({
      uuid: '00000001-1111-4222-8333-444444444441',
      name: 'a/b',
      slot: 1,
      position: 0,
      nlabel: 1,
      flags: '0',
      isetcookie: expect.stringMatching(/^0x[0-9a-f]+$/),
      lbasize: 512,
      dpa: '0',
      rawsize: '32.00 MiB (33.55 MB)',
      type_guid: expect.any(String),
      abstraction_guid: '00000000-0000-0000-0000-000000000000',
    })
    expect(typed('ndctl read-labels nmem0 2>/dev/null | wc -c')).toBe('131072\n')
    expect(typed('ndctl init-labels nmem7; ndctl init-labels nmemx; ndctl init-labels -V 9 nmem0')).toContain(
      "'nmemx' is not a valid dimm name",
    )
  })

  test('create-namespace makes labels where there is room for them, unless told not to', () => {
    const { typed } = shellOf({ labels: true })
    typed('ndctl create-namespace -e namespace0.0 -f -m raw --no-autolabel')
    expect(typed('cat /sys/bus/nd/devices/region0/nstype')).toBe('4\n')
    const printed = typed('ndctl create-namespace -e namespace0.0 -f -m fsdax -n data')
    expect(JSON.parse(printed)).toMatchObject({ dev: 'namespace0.0', mode: 'fsdax', name: 'data' })
    expect(typed('cat /sys/bus/nd/devices/region0/nstype')).toBe('5\n')
  })

  test('a DIMM without a label area answers none of it', () => {
    const { typed } = shellOf()
    expect(typed('ndctl read-labels -j nmem0')).toBe('read 0 nmem\n[1]')
    expect(typed('ndctl disable-dimm nmem0')).toBe('disabled 1 nmem\n')
  })
})

describe('media errors', () => {
  test('are injected, listed, read as I/O errors, and cleared', () => {
    const { typed } = shellOf({ errors: true })
    const printed = typed('ndctl inject-error -B 8 -n 2 namespace0.0')
    expect(JSON.parse(printed)).toMatchObject({
      dev: 'namespace0.0',
      badblock_count: 2,
      badblocks: [{ offset: 8, length: 2, dimms: ['nmem0'] }],
    })
    expect(JSON.parse(typed('ndctl inject-error -t namespace0.0'))).toEqual({
      badblocks: [
        { block: 8, count: 1 },
        { block: 9, count: 1 },
      ],
    })
    expect(typed('cat /sys/bus/nd/devices/region0/badblocks')).toBe('8 2\n')
    expect(typed('head -c 8192 /dev/pmem0 > /dev/null')).toContain('Input/output error')
    expect(typed('ndctl clear-errors namespace0.0')).toContain('cleared 1 namespace\n')
    expect(typed('cat /sys/bus/nd/devices/region0/badblocks; head -c 8192 /dev/pmem0 | wc -c')).toBe('8192\n')
    expect(typed('ndctl inject-error -t namespace0.0; ndctl start-scrub | grep state')).toBe(
      '    "scrub_state":"idle"\n',
    )
    expect(typed('ndctl inject-error -B 8 namespace0.0')).toContain('block and count required for inject/uninject')
    expect(typed('ndctl inject-error -B 1G -n 1 namespace0.0')).toContain('Invalid argument (-22)')
  })

  test('need firmware that knows of them', () => {
    const { typed } = shellOf()
    expect(typed('ndctl inject-error -B 8 -n 2 namespace0.0')).toBe(
      'namespace0.0: error injection not supported\n[161]',
    )
    expect(typed('ndctl start-scrub')).toBe('error starting scrub: Operation not supported\n[161]')
  })
})

describe('daxctl', () => {
  test('lists what device-dax serves; a device can be taken from its driver and given back', () => {
    const { typed } = shellOf()
    expect(typed('daxctl list')).toBe('')
    typed('ndctl create-namespace -e namespace0.0 -f -m devdax -M mem')
    const device = { chardev: 'dax0.0', size: 266338304, target_node: 0, align: 2097152, mode: 'devdax' }
    expect(JSON.parse(typed('daxctl list'))).toEqual([device])
    expect(typed('daxctl list -RD | head -n 3')).toBe(
      '[\n  {\n    "path":"\\/LNXSYSTM:00\\/LNXSYBUS:00\\/ACPI0012:00\\/ndbus0\\/region0\\/dax0.0",\n',
    )
    expect(JSON.parse(typed('daxctl list -RDu'))).toMatchObject({ id: 0, devices: [{ chardev: 'dax0.0' }] })
    expect(typed('daxctl reconfigure-device -m devdax dax0.0')).toBe(
      'dax0.0 was already in devdax mode\nreconfigured 0 devices\n',
    )
    expect(typed('daxctl disable-device dax0.0; ls /dev | grep -c dax')).toBe('disabled 1 device\n0\n[1]')
    expect(JSON.parse(typed('daxctl list -i'))).toEqual([{ ...device, state: 'disabled' }])
    expect(typed('daxctl enable-device all; ls /dev | grep dax')).toBe('enabled 1 device\ndax0.0\n')
    expect(typed('daxctl online-memory all')).toContain('not supported yet by this version')
  })
})

test('whatever ndctl is called with, it answers, and the machine lists its devices afterwards', () => {
  const words = fc.constantFrom(
    ...['namespace0.0', 'namespace0.1', 'region0', 'nmem0', 'all', '-f', '-m', 'raw', 'fsdax', 'devdax', 'sector'],
    ...['-s', '16M', '1', '-1', '-e', '-r', '-M', 'mem', '-a', '4096', '3M', '-l', '512', '520', '-n', 'x', '-u', '-V'],
    ...[
      '1.2',
      '--force',
      '--repair',
      '--no-autolabel',
      '-B',
      '-t',
      '-j',
      '--',
      '--no-',
      '-',
      '--size=',
      '-i',
      '/dev/zero',
    ],
  )
  const command = fc.tuple(fc.constantFrom(...wholeNdctlCommands), fc.array(words, { maxLength: 6 }))
  fc.assert(
    fc.property(fc.boolean(), fc.array(command, { minLength: 1, maxLength: 4 }), (labels, commands) => {
      const { typed } = shellOf({ labels, errors: true })
      for (const [name, args] of commands) typed(`ndctl ${name} ${args.join(' ')} > /dev/null 2>&1`)
      typed('ndctl enable-dimm all; ndctl enable-region all')
      expect(typed('ndctl list -BDRNi')).toContain('"dev":"region0"')
    }),
    { numRuns: runs(30) },
  )
})
