/**
 * Where bytes go that are written through a random tree of linear and striped targets: by an independent statement of
 * the mapping, which deals sectors out like cards, on the path of bios and on that of direct access.
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DmMachine, dmMachine } from '../../../../../test/dm-machine.ts'
import { run } from '../../../../../test/flat-machine.ts'
import { runs } from '../../../../../test/runs.ts'
import { submit_bio } from '../../block/blk-core.ts'
import { disk_part0, new_bio, SECTOR_SIZE } from '../../include/linux/blk_types.ts'
import type { IovIter } from '../../lib/iov_iter.ts'
import { dax_address, dax_copy_from_iter, dax_direct_access } from '../dax/access.ts'

const PAGE = 4096

/** Legs, and chunks on each, of so many sectors: one leg is linear. `gap`: what is left out in front. */
interface TargetSpec {
  readonly legs: readonly number[]
  readonly chunk: number
  readonly rows: number
  readonly gap: number
}

type Place = readonly [leg: string, sector: number]

/** What can be stood on: its name, its places sector by sector, and how much of it is in use. */
interface Below {
  readonly path: string
  readonly places: (sector: number) => Place
  readonly sectors: number
  used: number
}

const LEAF_SECTORS = 1 << 16
/** Sectors of a bio, at most. */
const MOST = 40

/** Targets from whole units; none uses a sector that another one uses. */
function build(machine: DmMachine, tree: readonly (readonly TargetSpec[])[], unit: number): readonly Below[] {
  const leaf = (name: string): Below => ({
    path: `/dev/${name}`,
    places: (sector) => [name, sector],
    sectors: LEAF_SECTORS,
    used: 0,
  })
  const all: Below[] = [leaf('pmem0'), leaf('pmem1')]
  for (const [i, specs] of tree.entries()) {
    const places: Place[] = []
    const lines: string[] = []
    for (const { legs, chunk: units, rows, gap } of specs) {
      const chunk = units * unit
      const room = rows * chunk + gap * unit
      const found = legs.map((leg) => {
        const wanted = all[leg % all.length] as Below
        const below = wanted.used + room <= wanted.sectors ? wanted : (all[leg % 2] as Below)
        const start = below.used + gap * unit
        below.used += room
        return { below, start }
      })
      const length = rows * chunk * found.length
      const begin = places.length
      // Dealt out: a chunk to each in turn.
      const hands = found.map(({ start }) => start)
      while (places.length < begin + length)
        for (const [nr, { below }] of found.entries())
          for (let s = 0; s < chunk; s++) {
            const sector = hands[nr] as number
            places.push(below.places(sector))
            hands[nr] = sector + 1
          }
      const legsText = found.map(({ below, start }) => `${below.path} ${start}`).join(' ')
      lines.push(
        `${begin} ${length} ${found.length === 1 ? `linear ${legsText}` : `striped ${found.length} ${chunk} ${legsText}`}`,
      )
    }
    expect(machine.create(`d${i}`, ...lines)).toEqual(['', 0])
    all.push({
      path: `/dev/mapper/d${i}`,
      places: (sector) => places[sector] as Place,
      sectors: places.length,
      used: 0,
    })
  }
  return all
}

const target: fc.Arbitrary<TargetSpec> = fc.record({
  legs: fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 3 }),
  chunk: fc.integer({ min: 1, max: 3 }),
  rows: fc.integer({ min: 1, max: 3 }),
  gap: fc.nat({ max: 3 }),
})
const trees = fc.array(fc.array(target, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 })

const noise = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + Math.floor(i / 256) * 7 + seed) % 251)

const sectorOn = ({ cpu, disk }: DmMachine, [leg, sector]: Place): Uint8Array =>
  cpu.memory.bytes((disk(leg).media?.start ?? 0) + sector * SECTOR_SIZE, SECTOR_SIZE)

test('bios land sector by sector where the cards were dealt, and are read back from there', () => {
  const machine = dmMachine()
  const { k, sh, disk } = machine
  fc.assert(
    fc.property(trees, fc.constantFrom(1, 3, 8), fc.nat(), fc.nat(), (tree, unit, from, size) => {
      const top = build(machine, tree, unit).at(-1) as Below
      const sector = from % top.sectors
      const count = Math.min(MOST, 1 + (size % (top.sectors - sector)))
      const data = noise(count * SECTOR_SIZE, from % 251)
      const part = disk_part0(disk(`dm-${tree.length - 1}`))
      expect(run(submit_bio(k, new_bio(part, 'write', sector, data)))).toBe(0)
      for (let i = 0; i < count; i++)
        expect(sectorOn(machine, top.places(sector + i))).toEqual(data.subarray(i * SECTOR_SIZE, (i + 1) * SECTOR_SIZE))
      const back = new Uint8Array(data.length)
      expect(run(submit_bio(k, new_bio(part, 'read', sector, back)))).toBe(0)
      expect(back).toEqual(data)
      sh('dmsetup remove_all')
      machine.cpu.issued.length = 0
    }),
    { numRuns: runs(30) },
  )
})

test.each(['v4.13', 'v6.1'])('pages that are accessed directly are the same: %s', (release) => {
  const machine = dmMachine(release)
  const { k, sh, dax } = machine
  fc.assert(
    fc.property(trees, fc.nat(), (tree, seed) => {
      const top = build(machine, tree, PAGE / SECTOR_SIZE).at(-1) as Below
      const device = dax(`dm-${tree.length - 1}`)
      const pages = (top.sectors * SECTOR_SIZE) / PAGE
      for (let pgoff = seed % pages; pgoff < pages; ) {
        const found = run(dax_direct_access(k, device, pgoff, pages))
        if (typeof found === 'number') throw new Error(`page ${pgoff}: ${found}`)
        for (let page = 0; page < found.pages; page++) {
          const bytes = noise(SECTOR_SIZE, (seed + pgoff + page) % 251)
          const iter: IovIter = { type: 'iovec', segments: [{ bytes }] }
          const to = dax_address(found, page * PAGE)
          expect(run(dax_copy_from_iter(k, device, pgoff + page, to, SECTOR_SIZE, iter))).toBe(SECTOR_SIZE)
          const place = top.places(((pgoff + page) * PAGE) / SECTOR_SIZE)
          expect(sectorOn(machine, place)).toEqual(bytes)
        }
        pgoff += found.pages
      }
      sh('dmsetup remove_all')
      machine.cpu.issued.length = 0
    }),
    { numRuns: runs(25) },
  )
})
