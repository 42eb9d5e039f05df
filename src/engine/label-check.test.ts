import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boot } from '../../test/flat-machine.ts'
import { damagedArea, nfit, soundAreas } from '../../test/label-areas.ts'
import { runs } from '../../test/runs.ts'
import { view } from '../base/bytes.ts'
import { createLabelArea } from './hw/label-area.ts'
import { checkLabels } from './label-check.ts'
import { nd_fletcher64 } from './linux/drivers/nvdimm/core.ts'
import { index_checksum } from './linux/drivers/nvdimm/label_bytes.ts'
import { label_support } from './linux/drivers/nvdimm/label_support.ts'
import { Journal } from './sim/journal.ts'

const lines = (area: Uint8Array): readonly string[] =>
  checkLabels(area).map(({ offset, severity, message }) => `${offset} ${severity}: ${message}`)

test.each(soundAreas)('an area that the kernel wrote (labels of $labelSize bytes) has nothing wrong', ({ bytes }) => {
  expect(lines(bytes)).toEqual([])
})

describe('an area of 8 KiB with three labels v1.2', () => {
  const { bytes } = soundAreas.find(({ labelSize }) => labelSize === 256) ?? { bytes: new Uint8Array() }
  /** Where the index block in force is, and the slots that it names. */
  const current = view(bytes).getUint32(20, true) === (view(bytes).getUint32(276, true) % 3) + 1 ? 0 : 256
  const slots = Array.from({ length: 8 }, (_, slot) => slot).filter(
    (slot) => ((bytes[current + 72] as number) & (1 << slot)) === 0,
  )
  const at = (n: number): number => 512 + 256 * (slots[n] as number)
  const changed = (change: (area: DataView, bytes: Uint8Array) => void, seal = true): readonly string[] => {
    const area = bytes.slice()
    change(view(area), area)
    for (const block of seal ? [area.subarray(0, 256), area.subarray(256, 512)] : [])
      view(block).setBigUint64(64, index_checksum(block), true)
    for (let label = 512; seal && label < area.length; label += 256) {
      const own = area.subarray(label, label + 256)
      own.fill(0, 248)
      view(own).setBigUint64(248, nd_fletcher64(own), true)
    }
    return lines(area)
  }
  const [one, two] = slots

  test('an index block that was cut off in an update', () => {
    const other = 256 - current
    expect(changed((area) => area.setUint8(other + 72, 0x55), false)).toEqual([
      `${other + 64} warning: index block ${other / 256}, which is not in force: checksum invalid; an update may have been cut off`,
    ])
  })

  test('no valid index block: all that is wrong with both', () => {
    const found = changed((area) => {
      area.setUint32(20, 0, true)
      area.setBigUint64(256 + 24, 64n, true)
      area.setUint32(256 + 56, 1000, true)
    })
    expect(found).toEqual([
      '20 error: index block 0: sequence: 0x0 invalid',
      '280 error: index block 1: myoff: 0x40 invalid',
      '312 error: index block 1: nslot: 1000 invalid, config_size: 0x2000',
    ])
  })

  test('labels that begin elsewhere, or behind the end', () => {
    expect(changed((area) => area.setBigUint64(current + 48, 768n, true))).toEqual([
      `${current + 48} error: labels begin at byte 768 by the index block: they end behind the area of 8192 bytes`,
    ])
    expect(changed((area) => area.setBigUint64(current + 48, 256n, true))).toEqual([
      `${current + 48} error: labels begin at byte 256 by the index block, and are looked for at byte 512`,
    ])
  })

  test('no slot that is free', () => {
    expect(changed((area) => [72, 76].map((byte) => area.setUint32(current + byte, 0, true)))[0]).toBe(
      `${current + 56} warning: none of 30 slots is free: no label can be changed any more`,
    )
  })

  test('labels that do not count', () => {
    expect(changed((area) => area.setUint32(at(0) + 120, 9, true))).toEqual([
      `${at(0) + 120} error: label in slot ${one}: slot: 9 invalid`,
    ])
    expect(changed((area) => area.setBigUint64(at(0) + 104, 0x1234n, true))).toEqual([
      `${at(0) + 104} error: label in slot ${one}: dpa: 0x1234 invalid`,
    ])
    expect(changed((area) => area.setUint8(at(1) + 16, 0x58), false)[0]).toMatch(
      new RegExp(`^${at(1) + 248} error: label in slot ${two}: checksum: 0x[0-9a-f]+ invalid, expect: 0x[0-9a-f]+$`),
    )
  })

  test('labels that spoil the DIMM: of no bytes, over each other, of one namespace', () => {
    expect(changed((area) => area.setBigUint64(at(0) + 112, 0n, true))).toEqual([
      `${at(0) + 112} error: label in slot ${one}: no bytes: the kernel refuses the DIMM`,
    ])
    const start = view(bytes).getBigUint64(at(0) + 104, true) + 0x1000n
    expect(changed((area) => area.setBigUint64(at(1) + 104, start, true))).toEqual([
      `${at(1) + 104} error: label in slot ${two}: begins at DPA 0x${start.toString(16)}, inside of what the label in slot ${one} has`,
    ])
    expect(changed((_, area) => area.copyWithin(at(1), at(0), at(0) + 16))).toEqual([
      expect.stringMatching(
        `^${at(1)} error: label in slot ${two}: the uuid [-0-9a-f]+ of the label in slot ${one} again$`,
      ),
    ])
  })

  test('a position that the set does not have, an update that was cut off', () => {
    expect(changed((area) => area.setUint16(at(0) + 86, 3, true))).toEqual([
      `${at(0) + 86} error: label in slot ${one}: position 3 of 1`,
    ])
    expect(changed((area) => area.setUint32(at(0) + 80, 8, true))).toEqual([
      `${at(0) + 80} warning: label in slot ${one}: an update of its set was cut off (UPDATING)`,
    ])
  })
})

test('a blank area, and one that is too small', () => {
  expect(lines(new Uint8Array(2048))).toEqual([
    '0 note: no index block 0: only zeros',
    '256 note: no index block 1: only zeros',
  ])
  expect(lines(new Uint8Array(2048).fill(0xff))).toEqual([
    '0 error: index block 0: signature invalid',
    '256 error: index block 1: signature invalid',
  ])
  expect(lines(new Uint8Array(600))).toEqual([
    '0 error: an area of 600 bytes is too small for two index blocks and two labels',
  ])
})

/** What a kernel that boots with the area passes over or refuses, from what it says: the bytes that it is about. */
function rejections(dmesg: readonly string[]) {
  const found: { readonly what: string; readonly from: number; readonly to: number }[] = []
  // Labels of 128 bytes are tried first; when neither block is valid those of 256.
  const invalid = dmesg.flatMap((line) => /nsindex([01]) /.exec(line)?.[1] ?? []).map(Number)
  const tries = invalid[0] === 0 && invalid[1] === 1 ? 2 : 1
  const noSecond = dmesg.some((line) => line.includes('too small to host (256'))
  for (const i of tries === 1 || noSecond ? invalid : invalid.slice(2))
    found.push({ what: `index block ${i}`, from: 256 * i, to: 256 * (i + 1) })
  const labelSize = tries === 1 ? 128 : 256
  for (const line of dmesg) {
    const slot = /(?:slot(\d+) invalid slot|fail checksum\. slot: (\d+))/.exec(line)
    if (slot !== null) {
      const from = 512 + labelSize * Number(slot[1] ?? slot[2])
      found.push({ what: line, from, to: from + labelSize })
    }
    if (/too small to host \(128|outside of the area|null: .* reserve|duplicate entry|conflicting extents/.test(line))
      found.push({ what: line, from: 0, to: Number.POSITIVE_INFINITY })
  }
  return found
}

test('whatever in an area makes a kernel pass over an index block or a label is named with its byte, and no label that it takes', () => {
  let named = 0
  fc.assert(
    fc.property(damagedArea, (bytes) => {
      const area = createLabelArea(new Journal(), bytes.length, bytes)
      const findings = checkLabels(bytes)
      for (const { offset, message } of findings) {
        expect(offset).toBeGreaterThanOrEqual(0)
        expect(offset).toBeLessThan(Math.max(1, bytes.length))
        expect(message).not.toBe('')
      }
      expect(findings.length).toBeLessThanOrEqual(500)
      const { dmesg } = boot(nfit, { labels: label_support, labelAreas: { nmem0: area } })
      const rejected = rejections(dmesg)
      // Labels that are read in one place and looked for in another may all come out wrong: that is named.
      const misplaced = findings.some(({ message }) => message.includes('are looked for at byte'))
      for (const { what, from, to } of rejected) {
        named++
        if (misplaced && from >= 512) continue
        expect([what, findings.some(({ offset }) => from <= offset && offset < to)]).toEqual([what, true])
      }
      // The other way round, unless the kernel has refused the DIMM before it looked at each label.
      if (misplaced || rejected.some(({ to }) => to === Number.POSITIVE_INFINITY)) return
      for (const { offset, message } of findings)
        if (/^label in slot \d+: (slot|dpa|rawsize|checksum): /.test(message))
          expect([message, rejected.some(({ from, to }) => from <= offset && offset < to)]).toEqual([message, true])
    }),
    { numRuns: runs(300) },
  )
  expect(named).toBeGreaterThan(100)
}, 3_600_000)
