/** `pmemscope nfit FILE`: decodes a binary NFIT and shows what the kernel makes of it. */

import { err, ok, type Result } from '../../base/result.ts'
import { parseSize } from '../../scenario/size.ts'
import type { Arguments } from '../arguments.ts'
import { BROKEN, type Command, complain, FINE, JSON_OPTION, json, nameOf, type World } from '../command.ts'
import { printTree } from '../print-tree.ts'

export const nfitCommand: Command = {
  name: 'nfit',
  operands: ['FILE'],
  summary: 'decode a binary NFIT; print its tables, then what the kernel makes of them',
  options: {
    labels: { value: 'nmemN=SIZE', many: true, summary: 'give a DIMM a blank label area' },
    kernel: { value: 'RELEASE', summary: 'the release that reads it' },
    json: JSON_OPTION,
  },
  run,
}

/** Bytes; real DIMMs have 128 KiB. */
const MOST_LABELS = 16 * 1024 * 1024

async function run(given: Arguments, world: World): Promise<number> {
  const [path = ''] = given.operands
  const labelSizes = parseLabels(given.all('labels'))
  if (!labelSizes.ok) return complain(world, labelSizes.error)
  const bytes = await world.terminal.read(path)
  if (!bytes.ok) return complain(world, `${nameOf(path)}: ${bytes.error}`)
  const release = given.one('kernel')
  const options = { labelSizes: labelSizes.value, ...(release === undefined ? {} : { release }) }
  const outcome = world.engine.nfit(bytes.value, options)
  if (!outcome.ok) return complain(world, `${nameOf(path)}: ${outcome.error}`)
  const { report, probeFailed } = outcome.value
  world.terminal.out(given.has('json') ? json(report) : printTree(report))
  return probeFailed ? BROKEN : FINE
}

function parseLabels(texts: readonly string[]): Result<ReadonlyMap<string, number>, string> {
  const sizes = new Map<string, number>()
  for (const text of texts) {
    const match = /^(nmem\d{1,4})=(.+)$/.exec(text)
    if (match === null) return err(`--labels ${text}: expected nmemN=SIZE`)
    const [, dimm = '', area = ''] = match
    const size = parseSize(area)
    if (size === undefined) return err(`--labels ${text}: labels from a file are not supported by this version yet`)
    if (size > MOST_LABELS) return err(`--labels ${text}: a label area has at most ${MOST_LABELS} bytes`)
    sizes.set(dimm, size)
  }
  return ok(sizes)
}
