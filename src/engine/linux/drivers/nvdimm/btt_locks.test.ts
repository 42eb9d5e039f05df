import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boot, FlatMemory, slices } from '../../../../../test/flat-machine.ts'
import { Guest } from '../../../../../test/guest.ts'
import { runs } from '../../../../../test/runs.ts'
import { SPA_GUID } from '../../../firmware/acpi/guid.ts'
import { encodeNfit } from '../../../firmware/acpi/nfit-encode.ts'
import type { Cpu } from '../../../sim/cpu.ts'
import { path_lookup } from '../../fs/namei.ts'
import { file } from '../../include/linux/fs.ts'
import { newProcess } from '../../kernel/fork.ts'
import { contextFor } from '../../kernel.ts'
import { btt_support } from './btt_support.ts'

const BASE = 0x1_0000_0000
const LENGTH = 0x200_0000
const SIZE = 512
const nfit = encodeNfit([
  { type: 0, fields: { range_index: 1, range_guid: SPA_GUID.pmem, address: BASE, length: LENGTH } },
  { type: 1, fields: { device_handle: 1, range_index: 1, region_index: 1, region_size: LENGTH } },
  { type: 4, fields: { region_index: 1, serial_number: 7, vendor_id: 0x8086, code: 0x301 } },
])

/** A processor on which every instruction has to wait once: others come in between. */
function shy(cpu: Cpu): Cpu {
  let refuse = false
  return new Proxy(cpu, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: readonly unknown[]) => {
        refuse = !refuse
        return refuse ? false : Reflect.apply(value, target, args)
      }
    },
  })
}

interface Access {
  readonly write: boolean
  readonly sector: number
}

const table = () => {
  const { k, cpu } = boot(nfit, { memory: new FlatMemory(), btt: btt_support })
  const mode = { mode: 'sector', sectorSize: SIZE, uuid: '00000001-1111-4222-8333-444444444444' } as const
  expect(new Guest(k).reconfigure('region0', 'namespace0.0', mode)).toBe(0)
  const found = path_lookup(k, '/dev/pmem0s')
  if (found === undefined) throw new Error('no disk')
  const disk = file.create(k.journal, { path: '/dev/pmem0s', flags: 0, pos: 0, ...found })
  const contents = () =>
    [0, 1, 2].map((lba) => {
      const bytes = new Guest(k).readDisk('pmem0s', lba * SIZE, SIZE)
      return typeof bytes === 'number' ? new Uint8Array() : bytes
    })
  return { k, cpu, disk, contents }
}

/** What each access of each user saw or left: the byte that fills the sector. Users run on `cores`. */
function together(
  { k, cpu, disk, contents }: ReturnType<typeof table>,
  cores: readonly number[],
  accesses: readonly (readonly Access[])[],
  order: readonly number[],
) {
  const first = contents()
  const seen: { readonly sector: number; readonly write: boolean; readonly bytes: Uint8Array }[] = []
  // Other bytes than those that are there.
  let tag = Math.max(...first.map(([byte = 0]) => byte)) % 240
  const users = cores.map((core, user) => {
    const own = contextFor(k, shy(cpu), newProcess(k, `user${user}`), core)
    return (function* () {
      for (const { write, sector } of accesses[user] ?? []) {
        const bytes = new Uint8Array(SIZE)
        if (write) {
          tag++
          bytes.fill(tag)
          // It may be seen from now on.
          seen.push({ write, sector, bytes })
        }
        const op = write ? disk.f_op.write : disk.f_op.read
        expect(yield* slices(op?.(own, disk, bytes, sector * SIZE) ?? [])).toBe(SIZE)
        if (!write) seen.push({ write, sector, bytes })
      }
    })()
  })
  const alive = new Set(users)
  for (let at = 0; alive.size > 0; at++) {
    const user = users[(order[at] ?? at) % users.length]
    if (user?.next().done === true) alive.delete(user)
    expect(at, 'all come to an end').toBeLessThan(200_000)
  }
  const [arena] = btt_support.tables(k)[0]?.arenas ?? []
  return { seen, free: arena?.freelist ?? [], first, final: contents() }
}

const users = fc.array(fc.array(fc.record({ write: fc.boolean(), sector: fc.nat({ max: 2 }) }), { maxLength: 4 }), {
  minLength: 3,
  maxLength: 3,
})

test('whoever reads a sector sees what somebody wrote to it, whole; no block is in two hands', () => {
  // Two of the three share a core, and so a lane.
  const machine = table()
  fc.assert(
    fc.property(users, fc.array(fc.nat({ max: 2 }), { maxLength: 4000 }), (accesses, order) => {
      const { seen, free, first, final } = together(machine, [0, 1, 1], accesses, order)
      const written = (sector: number) => seen.filter((each) => each.write && each.sector === sector)
      for (const [i, { write, sector, bytes }] of seen.entries()) {
        if (write) continue
        const before = seen.slice(0, i).filter((each) => each.write && each.sector === sector)
        expect([first[sector], ...before.map((each) => each.bytes)]).toContainEqual(bytes)
      }
      for (const [sector, bytes] of final.entries())
        expect([first[sector], ...written(sector).map((each) => each.bytes)]).toContainEqual(bytes)
      expect(new Set(free.map(({ block }) => block)).size).toBe(free.length)
    }),
    { numRuns: runs(40) },
  )
})

test('a block is not used again while somebody reads it', () => {
  const reader = [{ write: false, sector: 0 }]
  // The first write frees the block that is being read, the second one would fill it.
  const writer = [
    { write: true, sector: 0 },
    { write: true, sector: 1 },
  ]
  const machine = table()
  for (let head = 0; head < 40; head++) {
    const order = [...Array.from({ length: head }, () => 0), ...Array.from({ length: 3000 }, () => 1)]
    const { seen, first } = together(machine, [0, 1], [reader, writer], order)
    const own = seen.filter(({ write, sector }) => write && sector === 0).map(({ bytes }) => bytes)
    expect([first[0], ...own]).toContainEqual(seen.find(({ write }) => !write)?.bytes)
  }
})

test('two writers of one sector free two blocks', () => {
  const machine = table()
  const writer = [{ write: true, sector: 0 }]
  for (let head = 150; head < 450; head += 5) {
    const order = [...Array.from({ length: head }, () => 0), ...Array.from({ length: 3000 }, () => 1)]
    const { free } = together(machine, [0, 1], [writer, writer], order)
    expect(new Set(free.map(({ block }) => block)).size).toBe(free.length)
  }
})
