/**
 * What a real kernel (6.1.192) made of tables and machines, and what this one makes of them, attribute by attribute.
 *
 * Printed: a score for each attribute, equal values / recorded values. What is not compared is named in `RACES`.
 */

import { afterAll, describe, expect, test } from 'vitest'
import { all_devices } from '../src/engine/linux/drivers/base/core.ts'
import { describeNvdimms } from '../src/engine/linux/nvdimm-report.ts'
import { bootCapture, captures } from './captures.ts'

/** Two ranges overlap, and upstream probes them in parallel: which of the two gets a disk is a race. */
const RACES: readonly string[] = ['custom-fit-m/m07-overlap-spa']

/** Seeds are numbered in the order in which threads arrive: a number says nothing. */
const seedless = (text: string): string => text.replace(/^(btt|pfn|dax)(\d+)\.\d+$/, '$1$2')

type Attributes = Record<string, string>

/** Attributes by device, as the captures have them. */
function devicesOf(sysfs: Readonly<Record<string, string>>): Readonly<Record<string, Attributes>> {
  const devices: Record<string, Attributes> = {}
  for (const [path, value] of Object.entries(sysfs)) {
    const device = /^.*\/((?:ndbus|nmem|region|btt|pfn|dax|pmem)\d[\d.]*s?|namespace[\d.]+)\/(.*)$/.exec(path)
    const [, name, attribute] = device ?? []
    if (name === undefined || attribute === undefined) continue
    devices[seedless(name)] ??= {}
    const own = devices[seedless(name)] as Attributes
    own[attribute] = attribute.endsWith('_seed') ? seedless(value) : value
  }
  return devices
}

const score = new Map<string, { equal: number; all: number }>()

function compare(what: string, differences: string[], place: string, is: unknown, should: unknown): void {
  const own = score.get(what) ?? { equal: 0, all: 0 }
  const equal = JSON.stringify(is) === JSON.stringify(should)
  score.set(what, { equal: own.equal + (equal ? 1 : 0), all: own.all + 1 })
  if (!equal) differences.push(`${place} is ${JSON.stringify(is)}, should be ${JSON.stringify(should)}`)
}

afterAll(() => {
  const lines = [...score].sort(([a], [b]) => (a < b ? -1 : 1))
  const total = lines.reduce((sum, [, { equal, all }]) => ({ equal: sum.equal + equal, all: sum.all + all }), {
    equal: 0,
    all: 0,
  })
  const print = ([name, { equal, all }]: (typeof lines)[number]): string => `${name.padEnd(36)} ${equal}/${all}`
  console.log([...lines, ['all attributes', total] as const].map((line) => print([line[0], line[1]])).join('\n'))
})

describe('a real kernel and this one make the same of', () => {
  test.each(captures.filter(([name]) => !RACES.includes(name)))('%s', (_name, capture) => {
    const { k, dmesg } = bootCapture(capture)
    const devices = devicesOf(describeNvdimms(k).sysfs)
    const differences: string[] = []
    for (const [dev, attributes] of Object.entries(capture.devices))
      for (const [attribute, recorded] of Object.entries(attributes)) {
        const kind = `${dev.replace(/[\d.]+$/, '')}: ${attribute.replace(/^mapping\d+$/, 'mappingN')}`
        const should = recorded === null || recorded === '<absent>' ? undefined : recorded.trimEnd()
        compare(kind, differences, `${dev}/${attribute}`, devices[dev]?.[attribute]?.trimEnd(), should)
      }
    // What this kernel has and the real one has not.
    const kinds = (names: readonly string[]) => names.filter((name) => /^(nmem|region|pmem)/.test(name)).sort()
    compare('devices', differences, 'devices', kinds(Object.keys(devices)), kinds(Object.keys(capture.devices)))
    const bound = new Map([...all_devices(k)].map((dev) => [seedless(dev.name), dev.driver?.name ?? '']))
    for (const [dev, driver] of Object.entries(capture.drivers))
      compare('drivers', differences, `driver of ${dev}`, bound.get(dev), driver)
    // Upstream probes in parallel: what is said counts, not when.
    const said = dmesg.filter((line) => !line.startsWith('debug:'))
    compare('dmesg, info and above', differences, 'dmesg', said.sort(), [...capture.log].sort())
    const debug = dmesg.filter((line) => /^debug: (nfit |nd_region .*: map )/.test(line)).map((line) => line.slice(7))
    compare('dmesg, debug lines on tables and hints', differences, 'debug', debug.sort(), [...capture.debug].sort())
    expect(differences).toEqual([])
  })

  test.each(captures.filter(([name]) => RACES.includes(name)))('%s, whoever wins the race', (_name, capture) => {
    const { k, dmesg } = bootCapture(capture)
    const report = describeNvdimms(k)
    expect(report.regions).toHaveLength(Object.keys(capture.devices).filter((dev) => dev.startsWith('region')).length)
    expect(report.disks).toHaveLength(1)
    const numberless = (lines: readonly string[]) => lines.map((line) => line.replace(/namespace\d|\[mem .*\]/g, ''))
    const said = dmesg.filter((line) => !line.startsWith('debug:'))
    expect(numberless(said).sort()).toEqual(numberless(capture.log).sort())
  })
})
