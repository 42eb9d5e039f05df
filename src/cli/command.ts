/** A command of `pmemscope`, its exit codes, and what commands share. */

import { type Diagnostic, renderDiagnostic } from '../base/diagnostic.ts'
import { err, ok, type Result } from '../base/result.ts'
import type { Setting } from '../scenario/settings.ts'
import type { Arguments, Option } from './arguments.ts'
import type { EnginePort } from './engine-port.ts'
import { type Terminal, utf8 } from './terminal.ts'

export const FINE = 0
/** A violation, a wrong verdict, a table at which the kernel's probe fails; the output is complete. */
export const BROKEN = 1
/** Input that can't be read. */
export const UNREADABLE = 2
/** A budget ended it. */
export const UNDECIDED = 3

export interface World {
  readonly terminal: Terminal
  readonly engine: EnginePort
}

export interface Command {
  readonly name: string
  /** Its operands, for the help: "FILE". Exactly so many are expected; one that ends with "…" may be repeated. */
  readonly operands: readonly string[]
  readonly summary: string
  /** What the help tells behind the options. */
  readonly notes?: string
  readonly options: Readonly<Record<string, Option>>
  run(given: Arguments, world: World): Promise<number>
}

export const JSON_OPTION: Option = { summary: 'print JSON with stable keys' }
export const SET_OPTION: Option = {
  value: 'KEY=VALUE',
  many: true,
  summary: 'override a key of the front matter: machine.policy=eager',
}

export function complain(world: World, message: string): number {
  world.terminal.err(`pmemscope: ${message}\n`)
  return UNREADABLE
}

export const nameOf = (path: string): string => (path === '-' ? '<standard input>' : path)

export async function readText(world: World, path: string): Promise<Result<string, string>> {
  const bytes = await world.terminal.read(path)
  const text = bytes.ok ? utf8(bytes.value) : bytes
  return text.ok ? text : err(`${nameOf(path)}: ${text.error}`)
}

export function settingsOf(given: Arguments): Result<readonly Setting[], string> {
  const settings: Setting[] = []
  for (const text of given.all('set')) {
    const equals = text.indexOf('=')
    if (equals < 0) return err(`--set ${text}: expected KEY=VALUE`)
    settings.push({ path: text.slice(0, equals), value: text.slice(equals + 1), spelled: `--set ${text}` })
  }
  return ok(settings)
}

/** Every complaint with its source line, or with the setting that caused it. */
export function printDiagnostics(
  world: World,
  diagnostics: readonly (Diagnostic & { readonly setting?: string })[],
  text: string,
  path: string,
): number {
  for (const d of diagnostics) {
    const hint = d.hint === undefined ? '' : `\n  hint: ${d.hint}`
    const said =
      d.setting === undefined
        ? renderDiagnostic(d, text, nameOf(path))
        : `${d.setting}: ${d.severity}: ${d.message}${hint}`
    world.terminal.err(`${said}\n`)
  }
  return UNREADABLE
}

export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
