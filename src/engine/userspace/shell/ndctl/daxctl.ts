/**
 * daxctl: device-dax regions and devices.
 *
 * Source: ndctl 76 (daxctl/list.c, daxctl/device.c, util/json.c). Left out: memory of devices as system RAM, which is
 * another driver's (kmem), with all that is told of it; regions that are divided; CXL.
 */

import { sys_newfstatat } from '../../../linux/fs/readdir.ts'
import type { Kernel } from '../../../linux/kernel.ts'
import { kfunc, type Op } from '../../../sim/kfunc.ts'
import { entering, writeText } from '../files.ts'
import { done, failed, type Outcome } from '../tool.ts'
import { type Json, jsonText, sizeJson } from './json-text.ts'
import { attribute, ENXIO, numberOf, reason, Said, sysfs_device_parse, wrongly } from './lib.ts'
import { nodeJson } from './namespace-json.ts'
import { optionTable, parseOptions, USAGE, usage } from './options.ts'

const LIST = 'shell: daxctl/list.c'
const DEVICE = 'shell: daxctl/device.c'
const DEVICES = '/sys/bus/dax/devices'
const DRIVER = '/sys/bus/dax/drivers/device_dax'

interface DaxDevice {
  readonly name: string
  readonly region: number
  /** Its region in sysfs. */
  readonly path: string
}

const daxDevices = kfunc('shell: daxctl/lib/libdaxctl.c', function* daxctl_dev_get_first(k: Kernel) {
  const found: DaxDevice[] = []
  for (const name of yield* sysfs_device_parse(k, DEVICES, /^dax\d+\.\d+$/)) {
    const stat = yield* sys_newfstatat(entering(k), `${DEVICES}/${name}`, true)
    if (typeof stat === 'number') continue
    const path = stat.path.slice(0, stat.path.lastIndexOf('/'))
    found.push({ name, path, region: Number(/\d+/.exec(name)?.[0] ?? 0) })
  }
  return found
})

const isEnabled = kfunc('shell: daxctl/lib/libdaxctl.c', function* daxctl_dev_is_enabled(k: Kernel, name: string) {
  return (yield* attribute(k, `${DEVICES}/${name}/driver/${name}/size`)) !== undefined
})

const util_daxctl_dev_to_json = kfunc(LIST, function* util_daxctl_dev_to_json(k: Kernel, name: string, human: boolean) {
  const own = (attr: string) => attribute(k, `${DEVICES}/${name}/${attr}`)
  const size = numberOf(yield* own('size')) ?? 0
  const enabled = yield* isEnabled(k, name)
  return {
    chardev: name,
    size: sizeJson(size, human),
    target_node: nodeJson(yield* own('target_node')),
    align: numberOf(yield* own('align')),
    mode: 'devdax',
    state: enabled ? undefined : 'disabled',
  } as Record<string, Json | undefined>
})

const LIST_OPTIONS = optionTable('r/region=region-id d/dev=dev-id D/devices R/regions M/mappings i/idle u/human')

const cmd_list = kfunc(LIST, function* cmd_list(k: Kernel, args: readonly string[]) {
  const line = 'daxctl list [<options>]'
  const given = parseOptions(LIST_OPTIONS, args)
  if (!given.ok) return wrongly(`${given.error}\n${usage(line)}`, USAGE)
  const { flags, values, rest } = given.value
  if (rest.length > 0)
    return wrongly(`${rest.map((each) => `  Error: unknown parameter "${each}"\n\n`).join('')}${usage(line)}`, USAGE)
  const human = flags.has('human')
  const none = !flags.has('regions') && !flags.has('devices')
  const regions = none ? values.has('region') : flags.has('regions')
  const devices = flags.has('devices') || (none && (!regions || values.has('dev')))
  const byRegion = new Map<number, { readonly path: string; readonly list: Json[] }>()
  for (const { name, path, region } of yield* daxDevices(k)) {
    if (!matches(values.get('region'), 'region', String(region))) continue
    if (!matches(values.get('dev'), 'dax', name)) continue
    const json = yield* util_daxctl_dev_to_json(k, name, human)
    const own = byRegion.get(region) ?? { path, list: [] }
    byRegion.set(region, own)
    if (json['state'] === undefined || flags.has('idle')) own.list.push(json)
  }
  const list: Json[] = []
  for (const [id, { path, list: inside }] of byRegion) {
    if (!regions) {
      list.push(...inside)
      continue
    }
    const size = numberOf(yield* attribute(k, `${path}/dax_region/size`)) ?? 0
    list.push({
      path: path.replace('/sys/devices', ''),
      id,
      size: sizeJson(size, human),
      align: numberOf(yield* attribute(k, `${path}/dax_region/align`)),
      devices: devices && inside.length > 0 ? inside : undefined,
    })
  }
  const [only] = list
  if (only === undefined) return done('')
  return done(`${jsonText(human && list.length === 1 ? only : list)}\n`)
})

const matches = (filter: string | undefined, prefix: string, name: string): boolean =>
  filter === undefined || filter === 'all' || filter === name || filter === `${prefix}${name}`

/** 0: done, more: passed over, less: an error number. */
type Action = (k: Kernel, said: Said, name: string) => Op<number>

const bind = kfunc(DEVICE, function* daxctl_dev_enable_devdax(k: Kernel, name: string) {
  return (yield* isEnabled(k, name)) ? 0 : yield* writeText(k, `${DRIVER}/bind`, name)
})

const enable = kfunc(DEVICE, function* do_xble_enable(k: Kernel, said: Said, name: string) {
  const rc = yield* bind(k, name)
  if (rc < 0) said.line(`${name}: enable failed: ${reason(rc)}`)
  return rc
})

const disable = kfunc(DEVICE, function* do_xble_disable(k: Kernel, said: Said, name: string) {
  if (!(yield* isEnabled(k, name))) return 0
  const rc = yield* writeText(k, `${DRIVER}/unbind`, name)
  if (rc < 0) said.line(`${name}: disable failed: ${reason(rc)}`)
  return rc
})

/** To device-dax: what is in use as such already is passed over. */
const reconfigure = kfunc(DEVICE, function* reconfig_mode_devdax(k: Kernel, said: Said, name: string) {
  if (!(yield* isEnabled(k, name))) return yield* bind(k, name)
  said.line(`${name} was already in devdax mode`)
  return 1
})

const some = (verb: string, doing: string, past: string, action: Action) => {
  const line = `daxctl ${verb}-device <device>`
  const table = optionTable(
    'r/region=region-id u/human v/verbose m/mode=mode N/no-online f/force no-movable s/size=size',
  )
  return kfunc(DEVICE, function* do_xaction_device(k: Kernel, args: readonly string[]) {
    const given = parseOptions(table, args)
    if (!given.ok) return wrongly(`${given.error}\n${usage(line)}`, USAGE)
    const { values, rest } = given.value
    const [which, ...extra] = rest
    const problems = extra.map((each) => `unknown extra parameter "${each}"\n`)
    if (which === undefined) problems.push(`specify a device to ${verb}, or "all"\n`)
    if (which === undefined || problems.length > 0) return wrongly(`${problems.join('')}${usage(line)}`, USAGE)
    const said = new Said()
    if (verb === 'reconfigure') {
      const mode = values.get('mode')
      if (mode === undefined && !values.has('size'))
        return wrongly(`error: a 'mode' or 'size' option is required\n${usage(line)}`, USAGE)
      if (mode !== 'devdax') return failed(`daxctl: not supported yet by this version: ${mode ?? '--size'}`)
    }
    let rc = -ENXIO
    let count = 0
    for (const { name, region } of yield* daxDevices(k)) {
      if (!matches(values.get('region'), 'region', String(region)) || !matches(which, 'dax', name)) continue
      rc = yield* action(k, said, name)
      if (rc === 0) count++
    }
    if (rc < 0) said.line(`error ${doing} devices: ${reason(rc)}`)
    said.line(`${past} ${count} device${count === 1 ? '' : 's'}`)
    return said.outcome(Math.min(0, rc))
  })
}

const commands: Readonly<Record<string, (k: Kernel, args: readonly string[]) => Op<Outcome>>> = {
  list: cmd_list,
  'reconfigure-device': some('reconfigure', 'reconfiguring', 'reconfigured', reconfigure),
  'enable-device': some('enable', 'enabling', 'enabled', enable),
  'disable-device': some('disable', 'disabling', 'disabled', disable),
}

export const daxctl = kfunc('shell: daxctl/daxctl.c', function* daxctl(k: Kernel, args: readonly string[]) {
  const [command = '', ...rest] = args
  const own = Object.hasOwn(commands, command) ? commands[command] : undefined
  if (own !== undefined) return yield* own(k, rest)
  if (command === '--version') return done('76.1\n')
  if (command === '--list-cmds') return done(`${Object.keys(commands).sort().join('\n')}\n`)
  if (['online-memory', 'offline-memory', 'create-device', 'destroy-device', 'migrate-device-model'].includes(command))
    return failed(`daxctl: not supported yet by this version: ${command}`)
  return failed(command === '' ? usage('daxctl [--version] [--help] COMMAND [ARGS]') : `Unknown command: '${command}'`)
})
