import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { captures } from '../../../../test/captures.ts'
import { capturedTable, oddStructure, structure } from '../../../../test/nfit-tables.ts'
import { runs } from '../../../../test/runs.ts'
import { SPA_GUID } from './guid.ts'
import { decodeNfit } from './nfit-decode.ts'
import { encodeNfit, sumOf } from './nfit-encode.ts'

const real = (name: string): Uint8Array => capturedTable(`${name}/NFIT.bin`)

const decoded = (bytes: Uint8Array) => {
  const table = decodeNfit(bytes)
  if (!table.ok) throw new Error(table.error.message)
  return table.value
}

/** Tables of the captures that end where their last structure does. */
const whole = captures
  .flatMap(([name, { nfit }]) => (nfit === null ? [] : [[name, capturedTable(nfit)] as const]))
  .filter(([, bytes]) => bytes.length > 40 && decoded(bytes).problems.every(({ message }) => /unknown/.test(message)))

describe('decoding', () => {
  test('a table of QEMU reads as it was written', () => {
    const { header, subtables, problems } = decoded(real('a-1nvdimm-nolabel'))
    expect(header).toMatchObject({ signature: 'NFIT', length: 224, revision: 1, checksumOk: true, oemId: 'BOCHS' })
    expect(problems).toEqual([])
    expect(subtables.map(({ offset, type, length }) => [offset, type, length])).toEqual([
      [40, 0, 56],
      [96, 1, 48],
      [144, 4, 80],
    ])
    expect(subtables[0]?.fields).toMatchObject({
      range_index: 2,
      range_guid: SPA_GUID.pmem,
      address: 0x1_0000_0000,
      length: 0x1000_0000,
    })
    expect(subtables[2]?.fields).toMatchObject({ serial_number: 0x123456, vendor_id: 0x8086 })
  })

  test('what is no table at all is refused with its place', () => {
    expect(decodeNfit(new Uint8Array(12))).toEqual({
      ok: false,
      error: { offset: 0, message: 'an ACPI table has at least 36 bytes, this has 12' },
    })
    expect(decodeNfit(new TextEncoder().encode('x'.repeat(64)))).toMatchObject({ ok: false, error: { offset: 0 } })
  })

  test('a wrong checksum, a short table and a structure that leaves it are each named', () => {
    const bytes = real('a-1nvdimm-nolabel').slice(0, 160)
    bytes[20] = 0x41
    expect(decoded(bytes).problems).toEqual([
      { offset: 4, message: 'header says 224 bytes, there are 160' },
      { offset: 9, message: expect.stringContaining('checksum is wrong') },
      { offset: 146, message: "structure of 80 bytes ends behind the table's end at 160" },
      { offset: 144, message: 'control region structure has 16 bytes, not 32' },
    ])
  })

  test('a zero length ends the walk', () => {
    const bytes = real('a-1nvdimm-nolabel')
    bytes[98] = 0
    bytes[99] = 0
    const { subtables, problems } = decoded(bytes)
    expect(subtables).toHaveLength(1)
    expect(problems).toContainEqual({ offset: 98, message: 'structure of type 1 has length 0' })
  })
})

describe('encoding', () => {
  test('all bytes of a table add up to zero', () => {
    expect(sumOf(encodeNfit([{ type: 7, fields: { highest_capability: 1, capabilities: 2 } }]))).toBe(0)
  })

  test('decoding gives back what was encoded', () => {
    fc.assert(
      fc.property(fc.array(structure, { maxLength: 12 }), (structures) => {
        const table = decoded(encodeNfit(structures))
        expect(table.problems).toEqual([])
        expect(table.subtables.map(({ type, fields }) => ({ type, fields }))).toEqual(structures)
      }),
      { numRuns: Math.min(runs(50), 1000) },
    )
  })

  test('encoding gives back what was decoded to the byte, even what should not be there', () => {
    const lead = fc.uint8Array({ minLength: 40, maxLength: 40 }).map((bytes) => {
      bytes.set(new TextEncoder().encode('NFIT'))
      return bytes
    })
    fc.assert(
      fc.property(fc.array(oddStructure, { maxLength: 12 }), lead, (structures, ids) => {
        const bytes = encodeNfit(structures, ids)
        expect(encodeNfit(decoded(bytes).subtables, bytes)).toEqual(bytes)
      }),
      { numRuns: Math.min(runs(50), 1000) },
    )
  })

  test.each(whole)('the table of %s comes back to the byte', (_name, bytes) => {
    expect(encodeNfit(decoded(bytes).subtables, bytes)).toEqual(bytes)
  })
})

describe('hostile bytes', () => {
  const check = (bytes: Uint8Array): void => {
    const table = decodeNfit(bytes)
    if (!table.ok) {
      expect(table.error.message).not.toBe('')
      expect(table.error.offset).toBeGreaterThanOrEqual(0)
      expect(table.error.offset).toBeLessThanOrEqual(Math.max(bytes.length, 40))
      return
    }
    for (const { offset } of [...table.value.subtables, ...table.value.problems]) {
      expect(offset).toBeGreaterThanOrEqual(0)
      expect(offset).toBeLessThanOrEqual(bytes.length)
    }
    for (const { message } of table.value.problems) expect(message).not.toBe('')
    expect(table.value.subtables.length * 4).toBeLessThanOrEqual(bytes.length)
    JSON.parse(JSON.stringify(table.value))
  }

  test('random bytes never throw and never hang', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (tail) => {
        check(tail)
        check(new Uint8Array([...new TextEncoder().encode('NFIT'), ...tail]))
      }),
      { numRuns: runs(1000) },
    )
  })

  test('a damaged real table never throws and never hangs', () => {
    const table = real('h1-numa2-nvdimm-each')
    const damage = fc.array(fc.tuple(fc.nat({ max: table.length - 1 }), fc.nat({ max: 255 })), { maxLength: 20 })
    fc.assert(
      fc.property(damage, fc.nat({ max: table.length }), (changes, length) => {
        const bytes = table.slice(0, length)
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        check(bytes)
      }),
      { numRuns: runs(1000) },
    )
  })
})
