/** `pmemscope share FILE`: the address of a scenario. A scenario with mistakes can be shared too. */

import { rewriteScenario } from '../../scenario/rewrite.ts'
import { encode, lengthWarning } from '../../share/link.ts'
import type { Arguments } from '../arguments.ts'
import {
  type Command,
  complain,
  FINE,
  JSON_OPTION,
  json,
  printDiagnostics,
  readText,
  SET_OPTION,
  settingsOf,
  type World,
} from '../command.ts'

/** Where `npm start` serves the page. */
const DEFAULT_BASE = 'http://localhost:4173/'

export const shareCommand: Command = {
  name: 'share',
  operands: ['FILE'],
  summary: 'print the address that opens this scenario',
  options: {
    base: { value: 'URL', summary: `address of the page (${DEFAULT_BASE})` },
    json: JSON_OPTION,
    set: SET_OPTION,
  },
  run,
}

async function run(given: Arguments, world: World): Promise<number> {
  const [path = ''] = given.operands
  const base = given.one('base') ?? DEFAULT_BASE
  if (!URL.canParse(base)) return complain(world, `--base ${base}: expected an address such as ${DEFAULT_BASE}`)
  const settings = settingsOf(given)
  if (!settings.ok) return complain(world, settings.error)
  const read = await readText(world, path)
  if (!read.ok) return complain(world, read.error)
  const text = rewriteScenario(read.value, settings.value)
  if (!text.ok) return printDiagnostics(world, text.error, read.value, path)
  const link = await encode({ text: text.value, interventions: [] })
  if (!link.ok) return complain(world, `${path}: ${link.error.message}`)
  const url = new URL(base)
  url.hash = link.value
  const warning = lengthWarning(url.href)
  if (warning !== undefined) world.terminal.err(`pmemscope: ${warning}\n`)
  world.terminal.out(given.has('json') ? json({ url: url.href, characters: url.href.length }) : `${url.href}\n`)
  return FINE
}
