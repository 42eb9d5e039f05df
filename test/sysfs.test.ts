/** The tree under /sys: every name and value as a real kernel (6.1.192) had them, who may write, and what is refused. */

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { createLabelArea } from '../src/engine/hw/label-area.ts'
import { poison_support } from '../src/engine/linux/drivers/acpi/nfit/poison_support.ts'
import { btt_support } from '../src/engine/linux/drivers/nvdimm/btt_support.ts'
import { label_support } from '../src/engine/linux/drivers/nvdimm/label_support.ts'
import { sysfs_files } from '../src/engine/linux/fs/sysfs/dir.ts'
import { sysfs_file_kfops } from '../src/engine/linux/fs/sysfs/file.ts'
import { EACCES, EBUSY, EINVAL, ENODEV, ENOSPC, ENXIO } from '../src/engine/linux/include/linux/errno.ts'
import { file, O_RDONLY } from '../src/engine/linux/include/linux/fs.ts'
import type { Kernel } from '../src/engine/linux/kernel.ts'
import { Journal } from '../src/engine/sim/journal.ts'
import { O_WRONLY } from '../src/engine/userspace/shell/files.ts'
import { bootCapture, type Capture, captures } from './captures.ts'
import { boot, run } from './flat-machine.ts'
import { Guest, initLabels } from './guest.ts'
import { capturedTable } from './nfit-tables.ts'

const fixture = new URL('./fixtures/groundtruth/sysfs.json.gz', import.meta.url)
const recorded = JSON.parse(gunzipSync(readFileSync(fixture)).toString()) as Readonly<
  Record<string, Readonly<Record<string, string>>>
>

const ERRORS: Readonly<Record<string, number>> = { 'Invalid argument': EINVAL, 'No such device or address': ENXIO }

/** What `cat` would print, in the words of the captures. */
function shown(text: string | number | undefined): string {
  if (typeof text !== 'number') return (text ?? '').trimEnd()
  const [words] = Object.entries(ERRORS).find(([, errno]) => errno === -text) ?? []
  return `<unreadable: ${words}>`
}

/** With several regions upstream hands these out in parallel: which device gets which is a race. */
const drawn = (path: string, disks: number): boolean =>
  /_seed$/.test(path) || (disks > 1 && /\/pmem\d+\/(dev|diskseq)$/.test(path))
/** Seeds carry the number of the thread that came first. */
const seedless = (path: string): string => path.replace(/\/(btt|pfn|dax)(\d+)\.\d+\//, '/$1$2/')

function capture(name: string): Capture {
  const found = captures.find(([own]) => own === name)?.[1]
  if (found === undefined) throw new Error(`no capture ${name}`)
  return found
}

test.each(Object.entries(recorded))('%s has the same files with the same contents', (name, theirs) => {
  const { k } = bootCapture(capture(name))
  const files = [...sysfs_files(k)].filter(({ path }) => path.startsWith('/sys/devices'))
  const ours = new Map(files.map(({ path, show }) => [seedless(path), shown(show?.())]))
  expect([...ours.keys()].sort()).toEqual(Object.keys(theirs).map(seedless).sort())
  const disks = Object.keys(theirs).filter((path) => path.endsWith('/diskseq')).length
  const values = Object.entries(theirs).filter(([path]) => !drawn(path, disks))
  const is = Object.fromEntries(values.map(([path]) => [path, ours.get(seedless(path))]))
  expect(is).toEqual(Object.fromEntries(values.map(([path, text]) => [path, text.trimEnd()])))
})

const R = 'region0'
const uuid = '00000001-1111-4222-8333-444444444441'

/** Two namespaces: one with a disk, one that nothing uses; and seeds of every kind. */
function machine(): Guest {
  const journal = new Journal()
  const area = createLabelArea(journal, 131072)
  initLabels(area, 128)
  const { k } = boot(capturedTable('b1-label128K/NFIT.bin'), {
    journal,
    labelAreas: { nmem0: area },
    labels: label_support,
    btt: btt_support,
    poison: poison_support,
    mediaErrors: { records: [], clear_err_unit: 256 },
  })
  const guest = new Guest(k)
  expect(guest.create(R, { mode: 'raw', size: 0x400_0000, uuid })).toBe(0)
  expect(guest.set('namespace0.1', 'uuid', uuid.replaceAll('1', '2'))).toBe(0)
  expect(guest.set('namespace0.1', 'size', String(0x400_0000))).toBe(0)
  return guest
}

function open(k: Kernel, path: string, flags: number): number {
  const opened = sysfs_file_kfops.open?.(k, file.create(k.journal, { path, flags, f_op: sysfs_file_kfops }))
  return opened === undefined ? 0 : run(opened)
}

/** Every attribute that shows, as text. */
const snapshot = (k: Kernel): readonly string[] =>
  [...sysfs_files(k)].map(({ path, show }) => `${path}: ${shown(show?.())}`)

/** What is written to a file → 0, or the error that refuses it. */
type Writes = Readonly<Record<string, number>>

const INVALID: Writes = { '*': -EINVAL, '': -EINVAL, '-1': -EINVAL }
/** Numbers of 32 bits. */
const number: Writes = { ...INVALID, '4294967296': -EINVAL }
const flag: Writes = { ...number, '0': 0, '1': 0 }
const boolean: Writes = { ...INVALID, '0': 0, y: 0 }
const refused: Writes = { ...INVALID, '0': -EINVAL, '1': -EINVAL }
const busy: Writes = { '*': -EBUSY, '': -EBUSY, '0': -EBUSY }
const device: Writes = { '*': -ENODEV, '': -ENODEV, 'namespace0.9': -ENODEV }
/** Of a personality that has no namespace yet. */
const fresh: Writes = { '*': -EINVAL, 'namespace0.9': -ENODEV, 'namespace0.0': 0, 'namespace0.1': 0 }
const newUuid: Writes = { ...INVALID, '00000001-1111-4222-8333-44444444444': -EINVAL, [uuid.replaceAll('1', '7')]: 0 }
const QUEUE = 'pmem0/queue'

/** By the end of its path. Everything else can't be opened for writing. */
const writable: Readonly<Record<string, Writes>> = {
  'ndbus0/nfit/scrub': { ...INVALID, '0': -EINVAL, '2': -EINVAL, '1': 0 },
  'ndbus0/nfit/hw_error_scrub': { ...INVALID, '2': -EINVAL, '0': 0, '1': 0 },
  'region0/read_only': boolean,
  'region0/align': {
    ...INVALID,
    '2048': -EINVAL,
    '12288': -EINVAL,
    '0x20000000000': -EINVAL,
    '4096': 0,
    '0x100000': 0,
  },
  'namespace0.0/uuid': busy,
  'namespace0.0/alt_name': busy,
  'namespace0.0/size': { ...INVALID, '4096': -EBUSY },
  'namespace0.0/sector_size': busy,
  'namespace0.0/holder_class': busy,
  'namespace0.0/force_raw': boolean,
  'namespace0.1/uuid': { ...newUuid, [uuid]: -EINVAL },
  'namespace0.1/alt_name': { ['x'.repeat(64)]: -EINVAL, '': 0, data: 0 },
  'namespace0.1/size': { ...INVALID, '4097': -EINVAL, '0x10000000000': -ENOSPC, '0x2000000': 0, '0': 0 },
  'namespace0.1/sector_size': { ...INVALID, '511': -EINVAL, '4096': 0 },
  'namespace0.1/holder_class': { '*': -EINVAL, '': 0, pfn: 0 },
  'namespace0.1/force_raw': boolean,
  'btt0.0/namespace': fresh,
  'btt0.0/uuid': newUuid,
  'btt0.0/sector_size': { ...refused, '4096': 0 },
  'pfn0.0/namespace': fresh,
  'pfn0.0/uuid': newUuid,
  'pfn0.0/mode': { '*': -EINVAL, ram: 0, none: 0 },
  'pfn0.0/align': { ...refused, '4096': 0 },
  'dax0.0/namespace': fresh,
  'dax0.0/uuid': newUuid,
  'dax0.0/mode': { '*': -EINVAL, pmem: 0, ram: 0 },
  'dax0.0/align': { ...refused, '2097152': 0 },
  'pmem0/badblocks': { ...INVALID, '-8 4': -EINVAL, '8': -EINVAL, '8 0': -EINVAL, '8 4x': -EINVAL, '8 4': 0 },
  'pmem0/dax/write_cache': boolean,
  'pmem0/events_poll_msecs': { ...number, '1000': -ENODEV },
  'pmem0/integrity/read_verify': flag,
  'pmem0/integrity/write_generate': flag,
  [`${QUEUE}/write_cache`]: { ...INVALID, 'write around': -EINVAL, 'write through': 0, 'write back': 0, none: 0 },
  [`${QUEUE}/add_random`]: flag,
  [`${QUEUE}/discard_max_bytes`]: { ...number, '4096': -EINVAL, '0': 0 },
  [`${QUEUE}/io_poll`]: refused,
  [`${QUEUE}/io_poll_delay`]: refused,
  [`${QUEUE}/iostats`]: flag,
  [`${QUEUE}/max_sectors_kb`]: { ...number, '3': -EINVAL, '2147483648': -EINVAL, '4': 0 },
  [`${QUEUE}/nomerges`]: flag,
  [`${QUEUE}/nr_requests`]: refused,
  [`${QUEUE}/read_ahead_kb`]: { ...number, '17': 0 },
  [`${QUEUE}/rotational`]: flag,
  [`${QUEUE}/rq_affinity`]: flag,
  [`${QUEUE}/scheduler`]: { 'mq-deadline': 0 },
  [`${QUEUE}/stable_writes`]: flag,
  [`${QUEUE}/wbt_lat_usec`]: refused,
  ...Object.fromEntries(
    ['nvdimm', 'nd_region', 'device_dax', 'dax_pmem', 'nd_pmem', 'nfit'].flatMap((name) => [
      [`${name}/bind`, device],
      [`${name}/unbind`, device],
    ]),
  ),
}

const rowOf = (path: string) => Object.keys(writable).find((end) => path.endsWith(`/${end}`))
const pathOf = (k: Kernel, row: string): string => {
  const found = [...sysfs_files(k)].find(({ path }) => rowOf(path) === row)
  if (found === undefined) throw new Error(`no ${row}`)
  return found.path
}

describe('writing', () => {
  test('what is not meant to be written refuses to be opened for it; bind and unbind refuse to be read', () => {
    const { k } = machine()
    for (const { path } of sysfs_files(k)) {
      expect([path, open(k, path, O_WRONLY)]).toEqual([path, rowOf(path) === undefined ? -EACCES : 0])
      expect([path, open(k, path, O_RDONLY)]).toEqual([path, /bind$/.test(path) ? -EACCES : 0])
    }
  })

  test.each(Object.entries(writable))('%s', (row, writes) => {
    for (const [text, rc] of Object.entries(writes)) {
      const guest = machine()
      const path = pathOf(guest.k, row)
      const before = snapshot(guest.k)
      expect([text, guest.write(path, text)]).toEqual([text, rc])
      // A refusal changes nothing.
      if (rc < 0) expect(snapshot(guest.k)).toEqual(before)
    }
  })

  test('what was taken is shown', () => {
    const guest = machine()
    const shows = (row: string, text: string, then = text): void => {
      const path = pathOf(guest.k, row)
      expect([row, guest.write(path, text), guest.read(path)]).toEqual([row, 0, then])
    }
    shows('ndbus0/nfit/hw_error_scrub', '1')
    shows('region0/align', '4096', '0x1000')
    shows('region0/read_only', 'y', '1')
    shows('pmem0/badblocks', '8 4')
    // At most 512 sectors an entry.
    shows('pmem0/badblocks', '12 1024', '8 512\n520 512\n1032 4')
    shows(`${QUEUE}/read_ahead_kb`, '17', '16')
    shows(`${QUEUE}/nomerges`, '2')
    shows(`${QUEUE}/rq_affinity`, '3', '0')
    shows(`${QUEUE}/iostats`, '7', '1')
    shows(`${QUEUE}/write_cache`, 'none', 'write through')
    shows(`${QUEUE}/scheduler`, 'bfq', 'none')
  })

  test.each([
    [
      'v6.1',
      ['1', '0'],
      ['region0 read-only, marking pmem0 read-only', 'region0 read-write, marking pmem0 read-write'],
    ],
    ['v5.9', ['0', '0'], []],
  ])('a region that becomes read-only takes its disk with it: %s', (release, ro, said) => {
    const { k, dmesg } = boot(capturedTable('a-1nvdimm-nolabel/NFIT.bin'), { release })
    const guest = new Guest(k)
    const shown = ['1', '0'].map((text) => {
      expect(guest.set(R, 'read_only', text)).toBe(0)
      return guest.read('/sys/block/pmem0/ro')
    })
    expect(shown).toEqual(ro)
    expect(dmesg.filter((line) => line.includes('marking'))).toEqual(
      said.map((text) => `info: nd_pmem namespace0.0: ${text}`),
    )
  })

  test('deep_flush can be written where there are flush hints', () => {
    const { k } = bootCapture(capture('custom-fit-n/n02-1dimm-flush1'))
    const path = '/sys/bus/nd/devices/region0/deep_flush'
    expect(open(k, path, O_WRONLY)).toBe(0)
    expect(['*', '0', '1'].map((text) => new Guest(k).write(path, text))).toEqual([-EINVAL, -EINVAL, 0])
  })
})
