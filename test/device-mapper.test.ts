/** Device mapper over persistent memory, step by step as on a real machine (groundtruth ops4-dm, Linux 6.1.192). */

import { beforeAll, describe, expect, test } from 'vitest'
import { sysfs_lookup } from '../src/engine/linux/fs/sysfs/dir.ts'
import { capture, type DmMachine, dd, dmMachine, type Step, toFsdax } from './dm-machine.ts'

/** Types of targets that we do not have: a linear one stands in for them. */
const MISSING = new Set(['flakey', 'delay'])
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
  const { guest, dmesg, bios } = machine
  const nothing = { step, said: '', status: 0, log: [] }
  if (step.create !== undefined) {
    const table = MISSING.has(step.create) ? ['0 8192 linear /dev/pmem1 320000'] : (step.table ?? [])
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
  if (step.dd === undefined) return nothing
  const before = bios.length
  const calls = dd(machine, step.dd)
  // A flush that a write-through queue ends is not traced.
  const queued = bios.slice(before).filter(({ bio, stripped }) => !stripped || bio.nr_sectors > 0)
  return { ...nothing, calls: { ...calls, block_bio_queue: queued.length } }
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

  const known = capture.steps.filter(({ create }) => create === undefined || !MISSING.has(create))
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

  const without = (text: string): readonly string[] =>
    text.split('\n').filter((line) => !/^(flakey|delay|log-writes|writecache|snapshot)/.test(line))

  test.each(Object.keys(capture.print))('dmsetup %s prints what the real one printed', (command) => {
    expect(without(printed[command] ?? '')).toEqual(without(capture.print[command] ?? ''))
  })

  test('sysfs shows of each mapped device what the real one showed', () => {
    const first = capture.sysfs['dm-0'] ?? {}
    for (const [disk, own] of Object.entries(capture.sysfs)) {
      if (disk === 'dm-18' || disk === 'dm-19') continue
      const real = { ...first, ...own }
      const names = Object.keys(real)
      const shown = names.map((name) => {
        const text = sysfs_lookup(machine.k, `/sys/block/${disk}/${name}`)?.show?.()
        return [name, typeof text === 'number' ? '<unreadable: Invalid argument>' : text]
      })
      expect([disk, Object.fromEntries(shown)]).toEqual([disk, real])
    }
    expect(sysfs_lookup(machine.k, '/sys/block/dm-0/dax/write_cache')).toBeUndefined()
    expect(sysfs_lookup(machine.k, '/sys/block/dm-0/badblocks')).toBeUndefined()
  })
})
