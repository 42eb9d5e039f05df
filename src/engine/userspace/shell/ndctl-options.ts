/** The options of `ndctl create-namespace`, short and long forms; what a later version brings is refused by name. */

import { err, ok, type Result } from '../../../base/result.ts'

export interface CreateOptions {
  /** Namespace to turn into another mode. */
  readonly name: string
  readonly force: boolean
  /** Where struct pages go. */
  readonly map: 'mem' | 'dev'
  /** Bytes. */
  readonly align: number
}

const names: Readonly<Record<string, string>> = {
  e: 'reconfig',
  f: 'force',
  m: 'mode',
  M: 'map',
  a: 'align',
  u: 'uuid',
  n: 'name',
  r: 'region',
  b: 'bus',
  s: 'size',
  l: 'sector-size',
  t: 'type',
  L: 'autolabel',
  c: 'continue',
  v: 'verbose',
}
const flags = ['force', 'continue', 'verbose', 'autolabel', 'no-autolabel']
const later = ['region', 'bus', 'size', 'sector-size', 'type', 'name', 'continue', 'autolabel', 'no-autolabel']

export interface OptionName {
  readonly long: string
  readonly short: string | undefined
  readonly takesValue: boolean
}

/** Those of this version. */
export const ndctlOptions = (): readonly OptionName[] =>
  Object.entries(names).flatMap(([short, long]) =>
    later.includes(long) ? [] : [{ long, short, takesValue: !flags.includes(long) }],
  )

const notYet = (what: string): string => `ndctl: not supported yet by this version: ${what}`
const DEFAULT_ALIGN = 0x20_0000

export function parseCreate(args: readonly string[]): Result<CreateOptions, string> {
  const given = collect(args)
  if (!given.ok) return given
  const options = given.value
  for (const name of later) if (options.has(name)) return err(notYet(`--${name}`))
  const name = options.get('reconfig')
  if (name === undefined) return err(notYet('creating a namespace without --reconfig'))
  const mode = options.get('mode') ?? 'fsdax'
  if (['fsdax', 'memory', 'sector', 'safe', 'raw'].includes(mode)) return err(notYet(`--mode=${mode}`))
  if (mode !== 'devdax' && mode !== 'dax') return err(`  Error: invalid mode '${mode}'\n`)
  const map = options.get('map') ?? 'dev'
  if (map !== 'mem' && map !== 'dev') return err(`  Error: invalid map location '${map}'\n`)
  const align = options.has('align') ? sizeOf(options.get('align') ?? '') : DEFAULT_ALIGN
  if (align === undefined) return err(`  Error: failed to parse namespace alignment '${options.get('align')}'\n`)
  return ok({ name, force: options.has('force'), map, align })
}

function collect(args: readonly string[]): Result<ReadonlyMap<string, string>, string> {
  const options = new Map<string, string>()
  const waiting = [...args]
  for (let arg = waiting.shift(); arg !== undefined; arg = waiting.shift()) {
    const [, long, , text] = /^--([a-z-]+)(=(.*))?$/.exec(arg) ?? []
    const [, short, glued = ''] = /^-([a-zA-Z])(.*)$/.exec(arg) ?? []
    const name = long ?? (short === undefined ? undefined : names[short])
    if (name === undefined || !Object.values(names).concat(flags).includes(name))
      return err(long || short ? `  Error: unknown option \`${long ?? short}'` : `ndctl: unexpected argument ${arg}`)
    if (flags.includes(name)) {
      options.set(name, '')
      if (glued !== '') waiting.unshift(`-${glued}`)
      continue
    }
    const value = text ?? (glued !== '' ? glued.replace(/^=/, '') : waiting.shift())
    if (value === undefined) return err(`  Error: option \`${name}' requires a value`)
    options.set(name, value)
  }
  return ok(options)
}

/** `2M`, `4096`; undefined when it is no size. */
function sizeOf(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+)([kKmMgG]?)$/.exec(text) ?? []
  if (digits === undefined) return undefined
  return Number(digits) * 1024 ** ' kmg'.indexOf(unit.toLowerCase() || ' ')
}
