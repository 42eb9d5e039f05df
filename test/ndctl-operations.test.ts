/**
 * What administrators did with ndctl 76.1 on real machines (Linux 6.1.192), command by command: output, messages and
 * exit status, here and there. UUIDs that the tool draws are made equal first; nothing else is.
 */

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { fromBase64 } from '../src/base/bytes.ts'
import { createLabelArea } from '../src/engine/hw/label-area.ts'
import { poison_support } from '../src/engine/linux/drivers/acpi/nfit/poison_support.ts'
import { btt_support } from '../src/engine/linux/drivers/nvdimm/btt_support.ts'
import { label_support } from '../src/engine/linux/drivers/nvdimm/label_support.ts'
import { pmem_fops } from '../src/engine/linux/drivers/nvdimm/pmem_io.ts'
import type { Kernel } from '../src/engine/linux/kernel.ts'
import { Journal } from '../src/engine/sim/journal.ts'
import { wholeShell } from '../src/engine/userspace/shell/whole.ts'
import { boot, run } from './flat-machine.ts'

/** Command, what it printed on both streams, exit status. */
type Step = readonly [string, string, number]

const read = (name: string): unknown =>
  JSON.parse(gunzipSync(readFileSync(new URL(`./fixtures/groundtruth/${name}`, import.meta.url))).toString())
const { transcripts, ops10 } = read('ndctl-ops.json.gz') as {
  transcripts: Readonly<Record<string, readonly Step[]>>
  ops10: string
}
const { ops1, ops2, ops9 } = read('labels.json.gz') as Readonly<Record<string, { readonly nfit: string }>>

const LABEL_AREA = 131072
const BASE = 0x1_0000_0000
const MIB = 0x10_0000
const bytesOf = (text = ''): Uint8Array => fromBase64(text) ?? new Uint8Array()

function machine(nfit: string | undefined, dimms: readonly string[], errors = false): Kernel {
  const journal = new Journal()
  const areas = dimms.map((dimm) => [dimm, createLabelArea(journal, LABEL_AREA)] as const)
  const records = [
    { start: BASE + 64 * MIB + 0x3000, length: 0x400 },
    { start: BASE + 128 * MIB + 0x140, length: 64 },
  ]
  return boot(bytesOf(nfit), {
    journal,
    labels: label_support,
    btt: btt_support,
    pmemFops: pmem_fops,
    poison: poison_support,
    labelAreas: Object.fromEntries(areas),
    ...(errors ? { mediaErrors: { records, clear_err_unit: 256 } } : {}),
  }).k
}

const cases: readonly (readonly [string, () => Kernel])[] = [
  ['ops1', () => machine(ops1?.nfit, ['nmem0'])],
  ['ops1b', () => machine(ops1?.nfit, ['nmem0'])],
  ['ops2', () => machine(ops2?.nfit, [])],
  ['ops9', () => machine(ops9?.nfit, ['nmem0', 'nmem1'])],
  ['ops10', () => machine(ops10, [], true)],
]

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
    const k = make()
    const shell = wholeShell.console()
    const [there, here] = [numbered(), numbered()]
    const differences: string[] = []
    const steps = transcripts[name] ?? []
    for (const [command, should, rc] of steps) {
      let printed = ''
      const status = run(shell.run(k, command, (text) => (printed += text)))
      const [a, b] = [there(should), here(printed)]
      if (a !== b || rc !== status) differences.push(`${command}\n${b}[rc=${status}] instead of\n${a}[rc=${rc}]`)
    }
    score.set(name, `${steps.length - differences.length}/${steps.length}`)
    expect(differences).toEqual([])
    expect(steps.length).toBeGreaterThan(0)
  })
})
