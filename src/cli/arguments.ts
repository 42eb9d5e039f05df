/** Command-line arguments by a table of options: `--name`, `--name value`, `--name=value`, `-` and `--`. */

import { nearest } from '../base/nearest.ts'
import { err, ok, type Result } from '../base/result.ts'

export interface Option {
  /** Name of its value in the help; without one it is a switch. */
  readonly value?: string
  /** One letter that stands for it: "v". */
  readonly short?: string
  /** It may be given several times. */
  readonly many?: boolean
  readonly summary: string
  /** Part of the command's form, but not carried out yet. */
  readonly later?: boolean
}

export interface Arguments {
  readonly operands: readonly string[]
  has(option: string): boolean
  /** All values of an option, in order. */
  all(option: string): readonly string[]
  /** The value of an option that may be given once. */
  one(option: string): string | undefined
}

/** The error is a reason for people. */
export function parseArguments(
  argv: readonly string[],
  options: Readonly<Record<string, Option>>,
): Result<Arguments, string> {
  const operands: string[] = []
  const given = new Map<string, string[]>()
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i] ?? ''
    if (arg === '--') {
      operands.push(...argv.slice(i + 1))
      break
    }
    if (arg === '-' || !arg.startsWith('-')) {
      operands.push(arg)
      continue
    }
    const equals = arg.indexOf('=')
    const spelled = equals < 0 ? arg : arg.slice(0, equals)
    const name = spelled.startsWith('--') ? spelled.slice(2) : longName(options, spelled)
    const option = name === undefined ? undefined : lookUp(options, name)
    if (name === undefined || option === undefined) return err(unknownOption(spelled, Object.keys(options)))
    if (option.later) return err(`${spelled} is not supported by this version yet`)
    const values = given.get(name) ?? []
    if (values.length > 0 && option.value !== undefined && !option.many) return err(`${spelled} is given twice`)
    if (option.value === undefined) {
      if (equals >= 0) return err(`${spelled} takes no value`)
      values.push('')
    } else if (equals >= 0) {
      values.push(arg.slice(equals + 1))
    } else {
      const next = argv[++i]
      if (next === undefined || /^-./.test(next)) return err(`${spelled} needs a value: ${option.value}`)
      values.push(next)
    }
    given.set(name, values)
  }
  return ok({
    operands,
    has: (option) => given.has(option),
    all: (option) => given.get(option) ?? [],
    one: (option) => given.get(option)?.[0],
  })
}

const longName = (options: Readonly<Record<string, Option>>, spelled: string): string | undefined =>
  Object.keys(options).find((name) => options[name]?.short === spelled.slice(1))

const lookUp = (options: Readonly<Record<string, Option>>, name: string): Option | undefined =>
  Object.hasOwn(options, name) ? options[name] : undefined

function unknownOption(spelled: string, known: readonly string[]): string {
  const meant = nearest(spelled.replace(/^-+/, ''), known)
  return `unknown option ${spelled}${meant === undefined ? '' : ` (did you mean --${meant}?)`}`
}
