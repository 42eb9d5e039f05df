/**
 * `ndctl create-namespace`: a namespace out of free capacity, or one turned into another mode.
 *
 * Source: ndctl 76 (ndctl/namespace.c). Left out: what --verbose adds.
 */

import { sys_close, sys_openat } from '../../../linux/fs/open.ts'
import { sys_read, sys_write } from '../../../linux/fs/read_write.ts'
import type { Kernel } from '../../../linux/kernel.ts'
import { kfunc, type Op } from '../../../sim/kfunc.ts'
import { entering } from '../files.ts'
import type { Outcome } from '../tool.ts'
import { CREATE_OPTIONS, type CreateOptions, createOptions } from './create-options.ts'
import { jsonText } from './json-text.ts'
import {
  buses,
  DEVICES,
  dimmsOf,
  EAGAIN,
  EBUSY,
  EINVAL,
  ENODEV,
  ENOSPC,
  ENXIO,
  get,
  is_enabled,
  ND_DEVICE_NAMESPACE_IO,
  ND_DEVICE_NAMESPACE_PMEM,
  namespaces,
  ndctl_bind,
  ndctl_namespace_disable_invalidate,
  ndctl_namespace_disable_safe,
  ndctl_namespace_enable,
  ndctl_namespace_get_size,
  ndctl_namespace_get_type,
  ndctl_namespace_is_active,
  ndctl_namespace_is_configuration_idle,
  ndctl_namespace_set_enforce_mode,
  ndctl_namespace_set_raw_mode,
  numberOf,
  reason,
  regions,
  Said,
  sysfs_device_parse,
  sysfs_write_attr,
  uuid_generate,
  wrongly,
} from './lib.ts'
import { util_namespace_to_json } from './namespace-json.ts'
import { parseOptions, USAGE, usage } from './options.ts'
import { CREATE, do_setup_pfn, NAMESPACE, type Plan, type SectorSize, validate_namespace_options } from './validate.ts'

const O_RDWR = 2
const O_EXCL = 0o200
const O_DIRECT = 0o40000
const INFO_SIZE = 8192
const SZ_16M = 0x100_0000

/** What setups seldom ask for: loaded with the whole shell. */
export interface CreateMore {
  /** Makes the label areas of a region's DIMMs usable: 0, or a negative error number. */
  enable_labels(k: Kernel, said: Said, region: string): Op<number>
  /** Out of free capacity: 0, or a negative error number. */
  namespace_create(k: Kernel, said: Said, region: string, options: CreateOptions): Op<number>
  setup_sectors(k: Kernel, said: Said, setup: Setup): Op<Made>
  sector_size(k: Kernel, said: Said, o: SectorSize): Op<number | undefined>
}

/** Set one attribute after the other: 0, or the negative error number of the first that refuses, which is told. */
const attempt = kfunc(
  NAMESPACE,
  function* attempt(k: Kernel, said: Said, device: string, steps: readonly (readonly [string, string, string])[]) {
    for (const [attribute, value, called] of steps) {
      const rc = yield* sysfs_write_attr(k, device, attribute, value)
      if (rc === 0) continue
      said.fail(CREATE, `${device}: ${called} failed: ${reason(rc)}`)
      return rc
    }
    return 0
  },
)

export const setup_namespace = kfunc(
  NAMESPACE,
  function* setup_namespace(
    k: Kernel,
    said: Said,
    region: string,
    ns: string,
    plan: Plan,
    options: CreateOptions,
    more: CreateMore | undefined,
  ) {
    const { mode } = plan
    if ((yield* ndctl_namespace_get_type(k, ns)) !== ND_DEVICE_NAMESPACE_IO) {
      const rc = yield* attempt(k, said, ns, [
        ['uuid', plan.uuid, 'set_uuid'],
        ['alt_name', plan.name, 'set_alt_name'],
        ['size', String(plan.size), 'set_size'],
      ])
      if (rc !== 0) return rc
    }
    if (plan.sectorSize !== undefined) {
      const { sectorSize } = plan
      const known = ((yield* get(k, ns, 'sector_size')) ?? '').replaceAll(/[[\]]/g, '').split(' ')
      if (known.includes(String(sectorSize))) {
        const rc = yield* attempt(k, said, ns, [['sector_size', String(sectorSize), 'set_sector_size']])
        if (rc !== 0) return rc
      } else if (mode !== 'sector' && sectorSize !== 512) {
        said.error(`${ns}: sector_size: ${sectorSize} not supported`)
        return -EINVAL
      }
    }
    const uuid = uuid_generate(k)
    yield* ndctl_namespace_set_enforce_mode(k, ns, mode)
    const setup = { region, ns, uuid, plan, options }
    let made: Made
    if (yield* do_setup_pfn(k, ns, plan)) made = yield* setup_memory(k, said, 'pfn', setup)
    else if (mode === 'devdax') made = yield* setup_memory(k, said, 'dax', setup)
    else if (mode === 'sector' && more !== undefined) made = yield* more.setup_sectors(k, said, setup)
    else made = { rc: yield* ndctl_namespace_enable(k, said, ns), told: false }
    if (made.rc < 0) {
      if (!made.told) said.error(`${ns}: failed to enable`)
      return made.rc
    }
    const json = yield* util_namespace_to_json(k, ns, { human: false, verbose: false, daxregions: true, media: false })
    said.out += `${jsonText(json)}\n`
    return 0
  },
)

/** What came of it; `told`: the reason has been said, or there is none to say. */
export interface Made {
  readonly rc: number
  readonly told: boolean
}

export const told = (rc: number): Made => ({ rc, told: true })

export interface Setup {
  readonly region: string
  readonly ns: string
  readonly uuid: string
  readonly plan: Plan
  readonly options: CreateOptions
}

/** The seed of a kind is told what it is to be, and bound to its driver. */
export const setup_seed = kfunc(
  NAMESPACE,
  function* setup_seed(
    k: Kernel,
    said: Said,
    seed: string,
    steps: readonly (readonly [string, string, string])[],
    recover: boolean,
  ) {
    const rc = yield* attempt(k, said, seed, steps)
    if (rc !== 0) return told(rc)
    const bound = yield* ndctl_bind(k, seed)
    if (yield* is_enabled(k, seed)) return { rc: 0, told: false } as Made
    const kind = seed.replace(/\d.*$/, '')
    said.line(`libndctl: ndctl_${kind}_enable: ${seed}: failed to enable`)
    if (recover) yield* sysfs_write_attr(k, seed, 'namespace', '')
    return { rc: bound === 0 ? -ENXIO : bound, told: false } as Made
  },
)

const setup_memory = kfunc(
  NAMESPACE,
  function* setup_memory(k: Kernel, said: Said, kind: 'pfn' | 'dax', { region, ns, uuid, plan, options }: Setup) {
    const seed = (yield* get(k, region, `${kind}_seed`)) ?? ''
    if (seed === '') return told(-ENXIO)
    const resource = numberOf(yield* get(k, ns, 'resource'))
    if (resource !== undefined && resource % SZ_16M !== 0 && !options.force) {
      said.error(`${ns} misaligned to 16M, adjust region alignment and retry`)
      return told(-EINVAL)
    }
    const align =
      (yield* get(k, seed, 'align')) === undefined ? [] : ([['align', String(plan.align), 'set_align']] as const)
    const steps = [
      ['uuid', uuid, 'set_uuid'],
      ['mode', plan.map === 'mem' ? 'ram' : 'pmem', 'set_location'],
      ...align,
      ['namespace', ns, 'set_namespace'],
    ] as const
    return yield* setup_seed(k, said, seed, steps, options.autorecover)
  },
)

/** The first namespace while it is idle, else the seed. */
export const region_get_namespace = kfunc(NAMESPACE, function* region_get_namespace(k: Kernel, region: string) {
  const first = `${region.replace('region', 'namespace')}.0`
  const all = yield* namespaces(k, region)
  if (all.includes(first) && (yield* ndctl_namespace_is_configuration_idle(k, first))) return first
  const seed = yield* get(k, region, 'namespace_seed')
  return seed === undefined || seed === '' ? undefined : seed
})

export const isReadOnly = kfunc(NAMESPACE, function* ndctl_region_get_ro(k: Kernel, region: string) {
  return (yield* get(k, region, 'read_only')) === '1'
})

/** 0: an info block is gone; 1: there was none; or a negative error number. */
const zero_info_block = kfunc(NAMESPACE, function* zero_info_block(k: Kernel, said: Said, command: string, ns: string) {
  if ((yield* ndctl_namespace_get_size(k, ns)) === 0) return 1
  yield* ndctl_namespace_set_raw_mode(k, ns, true)
  const rc = yield* zero_raw(k, said, command, ns)
  yield* ndctl_namespace_set_raw_mode(k, ns, false)
  yield* ndctl_namespace_disable_invalidate(k, ns)
  return rc
})

const zero_raw = kfunc(NAMESPACE, function* zero_raw(k: Kernel, said: Said, command: string, ns: string) {
  if ((yield* ndctl_namespace_enable(k, said, ns)) < 0) {
    said.fail(command, `${ns} failed to enable for zeroing, continuing`)
    return 1
  }
  const [disk = ''] = yield* sysfs_device_parse(k, `${DEVICES}/${ns}/block`, /^pmem/)
  const path = `/dev/${disk}`
  const fd = yield* sys_openat(entering(k), path, O_RDWR | O_DIRECT | O_EXCL)
  if (fd < 0) {
    said.fail(command, `${ns}: failed to open ${path} to zero info block`)
    return -ENXIO
  }
  const found = new Uint8Array(INFO_SIZE)
  const count = yield* sys_read(entering(k), fd, found)
  if (count < INFO_SIZE) said.fail(command, `${ns}: failed to read info block, continuing`)
  let rc = 1
  if (found.some((byte) => byte !== 0) || count < INFO_SIZE) {
    yield* sys_close(entering(k), fd)
    const again = yield* sys_openat(entering(k), path, O_RDWR | O_DIRECT | O_EXCL)
    const written = yield* sys_write(entering(k), again, new Uint8Array(INFO_SIZE))
    yield* sys_close(entering(k), again)
    rc = written < INFO_SIZE ? -ENXIO : 0
    if (rc < 0) said.fail(command, `${ns}: failed to zero info block ${path}`)
  } else yield* sys_close(entering(k), fd)
  return rc
})

/** 2: it has a label; 1: there was nothing to take away; 0: done; or a negative error number. */
export const namespace_prep_reconfig = kfunc(
  NAMESPACE,
  function* namespace_prep_reconfig(
    k: Kernel,
    said: Said,
    { command, region, ns, force }: { command: string; region: string; ns: string; force: boolean },
  ) {
    if (yield* isReadOnly(k, region)) {
      said.error(`${ns}: read-only, re-configuration disabled`)
      return -ENXIO
    }
    if ((yield* ndctl_namespace_is_active(k, ns)) && !force) {
      said.error(`${ns} is active, specify --force for re-configuration`)
      return -EBUSY
    }
    const disabled = yield* ndctl_namespace_disable_safe(k, ns)
    if (disabled < 0) return disabled
    yield* ndctl_namespace_set_enforce_mode(k, ns, 'raw')
    const zeroed = yield* zero_info_block(k, said, command, ns)
    if (zeroed < 0) return zeroed
    return (yield* ndctl_namespace_get_type(k, ns)) === ND_DEVICE_NAMESPACE_PMEM ? 2 : zeroed
  },
)

/** Do all DIMMs of the region have label areas? */
const labelsPossible = kfunc(NAMESPACE, function* enable_labels(k: Kernel, region: string) {
  const dimms = yield* dimmsOf(k, region)
  for (const dimm of dimms) {
    const commands = ((yield* get(k, dimm, 'commands')) ?? '').split(' ')
    if (!['get_size', 'get_data', 'set_data'].every((command) => commands.includes(command))) return false
  }
  return dimms.length > 0
})

const namespace_reconfig = kfunc(
  NAMESPACE,
  function* namespace_reconfig(
    k: Kernel,
    said: Said,
    region: string,
    ns: string,
    options: CreateOptions,
    more: CreateMore | undefined,
  ) {
    const plan = yield* validate_namespace_options(k, said, region, ns, options, more)
    if (typeof plan === 'number') return plan
    const rc = yield* namespace_prep_reconfig(k, said, { command: CREATE, region, ns, force: options.force })
    if (rc < 0) return rc
    let target: string | undefined = ns
    const labelless = numberOf(yield* get(k, region, 'nstype')) === ND_DEVICE_NAMESPACE_IO
    if (labelless && options.autolabel && (yield* labelsPossible(k, region)) && more !== undefined) {
      yield* more.enable_labels(k, said, region)
      target = yield* region_get_namespace(k, region)
      if (target === undefined || !(yield* ndctl_namespace_is_configuration_idle(k, target))) return -ENODEV
    }
    return yield* setup_namespace(k, said, region, target, plan, options, more)
  },
)

interface Done {
  rc: number
  created: number
}

const do_xaction_namespace = kfunc(
  NAMESPACE,
  function* do_xaction_namespace(k: Kernel, said: Said, options: CreateOptions, more: CreateMore | undefined) {
    const result: Done = { rc: -ENXIO, created: 0 }
    let saved = 0
    for (const bus of yield* buses(k, options.bus))
      for (const region of yield* regions(k, bus, options.region)) {
        if (options.type === 'blk') continue
        if (options.reconfig === undefined) {
          result.rc = more === undefined ? -EINVAL : yield* more.namespace_create(k, said, region, options)
          if (result.rc === -EAGAIN) continue
          if (result.rc === 0) {
            result.created++
            if (options.greedy) continue
          } else if (options.greedy && options.force) {
            saved = result.rc
            continue
          }
          return result
        }
        for (const ns of yield* namespaces(k, region)) {
          if (ns !== options.reconfig) continue
          result.rc = yield* namespace_reconfig(k, said, region, ns, options, more)
          if (result.rc === 0) result.created = 1
          return result
        }
      }
    if (result.rc === -EAGAIN) result.rc = options.greedy && result.created > 0 ? 0 : -ENOSPC
    if (saved !== 0) result.rc = saved
    return result
  },
)

export const cmd_create_namespace = (more: CreateMore | undefined) =>
  kfunc(NAMESPACE, function* cmd_create_namespace(k: Kernel, args: readonly string[]) {
    const line = 'ndctl create-namespace [<options>]'
    const given = parseOptions(CREATE_OPTIONS, args)
    if (!given.ok) return wrongly(`${given.error}\n${usage(line)}`, USAGE)
    const { options, problems } = createOptions(given.value)
    if (problems.length > 0) {
      const told = problems.map((problem) => `  Error: ${problem}\n\n`).join('')
      return wrongly(`${told}${usage(line)}`, USAGE)
    }
    const said = new Said()
    let { rc, created } = yield* do_xaction_namespace(k, said, options, more)
    if (options.greedy) said.line(`created ${created} namespace${created === 1 ? '' : 's'}`)
    const { reconfig } = options
    if ((rc < 0 || (reconfig === undefined && created < 1)) && said.errCount === 0) {
      said.line(`failed to ${reconfig === undefined ? 'create' : 'reconfigure'} namespace: ${reason(rc)}`)
      if (reconfig === undefined) rc = -ENODEV
    }
    const outcome: Outcome = said.outcome(rc)
    return outcome
  })
