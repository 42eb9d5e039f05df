import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { captures } from '../../test/captures.ts'
import { capturedTable, mutatedTable } from '../../test/nfit-tables.ts'
import { runs } from '../../test/runs.ts'
import { nfitReport } from './probe.ts'

const probed = (bytes: Uint8Array, release = 'v6.1') => nfitReport(bytes, { labels: new Map(), release })

const tables = captures.flatMap(([, { nfit }]) => (nfit === null ? [] : [capturedTable(nfit)]))

describe('a damaged table', () => {
  test('is refused with a place, or gets a report that ends; nothing throws, hangs or grows without bound', () => {
    fc.assert(
      fc.property(
        mutatedTable(tables),
        fc.constantFrom('v4.12', 'v4.13', 'v4.16', 'v5.17', 'v6.1'),
        (bytes, release) => {
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
          if (outcome.value.probeFailed)
            expect(dmesg.some(({ level }) => level === 'warn' || level === 'err')).toBe(true)
        },
      ),
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
