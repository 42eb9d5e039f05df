/** Device mapper over persistent memory, step by step as on a real machine (groundtruth ops4-dm, Linux 6.1.192). */

import { beforeAll, describe, expect, test } from 'vitest'
import { runReport } from '../src/engine/inspect/report.ts'
import { dax_direct_access, dax_flush } from '../src/engine/linux/drivers/dax/access.ts'
import { sysfs_lookup } from '../src/engine/linux/fs/sysfs/dir.ts'
import { capture, type DmMachine, dd, dmMachine, type Step, toFsdax } from './dm-machine.ts'
import { run } from './flat-machine.ts'
import { recorded } from './recorded.ts'

interface Made {
  readonly step: Step
  readonly said: string
  readonly status: number
  readonly shows?: string
  readonly queue?: readonly (string | undefined)[]
  readonly now?: string | undefined
  readonly calls?: Readonly<Record<string, number>>
  readonly log: readonly string[]
}

const attribute: Readonly<Record<string, string>> = { size: 'size', ro: 'ro' }
const queueOf = ({ guest }: DmMachine, disk: string) =>
  capture.columns.map((name) => guest.read(`/sys/block/${disk}/${attribute[name] ?? `queue/${name}`}`))

function play(machine: DmMachine, step: Step): Made {
  const { guest, dmesg, bios, disk } = machine
  const nothing = { step, said: '', status: 0, log: [] }
  if (step.create !== undefined) {
    const table = step.table ?? []
    const [said, status] = machine.create(step.create, ...table)
    const log = dmesg.map((line) => line.replace(/^\w+: /, ''))
    if (status !== 0) return { step, said, status, log }
    const [shows] = machine.sh(`dmsetup table ${step.create}`)
    return { step, said, status, shows, queue: queueOf(machine, step.disk ?? ''), log }
  }
  if (step.write !== undefined) {
    const rc = guest.write(step.write, step.text ?? '')
    return { ...nothing, status: rc === 0 ? 0 : 1, now: guest.read(step.write) }
  }
  if (step.ext4 !== undefined) {
    const minor = guest.k.options.dm?.devices(guest.k).find(({ name }) => name === step.ext4)?.disk.disk_name ?? ''
    return { ...nothing, ...pageSynced(machine, minor), queue: [String(disk(minor).dax)] }
  }
  if (step.dd === undefined) return nothing
  const before = bios.length
  const calls = dd(machine, step.dd)
  // A flush that a write-through queue ends is not traced.
  const queued = bios.slice(before).filter(({ bio, stripped }) => !stripped || bio.nr_sectors > 0)
  return { ...nothing, calls: { ...calls, block_bio_queue: queued.length } }
}

/** A page of a mapped device looked up, stored to and synced, as a file system does for a mapping: what was called. */
function pageSynced({ k, dax, cpu }: DmMachine, disk: string): Pick<Made, 'status' | 'calls'> {
  const calls: Record<string, number> = {}
  const called = (name: string): void => {
    calls[name] = (calls[name] ?? 0) + 1
  }
  const found = run(dax_direct_access(k, dax(disk), 16, 1), called)
  if (typeof found === 'number') return { status: found, calls }
  cpu.issued.length = 0
  run(dax_flush(k, dax(disk), 16, found.kaddr, 4096), called)
  return { status: 0, calls: { ...calls, clwb: cpu.counts()['clwb'] ?? 0 } }
}

describe('the steps of ops4-dm', () => {
  const made: Made[] = []
  const printed: Record<string, string> = {}
  let machine: DmMachine

  beforeAll(() => {
    machine = dmMachine('v6.1', false)
    for (const [i, step] of capture.steps.entries()) {
      if (i === 1) {
        machine.sh('dmsetup remove lin0raw')
        toFsdax(machine.guest)
      }
      if (step.write !== undefined && capture.steps[i - 1]?.create === 'delay')
        for (const command of Object.keys(capture.print)) printed[command] = machine.sh(`dmsetup ${command}`)[0]
      made.push(play(machine, step))
    }
  })

  const known = capture.steps
  const madeOf = (step: Step): Made => made.find((each) => each.step === step) as Made

  test.each(known.filter(({ create, rc }) => create !== undefined && rc === 0).map((step) => [step.create, step]))(
    'create %s',
    (_name, step) => {
      const { said, status, shows, queue } = madeOf(step as Step)
      const { shows: lines = [], queue: values } = step as Step
      expect([said, status, shows, queue]).toEqual(['', 0, `${lines.join('\n')}\n`, values])
    },
  )

  test.each(known.filter(({ said }) => said !== undefined).map((step) => [step.create, step]))(
    'create %s is refused',
    (_name, step) => {
      const { said, status, log } = madeOf(step as Step)
      const { said: lines = [], log: last = [], rc } = step as Step
      expect([said, status]).toEqual([`${lines.join('\n')}\n`, rc])
      expect(log.slice(-last.length)).toEqual(last)
    },
  )

  test('writes to write_cache, of disks and of direct access', () => {
    const writes = known.filter(({ write }) => write !== undefined)
    expect(writes.map((step) => [step.write, madeOf(step).status, madeOf(step).now])).toEqual(
      writes.map(({ write, rc, now }) => [write, rc, now]),
    )
  })

  test.each(known.filter(({ trace }) => trace !== undefined).map((step) => [step.trace, step]))(
    'calls of %s',
    (_name, step) => {
      const calls = madeOf(step as Step).calls ?? {}
      const real = (step as Step).calls ?? {}
      const ours = Object.keys(real).map((name) => [name, calls[name] ?? 0])
      expect(Object.fromEntries(ours)).toEqual(real)
      expect([calls['nvdimm_flush'], calls['pmem_rw_page']]).toEqual([real['nvdimm_flush'], undefined])
    },
  )

  test.each(known.filter(({ ext4 }) => ext4 !== undefined).map((step) => [step.ext4, step]))(
    'ext4 with DAX on %s: a page is looked up through the same functions, and written back or not',
    (_name, step) => {
      const { calls = {}, status, queue } = madeOf(step as Step)
      const { calls: real = {}, rc } = step as Step
      expect([status, queue]).toEqual([rc === 0 ? 0 : -5, ['true']])
      // 256 pages are written there and one is mapped.
      const lookups = (from: typeof calls, pages: number) =>
        ['dm_dax', 'linear_dax', 'stripe_dax', 'pmem_dax'].map((what) => (from[`${what}_direct_access`] ?? 0) / pages)
      expect(lookups(calls, 1)).toEqual(lookups(real, rc === 0 ? 257 : (real['dm_dax_direct_access'] ?? 0)))
      if (rc === 0) expect(calls['arch_wb_cache_pmem']).toBe(real['arch_wb_cache_pmem'])
      if (rc === 0) expect(calls['clwb']).toBe(real['arch_wb_cache_pmem'] === undefined ? 0 : 64)
    },
  )

  const without = (text: string): readonly string[] =>
    text.split('\n').filter((line) => !/^(writecache|snapshot)/.test(line))

  test.each(Object.keys(capture.print))('dmsetup %s prints what the real one printed', (command) => {
    expect(without(printed[command] ?? '')).toEqual(without(capture.print[command] ?? ''))
  })

  test('sysfs shows of each mapped device what the real one showed', () => {
    const first = capture.sysfs['dm-0'] ?? {}
    for (const [disk, own] of Object.entries(capture.sysfs)) {
      const real = { ...first, ...own }
      const names = Object.keys(real)
      const shown = names.map((name) => {
        const text = sysfs_lookup(machine.k, `/sys/block/${disk}/${name}`)?.show?.()
        return [name, typeof text === 'number' ? '<unreadable: Invalid argument>' : text]
      })
      expect([disk, Object.fromEntries(shown)]).toEqual([disk, real])
    }
    const slaves = Object.keys(capture.slaves)
    const listed = slaves.map((disk) => machine.sh(`ls /sys/block/${disk}/slaves`)[0].trim().split('\n'))
    expect(listed).toEqual(slaves.map((disk) => capture.slaves[disk]))
    expect(machine.sh('ls /sys/block/dm-4/holders')).toEqual(['dm-10\ndm-9\n', 0])
    expect(sysfs_lookup(machine.k, '/sys/block/dm-0/dax/write_cache')).toBeUndefined()
    expect(sysfs_lookup(machine.k, '/sys/block/dm-0/badblocks')).toBeUndefined()
  })
})

describe('on a whole machine', () => {
  const text = `---
machine: { nvdimms: [{ size: 64M }, { size: 64M }] }
setup: |
  echo 0 131072 striped 2 8 /dev/pmem0 0 /dev/pmem1 0 | dmsetup create vol
  seq 1 2000 > /dev/mapper/vol
  hexdump -C -n 16 /dev/pmem1
---
int main(void) { return 0; }
int recover(void) { return 0; }
`

  test('a setup makes a mapped device and writes to it, chunk by chunk', () => {
    const { setupOutput } = runReport(recorded(text), undefined)
    expect(setupOutput).toContain('|1.1042.1043.1044|')
  })

  test('it is gone after a power failure; it was never on media', () => {
    const whole = recorded(text)
    const at = whole.anchorOf(whole.machine.end)
    const { lives } = recorded(text, { interventions: [{ kind: 'power-failure', at }] }).machine
    const names = lives.map(({ kernel }) => kernel.options.dm?.devices(kernel).map(({ name }) => name))
    expect(names).toEqual([['vol'], []])
  })

  test('a table that is refused ends the setup, with what the tool says and what the kernel does', () => {
    const bad = text.replace('striped 2 8', 'striped 2 0')
    const said = 'device-mapper: reload ioctl on vol (254:0) failed: Invalid argument\nCommand failed.'
    expect(recorded(bad).machine.problem?.message).toContain(said)
    expect(runReport(recorded(bad), undefined).dmesg.at(-2)).toMatchObject({
      text: 'device-mapper: table: 254:0: striped: Invalid chunk_size (-EINVAL)',
    })
  })
})
