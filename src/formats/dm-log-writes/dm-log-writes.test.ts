import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../../test/runs.ts'
import { encodeLog } from './encode.ts'
import { DISCARD, flagNames, type Log, type LogEntry, MARK } from './log.ts'
import { parseLog } from './parse.ts'
import { replayLog } from './replay.ts'
import { selectEntries } from './select.ts'

/** Made from the format's description, and accepted by the real replay-log (reference/peers.md B5). */
const synthetic = new Uint8Array(
  readFileSync(new URL('../../../test/fixtures/dm-log-writes/synthetic-9-entries.log', import.meta.url)),
)

const parsed = (bytes: Uint8Array): Log => {
  const log = parseLog(bytes)
  if (!log.ok) throw new Error(`${log.error.offset}: ${log.error.message}`)
  return log.value
}

const latin1 = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString('latin1')
/** Bytes as text, which is compared faster. */
const plain = ({ sectorsize, entries }: Log) => [
  sectorsize,
  entries.map((entry) => ({ ...entry, text: latin1(entry.text), data: latin1(entry.data) })),
]

const noData = new Uint8Array(0)

function entryOf(sectorsize: number): fc.Arbitrary<LogEntry> {
  const place = { sector: fc.nat({ max: 64 }), nrSectors: fc.integer({ min: 1, max: 3 }) }
  const write = fc
    .record({
      ...place,
      flags: fc.constantFrom(0n, 1n, 2n, 3n, 16n, 18n, 32n),
      inline: fc.boolean(),
      seed: fc.nat(255),
    })
    .map(({ sector, nrSectors, flags, inline, seed }) => {
      const data = new Uint8Array(nrSectors * sectorsize).fill(seed)
      return { sector, nrSectors, flags, dataLength: inline ? data.length - 7 : 0, text: undefined, data }
    })
  const discard = fc
    .record(place)
    .map((at) => ({ ...at, flags: DISCARD, dataLength: 0, text: undefined, data: noData }))
  const flush = fc.constant({ sector: 0, nrSectors: 0, flags: 1n, dataLength: 0, text: undefined, data: noData })
  const mark = fc.stringMatching(/^[a-zäöü -]{0,40}$/).map((text) => ({
    sector: 0,
    nrSectors: 0,
    flags: MARK,
    dataLength: new TextEncoder().encode(text).length,
    text: new TextEncoder().encode(text),
    data: noData,
  }))
  return fc.oneof(write, discard, flush, mark)
}

const logs: fc.Arbitrary<Log> = fc
  .constantFrom(512, 4096)
  .chain((sectorsize) =>
    fc.record({ sectorsize: fc.constant(sectorsize), entries: fc.array(entryOf(sectorsize), { maxLength: 6 }) }),
  )

describe('bytes of a log', () => {
  test('what is encoded is parsed to the same', () => {
    fc.assert(
      fc.property(logs, (log) => {
        expect(plain(parsed(encodeLog(log)))).toEqual(plain(log))
      }),
      { numRuns: runs(200) },
    )
  })

  test('a log that the real replay-log reads is read, and encoded to the same bytes', () => {
    const log = parsed(synthetic)
    expect(log.entries).toHaveLength(9)
    expect(encodeLog(log)).toEqual(synthetic.subarray(0, encodeLog(log).length))
  })

  test('whatever happens to the bytes, the place is named and nothing is thrown', () => {
    const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) })
    fc.assert(
      fc.property(logs, fc.array(change, { maxLength: 8 }), fc.option(fc.nat()), (log, changes, cut) => {
        const bytes = encodeLog(log)
        for (const { at, byte } of changes) bytes[Math.floor(at * (bytes.length - 1))] = byte
        const mutated = cut === null ? bytes : bytes.subarray(0, cut % (bytes.length + 1))
        const read = parseLog(mutated)
        if (read.ok) {
          const { entries } = read.value
          expect(replayLog(read.value, 0, entries.length, noData)).toHaveProperty('ok')
          expect(parsed(encodeLog(read.value)).entries.length).toBe(entries.length)
        } else {
          expect(read.error.offset).toBeGreaterThanOrEqual(0)
          expect(read.error.offset).toBeLessThanOrEqual(mutated.length)
          expect(read.error.message).not.toBe('')
        }
      }),
      { numRuns: runs(400) },
    )
  })

  const set = (at: number, ...bytes: readonly number[]): Uint8Array => {
    const copy = synthetic.slice()
    copy.set(bytes, at)
    return copy
  }
  test.each<[string, Uint8Array, number, string]>([
    ['nothing at all', noData, 0, 'the super sector is cut off: 0 of 28 bytes'],
    ['another magic', set(0, 0x73), 0, 'magic 0x6a736677736873, expected 0x6a736677736872'],
    ['a later version', set(8, 2), 8, 'version 2, expected 1'],
    ['odd sectors', set(24, 1), 24, 'sectors of 513 bytes; expected a power of two from 512 to 4096'],
    ['more entries than there are', set(16, 100), 7680, 'entry 9 of 100: the log ends in it, after 0 bytes'],
    ['a log that ends too early', synthetic.subarray(0, 700), 700, 'entry 0 of 9: the log ends in it, after 188 bytes'],
    ['a huge number of sectors', set(512 + 8, 255, 255, 255, 255, 255, 255, 255), 512, ''],
  ])('%s', (_what, bytes, offset, message) => {
    const read = parseLog(bytes)
    expect(read.ok).toBe(false)
    if (read.ok) return
    expect(read.error.message).toContain(message)
    expect(read.error.offset).toBe(offset)
  })
})

test('flags have the names that replay-log prints', () => {
  expect([0n, 1n, 3n, 4n, 8n, 16n, 18n, 32n, 33n].map(flagNames)).toEqual([
    'NONE',
    'FLUSH',
    'FLUSH|FUA',
    'DISCARD',
    'MARK',
    'METADATA',
    'FUA|METADATA',
    'UNKNOWN.32',
    'FLUSH|UNKNOWN.32',
  ])
})

describe('replay', () => {
  const write = (sector: number, fill: number, flags = 0n): LogEntry => ({
    sector,
    nrSectors: 1,
    flags,
    dataLength: 0,
    text: undefined,
    data: new Uint8Array(512).fill(fill),
  })
  const mark = (text: string): LogEntry => ({
    sector: 0,
    nrSectors: 0,
    flags: MARK,
    dataLength: text.length,
    text: new TextEncoder().encode(text),
    data: noData,
  })
  const flush: LogEntry = { ...mark(''), flags: 1n, text: undefined }
  const log: Log = {
    sectorsize: 512,
    entries: [write(0, 1), flush, mark('one'), write(1, 2, 2n), { ...write(0, 0, DISCARD), data: noData }, mark('two')],
  }

  test.each([
    [{}, [0, 6, false]],
    [{ limit: 2 }, [0, 2, true]],
    [{ startEntry: 2, limit: 2 }, [2, 4, true]],
    [{ nextFlush: true }, [0, 2, true]],
    [{ nextFua: true }, [0, 4, true]],
    [{ startMark: 'one', nextFlush: true }, [3, 6, false]],
    [{ endMark: 'two', nextFlush: true }, [0, 6, true]],
    [{ endMark: 'three' }, [0, 6, false]],
  ])('selects by %o', (selection, expected) => {
    const found = selectEntries(log, selection)
    expect(found.ok && [found.value.from, found.value.to, found.value.found]).toEqual(expected)
  })

  test('refuses what is not there', () => {
    expect(selectEntries(log, { startMark: 'x' })).toEqual({ ok: false, error: "Couldn't find starting mark" })
    expect(selectEntries(log, { startEntry: 6 })).toEqual({ ok: false, error: 'Invalid entry number' })
  })

  test('writes entry by entry; a discard is zeros, or nothing', () => {
    const onto = (discards: boolean) => {
      const done = replayLog(log, 0, 6, new Uint8Array(512), discards)
      if (!done.ok) throw new Error(done.error)
      const { image, lines } = done.value
      return [[image[0], image[512], image.length], lines] as const
    }
    expect(onto(true)).toEqual([
      [0, 2, 1024],
      [
        'replaying 0: sector 0, size 512, flags 0(NONE)',
        'replaying 1: sector 0, size 0, flags 1(FLUSH)',
        'replaying 2: sector 0, size 0, flags 8(MARK)',
        'replaying 3: sector 1, size 512, flags 2(FUA)',
        'replaying 4: sector 0, size 512, flags 4(DISCARD)',
        "replay device doesn't support discard, switching to writing zeros",
        'replaying 5: sector 0, size 0, flags 8(MARK)',
      ],
    ])
    expect(onto(false)[0]).toEqual([1, 2, 1024])
  })

  test('an image has its limits', () => {
    const far: Log = { sectorsize: 512, entries: [write(2 ** 40, 1)] }
    expect(replayLog(far, 0, 1, noData)).toMatchObject({ ok: false })
    const long: Log = { sectorsize: 512, entries: [{ ...write(0, 0, DISCARD), nrSectors: 2 ** 20, data: noData }] }
    const done = replayLog(long, 0, 1, new Uint8Array(512).fill(7))
    expect(done.ok && done.value.image[0]).toBe(7)
    expect(done.ok && done.value.lines.at(-1)).toBe('discard len 536870912 larger than max 134217728')
  })
})
