/** `pmemscope nfit FILE`: decodes a binary NFIT and shows what the kernel makes of it. */

import { err, ok, type Result } from '../../base/result.ts'
import { parseSize } from '../../scenario/size.ts'
import type { Arguments } from '../arguments.ts'
import { BROKEN, type Command, complain, FINE, JSON_OPTION, json, nameOf, type World } from '../command.ts'
import type { NfitReport } from '../engine-port.ts'
import { printTree } from '../print-tree.ts'

const NOTES = `Exit status: 0 fine, 1 the kernel's probe fails at this table (what it printed and made is shown all the same),
2 no table that can be read.
`

export const nfitCommand: Command = {
  name: 'nfit',
  operands: ['FILE'],
  summary: 'decode a binary NFIT, check it, and show what the kernel makes of it',
  notes: NOTES,
  options: {
    labels: { value: 'nmemN=FILE|SIZE', many: true, summary: 'give a DIMM the label area in FILE, or a blank one' },
    kernel: { value: 'RELEASE', summary: 'the release that reads it' },
    initrd: { summary: 'the table comes in the initrd: the kernel looks at its length and checksum first' },
    json: JSON_OPTION,
  },
  run,
}

/** Bytes; real DIMMs have 128 KiB. */
const MOST_LABELS = 16 * 1024 * 1024

async function run(given: Arguments, world: World): Promise<number> {
  const [path = ''] = given.operands
  const labels = await readLabels(given.all('labels'), world)
  if (!labels.ok) return complain(world, labels.error)
  const bytes = await world.terminal.read(path)
  if (!bytes.ok) return complain(world, `${nameOf(path)}: ${bytes.error}`)
  const release = given.one('kernel')
  const initrd = given.has('initrd')
  const options = { labels: labels.value, initrd, ...(release === undefined ? {} : { release }) }
  const outcome = world.engine.nfit(bytes.value, options)
  if (!outcome.ok) return complain(world, `${nameOf(path)}: ${outcome.error}`)
  const { report, probeFailed } = outcome.value
  world.terminal.out(given.has('json') ? json(report) : printTree(inLines(report)))
  return probeFailed ? BROKEN : FINE
}

/** Findings and log as lines, for people. */
function inLines(report: NfitReport): object {
  const { check, labels, dmesg } = report
  const found = (all: NfitReport['check']): readonly string[] =>
    all.map(({ offset, severity, message }) => `byte ${offset}: ${severity}: ${message}`)
  return {
    ...report,
    check: found(check),
    labels: Object.fromEntries(Object.entries(labels).map(([dimm, all]) => [dimm, found(all)])),
    dmesg: dmesg.map(({ level, text }) => `${level}: ${text}`),
  }
}

async function readLabels(
  texts: readonly string[],
  world: World,
): Promise<Result<ReadonlyMap<string, number | Uint8Array>, string>> {
  const areas = new Map<string, number | Uint8Array>()
  for (const text of texts) {
    const match = /^(nmem\d{1,4})=(.+)$/.exec(text)
    if (match === null) return err(`--labels ${text}: expected nmemN=FILE or nmemN=SIZE`)
    const [, dimm = '', given = ''] = match
    const size = parseSize(given)
    const file = size === undefined ? await world.terminal.read(given) : undefined
    if (file?.ok === false) return err(`--labels ${text}: neither a size nor a file: ${file.error}`)
    const area = file?.value ?? size ?? 0
    if ((typeof area === 'number' ? area : area.length) > MOST_LABELS)
      return err(`--labels ${text}: a label area has at most ${MOST_LABELS} bytes`)
    areas.set(dimm, area)
  }
  return ok(areas)
}
