/**
 * What administrators did with ndctl 76.1 and by sysfs on real machines (Linux 6.1.192), command by command: output,
 * messages and exit status, here and there, and the label areas that were kept on the way. UUIDs that the tool draws are
 * made equal first; nothing else is.
 */

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { fromBase64, view } from '../src/base/bytes.ts'
import { SPA_GUID } from '../src/engine/firmware/acpi/guid.ts'
import { encodeNfit } from '../src/engine/firmware/acpi/nfit-encode.ts'
import { createLabelArea } from '../src/engine/hw/label-area.ts'
import { poison_support } from '../src/engine/linux/drivers/acpi/nfit/poison_support.ts'
import { btt_support } from '../src/engine/linux/drivers/nvdimm/btt_support.ts'
import { label_support } from '../src/engine/linux/drivers/nvdimm/label_support.ts'
import { cdev_add } from '../src/engine/linux/fs/char_dev.ts'
import { type FileOperations, O_DSYNC } from '../src/engine/linux/include/linux/fs.ts'
import type { LabelArea } from '../src/engine/linux/include/linux/libnvdimm.ts'
import type { Kernel } from '../src/engine/linux/kernel.ts'
import { Journal } from '../src/engine/sim/journal.ts'
import { strerror } from '../src/engine/userspace/shell/files.ts'
import { wholeShell } from '../src/engine/userspace/shell/whole.ts'
import { boot, FlatMemory, run } from './flat-machine.ts'
import { Guest } from './guest.ts'

/** Command, what it printed on both streams, exit status. */
type Step = readonly [string, string, number]

const read = (name: string): unknown =>
  JSON.parse(gunzipSync(readFileSync(new URL(`./fixtures/groundtruth/${name}`, import.meta.url))).toString())
const fixture = read('ndctl-ops.json.gz') as {
  readonly transcripts: Readonly<Record<string, readonly Step[]>>
  readonly ops3: string
  readonly ops3c: string
  readonly ops10: string
}
interface Captured {
  readonly nfit: string
  /** Step, DIMM → the first 64 KiB of its area without the zeros at the end. */
  readonly labels: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** First bytes of map and log at some moments. */
  readonly raw: Readonly<Record<string, string>>
}
const captured = read('labels.json.gz') as Readonly<Record<string, Partial<Captured>>>

const LABEL_AREA = 131072
const CAPTURED = 65536
const BASE = 0x1_0000_0000
const MIB = 0x10_0000
const SECTOR = 512
const PAGE = 4096
const traced = new Set(['pmem_do_write', 'pmem_do_read', '__memcpy_flushcache', 'nvdimm_flush', 'generic_nvdimm_flush'])
const bytesOf = (text = ''): Uint8Array => fromBase64(text) ?? new Uint8Array()

interface World {
  readonly k: Kernel
  readonly memory: FlatMemory
  readonly areas: Readonly<Record<string, LabelArea>>
  /** Files in /tmp, here devices of the same names. */
  readonly files: Map<string, Uint8Array>
}

function machine(nfit: Uint8Array, dimms: readonly string[] = [], errors = false): World {
  const journal = new Journal()
  const memory = new FlatMemory()
  const areas = Object.fromEntries(dimms.map((dimm) => [dimm, createLabelArea(journal, LABEL_AREA)] as const))
  const records = [
    { start: BASE + 64 * MIB + 0x3000, length: 0x400 },
    { start: BASE + 128 * MIB + 0x140, length: 64 },
  ]
  const { k } = boot(nfit, {
    journal,
    memory,
    labels: label_support,
    btt: btt_support,
    poison: poison_support,
    labelAreas: areas,
    ...(errors ? { mediaErrors: { records, clear_err_unit: 256 } } : {}),
  })
  const files = new Map(['l0', 'l1', 'b'].map((name) => [name, new Uint8Array()]))
  for (const [minor, name] of [...files.keys()].entries())
    cdev_add(k, { name, devt: `240:${minor}`, ops: fileOf(files, name), private_data: undefined })
  return { k, memory, areas, files }
}

const fileOf = (files: Map<string, Uint8Array>, name: string): FileOperations => ({
  name: 'test_fops',
  *read(_k, _file, into, pos) {
    yield* []
    const bytes = (files.get(name) ?? new Uint8Array()).subarray(pos, pos + into.length)
    into.set(bytes)
    return bytes.length
  },
  *write(_k, _file, bytes) {
    yield* []
    files.set(name, bytes.slice())
    return bytes.length
  },
})

const capturedNfit = (name: string): Uint8Array => bytesOf(captured[name]?.nfit)
const small = encodeNfit([
  { type: 0, fields: { range_index: 1, range_guid: SPA_GUID.pmem, address: BASE, length: 32 * MIB } },
  { type: 1, fields: { device_handle: 1, range_index: 1, region_index: 1, region_size: 32 * MIB } },
  { type: 4, fields: { region_index: 1, serial_number: 7, vendor_id: 0x8086, code: 0x301 } },
])

const cases: readonly (readonly [string, () => World])[] = [
  ['ops1', () => machine(capturedNfit('ops1'), ['nmem0'])],
  ['ops1b', () => machine(capturedNfit('ops1'), ['nmem0'])],
  ['ops2', () => machine(capturedNfit('ops2'))],
  ['ops3', () => machine(bytesOf(fixture.ops3))],
  ['ops3c', () => machine(bytesOf(fixture.ops3c))],
  ['ops8', () => machine(small)],
  ['ops9', () => machine(capturedNfit('ops9'), ['nmem0', 'nmem1'])],
  ['ops9x', () => machine(capturedNfit('ops9'))],
  ['ops10', () => machine(bytesOf(fixture.ops10), [], true)],
]

/** What was done without ndctl and the shell. */
const hands: Readonly<Record<string, (world: World, args: readonly number[], word: string) => [string, number]>> = {
  /** dd, a sector at a time: bytes that arrived. */
  read({ k }, [first = 0, count = 0]) {
    for (let i = 0; i < count; i++)
      if (typeof new Guest(k).readDisk('pmem0', (first + i) * SECTOR, SECTOR) === 'number')
        return [String(i * SECTOR), 1]
    return [String(count * SECTOR), 0]
  },
  /** dd of four pages, direct: what the driver called, or the error. */
  dd({ k }, _args, what) {
    const guest = new Guest(k)
    const seen: string[] = []
    const called = (name: string): void => {
      if (traced.has(name)) seen.push(name)
    }
    for (let at = 0; at < 4 * PAGE; at += PAGE) {
      const rc = what.includes('read')
        ? guest.readDisk('pmem0', at, PAGE, called)
        : guest.writeDisk('pmem0', at, new Uint8Array(PAGE), what.endsWith('sync') ? O_DSYNC : 0, called)
      if (typeof rc === 'number' && rc < 0) return [strerror(rc), 1]
    }
    return [seen.join(' '), 0]
  },
  write({ k }, [first = 0, bytes = 0]) {
    const count = new Guest(k).writeDisk('pmem0', first * SECTOR, new Uint8Array(bytes))
    return [String(count), count < 0 ? 1 : 0]
  },
  /** In a copy of the labels of nmem1: at an offset so many bytes of a number. */
  poke({ files }, [at = 0, bytes = 0, value = 0]) {
    const copy = files.get('l1')?.slice() ?? new Uint8Array()
    for (let i = 0; i < bytes; i++) if (at + i < copy.length) copy[at + i] = Math.floor(value / 256 ** i) & 0xff
    files.set('b', copy)
    return ['', 0]
  },
  /** Map and log become the captured ones; then the first info block is damaged. */
  media({ memory }, _args, moment) {
    const raw = (what: string): Uint8Array => bytesOf(captured['ops8']?.raw?.[`${moment}-${what}`])
    const at = BASE + 4096
    const offset = (field: number): number => Number(view(raw('info')).getBigUint64(field, true))
    const put = (from: number, bytes: Uint8Array): void => {
      for (const [i, byte] of bytes.entries()) memory.write(from + i, byte)
    }
    put(at + offset(96), raw('map'))
    put(at + offset(104), raw('flog'))
    if (moment === 'kill-primary') put(at, new Uint8Array(4096))
    else put(at + 4088, Uint8Array.of(0x99))
    return ['', 0]
  },
}

/** After which commands label areas were kept, in this order: the beginning or the end of each, and the name. */
const namespaces: readonly (readonly [string, string])[] = [
  ['ndctl init-labels', '00b-init'],
  ['4444444441', '01-raw'],
  ['4444444442', '02-fsdax-dev'],
  ['4444444443', '03-fsdax-mem'],
  ['4444444444', '04-devdax-dev'],
  ['4444444445', '05-sector-4096'],
  ['4444444446', '06-sector-512'],
  ['4444444447', '07-devdax-mem-4kalign'],
  ['-s 512M', '08-toobig'],
  ['4444444441', '09-dupuuid'],
  ['-s 17M', '10-unaligned'],
  ['-s 2M', '11-toosmall-fsdax'],
  ['890123456789', '12-longname'],
  ['789012', '13-name63'],
  ['ndctl destroy-namespace', '15-destroy-fsdev'],
  ['4444444448', '16-recreate'],
  ['-n renamed', '17-reconfig-rename'],
  ["echo '99999999-1111-4222-8333-444444444449'", '18-sysfs-uuid'],
  ["echo '16777216'", '19-sysfs-size'],
  ['/alt_name', '20-sysfs-altname'],
  ["echo '99999999-1111-4222-8333-44444444444a'", '21-sysfs-uuid2'],
  ["echo '0'", '22-sysfs-size0'],
  ['ndctl disable-dimm', '23-disabled'],
  ['ndctl zero-labels', '24-zeroed'],
  ['ndctl init-labels', '25-init-v1.1'],
  ['ndctl enable-region', '26-enabled'],
  ['ndctl enable-region', '27-init-v1.2'],
]
const kept: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  ops1: namespaces,
  ops1b: namespaces,
  ops9: [
    ['ndctl init-labels', '01-init'],
    ['4444444441', '02-raw'],
    ['4444444442', '03-fsdax'],
    ['4444444443', '04-sector'],
    ['-n odd', '05-odd'],
    ['4444444444', '06-32m'],
    ['ndctl destroy-namespace', '07-destroy-two'],
    ['4444444445', '08-two-again'],
  ],
}

/** As text, without the zeros at the end; labels without a UUID that the tool drew, and so without their checksum. */
function labelText(area: Uint8Array, labelSize: number): string {
  const bytes = new Uint8Array(CAPTURED)
  bytes.set(area.subarray(0, CAPTURED))
  for (let at = 512; at + labelSize <= CAPTURED; at += labelSize) {
    if (view(bytes).getUint32(at + 4) === 0x1111_4222) continue
    bytes.fill(0, at, at + 16)
    if (labelSize === 256) bytes.fill(0, at + 248, at + 256)
  }
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/(00)+$/, '')
}

/** UUIDs that the tool drew get numbers in the order in which they first appear. */
function numbered(): (text: string) => string {
  const known = new Map<string, string>()
  return (text) =>
    text.replace(/"uuid":"([^"]+)"/g, (whole, uuid: string) => {
      if (/^0000000\d-1111|^0{8}-/.test(uuid)) return whole
      const number = known.get(uuid) ?? `#${known.size}`
      known.set(uuid, number)
      return `"uuid":"${number}"`
    })
}

const score = new Map<string, string>()
afterAll(() => {
  for (const [name, text] of score) console.log(`ndctl ${name.padEnd(6)} ${text}`)
})

describe('ndctl does, prints and answers what it did in', () => {
  test.each(cases)('%s', (name, make) => {
    const world = make()
    const shell = wholeShell.console()
    const [there, here] = [numbered(), numbered()]
    const differences: string[] = []
    const steps = fixture.transcripts[name] ?? []
    const areas = [...(kept[name] ?? [])]
    let compared = 0
    for (const [command, should, rc] of steps) {
      let printed = ''
      const [word = '', ...rest] = command.split(' ')
      const hand = hands[word]
      let status = 0
      if (hand === undefined) {
        const typed = command.replace(/\/tmp\/(l0|l1|b)\b/g, '/dev/$1')
        status = run(shell.run(world.k, typed, (text) => (printed += text)))
      } else [printed, status] = hand(world, rest.map(Number), rest[0] ?? '')
      const [a, b] = [there(should), here(printed)]
      if (a !== b || rc !== status) differences.push(`${command}\n${b}[rc=${status}] instead of\n${a}[rc=${rc}]`)
      const [mark, moment] = areas[0] ?? []
      if (mark === undefined || moment === undefined || !(command.startsWith(mark) || command.endsWith(mark))) continue
      areas.shift()
      const size = name === 'ops1b' ? 256 : 128
      for (const [dimm, bytes] of Object.entries(captured[name]?.labels?.[moment] ?? {})) {
        compared++
        const own = labelText(world.areas[dimm]?.read(0, CAPTURED) ?? new Uint8Array(), size)
        if (own !== labelText(bytesOf(bytes), size)) differences.push(`labels of ${dimm} after ${moment}`)
      }
    }
    score.set(
      name,
      `${steps.length - differences.length}/${steps.length}${compared > 0 ? `, ${compared} label areas` : ''}`,
    )
    expect(differences).toEqual([])
    expect(areas).toEqual([])
    expect(steps.length).toBeGreaterThan(0)
  })
})
