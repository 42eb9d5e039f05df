/**
 * The rest of `ndctl create-namespace`: namespaces out of free capacity, and sector mode.
 *
 * Source: ndctl 76 (ndctl/namespace.c).
 */

import type { Kernel } from '../../../linux/kernel.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import {
  type CreateMore,
  isReadOnly,
  region_get_namespace,
  type Setup,
  setup_namespace,
  setup_seed,
  told,
} from './create.ts'
import type { CreateOptions } from './create-options.ts'
import { enable_labels } from './dimm.ts'
import {
  EAGAIN,
  EINVAL,
  ENXIO,
  get,
  is_enabled,
  ND_DEVICE_NAMESPACE_IO,
  ndctl_namespace_delete,
  ndctl_namespace_is_configuration_idle,
  ndctl_namespace_set_enforce_mode,
  numberOf,
  type Said,
} from './lib.ts'
import { parseSize } from './options.ts'
import { CREATE, NAMESPACE, type SectorSize, seedOf, sizes, validate_namespace_options } from './validate.ts'

const validate_available_capacity = kfunc(
  NAMESPACE,
  function* validate_available_capacity(k: Kernel, region: string, size: number) {
    const labelled = numberOf(yield* get(k, region, 'nstype')) !== ND_DEVICE_NAMESPACE_IO
    const available = labelled
      ? (numberOf(yield* get(k, region, 'max_available_extent')) ?? numberOf(yield* get(k, region, 'available_size')))
      : numberOf(yield* get(k, region, 'size'))
    if (available === undefined || available === 0 || size > available) return -EAGAIN
    return size === 0 ? available : size
  },
)

/** Bytes; undefined: whatever there is; or a negative error number. */
const sector_size = kfunc(NAMESPACE, function* sector_size(k: Kernel, said: Said, o: SectorSize) {
  const { region, ns, mode, asked } = o
  if (asked !== undefined) {
    const size = parseSize(asked)?.bytes ?? 0
    const sector = mode === 'sector'
    const device = sector ? yield* seedOf(k, region, 'btt_seed') : (ns ?? (yield* seedOf(k, region, 'namespace_seed')))
    if (device === undefined) {
      said.fail(CREATE, sector ? `${region}: does not support 'sector' mode` : `${region}: failed to get seed`)
      return sector ? -EINVAL : -ENXIO
    }
    if (sizes(yield* get(k, device, 'sector_size')).includes(size)) return size
    said.fail(CREATE, `${region}: does not support ${sector ? 'btt' : 'namespace'} sector_size ${size}`)
    return -EINVAL
  }
  const seed = yield* seedOf(k, region, 'namespace_seed')
  if (seed === undefined) {
    said.fail(CREATE, `${region}: failed to get seed`)
    return -ENXIO
  }
  return sizes(yield* get(k, seed, 'sector_size')).length === 0 ? undefined : 512
})

const setup_sectors = kfunc(
  NAMESPACE,
  function* setup_sectors(k: Kernel, said: Said, { region, ns, uuid, plan }: Setup) {
    const seed = (yield* get(k, region, 'btt_seed')) ?? ''
    if (seed === '') return told(-ENXIO)
    const steps = [
      ['uuid', uuid, 'set_uuid'],
      ['sector_size', String(plan.sectorSize ?? 4096), 'set_sector_size'],
      ['namespace', ns, 'set_namespace'],
    ] as const
    return yield* setup_seed(k, said, seed, steps, false)
  },
)

const namespace_create = kfunc(
  NAMESPACE,
  function* namespace_create(k: Kernel, said: Said, region: string, options: CreateOptions) {
    if (!(yield* is_enabled(k, region))) return -EAGAIN
    const size = yield* validate_available_capacity(k, region, parseSize(options.size ?? '0')?.bytes ?? 0)
    if (size < 0) return size
    const plan = yield* validate_namespace_options(k, said, region, undefined, options, { size, sector_size })
    if (typeof plan === 'number') return plan
    if (yield* isReadOnly(k, region)) return -EAGAIN
    const ns = yield* region_get_namespace(k, region)
    if (ns === undefined || !(yield* ndctl_namespace_is_configuration_idle(k, ns))) return -EAGAIN
    const rc = yield* setup_namespace(k, said, region, ns, plan, options, createMore)
    if (rc !== 0 && options.autorecover) {
      yield* ndctl_namespace_set_enforce_mode(k, ns, 'raw')
      yield* ndctl_namespace_delete(k, ns)
    }
    return rc
  },
)

export const createMore: CreateMore = { enable_labels, namespace_create, setup_sectors, sector_size }
