import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { toBase64Url } from '../base/bytes.ts'
import type { DeviceView } from '../protocol/devices.ts'
import { parseScenario } from '../scenario/parse.ts'
import { devicesAt } from './devices.ts'
import type { Recording } from './inspect/recording.ts'
import { prepareAny } from './prepare.ts'
import { record } from './record.ts'

const NOTHING = 'int main(void) { return 0; }\n'

function recorded(front: string): Recording {
  const text = `---\n${front}---\n${NOTHING}`
  const parsed = parseScenario(text)
  if (!parsed.ok) throw new Error(parsed.error[0]?.message)
  const recording = record(parsed.value, text, { prepare: prepareAny })
  if (!recording.ok) throw new Error(recording.error[0]?.message)
  return recording.value
}

const lines = (devices: readonly DeviceView[], indent = ''): readonly string[] =>
  devices.flatMap(({ name, says, children }) => [
    `${indent}${name} ${says}`.trimEnd(),
    ...lines(children, `${indent}  `),
  ])

const every = (devices: readonly DeviceView[]): readonly DeviceView[] =>
  devices.flatMap((device) => [device, ...every(device.children)])

const DEVDAX = `machine: { nvdimms: [{ size: 64M }, { size: 64M }], regions: [{ type: pmem, nvdimms: [0, 1], interleave: 4K }] }
setup: ndctl create-namespace -e namespace0.0 -f --mode=devdax --map=mem
`

describe('devices at a step', () => {
  const recording = recorded(DEVDAX)
  const last = recording.steps - 1

  test('stand below one another, and are not there before the kernel has found them', () => {
    expect(lines(devicesAt(recording, last).roots)).toMatchInlineSnapshot(`
      [
        "ACPI0012:00",
        "  ndbus0 ACPI.NFIT",
        "    nmem0 8680-01001000",
        "    nmem1 8680-02001000",
        "    region0 128 MiB",
        "      namespace0.0 128 MiB, dax",
        "      btt0.0",
        "      pfn0.0",
        "      dax0.0 126 MiB",
        "        dax0.0 126 MiB",
      ]
    `)
    expect(devicesAt(recording, 0).roots).toEqual([])
  })

  test('name the structures of the NFIT that made them, whose fields cover their bytes', () => {
    const { roots, table } = devicesAt(recording, last)
    const kinds = (name: string): readonly (string | undefined)[] =>
      (every(roots).find((device) => device.name === name)?.structures ?? []).map(
        (offset) => table?.structures.find((each) => each.offset === offset)?.name,
      )
    expect(kinds('region0')).toEqual([
      'system physical address range',
      'interleave',
      'memory device mapping',
      'memory device mapping',
      'platform capabilities',
    ])
    expect(kinds('nmem1')).toEqual(['memory device mapping', 'control region'])
    expect(kinds('namespace0.0')).toEqual(kinds('region0'))
    for (const { offset, length, fields } of table?.structures ?? [])
      for (const field of fields) {
        expect(field.offset).toBeGreaterThanOrEqual(offset)
        expect(field.offset + field.size).toBeLessThanOrEqual(offset + length)
      }
    expect(table?.findings).toEqual([])
  })

  test('show every attribute with its permissions, what it holds, and why it does not', () => {
    const region = every(devicesAt(recording, last).roots).find(({ name }) => name === 'region0')
    const of = (name: string) => region?.attributes.find((each) => each.name === name)
    expect(of('size')).toEqual({
      name: 'size',
      path: '/sys/bus/nd/devices/region0/size',
      mode: 0o444,
      value: '134217728',
    })
    expect(of('read_only')).toMatchObject({ mode: 0o644, value: '0' })
    const dimm = every(devicesAt(recording, last).roots).find(({ name }) => name === 'nmem0')
    expect(dimm?.attributes.find(({ name }) => name === 'available_slots')).toMatchObject({
      error: 'No such device or address',
    })
  })
})

test('a real table has its findings at their bytes', () => {
  const table = new Uint8Array(
    readFileSync(new URL('../../test/fixtures/groundtruth/a-1nvdimm-nolabel/NFIT.bin', import.meta.url)),
  )
  const damaged = table.slice()
  damaged[9] = (damaged[9] ?? 0) ^ 0xff
  const view = devicesAt(recorded(`machine: { nfit: ${toBase64Url(damaged)} }\n`), 0)
  expect(view.table?.bytes).toEqual([...damaged])
  expect(view.table?.findings[0]).toMatchObject({ offset: 9, severity: 'error' })
})
