/**
 * `ndctl enable-namespace`, `disable-namespace`, `destroy-namespace`, `clear-errors` and `check-namespace`.
 *
 * Source: ndctl 76 (ndctl/namespace.c). Left out: info blocks read and written by hand (read-infoblock, write-infoblock).
 */

import type { NdCmdArsCap, NdCmdClearError } from '../../../linux/drivers/nvdimm/bus_ioctl.ts'
import { sys_ioctl } from '../../../linux/fs/ioctl.ts'
import { sys_close, sys_openat } from '../../../linux/fs/open.ts'
import type { Kernel } from '../../../linux/kernel.ts'
import { kfunc, type Op } from '../../../sim/kfunc.ts'
import { entering } from '../files.ts'
import { namespace_check } from './check.ts'
import { namespace_prep_reconfig } from './create.ts'
import { jsonText } from './json-text.ts'
import {
  attribute,
  buses,
  DEVICES,
  ENXIO,
  get,
  holderOf,
  NO_UUID,
  namespaces,
  ndctl_namespace_delete,
  ndctl_namespace_disable_safe,
  ndctl_namespace_enable,
  ndctl_namespace_get_size,
  numberOf,
  reason,
  regions,
  Said,
  sysfs_write_attr,
  wrongly,
} from './lib.ts'
import { util_namespace_to_json } from './namespace-json.ts'
import type { Command } from './ndctl.ts'
import { type Given, type OptionName, optionTable, parseOptions, USAGE, usage } from './options.ts'
import { NAMESPACE } from './validate.ts'

const O_RDWR = 2
const SECTOR = 512
const BASE = 'b/bus=bus-id r/region=region-id v/verbose'

interface Place {
  readonly bus: string
  readonly region: string
  readonly ns: string
}

/** What a command does with one namespace: 0: done; more: passed over; less: an error number. */
type Action = (k: Kernel, said: Said, at: Place, given: Given) => Op<number>

const disable: Action = (k, _said, { ns }) => ndctl_namespace_disable_safe(k, ns)

const enable = kfunc(NAMESPACE, function* enable(k: Kernel, said: Said, { ns }: Place) {
  return Math.min(0, yield* ndctl_namespace_enable(k, said, ns))
})

const namespace_destroy = kfunc(
  NAMESPACE,
  function* namespace_destroy(k: Kernel, said: Said, { region, ns }: Place, given: Given) {
    const force = given.flags.has('force')
    const rc = yield* namespace_prep_reconfig(k, said, { command: 'destroy namespace', region, ns, force })
    if (rc < 0) return rc
    const size = yield* ndctl_namespace_get_size(k, ns)
    const deleted = rc === 2 ? yield* ndctl_namespace_delete(k, ns) : rc
    return size === 0 && deleted === 0 ? 1 : deleted
  },
)

/** Both requests for one range: 0, or a negative error number. */
const bus_send_clear = kfunc(
  NAMESPACE,
  function* bus_send_clear(k: Kernel, said: Said, bus: string, start: number, size: number) {
    const provider = (yield* get(k, bus, 'provider')) ?? bus
    const fd = yield* sys_openat(entering(k), `/dev/${bus.replace('bus', 'ctl')}`, O_RDWR)
    const cap: NdCmdArsCap = { address: start, length: size, clear_err_unit: 0 }
    let rc = fd < 0 ? fd : yield* sys_ioctl(entering(k), fd, 'ND_IOCTL_ARS_CAP', cap)
    if (rc < 0) said.fail(CLEAR, `bus: ${provider} failed to create cmd`)
    else {
      const unit = Math.max(1, cap.clear_err_unit)
      const address = Math.floor(start / unit) * unit
      const length = Math.ceil((start + size) / unit) * unit - address
      const clear: NdCmdClearError = { address, length, cleared: 0 }
      rc = yield* sys_ioctl(entering(k), fd, 'ND_IOCTL_CLEAR_ERROR', clear)
      if (rc < 0) said.fail(CLEAR, `bus: ${provider} failed to submit cmd: ${rc}`)
      else if (clear.cleared !== length) {
        said.fail(CLEAR, `bus: ${provider} expected to clear: ${length} actual: ${clear.cleared}`)
        rc = -ENXIO
      }
    }
    if (fd >= 0) yield* sys_close(entering(k), fd)
    return rc
  },
)

const CLEAR = 'clear errors namespace'

const namespace_clear_bb = kfunc(
  NAMESPACE,
  function* namespace_clear_bb(k: Kernel, said: Said, { bus, region, ns }: Place, given: Given) {
    const holder = yield* holderOf(k, ns)
    // The sectors of a translation table move: it has to be written to be repaired.
    if (holder?.startsWith('btt')) return 1
    const state = yield* attribute(k, `${DEVICES}/${bus}/nfit/scrub`)
    if (state === undefined) {
      said.error(`${ns}: Unable to determine scrub state: ${reason(-ENXIO)}`)
      return -ENXIO
    }
    if (given.flags.has('scrub')) yield* sysfs_write_attr(k, bus, 'nfit/scrub', '1')
    const device = holder ?? ns
    const begin = numberOf(yield* get(k, device, 'resource'))
    const size = numberOf(yield* get(k, device, 'size'))
    const resource = numberOf(yield* get(k, region, 'resource'))
    if (begin === undefined || size === undefined || resource === undefined) return -ENXIO
    const rc = yield* ndctl_namespace_disable_safe(k, ns)
    if (rc < 0) {
      said.error(`${device}: unable to disable namespace: ${reason(rc)}`)
      return rc
    }
    for (const line of ((yield* get(k, region, 'badblocks')) ?? '').split('\n')) {
      const [offset = 0, count = 0] = line.split(' ').map(Number)
      const from = resource + offset * SECTOR
      if (count === 0 || from < begin || from + count * SECTOR > begin + size) continue
      if ((yield* bus_send_clear(k, said, bus, from, count * SECTOR)) === 0) continue
      said.error(`${device}: failed to clear badblock at {${offset}, ${count}}`)
      break
    }
    const enabled = yield* ndctl_namespace_enable(k, said, ns)
    if (enabled < 0) return enabled
    const format = { human: false, verbose: false, daxregions: false, media: true }
    said.out += `${jsonText(yield* util_namespace_to_json(k, ns, format))}\n`
    return 0
  },
)

const check: Action = (k, said, { ns }, { flags }) =>
  namespace_check(k, said, ns, {
    force: flags.has('force'),
    repair: flags.has('repair'),
    verbose: flags.has('verbose'),
  })

interface Called {
  readonly line: string
  readonly table: readonly OptionName[]
  readonly action: Action
  /** "specify a namespace to …" */
  readonly verb: string
  /** "error … namespaces" */
  readonly doing: string
  readonly done: string
}

/** A command that does the same with each namespace that it is given. */
const commandOf = ({ line, table, action, verb, doing, done }: Called): Command =>
  kfunc(NAMESPACE, function* do_xaction_namespace(k: Kernel, args: readonly string[]) {
    const given = parseOptions(table, args)
    if (!given.ok) return wrongly(`${given.error}\n${usage(line)}`, USAGE)
    const [which, ...extra] = given.value.rest
    const problems = extra.map((each) => `  Error: unknown extra parameter "${each}"\n\n`)
    if (which === undefined) problems.push(`  Error: specify a namespace to ${verb}, or "all"\n\n`)
    if (which === undefined || problems.length > 0) return wrongly(`${problems.join('')}${usage(line)}`, USAGE)
    const { values } = given.value
    const said = new Said()
    let rc = which === 'all' ? 0 : -ENXIO
    let processed = 0
    for (const bus of yield* buses(k, values.get('bus')))
      for (const region of yield* regions(k, bus, values.get('region')))
        for (const ns of yield* namespaces(k, region)) {
          if (which !== 'all' && which !== ns) continue
          if (which === 'all' && (yield* isSeed(k, ns))) continue
          rc = yield* action(k, said, { bus, region, ns }, given.value)
          if (rc === 0) processed++
          rc = Math.min(0, rc)
        }
    if (rc < 0 && said.errCount === 0) said.line(`error ${doing} namespaces: ${reason(rc)}`)
    said.line(`${done} ${processed} namespace${processed === 1 ? '' : 's'}`)
    return said.outcome(rc)
  })

const isSeed = kfunc(NAMESPACE, function* is_seed(k: Kernel, ns: string) {
  return (yield* ndctl_namespace_get_size(k, ns)) === 0 && ((yield* get(k, ns, 'uuid')) ?? NO_UUID) === NO_UUID
})

export const namespaceCommands: Readonly<Record<string, Command>> = {
  'enable-namespace': commandOf({
    line: 'ndctl enable-namespace <namespace> [<options>]',
    table: optionTable(BASE),
    action: enable,
    verb: 'enable',
    doing: 'enabling',
    done: 'enabled',
  }),
  'disable-namespace': commandOf({
    line: 'ndctl disable-namespace <namespace> [<options>]',
    table: optionTable(BASE),
    action: disable,
    verb: 'disable',
    doing: 'disabling',
    done: 'disabled',
  }),
  'destroy-namespace': commandOf({
    line: 'ndctl destroy-namespace <namespace> [<options>]',
    table: optionTable(`${BASE} f/force`),
    action: namespace_destroy,
    verb: 'destroy',
    doing: 'destroying',
    done: 'destroyed',
  }),
  'check-namespace': commandOf({
    line: 'ndctl check-namespace <namespace> [<options>]',
    table: optionTable(`${BASE} R/repair L/rewrite-log f/force`),
    action: check,
    verb: 'check',
    doing: 'checking',
    done: 'checked',
  }),
  'clear-errors': commandOf({
    line: 'ndctl clear_errors <namespace> [<options>]',
    table: optionTable(`${BASE} s/scrub`),
    action: namespace_clear_bb,
    verb: 'clear errors for',
    doing: 'clearing',
    done: 'cleared',
  }),
}
