/** What the target log-writes puts on its log device, read as replay-log reads it, and replayed. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { biosOf } from '../src/engine/inspect/bios.ts'
import { deviceImage } from '../src/engine/inspect/device-image.ts'
import { Survivals } from '../src/engine/inspect/survivals.ts'
import { submit_bio } from '../src/engine/linux/block/blk-core.ts'
import { dax_address, dax_copy_from_iter, dax_direct_access } from '../src/engine/linux/drivers/dax/access.ts'
import { type BioFlags, disk_part0, new_bio, SECTOR_SIZE } from '../src/engine/linux/include/linux/blk_types.ts'
import { encodeLog } from '../src/formats/dm-log-writes/encode.ts'
import { flagNames, type Log, markOf } from '../src/formats/dm-log-writes/log.ts'
import { parseLog } from '../src/formats/dm-log-writes/parse.ts'
import { replayLog } from '../src/formats/dm-log-writes/replay.ts'
import { type DmMachine, dmMachine } from './dm-machine.ts'
import { run, slices } from './flat-machine.ts'
import { recorded } from './recorded.ts'
import { runs } from './runs.ts'

const SECTORS = 64
const PAGE = 4096

const noise = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + Math.floor(i / 256) * 7 + seed) % 251)

class Logged {
  readonly machine: DmMachine
  readonly original: Uint8Array

  constructor(release = 'v6.1', logdev = '/dev/pmem1') {
    this.machine = dmMachine(release)
    run(this.bioTo('pmem0', 0, noise(SECTORS * SECTOR_SIZE, 99)))
    this.original = this.data()
    expect(this.machine.create('log', `0 ${SECTORS} log-writes /dev/pmem0 ${logdev}`)).toEqual(['', 0])
  }

  /** Bytes of a disk from its start on. */
  bytes(name: string, length: number): Uint8Array {
    const { cpu, disk } = this.machine
    return cpu.memory.bytes(disk(name).media?.start ?? 0, length)
  }

  data(): Uint8Array {
    return this.bytes('pmem0', SECTORS * SECTOR_SIZE)
  }

  bioTo(disk: string, sector: number, data?: Uint8Array, flags: BioFlags = {}) {
    return submit_bio(this.machine.k, new_bio(disk_part0(this.machine.disk(disk)), 'write', sector, data, flags))
  }

  write(sector: number, data: Uint8Array, flags: BioFlags = {}): void {
    expect(run(this.bioTo('dm-0', sector, data, flags))).toBe(0)
  }

  flush(): void {
    expect(run(this.bioTo('dm-0', 0, undefined, { preflush: true, sync: true }))).toBe(0)
  }

  log(): Log {
    const read = parseLog(this.bytes('pmem1', 1 << 20))
    if (!read.ok) throw new Error(`${read.error.offset}: ${read.error.message}`)
    return read.value
  }

  /** What replaying so many entries makes of the bytes from before. */
  replayed(to = this.log().entries.length): Uint8Array {
    const done = replayLog(this.log(), 0, to, this.original, false)
    if (!done.ok) throw new Error(done.error)
    return done.value.image
  }

  status(): string {
    return this.machine.sh('dmsetup status log')[0].trim()
  }
}

/** "W8+2", "FUA 3+1", "MARK text": flags, sectors or text. */
const told = ({ entries }: Log): readonly string[] =>
  entries.map((entry) => {
    const what = entry.flags === 0n ? 'W' : `${flagNames(entry.flags)} `
    return markOf(entry) === undefined ? `${what}${entry.sector}+${entry.nrSectors}` : `${what}${markOf(entry)}`
  })

const end = 'MARK dm-log-writes-end'

describe('the order of the log', () => {
  test('a write is noted when the flush behind it is done, and after what was done before', () => {
    const logged = new Logged()
    const { sh } = logged.machine
    logged.write(8, noise(1024, 1))
    logged.write(0, noise(512, 2))
    expect(logged.status()).toBe('0 64 log-writes 0 0')
    logged.flush()
    expect(logged.status()).toBe('0 64 log-writes 3 6')
    logged.write(1, noise(512, 3))
    expect(sh('dmsetup message log 0 mark one')).toEqual(['', 0])
    logged.write(2, noise(512, 4), { fua: true })
    expect(told(logged.log())).toEqual(['W8+2', 'W0+1', 'FLUSH 0+0', 'MARK one', 'FUA 2+1'])
    logged.flush()
    expect(sh('dmsetup remove log')).toEqual(['', 0])
    expect(told(logged.log()).slice(5)).toEqual(['W1+1', 'FLUSH 0+0', end])
    expect(logged.replayed()).toEqual(logged.data())
  })

  test('what is done while a flush is on its way belongs to the next', () => {
    const logged = new Logged()
    const asked = new Set<string>()
    const begun = (name: string, sector: number, data?: Uint8Array, flags: BioFlags = {}) =>
      slices(logged.bioTo('dm-0', sector, data, flags), (called) => {
        if (called === 'pmem_submit_bio') asked.add(name)
      })
    const ops = {
      w1: begun('w1', 1, noise(512, 1)),
      w2: begun('w2', 2, noise(512, 2)),
      w3: begun('w3', 3, noise(512, 3)),
      flush: begun('flush', 0, undefined, { preflush: true, sync: true }),
    }
    const begin = (name: keyof typeof ops): void => {
      while (!asked.has(name)) expect(ops[name].next().done).toBe(false)
    }
    const finish = (name: keyof typeof ops): void => {
      while (ops[name].next().done !== true);
    }
    begin('w1')
    begin('w2')
    begin('w3')
    finish('w3')
    finish('w2')
    begin('flush')
    finish('w1')
    finish('flush')
    logged.machine.sh('dmsetup message log 0 mark now')
    expect(told(logged.log())).toEqual(['W3+1', 'W2+1', 'FLUSH 0+0', 'MARK now'])
    logged.machine.sh('dmsetup remove log')
    expect(told(logged.log()).slice(4)).toEqual(['W1+1', end])
  })

  test('a flush with data is a flush, then the data', () => {
    const logged = new Logged()
    logged.write(5, noise(512, 1))
    logged.write(6, noise(512, 2), { preflush: true, fua: true })
    expect(told(logged.log())).toEqual(['W5+1', 'FLUSH 0+0', 'FUA 6+1'])
  })

  test('a FUA write comes before an older write that waits for its flush: replayed, the older one wins', () => {
    const logged = new Logged()
    logged.write(0, noise(512, 1))
    logged.write(0, noise(512, 2), { fua: true })
    logged.flush()
    logged.machine.sh('dmsetup remove log')
    expect(told(logged.log())).toEqual(['FUA 0+1', 'W0+1', 'FLUSH 0+0', end])
    expect(logged.data().subarray(0, 512)).toEqual(noise(512, 2))
    expect(logged.replayed().subarray(0, 512)).toEqual(noise(512, 1))
  })

  test('the number of entries lags behind until a FUA write or a mark', () => {
    const logged = new Logged()
    const count = (): bigint => new DataView(logged.bytes('pmem1', 512).buffer).getBigUint64(16, true)
    logged.write(0, noise(512, 1))
    logged.flush()
    expect([count(), logged.status()]).toEqual([0n, '0 64 log-writes 2 3'])
    logged.write(0, noise(512, 2), { fua: true })
    expect(count()).toBe(3n)
    logged.write(0, noise(512, 3))
    logged.flush()
    expect(count()).toBe(3n)
    logged.machine.sh('dmsetup message log 0 MARK x')
    expect(count()).toBe(6n)
  })

  test('what is not flushed is noted when the device goes; a table that never was live leaves its end, too', () => {
    const logged = new Logged()
    const { machine } = logged
    logged.write(3, noise(512, 1))
    machine.sh('dmsetup suspend log')
    machine.sh(`echo 0 8 log-writes /dev/pmem0 /dev/pmem1 | dmsetup reload log; dmsetup clear log`)
    expect(told(logged.log())).toEqual([end])
    machine.sh('dmsetup resume log; dmsetup remove log')
    expect(told(logged.log())).toEqual(['W3+1', end])
  })
})

describe('what it says of itself', () => {
  const logged = new Logged()
  const { machine } = logged

  test('table, status, dependencies, targets', () => {
    const { sh, guest } = machine
    expect(sh('dmsetup table log')[0]).toBe('0 64 log-writes 259:0 259:1\n')
    expect(sh('dmsetup deps log')[0]).toBe('2 dependencies\t: (259, 1) (259, 0)\n')
    expect(sh('dmsetup targets')[0].split('\n')[2]).toBe('log-writes       v1.1.0')
    const queue = ['write_cache', 'fua', 'dax', 'discard_granularity', 'discard_max_bytes', 'discard_max_hw_bytes']
    expect(queue.map((name) => guest.read(`/sys/block/dm-0/queue/${name}`))).toEqual([
      'write back',
      '1',
      '1',
      '512',
      '4294966784',
      '0',
    ])
  })

  test.each([
    ['mark', 'warn: device-mapper: log-writes: Invalid log-writes message arguments, expect 2 arguments, got 1'],
    ['mark a b', 'warn: device-mapper: log-writes: Invalid log-writes message arguments, expect 2 arguments, got 3'],
    ['tick a', 'warn: device-mapper: log-writes: Unrecognised log writes target message received: tick'],
  ])('message %s', (message, log) => {
    expect(machine.sh(`dmsetup message log 0 ${message}`)).toEqual([
      'device-mapper: message ioctl on log  failed: Invalid argument\nCommand failed.\n',
      1,
    ])
    expect(machine.dmesg.at(-1)).toBe(log)
  })

  test.each([
    ['/dev/pmem0', 'Invalid argument count (-EINVAL)'],
    ['/dev/nope /dev/pmem1', 'Device lookup failed (-ENODEV)'],
    ['/dev/pmem0 /dev/nope', 'Log device lookup failed (-ENODEV)'],
  ])('log-writes %s', (args, why) => {
    expect(machine.create('new', `0 8 log-writes ${args}`)[1]).toBe(1)
    expect(machine.dmesg.at(-2)).toBe(`err: device-mapper: table: 254:1: log-writes: ${why}`)
    expect(['pmem0', 'pmem1'].map((name) => machine.disk(name).part0.bd_openers)).toEqual([1, 1])
  })

  test('a mark is cut to what a sector has room for', () => {
    machine.sh(`dmsetup message log 0 mark ${'x'.repeat(600)}`)
    expect(told(logged.log()).at(-1)).toBe(`MARK ${'x'.repeat(479)}`)
  })
})

test('a log that is full ends; the device goes on', () => {
  const machine = dmMachine()
  machine.create('small', '0 8 linear /dev/pmem1 0')
  machine.create('log', '0 64 log-writes /dev/pmem0 /dev/mapper/small')
  const write = () =>
    run(submit_bio(machine.k, new_bio(disk_part0(machine.disk('dm-1')), 'write', 0, noise(1024, 1), { fua: true })))
  expect([write(), write()]).toEqual([0, 0])
  expect(machine.sh('dmsetup status log')[0]).toBe('0 64 log-writes 2 6\n')
  expect(write()).toBe(0)
  expect(machine.dmesg.at(-1)).toBe('err: device-mapper: log-writes: Ran out of space on the logdev')
  expect(machine.sh('dmsetup status log')[0]).toBe('0 64 log-writes 2 9 logging_disabled\n')
  expect([write(), machine.sh('dmsetup remove log')[1]]).toEqual([0, 0])
})

test('a log device that fails ends the logging, and says so', () => {
  const machine = dmMachine()
  machine.create('bad', '0 64 error')
  machine.create('log', '0 64 log-writes /dev/pmem0 /dev/mapper/bad')
  machine.sh('dmsetup message log 0 mark x')
  expect(machine.dmesg.at(-1)).toBe('err: device-mapper: log-writes: Error writing log block, error=10')
  expect(machine.sh('dmsetup status log')[0]).toContain('logging_disabled')
})

test('a discard is noted where the disk has none, and passed on by a linear device above', () => {
  const logged = new Logged()
  const { sh, guest } = logged.machine
  sh("echo '0 64 linear /dev/mapper/log 0' | dmsetup create top")
  expect(sh('blkdiscard -o 4096 -l 8192 /dev/mapper/top')).toEqual(['', 0])
  expect(logged.data()).toEqual(logged.original)
  sh('dmsetup remove top; dmsetup remove log')
  expect(told(logged.log())).toEqual(['DISCARD 8+16', end])
  sh("echo '0 64 log-writes /dev/pmem0 /dev/pmem1' | dmsetup create log")
  const LIMIT = '/sys/block/dm-0/queue/discard_max_bytes'
  expect([guest.write(LIMIT, '513'), guest.write(LIMIT, '1048576'), guest.read(LIMIT)]).toEqual([-22, 0, '0'])
  expect(sh('blkdiscard /dev/mapper/log')[0]).toContain('Operation not supported')
})

describe('direct access', () => {
  /** Copies `text` to byte 100 of page 2: what is noted, and what is on the disk. */
  function copied(release: string) {
    const logged = new Logged(release)
    const { k, dax, sh, disk } = logged.machine
    const offers = disk('dm-0').dax
    const device = dax('dm-0')
    const found = run(dax_direct_access(k, device, 2, 1))
    if (typeof found === 'number') return { offers, found }
    const bytes = noise(300, 5)
    const to = dax_address(found, 100)
    expect(run(dax_copy_from_iter(k, device, 2, to, 300, { type: 'iovec', segments: [{ bytes }] }))).toBe(300)
    expect(logged.data().subarray(2 * PAGE + 100, 2 * PAGE + 400)).toEqual(bytes)
    logged.flush()
    sh('dmsetup remove log')
    return { offers, log: told(logged.log()), first: logged.log().entries[0], bytes }
  }

  test.each(['v4.12', 'v4.13', 'v4.14'])('there is none: %s', (release) => {
    expect(copied(release)).toEqual({ offers: false, found: -5 })
  })

  test.each(['v4.15', 'v4.18', 'v5.9'])('copies are noted, from the start of their page on: %s', (release) => {
    const { offers, log, first, bytes } = copied(release)
    expect([offers, log]).toEqual([true, ['W16+1', 'FLUSH 0+0', end]])
    expect(first?.dataLength).toBe(300)
    expect(first?.data).toEqual(Uint8Array.from({ length: 512 }, (_, i) => bytes?.[i] ?? 0))
  })

  test.each(['v5.17', 'v6.1'])('copies leave no trace: %s', (release) => {
    const { offers, log } = copied(release)
    expect([offers, log]).toEqual([true, ['FLUSH 0+0', end]])
  })
})

const step = fc.oneof(
  fc.record({
    do: fc.constant('write' as const),
    sector: fc.nat({ max: SECTORS - 4 }),
    sectors: fc.integer({ min: 1, max: 4 }),
    fua: fc.boolean(),
    preflush: fc.boolean(),
    seed: fc.nat({ max: 250 }),
  }),
  fc.constant({ do: 'flush' as const }),
  fc.constant({ do: 'mark' as const }),
  fc.constant({ do: 'discard' as const }),
)

test.each(['v4.12', 'v4.15', 'v6.1'])(
  'replayed up to a flush, a FUA write or the end, the log is what was durable then: %s',
  (release) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const logged = new Logged(release)
        const { machine } = logged
        /** By number of entries: the bytes at that time, everything in them durable. */
        const durable: [number, Uint8Array][] = []
        /** Sectors of writes that no flush has followed yet; has a FUA write come before one of those in the log? */
        const waiting = new Set<number>()
        let overtaken = false
        const entries = (): number => Number(logged.status().split(' ')[3])
        let marks = 0
        for (const each of steps) {
          if (each.do === 'write') {
            const { sector, sectors, seed, fua, preflush } = each
            if (preflush) waiting.clear()
            for (let at = sector; at < sector + sectors; at++) {
              if (fua) overtaken ||= waiting.has(at)
              else waiting.add(at)
            }
            logged.write(sector, noise(sectors * SECTOR_SIZE, seed), { fua, preflush })
          } else if (each.do === 'flush') {
            logged.flush()
            waiting.clear()
            if (!overtaken) durable.push([entries(), logged.data()])
          } else if (each.do === 'mark') machine.sh(`dmsetup message log 0 mark m${marks++}`)
          else expect(machine.sh('blkdiscard -o 0 -l 512 /dev/mapper/log')).toEqual(['', 0])
        }
        machine.sh('dmsetup remove log')
        const log = logged.log()
        expect(told(log).at(-1)).toBe(end)
        expect(told(log).filter((line) => /^MARK m/.test(line))).toEqual(
          Array.from({ length: marks }, (_, i) => `MARK m${i}`),
        )
        const wrote = logged.bytes('pmem1', encodeLog(log).length)
        expect(Buffer.compare(encodeLog(log), wrote)).toBe(0)
        if (!overtaken) expect(Buffer.compare(logged.replayed(), logged.data())).toBe(0)
        for (const [to, bytes] of durable) expect(Buffer.compare(logged.replayed(to), bytes)).toBe(0)
      }),
      { numRuns: runs(15) },
    )
  },
)

describe('on a whole machine', () => {
  const DATA = { from: 0x1_0400_0000, to: 0x1_0800_0000 }
  const recording = recorded(`---
machine: { nvdimms: [{ size: 64M }, { size: 64M }] }
setup: |
  seq 1 50 > /dev/pmem1; sync
  echo 0 131072 log-writes /dev/pmem1 /dev/pmem0 | dmsetup create log
  seq 1 200 | dd of=/dev/mapper/log bs=512 conv=fsync
  dmsetup message log 0 mark one
  seq 300 400 | dd of=/dev/mapper/log bs=512 seek=2 conv=fsync
  dd if=/dev/zero of=/dev/mapper/log bs=512 count=2 oflag=direct,sync
  dd if=/dev/zero of=/dev/mapper/log bs=512 seek=9 count=1 oflag=direct
  dmsetup remove log
  dd if=/dev/zero of=/dev/pmem0 bs=512 seek=9999 count=1 oflag=direct,sync
---
int main(void) { return 0; }
int recover(void) { return 0; }
`)
  const last = recording.steps - 1
  const image = (device: string, step: number, fails = false): Uint8Array => {
    const found = deviceImage(recording, device, step, fails)
    if (!found.ok) throw new Error(found.error)
    return found.value
  }
  const bios = biosOf(recording, last)
  const begun = bios.find(({ device }) => device === 'dm-0')?.step ?? 0
  const original = image('/dev/pmem1', begun)
  const read = parseLog(image('pmem0', last))
  const log: Log = read.ok ? read.value : { sectorsize: 0, entries: [] }
  const replayed = (to: number): Uint8Array => {
    const done = replayLog(log, 0, to, original)
    if (!done.ok) throw new Error(done.error)
    return done.value.image
  }

  test('the log is read, and replayed it gives the bytes of the device', () => {
    expect(told(log)).toEqual([
      'W0+8',
      'FLUSH 0+0',
      'MARK one',
      'W0+8',
      'FLUSH 0+0',
      'FUA 0+1',
      'FLUSH 0+0',
      'FUA 1+1',
      'FLUSH 0+0',
      'W9+1',
      end,
    ])
    expect(original[0]).toBe(0x31)
    expect(Buffer.compare(replayed(log.entries.length), image('/dev/pmem1', last))).toBe(0)
  })

  test('what is replayed up to a flush or a FUA write is what a power failure there must keep', () => {
    const durable = log.entries.flatMap(({ flags }, index) => ((flags & 3n) === 0n ? [] : [index]))
    // An entry is written to the log as soon as what it speaks of is done.
    const written = bios.filter(({ device, sector, sectors, rwbs }) => {
      return device === 'pmem0' && sectors === 1 && sector > 0 && rwbs === 'W'
    })
    const places = log.entries.map((_, index) => {
      const sizes = log.entries.slice(0, index).map(({ data }) => 1 + data.length / 512)
      return sizes.reduce((sum, size) => sum + size, 1)
    })
    const risks = new Survivals(recording)
    for (const index of durable) {
      // With its first block: those that a flush was waited for with come before its own.
      const from = log.entries.findLastIndex(({ flags }, at) => at < index && flags !== 0n) + 1
      const { step } = written.find(({ sector }) => sector === places[from]) ?? { step: -1 }
      expect(Buffer.compare(image('/dev/pmem1', step, true), replayed(index + 1))).toBe(0)
      const { mayLose } = risks.report(step)
      expect(mayLose.filter(({ spa }) => spa !== null && spa >= DATA.from && spa < DATA.to)).toEqual([])
    }
    expect(durable).toHaveLength(6)
  })

  test('only what is on media has an image', () => {
    const error = 'no disk of persistent memory; there are pmem0, pmem1'
    expect(['dm-0', 'nmem0'].map((name) => deviceImage(recording, name, last, false))).toEqual([
      { ok: false, error },
      { ok: false, error },
    ])
  })

  test('without the flush a power failure may take what was written', () => {
    const wrote = bios.findLast(({ device, rwbs, sector }) => device === 'dm-0' && rwbs[0] === 'W' && sector === 9)
    const { mayLose } = new Survivals(recording).report((wrote?.step ?? 0) + 40)
    expect(mayLose.some(({ spa }) => spa !== null && spa >= DATA.from + 9 * 512 && spa < DATA.from + 10 * 512)).toBe(
      true,
    )
  })

  test('whenever the power fails, the log is read, or it is said where it is broken', () => {
    const steps = bios.filter(({ step }) => step > begun).map(({ step }) => step)
    const found = steps.map((step) => parseLog(image('pmem0', step, true)))
    const counts = found.map((each) => (each.ok ? each.value.entries.length : -1))
    expect(counts.slice(0, 3)).toEqual([-1, -1, -1])
    // Nobody flushes the log: its end is there for certain when something else has flushed that disk.
    const later = bios.findLast(({ device, rwbs }) => device === 'pmem0' && rwbs[0] === 'W')?.step ?? 0
    const { mayLose } = new Survivals(recording).report(later)
    expect(mayLose.some(({ spa }) => spa !== null && spa >= 0x1_0000_0000 && spa < 0x1_0000_0000 + 512)).toBe(true)
    expect(counts.at(-1)).toBe(log.entries.length)
    expect([...counts].sort((a, b) => a - b)).toEqual(counts)
    for (const [i, each] of found.entries())
      if (each.ok) expect(told(each.value)).toEqual(told(log).slice(0, counts[i]))
  })
})
