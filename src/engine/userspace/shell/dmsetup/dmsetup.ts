/**
 * dmsetup: the tool and its commands.
 *
 * Source: lvm2 2.03.16 (libdm/dm-tools/dmsetup.c); what it prints as recorded in groundtruth ops4-dm, other messages from
 * memory. Left out: wait, mangling, trees, statistics.
 */

import type { DmIoctl, DmStatus } from '../../../linux/drivers/md/dm-ioctl.ts'
import type { DmTargetSpec } from '../../../linux/drivers/md/dm-table.ts'
import type { Kernel } from '../../../linux/kernel.ts'
import { kfunc, type Op, type Request } from '../../../sim/kfunc.ts'
import { strerror } from '../files.ts'
import { readFile } from '../options.ts'
import type { Surroundings } from '../session.ts'
import { done, failed, type Outcome } from '../tool.ts'
import { inColumns, listed } from './columns.ts'
import { dm_task_run, dm_task_set_name } from './libdm.ts'
import { parseTable, tableLine } from './table-text.ts'

const DMSETUP = 'shell: dm-tools/dmsetup.c'
/** Of Debian 12. */
const LIBRARY = '1.02.185 (2022-05-18)'
const COMMAND_FAILED = 'Command failed.'

const FLAGS = new Set(
  `c columns r readonly n notable nolockfs noflush noheadings noudevsync noudevrules inactive retry y yes v verbose f force
   setuuid`.split(/\s+/),
)
const VALUED = new Set('table u uuid m minor j major o options'.split(' '))
const LONG: Readonly<Record<string, string>> = {
  c: 'columns',
  r: 'readonly',
  n: 'notable',
  u: 'uuid',
  m: 'minor',
  j: 'major',
  o: 'options',
  y: 'yes',
  v: 'verbose',
  f: 'force',
}

interface Arguments {
  readonly flags: ReadonlySet<string>
  readonly values: ReadonlyMap<string, string>
  readonly rest: readonly string[]
}

/** Options may stand anywhere; a text is what is wrong with them. */
function argumentsOf(args: readonly string[]): Arguments | string {
  const flags = new Set<string>()
  const values = new Map<string, string>()
  const rest: string[] = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string
    if (!arg.startsWith('-') || arg === '-') {
      rest.push(arg)
      continue
    }
    const short = !arg.startsWith('--')
    const [given = '', inline] = short ? [arg.slice(1, 2), arg.slice(2) || undefined] : arg.slice(2).split(/=(.*)/s)
    const name = LONG[given] ?? given
    if (FLAGS.has(given)) flags.add(name)
    else if (VALUED.has(given)) {
      const value = inline ?? args[++at]
      if (value === undefined) return `dmsetup: option requires an argument -- '${given}'`
      values.set(name, value)
    } else return short ? `dmsetup: invalid option -- '${given}'` : `dmsetup: unrecognized option '${arg}'`
  }
  return { flags, values, rest }
}

const broken = (said: string): Outcome => failed(`${said === '' ? '' : `${said}\n`}${COMMAND_FAILED}`)

type Command = (k: Kernel, args: Arguments, around: Surroundings) => Op<Outcome>

/** The targets that are meant, from the command line, a file, or standard input; or what is wrong with them. */
function* tableOf(
  k: Kernel,
  { values }: Arguments,
  path: string | undefined,
  around: Surroundings,
): Generator<Request, readonly DmTargetSpec[] | string, unknown> {
  const given = values.get('table')
  const source = given === undefined ? (path ?? 'from standard input') : 'on command line'
  const text = given ?? (path === undefined || path === '-' ? around.stdin : yield* readFile(k, path, around))
  if (typeof text === 'number') return `${path ?? 'stdin'}: open failed: ${strerror(text)}`
  const targets = parseTable(text, source)
  return targets.ok ? targets.value : targets.error
}

const _create = kfunc(DMSETUP, function* _create(k: Kernel, args: Arguments, around: Surroundings) {
  const { flags, values, rest } = args
  const [name = '', path] = rest
  const readonly = flags.has('readonly')
  if (name.includes('/')) return broken(`Name "${name}" invalid. It contains "/".`)
  const targets = flags.has('notable') ? [] : yield* tableOf(k, args, path, around)
  if (typeof targets === 'string') return broken(targets)
  const uuid = values.get('uuid')
  const minor = values.get('minor')
  if (minor !== undefined && !/^\d+$/.test(minor)) return broken(`Invalid minor number: ${minor}`)
  const created: DmIoctl = {
    name,
    ...(uuid === undefined ? {} : { uuid }),
    minor: minor === undefined ? undefined : Number(minor),
  }
  const refused = yield* dm_task_run(k, 'create', created)
  if (refused !== undefined) return broken(refused)
  if (flags.has('notable')) return done('')
  const number = `${created.status?.major}:${created.status?.minor}`
  let said: string | undefined
  if (targets.length > 0) said = yield* dm_task_run(k, 'reload', { name, targets, readonly }, number)
  said ??= yield* dm_task_run(k, 'resume', { name }, number)
  if (said === undefined) return done('')
  yield* dm_task_run(k, 'remove', { name })
  return broken(said)
})

const _load = kfunc(DMSETUP, function* _load(k: Kernel, args: Arguments, around: Surroundings) {
  const [given = '', path] = args.rest
  if (args.flags.has('notable')) return broken('--notable only available when creating new device.')
  const { name, error } = yield* dm_task_set_name(k, given)
  if (name === undefined) return broken(error)
  const targets = yield* tableOf(k, args, path, around)
  if (typeof targets === 'string') return broken(targets)
  const said = yield* dm_task_run(k, 'reload', { name, targets, readonly: args.flags.has('readonly') })
  return said === undefined ? done('') : broken(said)
})

type Task = 'remove' | 'clear' | 'suspend' | 'resume'

/** A request about one device; what is said if it fails. */
function* one(
  k: Kernel,
  task: Task,
  given: string,
  flags: ReadonlySet<string>,
): Generator<Request, string | undefined> {
  const { name, error } = yield* dm_task_set_name(k, given)
  if (name === undefined) return error
  return yield* dm_task_run(k, task, { name, suspend: task === 'suspend', skip_lockfs: flags.has('nolockfs') })
}

/** For each device that is named; those that fail don't keep the others from it. */
const repeated = (own: (k: Kernel, name: string, flags: ReadonlySet<string>) => Op<string | undefined>): Command =>
  function* (k, { flags, rest }) {
    const errors: string[] = []
    for (const name of rest) {
      const said = yield* own(k, name, flags)
      if (said !== undefined) errors.push(said)
    }
    return errors.length === 0 ? done('') : broken(errors.join('\n'))
  }

const simple = (task: Task): Command =>
  repeated(
    kfunc(DMSETUP, function* _simple(k: Kernel, name: string, flags: ReadonlySet<string>) {
      return yield* one(k, task, name, flags)
    }),
  )

/** As many sectors as its table had, none of which can be used. */
const _error_device = kfunc(DMSETUP, function* _error_device(k: Kernel, given: string, flags: ReadonlySet<string>) {
  const { name, error } = yield* dm_task_set_name(k, given)
  if (name === undefined) return error
  const old: DmIoctl = { name, status_table: true }
  const refused = yield* dm_task_run(k, 'table', old)
  const length = (old.lines ?? []).reduce((sum, line) => sum + line.length, 0)
  const targets = [{ sector_start: 0, length, target_type: 'error', params: '' }]
  const said = yield* dm_task_run(k, 'reload', { name, targets, readonly: flags.has('readonly') })
  if (said !== undefined) return [refused, said].filter((text) => text !== undefined).join('\n')
  const held = yield* one(k, 'resume', name, flags.has('force') ? new Set([...flags, 'nolockfs']) : flags)
  if (held !== undefined) yield* one(k, 'clear', name, flags)
  return held
})

/** `--force`: what still uses it finds errors there; it goes when nothing has it open. */
const _remove = kfunc(DMSETUP, function* _remove(k: Kernel, name: string, flags: ReadonlySet<string>) {
  const wiped = flags.has('force') ? yield* _error_device(k, name, flags) : undefined
  const said = yield* one(k, 'remove', name, flags)
  if (said === undefined) return undefined
  return [wiped, said].filter((text) => text !== undefined && text !== '').join('\n')
})

/**
 * `--force`: those that stayed because they are in use get a table of errors, which lets go of those below. Some that
 * stay are told of, and it is a success all the same.
 */
const _remove_all = kfunc(DMSETUP, function* _remove_all(k: Kernel, { flags }: Arguments) {
  const refused = yield* dm_task_run(k, 'remove_all', {})
  if (refused !== undefined) return broken(refused)
  const errors: string[] = []
  const left = flags.has('force') ? yield* namesOf(k, []) : []
  if (left.length === 0) return done('')
  for (const name of left) errors.push((yield* _error_device(k, name, flags)) ?? '')
  yield* dm_task_run(k, 'remove_all', {})
  const { length } = yield* namesOf(k, [])
  if (length > 0) errors.push(`Unable to remove ${length} device(s).`)
  return { ...done(''), error: errors.filter((text) => text !== '').join('\n') }
})

const NEW_NAMES = { name: 127, uuid: 128 } as const

/** Why libdevmapper does not even ask. */
function refused_name(to: string, what: keyof typeof NEW_NAMES): string | undefined {
  if (what === 'name' && to.includes('/')) return `Name "${to}" invalid. It contains "/".`
  if (to.length > NEW_NAMES[what]) return `${what === 'name' ? 'Name' : 'Uuid'} "${to}" too long`
  return to === '' ? `Non empty new ${what} is required.` : undefined
}

const _rename = kfunc(DMSETUP, function* _rename(k: Kernel, { flags, rest }: Arguments) {
  const [given = '', to = ''] = rest
  const change_uuid = flags.has('setuuid')
  const { name, error } = yield* dm_task_set_name(k, given)
  if (name === undefined) return broken(error)
  const said = refused_name(to, change_uuid ? 'uuid' : 'name')
  if (said !== undefined) return broken(said)
  const refused = yield* dm_task_run(k, 'rename', { name, change_uuid, new_data: to })
  return refused === undefined ? done('') : broken(refused)
})

const _message = kfunc(DMSETUP, function* _message(k: Kernel, { rest }: Arguments) {
  const [given = '', sector = '', ...words] = rest
  const { name, error } = yield* dm_task_set_name(k, given)
  if (name === undefined) return broken(error)
  if (!/^\s*[+-]?\d+$/.test(sector)) return broken('Invalid sector.')
  const said = yield* dm_task_run(k, 'message', { name, sector: Number(sector), message: words.join(' ') })
  if (said !== undefined) return broken(said)
  return words.length > 0 ? done('') : { ...done(''), error: 'No message supplied.' }
})

const NONE = done('No devices found\n')

/** The devices that are named, or all; a text is why there are none to tell. */
function* namesOf(k: Kernel, given: readonly string[]): Generator<Request, readonly string[] | string, unknown> {
  const names: string[] = []
  for (const path of given) {
    const { name, error } = yield* dm_task_set_name(k, path)
    if (name === undefined) return error
    names.push(name)
  }
  if (given.length > 0) return names
  const param: DmIoctl = {}
  const said = yield* dm_task_run(k, 'names', param)
  return said ?? param.devices?.map(({ name }) => name) ?? []
}

/** Something about each device: `line` makes it text, `name: ` in front unless one is named. */
const each = (task: 'table' | 'status' | 'deps', lines: (param: DmIoctl) => readonly string[]): Command =>
  kfunc(DMSETUP, function* _status(k: Kernel, args: Arguments) {
    const names = yield* namesOf(k, args.rest)
    if (typeof names === 'string') return broken(names)
    if (names.length === 0) return NONE
    let output = ''
    for (const name of names) {
      const param: DmIoctl = { name, status_table: task === 'table', inactive: args.flags.has('inactive') }
      const said = yield* dm_task_run(k, task, param)
      if (said !== undefined) return broken(said === '' ? 'Device does not exist.' : said)
      const prefix = args.rest.length === 1 ? '' : `${name}: `
      const own = lines(param)
      output += own.length === 0 && prefix !== '' ? `${prefix}\n` : own.map((line) => `${prefix}${line}\n`).join('')
    }
    return done(output)
  })

const targetLines = ({ lines = [] }: DmIoctl): readonly string[] => lines.map(tableLine)

const depsLine = ({ deps = [] }: DmIoctl): readonly string[] => [
  `${deps.length} dependencies\t:${deps.map((dev) => ` (${dev.replace(':', ', ')})`).join('')}`,
]

const _info = kfunc(DMSETUP, function* _info(k: Kernel, args: Arguments) {
  const names = yield* namesOf(k, args.rest)
  if (typeof names === 'string') return broken(names)
  if (names.length === 0) return NONE
  const all: DmStatus[] = []
  for (const name of names) {
    const param: DmIoctl = { name }
    const said = yield* dm_task_run(k, 'info', param)
    if (said !== undefined) return broken(said === '' ? 'Device does not exist.' : said)
    if (param.status !== undefined) all.push(param.status)
  }
  if (!args.flags.has('columns')) return done(all.map(listed).join(''))
  const fields = args.values.get('options')
  const table = inColumns(all, fields, !args.flags.has('noheadings'))
  return table === undefined ? broken(`Unrecognised field: ${fields}`) : done(table)
})

const _ls = kfunc(DMSETUP, function* _ls(k: Kernel) {
  const param: DmIoctl = {}
  const said = yield* dm_task_run(k, 'names', param)
  if (said !== undefined) return broken(said)
  const { devices = [] } = param
  return devices.length === 0 ? NONE : done(devices.map(({ name, dev }) => `${name}\t(${dev})\n`).join(''))
})

const _targets = kfunc(DMSETUP, function* _targets(k: Kernel) {
  const param: DmIoctl = {}
  const said = yield* dm_task_run(k, 'versions', param)
  if (said !== undefined) return broken(said)
  return done((param.versions ?? []).map(({ name, version }) => `${name.padEnd(16)} v${version}\n`).join(''))
})

const _version = kfunc(DMSETUP, function* _version(k: Kernel) {
  const param: DmIoctl = {}
  const said = yield* dm_task_run(k, 'version', param)
  const library = `Library version:   ${LIBRARY}\n`
  if (said !== undefined) return { output: library, error: `${said}\n${COMMAND_FAILED}`, status: 1 } as Outcome
  return done(`${library}Driver version:    ${param.version}\n`)
})

/** There is nothing to do where the kernel makes the nodes. */
const _mknodes = kfunc(DMSETUP, function* _mknodes() {
  yield* []
  return done('')
})

const ANY = 1000

/** With how many arguments, at least and at most. */
const commands: Readonly<Record<string, readonly [number, number, Command]>> = {
  create: [1, 2, _create],
  load: [1, 2, _load],
  reload: [1, 2, _load],
  clear: [1, ANY, simple('clear')],
  suspend: [1, ANY, simple('suspend')],
  resume: [1, ANY, simple('resume')],
  remove: [1, ANY, repeated(_remove)],
  remove_all: [0, 0, _remove_all],
  rename: [2, 2, _rename],
  message: [2, ANY, _message],
  wipe_table: [1, ANY, repeated(_error_device)],
  table: [0, ANY, each('table', targetLines)],
  status: [0, ANY, each('status', targetLines)],
  deps: [0, ANY, each('deps', depsLine)],
  info: [0, ANY, _info],
  ls: [0, 0, _ls],
  mknodes: [0, ANY, _mknodes],
  targets: [0, 0, _targets],
  version: [0, 0, _version],
}

/** What there is, for who explains it. */
export const dmsetupCommands: readonly string[] = Object.keys(commands)

const usage = `Usage: dmsetup [--noudevsync] [--readonly] COMMAND [ARGS]\n\ncommands: ${[...dmsetupCommands].sort().join(' ')}`

export const dmsetup = kfunc(DMSETUP, function* dmsetup(k: Kernel, given: readonly string[], around: Surroundings) {
  if (given[0] === '--version') return yield* _version(k)
  const args = argumentsOf(given)
  if (typeof args === 'string') return failed(args)
  const [command = '', ...rest] = args.rest
  const own = Object.hasOwn(commands, command) ? commands[command] : undefined
  if (own === undefined) return failed(command === '' ? usage : `Unknown command\n${usage}`)
  const [least, most, run] = own
  if (rest.length < least || rest.length > most) return failed(`Incorrect number of arguments\n${usage}`)
  return yield* run(k, { ...args, rest }, around)
})
