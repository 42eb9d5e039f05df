/**
 * ndctl create-namespace: turning a namespace into another mode, by way of sysfs as the real tool does it.
 *
 * Source: ndctl 76 as seen in its output and its writes to sysfs. Left out: every mode but devdax, every
 * command but this and list (ndctl-list.ts), erasing old info blocks (so that a namespace that has one already can't be turned into another mode).
 */

import { get_random_bytes } from '../../linux/drivers/char/random.ts'
import { uuid_text } from '../../linux/drivers/nvdimm/core.ts'
import { bus_drivers } from '../../linux/fs/sysfs/dir.ts'
import type { Kernel } from '../../linux/kernel.ts'
import { kfunc, type Op } from '../../sim/kfunc.ts'
import { readText, strerror, writeText } from './files.ts'
import { type CreateOptions, parseCreate } from './ndctl-options.ts'
import { done, failed, type Outcome } from './tool.ts'

const NAMESPACE = 'shell: ndctl/namespace.c'
const LIBNDCTL = 'shell: ndctl/lib/libndctl.c'
const DEVICES = '/sys/bus/nd/devices'
const DRIVERS = '/sys/bus/nd/drivers'
const ENXIO = 6

/** The attribute without its newline; undefined when it can't be read. */
const get = kfunc(LIBNDCTL, function* sysfs_read_attr(k: Kernel, path: string) {
  const text = yield* readText(k, path)
  return typeof text === 'number' ? undefined : text.replace(/\n$/, '')
})

/** Error number of writing an attribute, 0 for success. */
const set = kfunc(LIBNDCTL, function* sysfs_write_attr(k: Kernel, path: string, text: string) {
  return yield* writeText(k, path, text)
})

const ndctl_unbind = kfunc(LIBNDCTL, function* ndctl_unbind(k: Kernel, device: string) {
  return yield* set(k, `${DEVICES}/${device}/driver/unbind`, device)
})

/** The tool does not know which driver fits: it offers the device to each of the bus. */
const ndctl_bind = kfunc(LIBNDCTL, function* ndctl_bind(k: Kernel, device: string) {
  for (const driver of bus_drivers(k, 'nd')) if ((yield* set(k, `${DRIVERS}/${driver}/bind`, device)) === 0) return 0
  return -ENXIO
})

/** Random, version 4. */
function uuid_generate(k: Kernel): string {
  const bytes = get_random_bytes(k, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return uuid_text(bytes)
}

const fail = (rc: number, ...lines: readonly string[]) =>
  failed([...lines, `failed to reconfigure namespace: ${strerror(rc)}`].join('\n'))

const EBUSY = 16

const namespace_reconfig = kfunc(NAMESPACE, function* namespace_reconfig(k: Kernel, options: CreateOptions) {
  const { name } = options
  const [, number] = /^namespace(\d+)\.\d+$/.exec(name) ?? []
  const size = number === undefined ? undefined : yield* get(k, `${DEVICES}/${name}/size`)
  if (size === undefined) return fail(-ENXIO)
  const holder = (yield* get(k, `${DEVICES}/${name}/holder`)) ?? ''
  const region = `${DEVICES}/region${number}`
  const active = holder !== '' || (yield* ndctl_namespace_is_enabled(k, name))
  if (active && !options.force)
    return fail(-EBUSY, `  Error: ${name} is active, specify --force for re-configuration\n`)
  if (holder !== '')
    return failed(`ndctl: not supported yet by this version: ${name} already has an info block (${holder})`)
  if (active) yield* ndctl_unbind(k, name)
  return yield* setup_namespace(k, options, region)
})

/** A driver's folder shows the devices that it is bound to. */
const ndctl_namespace_is_enabled = kfunc(LIBNDCTL, function* ndctl_namespace_is_enabled(k: Kernel, name: string) {
  return (yield* get(k, `${DEVICES}/${name}/driver/${name}/modalias`)) !== undefined
})

const setup_namespace = kfunc(NAMESPACE, function* setup_namespace(k: Kernel, options: CreateOptions, region: string) {
  const { name, map, align } = options
  const seed = (yield* get(k, `${region}/dax_seed`)) ?? ''
  if (seed === '') return fail(-ENXIO, `  Error: create namespace: ${name}: no dax seed\n`)
  const uuid = uuid_generate(k)
  const steps = [
    ['uuid', uuid],
    ['mode', map === 'mem' ? 'ram' : 'pmem'],
    ['align', String(align)],
    ['namespace', name],
  ] as const
  for (const [attribute, value] of steps) {
    const rc = yield* set(k, `${DEVICES}/${seed}/${attribute}`, value)
    if (rc !== 0) return fail(rc, `  Error: create namespace: ${seed}: set_${attribute} failed: ${strerror(rc)}\n`)
  }
  const rc = yield* ndctl_bind(k, seed)
  if (rc !== 0) {
    yield* set(k, `${DEVICES}/${seed}/namespace`, '')
    return fail(rc, `libndctl: ndctl_dax_enable: ${seed}: failed to enable`)
  }
  return done(yield* util_namespace_to_json(k, options, seed, uuid))
})

/** What the tool prints of the new namespace. */
const util_namespace_to_json = kfunc(
  NAMESPACE,
  function* util_namespace_to_json(k: Kernel, { name, map, align }: CreateOptions, dax: string, uuid: string) {
    const size = Number((yield* get(k, `${DEVICES}/${dax}/size`)) ?? 0)
    const chardev = name.replace('namespace', 'dax')
    const target_node = Number((yield* get(k, `/sys/bus/dax/devices/${chardev}/target_node`)) ?? -1)
    const device = { chardev, size, ...(target_node < 0 ? {} : { target_node }), align, mode: 'devdax' }
    const daxregion = {
      id: Number((yield* get(k, `${DEVICES}/${dax}/dax_region/id`)) ?? 0),
      size,
      align,
      devices: [device],
    }
    return `${JSON.stringify({ dev: name, mode: 'devdax', map, size, uuid, daxregion, align }, null, 2)}\n`
  },
)

type Command = (k: Kernel, args: readonly string[]) => Op<Outcome>

/** The tool with commands beside create-namespace. */
export const ndctlWith = (commands: Readonly<Record<string, Command>>) =>
  kfunc('shell: ndctl/ndctl.c', function* ndctl(k: Kernel, args: readonly string[]) {
    const [command = '', ...rest] = args
    const other = commands[command]
    if (other !== undefined) return yield* other(k, rest)
    if (command !== 'create-namespace')
      return failed(`ndctl: not supported yet by this version: ${command === '' ? 'no command' : command}`)
    const options = parseCreate(rest)
    return options.ok ? yield* namespace_reconfig(k, options.value) : failed(options.error)
  })

export const ndctl = ndctlWith({})
