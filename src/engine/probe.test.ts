import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { captures } from '../../test/captures.ts'
import { capturedTable, oddStructure } from '../../test/nfit-tables.ts'
import { runs } from '../../test/runs.ts'
import { encodeNfit } from './firmware/acpi/nfit-encode.ts'
import { nfitReport } from './probe.ts'

const probed = (bytes: Uint8Array, release = 'v6.1') => nfitReport(bytes, { labels: new Map(), release })

const tables = captures.flatMap(([, { nfit }]) => (nfit === null ? [] : [capturedTable(nfit)]))

/** A change that damage or an author's mistake makes: the table after it. */
type Change = (table: Uint8Array) => Uint8Array

const place = fc.nat({ max: 2 ** 16 })
const at = (n: number, table: Uint8Array): number => n % Math.max(1, table.length)

/** Values at which counts, lengths and addresses turn over. */
const edge = fc.constantFrom(0, 1, 3, 4, 7, 8, 0x10, 0x20, 0x7f, 0x80, 0xff)

const poke = fc.tuple(place, fc.oneof(edge, fc.nat({ max: 255 })), fc.integer({ min: 1, max: 8 })).map(
  ([where, value, width]): Change =>
    (table) =>
      table.slice().fill(value, at(where, table), at(where, table) + width),
)
const cut = place.map(
  (where): Change =>
    (table) =>
      table.slice(0, at(where, table)),
)
const copy = fc.tuple(place, place, fc.nat({ max: 200 })).map(
  ([from, to, length]): Change =>
    (table) => {
      const piece = table.slice(at(from, table), at(from, table) + length)
      return Uint8Array.from([...table.slice(0, at(to, table)), ...piece, ...table.slice(at(to, table))])
    },
)
const remove = fc.tuple(place, fc.nat({ max: 100 })).map(
  ([where, length]): Change =>
    (table) =>
      Uint8Array.from([...table.slice(0, at(where, table)), ...table.slice(at(where, table) + length)]),
)
/** Without this most damage ends at the header's length. */
const adjust: Change = (table) => {
  const adjusted = table.slice()
  if (adjusted.length >= 8) new DataView(adjusted.buffer).setUint32(4, adjusted.length, true)
  return adjusted
}

const mutated = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(...tables),
      fc.array(oddStructure, { maxLength: 8 }).map((own) => encodeNfit(own)),
    ),
    fc.array(fc.oneof({ weight: 5, arbitrary: poke }, cut, copy, remove), { minLength: 1, maxLength: 6 }),
    fc.boolean(),
  )
  .map(([table, changes, adjusts]) => {
    const bytes = changes.reduce((before, change) => change(before), table)
    return adjusts ? adjust(bytes) : bytes
  })

describe('a damaged table', () => {
  test('is refused with a place, or gets a report that ends; nothing throws, hangs or grows without bound', () => {
    fc.assert(
      fc.property(mutated, fc.constantFrom('v4.12', 'v4.13', 'v4.16', 'v5.17', 'v6.1'), (bytes, release) => {
        const outcome = probed(bytes, release)
        if (!outcome.ok) {
          expect(outcome.error).toMatch(/^byte \d+: ./)
          return
        }
        const { check, dmesg, table } = outcome.value.report
        for (const { offset, message } of check) {
          expect(message).not.toBe('')
          expect(offset).toBeGreaterThanOrEqual(0)
          expect(offset).toBeLessThanOrEqual(Math.max(40, bytes.length))
        }
        expect(check.length + table.subtables.length).toBeLessThanOrEqual(500 + bytes.length / 4)
        expect(dmesg.length).toBeLessThanOrEqual(100 + bytes.length)
        expect(JSON.stringify(outcome.value.report).length).toBeLessThan(20_000 + 400 * bytes.length)
        // A probe that fails says why.
        if (outcome.value.probeFailed) expect(dmesg.some(({ level }) => level === 'warn' || level === 'err')).toBe(true)
      }),
      { numRuns: runs(150) },
    )
  })

  test('of a size that no machine has is not read', () => {
    const huge = new Uint8Array(0x2_0000)
    huge.set(tables[0] ?? [])
    expect(probed(huge)).toEqual({ ok: false, error: 'byte 65536: a table of more than 65536 bytes is not read' })
  })
})

describe('a table of the initrd', () => {
  test('is refused by its checksum, which nobody looks at in one of firmware', () => {
    const bytes = (tables[0] ?? new Uint8Array()).slice()
    bytes[9] = (bytes[9] ?? 0) ^ 1
    const brought = (initrd: boolean) => nfitReport(bytes, { labels: new Map(), initrd })
    const [firmware, initrd] = [brought(false), brought(true)]
    expect(firmware.ok && firmware.value).toMatchObject({ probeFailed: false, report: { regions: [{}] } })
    expect(initrd.ok && initrd.value).toMatchObject({ probeFailed: true, report: { regions: [] } })
    expect(initrd.ok && initrd.value.report.dmesg[0]?.text).toContain('Bad table checksum')
  })
})
