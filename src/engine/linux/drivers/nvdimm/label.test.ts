import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { boot } from '../../../../../test/flat-machine.ts'
import { Guest, writeArea } from '../../../../../test/guest.ts'
import { fromBase64 } from '../../../../base/bytes.ts'
import { createLabelArea } from '../../../hw/label-area.ts'
import { Journal } from '../../../sim/journal.ts'
import { label_support } from './label_support.ts'

const fixtures = new URL('../../../../../test/fixtures/groundtruth/', import.meta.url)

interface Corrupt {
  readonly before: string
  readonly namespaces: readonly Readonly<Record<string, string>>[]
  readonly nstype: string
  readonly available: string
  readonly slots: string | null
  /** Lines of the kernel log, all levels, as the capture's filter left them. */
  readonly log: readonly string[]
}

interface Corruption {
  readonly good: string
  readonly cases: Readonly<Record<string, Corrupt>>
}

const captured = JSON.parse(gunzipSync(readFileSync(new URL('labels.json.gz', fixtures))).toString()) as {
  readonly ops7: Corruption
  readonly ops7b: Corruption
}

const LABEL_AREA = 131072
const oneDimm = new Uint8Array(readFileSync(new URL('b1-label128K/NFIT.bin', fixtures)))
const bytesOf = (text: string): Uint8Array => fromBase64(text) ?? new Uint8Array()

/** Enabling a DIMM writes nothing: the area is what was put there, then zeros. */
const untouched = (before: string): RegExp => new RegExp(`^${Buffer.from(bytesOf(before)).toString('hex')}(00)*$`)

/** What the capture's filter keeps, without levels. */
const filtered = (dmesg: readonly string[]): readonly string[] =>
  dmesg
    .map((line) => line.replace(/^\w+: /, ''))
    .filter((line) => !/START|END|trace$/.test(line))
    .filter((line) => /nsindex|label|nvdimm|region|nmem|dpa|uuid|seq|slot/i.test(line))
    .slice(0, 30)

describe.each(['ops7', 'ops7b'] as const)('a label area damaged as in %s', (which) => {
  const { good, cases } = captured[which]
  test.each(Object.entries(cases))('%s', (_name, expected) => {
    const area = createLabelArea(new Journal(), LABEL_AREA, bytesOf(good))
    const { k, dmesg } = boot(oneDimm, { labels: label_support, labelAreas: { nmem0: area } })
    const guest = new Guest(k)
    guest.unbind('region0')
    guest.unbind('nmem0')
    writeArea(area, bytesOf(expected.before))
    const said = dmesg.length
    guest.bind('nmem0', 'nvdimm')
    guest.bind('region0', 'nd_region')
    const namespaces = guest
      .namespaces()
      .filter((ns) => guest.nd(ns, 'size') !== '0')
      .map((ns) => ({
        dev: ns,
        nstype: guest.nd(ns, 'nstype'),
        size: guest.nd(ns, 'size'),
        resource: guest.nd(ns, 'resource'),
        uuid: guest.nd(ns, 'uuid'),
        alt_name: guest.nd(ns, 'alt_name'),
      }))
    expect(namespaces).toEqual(expected.namespaces)
    expect({
      nstype: guest.nd('region0', 'nstype'),
      available: guest.nd('region0', 'available_size'),
      slots: guest.nd('nmem0', 'available_slots') ?? null,
    }).toEqual({ nstype: expected.nstype, available: expected.available, slots: expected.slots })
    expect(filtered(dmesg.slice(said))).toEqual(expected.log)
    const after = Buffer.from(area.read(0, LABEL_AREA))
    expect(after.toString('hex')).toMatch(untouched(expected.before))
  })
})
