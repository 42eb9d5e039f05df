/** `pmemscope ndctl FILE -- list …`: what ndctl prints on the platform of a scenario or of a table. */

import { toBase64Url } from '../../base/bytes.ts'
import { parseScenario } from '../../scenario/parse.ts'
import type { Setting } from '../../scenario/settings.ts'
import type { Arguments } from '../arguments.ts'
import {
  BROKEN,
  type Command,
  complain,
  FINE,
  nameOf,
  printDiagnostics,
  SET_OPTION,
  settingsOf,
  type World,
} from '../command.ts'
import { utf8 } from '../terminal.ts'

const NOTES = `FILE is a scenario, booted and set up, or a binary NFIT, whose platform is booted. What stands behind -- goes to ndctl.
Exit status: 0 ndctl succeeded, 1 it failed, 2 nothing that can be booted.
`

export const ndctlCommand: Command = {
  name: 'ndctl',
  operands: ['FILE', 'ARGUMENT…'],
  summary: 'boot the platform of a scenario or a table, and print what ndctl would',
  notes: NOTES,
  options: {
    kernel: { value: 'RELEASE', summary: 'boot this release' },
    set: SET_OPTION,
  },
  run,
}

/** "NFIT": the first bytes of a table. */
const SIGNATURE = [0x4e, 0x46, 0x49, 0x54]

async function run(given: Arguments, world: World): Promise<number> {
  const [path = '', ...args] = given.operands
  const settings = settingsOf(given)
  if (!settings.ok) return complain(world, settings.error)
  const bytes = await world.terminal.read(path)
  if (!bytes.ok) return complain(world, `${nameOf(path)}: ${bytes.error}`)
  const isTable = SIGNATURE.every((byte, i) => bytes.value[i] === byte)
  const text = isTable ? { ok: true as const, value: scenarioOf(bytes.value) } : utf8(bytes.value)
  if (!text.ok) return complain(world, `${nameOf(path)}: ${text.error}`)

  const release = given.one('kernel')
  const kernel: readonly Setting[] =
    release === undefined ? [] : [{ path: 'kernel', value: JSON.stringify(release), spelled: `--kernel ${release}` }]
  const scenario = parseScenario(text.value, [...settings.value, ...kernel])
  if (!scenario.ok) return printDiagnostics(world, scenario.error, text.value, path)
  const command = ['ndctl', ...args.map(quoted)].join(' ')
  const made = world.engine.atPrompt(scenario.value, text.value, command)
  if (!made.ok) return printDiagnostics(world, made.error, text.value, path)
  const { outcome, problem } = made.value
  if (outcome === undefined) return complain(world, `${nameOf(path)}: ${problem ?? 'the machine has ended'}`)
  if (outcome.status === 0) {
    world.terminal.out(outcome.output)
    return FINE
  }
  world.terminal.err(outcome.output)
  return BROKEN
}

const scenarioOf = (table: Uint8Array): string => `---
machine: { nfit: ${toBase64Url(table)} }
---
int main(void) { return 0; }
`

/** As one word of the shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
