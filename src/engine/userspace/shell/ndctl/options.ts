/**
 * Options as ndctl and daxctl read them: short ones together, long ones by any beginning that fits only one, `--no-` for
 * a flag that is off; options and arguments in any order.
 *
 * Source: ndctl 76 (util/parse-options.c), its messages. Left out: the table of options that it adds to `usage:`.
 */

import { err, ok, type Result } from '../../../../base/result.ts'

export interface OptionName {
  readonly short: string | undefined
  readonly long: string
  /** What its value is called; undefined: a flag. */
  readonly value: string | undefined
}

export interface Given {
  /** How often a flag is given; 0: switched off. */
  readonly flags: ReadonlyMap<string, number>
  readonly values: ReadonlyMap<string, string>
  /** What is no option. */
  readonly rest: readonly string[]
}

/** `b/bus=bus-id r/region=region-id v/verbose autorecover` */
export const optionTable = (text: string): readonly OptionName[] =>
  text
    .trim()
    .split(/\s+/)
    .map((word) => {
      const [, short, long = '', , value] = /^(?:(.)\/)?([a-z-]+)(=(\S+))?$/.exec(word) ?? []
      return { short, long, value }
    })

/** What a command says that was called wrongly. */
export const usage = (line: string): string => `\n usage: ${line}`

/** `ndctl` exits so after it has said how it is used. */
export const USAGE = 129

export function parseOptions(table: readonly OptionName[], args: readonly string[]): Result<Given, string> {
  const flags = new Map<string, number>()
  const values = new Map<string, string>()
  const rest: string[] = []
  const waiting = [...args]
  for (let arg = waiting.shift(); arg !== undefined; arg = waiting.shift()) {
    if (arg === '--') {
      rest.push(...waiting)
      break
    }
    if (!arg.startsWith('-') || arg === '-') {
      rest.push(arg)
      continue
    }
    const long = arg.startsWith('--')
    const [name = '', text] = long ? splitAt(arg.slice(2)) : [arg[1], arg.slice(2)]
    const found = long ? byLong(table, name) : table.find(({ short }) => short === name)
    const what = long ? 'option' : 'switch'
    if (found === undefined) return err(`  Error: unknown ${what} \`${name}'`)
    if (found === 'ambiguous') return err(`  Error: Ambiguous option: ${name}`)
    const off = long && name.startsWith('no-') && !found.long.startsWith('no-')
    if (found.value === undefined || off) {
      if (long && text !== undefined) return err(`  Error: option \`${name}' takes no value`)
      if (found.value === undefined) flags.set(found.long, off ? 0 : (flags.get(found.long) ?? 0) + 1)
      else values.delete(found.long)
      if (!long && text !== undefined && text !== '') waiting.unshift(`-${text}`)
      continue
    }
    const value = long ? (text ?? waiting.shift()) : text === '' ? waiting.shift() : text?.replace(/^=/, '')
    if (value === undefined) return err(`  Error: ${what} \`${name}' requires a value`)
    values.set(found.long, value)
  }
  return ok({ flags, values, rest })
}

function splitAt(text: string): readonly [string, string | undefined] {
  const at = text.indexOf('=')
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function byLong(table: readonly OptionName[], name: string): OptionName | 'ambiguous' | undefined {
  const exact = table.find(({ long }) => long === name || `no-${long}` === name)
  if (exact !== undefined) return exact
  const near = table.filter(({ long }) => long.startsWith(name) || `no-${long}`.startsWith(name))
  return near.length > 1 ? 'ambiguous' : near[0]
}

const SHIFTS: Readonly<Record<string, number>> = { '': 0, k: 10, m: 20, g: 30, t: 40 }

export interface Size {
  readonly bytes: number
  /** Bytes of the unit that it was given in. */
  readonly units: number
}

/** `2M`, `0x1000`, `4096`; undefined when it is no size. */
export function parseSize(text: string): Size | undefined {
  const [, digits, unit = ''] = /^(0x[\da-f]+|\d+)([kmgt]?)$/i.exec(text) ?? []
  if (digits === undefined) return undefined
  const units = 2 ** (SHIFTS[unit.toLowerCase()] ?? 0)
  const bytes = Number(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits) * units
  return Number.isSafeInteger(bytes) ? { bytes, units } : undefined
}
