import { expect, test } from 'vitest'
import type { StorageHop } from '../../protocol/storage.ts'
import type { Shape } from '../shape.ts'
import { layoutStorage } from './layout.ts'

const MIB = 2 ** 20
const CHUNK = 8192

const mapped: StorageHop = {
  kind: 'mapped',
  name: '/dev/mapper/log',
  alias: 'dm-0',
  says: '64 MiB: striped, 8 KiB in turn on 2 disks',
  place: 'chunk 1 is chunk 0 of pmem1',
  size: 64 * MIB,
  at: 1.5 * CHUNK,
  parts: [{ from: 0, to: 64 * MIB, name: 'striped', use: 'data' }],
  turns: {
    lanes: ['pmem0', 'pmem1'],
    lane: 1,
    size: CHUNK,
    count: (64 * MIB) / CHUNK,
    pieces: [0, 1, 2, 3].map((i) => ({ from: i * CHUNK, to: (i + 1) * CHUNK, lane: i % 2 })),
  },
  below: { run: { from: CHUNK, to: 2 * CHUNK }, lands: { from: 0, to: CHUNK } },
  leads: { kind: 'address', name: { kind: 'file', file: '/dev/mapper/log', offset: 1.5 * CHUNK } },
}

const disk: StorageHop = {
  kind: 'disk',
  name: '/dev/pmem1',
  says: '30 MiB',
  place: 'sector 8',
  size: 30 * MIB,
  at: CHUNK / 2,
  parts: [
    { from: 0, to: 10 * MIB, name: 'log', use: 'data' },
    { from: 10 * MIB, to: 30 * MIB, name: 'free', use: 'free' },
  ],
  below: { run: { from: 0, to: 30 * MIB }, lands: { from: 2 * MIB, to: 32 * MIB } },
  leads: { kind: 'address', name: { kind: 'file', file: '/dev/pmem1', offset: CHUNK / 2 } },
}

const namespace: StorageHop = {
  kind: 'namespace',
  name: 'namespace1.0',
  says: 'fsdax, 32 MiB, data from 2 MiB',
  place: 'byte 0x20_1000',
  size: 32 * MIB,
  at: 2 * MIB + CHUNK / 2,
  parts: [
    { from: 0, to: 2 * MIB, name: 'info block', use: 'own' },
    { from: 2 * MIB, to: 32 * MIB, name: 'data', use: 'data' },
  ],
  leads: { kind: 'device', path: '/sys/devices/namespace1.0' },
}

/** One line a shape, in whole pixels. */
function picture(shapes: readonly Shape[]): readonly string[] {
  return shapes.map((shape) => {
    if (shape.kind === 'path')
      return `${shape.key}: ${shape.class} ${shape.d.replace(/\d+\.\d+/g, (n) => String(Math.round(Number(n))))}`
    const at = `${Math.round(shape.x)},${Math.round(shape.y)}`
    if (shape.kind === 'text') return `${shape.key}: “${shape.text}” ${at}`
    return `${shape.key}: ${shape.class} ${at} +${Math.round(shape.w)}×${Math.round(shape.h)}`
  })
}

const box = (shapes: readonly Shape[], key: string) => {
  const found = shapes.find((shape) => shape.kind === 'rect' && shape.key === key)
  if (found?.kind !== 'rect') throw new Error(`no ${key}`)
  return found
}

test('stripes, a disk and its namespace stand below one another, to scale', () => {
  expect(picture(layoutStorage([mapped, disk, namespace], 320).shapes)).toMatchInlineSnapshot(`
    [
      "band 1: storage-band M68 82C68 108 -1 108 -1 134H1C1 108 135 108 135 82Z",
      "way 1: storage-way M101 82C101 111 0 82 0 111",
      "band 2: storage-band M0 148C0 174 20 174 20 199H320C320 174 320 174 320 148Z",
      "way 2: storage-way M0 148C0 161 20 148 20 161",
      "0 name: “/dev/mapper/log” 0,11",
      "0 says: “dm-0, 64 MiB: striped, 8 KiB in turn on 2 disks” 0,26",
      "0 place: “chunk 1 is chunk 0 of pmem1” 320,11",
      "0 part 0: storage-part data 0,38 +320×14",
      "0 part 0 name: “striped” 5,49",
      "0 wedge: storage-wedge M0 52H0L271 62V82H0V62Z",
      "0 lane 0: storage-lane 0,62 +271×9",
      "0 lane 0 name: “pmem0” 277,70",
      "0 lane 1: storage-lane 0,73 +271×9",
      "0 lane 1 name: “pmem1” 277,81",
      "0 piece 0: storage-piece 0,62 +67×9",
      "0 piece 1: storage-piece own 68,73 +67×9",
      "0 piece 2: storage-piece 135,62 +67×9",
      "0 piece 3: storage-piece 203,73 +67×9",
      "0 mark in piece: storage-mark 101,61 +2×22",
      "0 mark in own: storage-mark-own 101,73 +2×9",
      "0 scale: “8192 × 8 KiB · 32 KiB shown, ×2048” 271,94",
      "0 mark line: storage-mark -1,36 +2×16",
      "0 mark: storage-mark M-4 32h8l-4 5z",
      "1 name: “/dev/pmem1” 0,122",
      "1 says: “30 MiB” 77,122",
      "1 place: “sector 8” 320,122",
      "1 part 0: storage-part data 0,134 +106×14",
      "1 part 0 name: “log” 5,145",
      "1 part 1: storage-part free 107,134 +213×14",
      "1 part 1 name: “free” 112,145",
      "1 mark line: storage-mark -1,132 +2×16",
      "1 mark: storage-mark M-4 128h8l-4 5z",
      "2 name: “namespace1.0” 0,172",
      "2 says: “fsdax, 32 MiB, data from 2 MiB” 0,187",
      "2 place: “byte 0x20_1000” 320,172",
      "2 part 0: storage-part own 0,199 +19×14",
      "2 hatch 0: storage-hatch M0 204L5 199M0 209L10 199M1 213L15 199M6 213L19 200M11 213L19 205M16 213L19 210",
      "2 part 1: storage-part data 20,199 +300×14",
      "2 part 1 name: “data” 25,210",
      "2 mark line: storage-mark 19,197 +2×16",
      "2 mark: storage-mark M16 193h8l-4 5z",
    ]
  `)
})

test('a part is as wide as its share, a piece as its share of what is magnified', () => {
  const { shapes } = layoutStorage([mapped, disk, namespace], 321)
  expect(box(shapes, '1 part 0').w).toBeCloseTo(107 - 1)
  expect(box(shapes, '1 part 1').w).toBeCloseTo(214)
  expect(box(shapes, '2 part 0').w).toBeCloseTo(321 / 16 - 1)
  const pieces = [0, 1, 2, 3].map((i) => box(shapes, `0 piece ${i}`))
  const { w } = box(shapes, '0 lane 0')
  for (const [i, piece] of pieces.entries()) {
    expect(piece.x).toBeCloseTo((w * i) / 4)
    expect(piece.w).toBeCloseTo(w / 4 - 1)
  }
  expect(new Set(pieces.map(({ y }) => y)).size).toBe(2)
  const inPiece = box(shapes, '0 mark in piece')
  expect(inPiece.x + inPiece.w / 2).toBeCloseTo((w * 1.5) / 4)
})

test.each([240, 320, 355, 700, 1200])(
  'at %i pixels nothing stands outside, and every hop has a row to click',
  (width) => {
    const hops = [mapped, disk, namespace]
    const { shapes, rows, height } = layoutStorage(hops, width)
    for (const shape of shapes) {
      if (shape.kind === 'rect') {
        expect([shape.key, shape.x >= -1, shape.x + shape.w <= width + 1]).toEqual([shape.key, true, true])
        expect(shape.y + shape.h).toBeLessThanOrEqual(height)
      }
      if (shape.kind !== 'text') continue
      const long = shape.text.length * (/name$|place$/.test(shape.class) && !/part|lane/.test(shape.class) ? 7 : 5.7)
      expect([shape.key, shape.anchor === 'end' ? shape.x - long >= -1 : shape.x + long <= width + 1]).toEqual([
        shape.key,
        true,
      ])
    }
    let end = 0
    for (const row of rows) {
      expect(row.y).toBe(end)
      expect(row.h).toBeGreaterThanOrEqual(24)
      end = row.y + row.h
    }
    expect(end).toBe(height)
    expect(rows).toHaveLength(hops.length)
  },
)

test('the name is never left out, however narrow the strip', () => {
  const names = (width: number) =>
    layoutStorage([mapped, disk], width).shapes.flatMap((shape) =>
      shape.kind === 'text' && shape.class === 'storage-name' ? [shape.text] : [],
    )
  expect(names(110)).toEqual(['/dev/mapper/log', '/dev/pmem1'])
  expect(names(60)).toEqual(['/dev/ma…', '/dev/pm…'])
})

test('many lanes stay within their height, and the own one keeps its name', () => {
  const lanes = Array.from({ length: 24 }, (_, i) => `NVDIMM ${i}`)
  const pieces = lanes.map((_, i) => ({ from: i * 4096, to: (i + 1) * 4096, lane: i }))
  const turns = { lanes, lane: 1, size: 4096, count: 24, pieces }
  const { shapes, height } = layoutStorage([{ ...mapped, size: 24 * 4096, at: 4096, turns }], 320)
  expect(height).toBeLessThan(150)
  const texts = shapes.flatMap((shape) => (shape.kind === 'text' && /lane/.test(shape.class) ? [shape.text] : []))
  expect(texts).toEqual(['NVDIMM 1'])
  expect(shapes.find(({ key }) => key === '0 scale')).toMatchObject({ text: '24 × 4 KiB' })
})

test('without hops there is nothing', () => {
  expect(layoutStorage([], 320)).toEqual({ width: 320, height: 0, shapes: [], rows: [] })
})
