import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { capturedTable } from '../../../../test/nfit-tables.ts'
import { runs } from '../../../../test/runs.ts'
import { nfitReport } from '../../probe.ts'
import { looksLikeDsl, tableOfDsl } from './nfit-dsl.ts'

const folder = new URL('../../../../test/fixtures/groundtruth/a-1nvdimm-nolabel/', import.meta.url)
const dsl = readFileSync(new URL('NFIT.dsl', folder), 'utf8')
const table = capturedTable('a-1nvdimm-nolabel/NFIT.bin')

describe('what iasl printed of a real table', () => {
  test('is the table again, from its dump and from its fields', () => {
    const [fields = ''] = dsl.split('Raw Table Data')
    expect(tableOfDsl(dsl)).toEqual({ ok: true, value: table })
    expect(tableOfDsl(fields)).toEqual({ ok: true, value: table })
  })

  test('with a hole in the dump is read from its fields', () => {
    expect(tableOfDsl(dsl.replace(/^ *0020: .*\n/m, ''))).toEqual({ ok: true, value: table })
  })

  test('boots as the binary does', () => {
    const report = (bytes: Uint8Array) => nfitReport(bytes, { labels: new Map() })
    expect(report(new TextEncoder().encode(dsl))).toEqual(report(table))
  })

  test('names the line of what cannot be read', () => {
    const [fields = ''] = dsl.split('Raw Table Data')
    const broken = fields.replace('Range Index : 0002', 'Range Index : two')
    expect(tableOfDsl(broken)).toMatchObject({ ok: false, error: expect.stringContaining('found two') })
    const far = fields.replace('[02Ch 0044   2]', '[FFFFFFFh 0044   2]')
    expect(tableOfDsl(far)).toMatchObject({ ok: false, error: expect.stringContaining('behind the end of any NFIT') })
  })

  test('with any damage gives some bytes or a line', () => {
    const damage = fc.array(fc.tuple(fc.nat({ max: dsl.length }), fc.nat({ max: 40 }), fc.string({ maxLength: 12 })), {
      maxLength: 6,
    })
    fc.assert(
      fc.property(damage, fc.boolean(), (changes, whole) => {
        let text = whole ? dsl : (dsl.split('Raw Table Data')[0] ?? '')
        for (const [at, length, put] of changes) text = text.slice(0, at) + put + text.slice(at + length)
        const read = tableOfDsl(text)
        if (read.ok) expect(read.value.length).toBeLessThanOrEqual(0x1_0000)
        else expect(read.error).toMatch(/^line \d+ of the iasl text: ./)
      }),
      { numRuns: runs(200) },
    )
  })

  test('is told from a binary', () => {
    expect([looksLikeDsl(dsl), looksLikeDsl(new TextDecoder().decode(table))]).toEqual([true, false])
  })
})
