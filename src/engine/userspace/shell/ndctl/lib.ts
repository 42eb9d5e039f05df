/**
 * What libndctl does: buses, DIMMs, regions and namespaces by way of sysfs, bound to drivers and set free again.
 *
 * Source: ndctl 76 (ndctl/lib/libndctl.c): what is read and written, in which order. Left out: its caches.
 */

import { get_random_bytes } from '../../../linux/drivers/char/random.ts'
import { uuid_text } from '../../../linux/drivers/nvdimm/core.ts'
import { kernfs_order } from '../../../linux/fs/kernfs/dir.ts'
import { sys_getdents64 } from '../../../linux/fs/readdir.ts'
import { bus_drivers } from '../../../linux/fs/sysfs/dir.ts'
import type { Kernel } from '../../../linux/kernel.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { entering, readText, strerror, writeText } from '../files.ts'
import { failed, type Outcome } from '../tool.ts'
import { type Mode, modeOf } from './modes.ts'

export const LIBNDCTL = 'shell: ndctl/lib/libndctl.c'
export const DEVICES = '/sys/bus/nd/devices'
const DRIVERS = '/sys/bus/nd/drivers'

/** Error numbers, as the functions of the library return them: negative. */
export const ENXIO = 6
export const EAGAIN = 11
export const EBUSY = 16
export const ENODEV = 19
export const EINVAL = 22
export const ENOSPC = 28

/** Types of namespaces, as `nstype` has them: without a label, with one. */
export const ND_DEVICE_NAMESPACE_IO = 4
export const ND_DEVICE_NAMESPACE_PMEM = 5

/** What a command prints while it runs. */
export class Said {
  out = ''
  err = ''
  /** Messages that made another one unnecessary. */
  errCount = 0

  /** A message of the tool: an empty line follows. */
  error(text: string): void {
    this.err += `  Error: ${text}\n\n`
  }

  /** One that stands for the whole command. */
  fail(command: string, text: string): void {
    this.errCount++
    this.error(`${command}: ${text}`)
  }

  line(text: string): void {
    this.err += `${text}\n`
  }

  /** `status`: 0, or a negative error number, of which a shell sees the low eight bits. */
  outcome(status: number): Outcome {
    return { output: this.out, error: this.err.replace(/\n$/, ''), status: status & 0xff }
  }
}

export const wrongly = (message: string, status: number): Outcome => failed(message.replace(/\n$/, ''), status)

/** An attribute without its newline; undefined when it can't be read. */
export const attribute = kfunc(LIBNDCTL, function* sysfs_read_attr(k: Kernel, path: string) {
  const text = yield* readText(k, path)
  return typeof text === 'number' ? undefined : text.replace(/\n$/, '')
})

/** Of a device of the bus. */
export const get = (k: Kernel, device: string, name: string) => attribute(k, `${DEVICES}/${device}/${name}`)

/** 0, or a negative error number. */
export const sysfs_write_attr = kfunc(
  LIBNDCTL,
  function* sysfs_write_attr(k: Kernel, device: string, name: string, text: string) {
    return yield* writeText(k, `${DEVICES}/${device}/${name}`, text)
  },
)

export const numberOf = (text: string | undefined): number | undefined =>
  text === undefined || text === '' ? undefined : Number(text)

/** Until every device that is there has been offered to its driver: the bus says so when this is read. */
const ndctl_bus_wait_probe = kfunc(LIBNDCTL, function* ndctl_bus_wait_probe(k: Kernel) {
  yield* attribute(k, `${DEVICES}/ndbus0/wait_probe`)
})

/** Names in a folder: the library puts each found before those that it has. */
export const sysfs_device_parse = kfunc(LIBNDCTL, function* sysfs_device_parse(k: Kernel, path: string, name: RegExp) {
  const names = yield* sys_getdents64(entering(k), path)
  if (typeof names === 'number') return []
  return kernfs_order(names.filter((each) => name.test(each))).reverse()
})

/** The buses: the library finds them by their character devices, `ndctl0` of ndbus0. */
export const buses = kfunc(LIBNDCTL, function* ndctl_bus_get_first(k: Kernel, filter: string | undefined) {
  const nodes = (yield* sysfs_device_parse(k, DEVICES, /^ndbus\d+$/)).map((bus) => bus.replace('bus', 'ctl'))
  const all = kernfs_order(nodes)
    .reverse()
    .map((node) => node.replace('ctl', 'bus'))
  const found: string[] = []
  for (const bus of all)
    if (passes(filter, 'ndbus', bus) || (yield* get(k, bus, 'provider')) === filter) found.push(bus)
  return found
})

export const regions = kfunc(
  LIBNDCTL,
  function* ndctl_region_get_first(k: Kernel, bus: string, filter: string | undefined) {
    yield* ndctl_bus_wait_probe(k)
    const all = yield* sysfs_device_parse(k, `${DEVICES}/${bus}`, /^region\d+$/)
    return all.filter((region) => passes(filter, 'region', region))
  },
)

export const namespaces = kfunc(LIBNDCTL, function* ndctl_namespace_get_first(k: Kernel, region: string) {
  yield* ndctl_bus_wait_probe(k)
  const prefix = `namespace${region.replace('region', '')}.`
  return yield* sysfs_device_parse(k, `${DEVICES}/${region}`, new RegExp(`^${prefix.replaceAll('.', '\\.')}`))
})

/** Does a filter let a device through? A bare number means the device of that number. */
export const passes = (filter: string | undefined, prefix: string, name: string): boolean =>
  filter === undefined || filter === 'all' || filter === name || `${prefix}${filter}` === name

/** A driver's folder shows the devices that it is bound to. */
export const is_enabled = kfunc(LIBNDCTL, function* is_enabled(k: Kernel, device: string) {
  return (yield* get(k, device, `driver/${device}/modalias`)) !== undefined
})

export const ndctl_unbind = kfunc(LIBNDCTL, function* ndctl_unbind(k: Kernel, device: string) {
  return yield* sysfs_write_attr(k, device, 'driver/unbind', device)
})

/** The library does not know which driver fits: it offers the device to each of the bus. */
export const ndctl_bind = kfunc(LIBNDCTL, function* ndctl_bind(k: Kernel, device: string) {
  let rc = -ENXIO
  for (const driver of bus_drivers(k, 'nd')) {
    rc = yield* writeText(k, `${DRIVERS}/${driver}/bind`, device)
    if (rc === 0) break
  }
  return rc
})

/** The device that holds a namespace: `pfn0.0`, `dax0.0`, `btt0.0`; undefined: none does. */
export const holderOf = kfunc(LIBNDCTL, function* ndctl_namespace_get_holder(k: Kernel, ns: string) {
  const holder = yield* get(k, ns, 'holder')
  return holder === undefined || holder === '' ? undefined : holder
})

export const ndctl_namespace_is_active = kfunc(LIBNDCTL, function* ndctl_namespace_is_active(k: Kernel, ns: string) {
  const holder = yield* holderOf(k, ns)
  return (holder !== undefined && (yield* is_enabled(k, holder))) || (yield* is_enabled(k, ns))
})

export const ndctl_namespace_get_size = kfunc(LIBNDCTL, function* ndctl_namespace_get_size(k: Kernel, ns: string) {
  return numberOf(yield* get(k, ns, 'size')) ?? 0
})

export const ndctl_namespace_get_type = kfunc(LIBNDCTL, function* ndctl_namespace_get_type(k: Kernel, ns: string) {
  return numberOf(yield* get(k, ns, 'nstype')) ?? ND_DEVICE_NAMESPACE_IO
})

export const ndctl_namespace_get_mode = kfunc(LIBNDCTL, function* ndctl_namespace_get_mode(k: Kernel, ns: string) {
  return modeOf((yield* get(k, ns, 'mode')) ?? '')
})

const HOLDER_CLASSES: Readonly<Record<Mode, string>> = { raw: '', fsdax: 'pfn', devdax: 'dax', sector: 'btt' }

/** Who may hold it; kernels before v4.13 know nothing of that, and nobody looks at what comes of it. */
export const ndctl_namespace_set_enforce_mode = kfunc(
  LIBNDCTL,
  function* ndctl_namespace_set_enforce_mode(k: Kernel, ns: string, mode: Mode) {
    return yield* sysfs_write_attr(k, ns, 'holder_class', HOLDER_CLASSES[mode])
  },
)

export const ndctl_namespace_set_raw_mode = kfunc(
  LIBNDCTL,
  function* ndctl_namespace_set_raw_mode(k: Kernel, ns: string, raw: boolean) {
    return yield* sysfs_write_attr(k, ns, 'force_raw', raw ? '1' : '0')
  },
)

/** 0, 1 when it works by way of another device, or a negative error number. */
export const ndctl_namespace_enable = kfunc(
  LIBNDCTL,
  function* ndctl_namespace_enable(k: Kernel, said: Said, ns: string) {
    if (yield* is_enabled(k, ns)) return 0
    const rc = yield* ndctl_bind(k, ns)
    // Whoever holds it may be found only now.
    yield* ndctl_bus_wait_probe(k)
    if (yield* is_enabled(k, ns)) return 0
    const holder = yield* holderOf(k, ns)
    if (holder !== undefined && (yield* is_enabled(k, holder))) return 1
    said.line(`libndctl: ndctl_namespace_enable: ${ns}: failed to enable`)
    return rc === 0 ? -ENXIO : rc
  },
)

/** The device that holds it goes, too. */
export const ndctl_namespace_disable_invalidate = kfunc(
  LIBNDCTL,
  function* ndctl_namespace_disable_invalidate(k: Kernel, ns: string) {
    const holder = yield* holderOf(k, ns)
    if (holder !== undefined) {
      yield* ndctl_unbind(k, holder)
      yield* sysfs_write_attr(k, holder, 'namespace', '')
    }
    if (yield* is_enabled(k, ns)) yield* ndctl_unbind(k, ns)
  },
)

/** 0, 1 when there is nothing to disable, or a negative error number. */
export const ndctl_namespace_disable_safe = kfunc(
  LIBNDCTL,
  function* ndctl_namespace_disable_safe(k: Kernel, ns: string) {
    const active = yield* ndctl_namespace_is_active(k, ns)
    if (!active && (yield* ndctl_namespace_get_size(k, ns)) === 0) return 1
    yield* ndctl_namespace_disable_invalidate(k, ns)
    return 0
  },
)

/** Give its capacity back. */
export const ndctl_namespace_delete = kfunc(LIBNDCTL, function* ndctl_namespace_delete(k: Kernel, ns: string) {
  if (yield* is_enabled(k, ns)) return -EBUSY
  if ((yield* ndctl_namespace_get_type(k, ns)) !== ND_DEVICE_NAMESPACE_PMEM) return 0
  return yield* sysfs_write_attr(k, ns, 'size', '0')
})

export const NO_UUID = '00000000-0000-0000-0000-000000000000'

/** Something has been set that makes it more than a seed. */
const is_configured = kfunc(LIBNDCTL, function* ndctl_namespace_is_configured(k: Kernel, ns: string) {
  if ((yield* ndctl_namespace_get_type(k, ns)) === ND_DEVICE_NAMESPACE_IO) return true
  const uuid = yield* get(k, ns, 'uuid')
  return (yield* ndctl_namespace_get_size(k, ns)) !== 0 && uuid !== undefined && uuid !== '' && uuid !== NO_UUID
})

export const ndctl_namespace_is_configuration_idle = kfunc(
  LIBNDCTL,
  function* ndctl_namespace_is_configuration_idle(k: Kernel, ns: string) {
    if (yield* ndctl_namespace_is_active(k, ns)) return false
    if (!(yield* is_configured(k, ns))) return true
    return (yield* ndctl_namespace_get_type(k, ns)) === ND_DEVICE_NAMESPACE_IO
  },
)

export const ndctl_region_enable = kfunc(
  LIBNDCTL,
  function* ndctl_region_enable(k: Kernel, said: Said, region: string) {
    if (yield* is_enabled(k, region)) return 0
    const rc = yield* ndctl_bind(k, region)
    if (yield* is_enabled(k, region)) return 0
    said.line(`libndctl: ndctl_region_enable: ${region}: failed to enable`)
    return rc === 0 ? -ENXIO : rc
  },
)

export const ndctl_region_disable_invalidate = kfunc(
  LIBNDCTL,
  function* ndctl_region_disable_invalidate(k: Kernel, said: Said, region: string) {
    if (!(yield* is_enabled(k, region))) return 0
    yield* ndctl_unbind(k, region)
    if (!(yield* is_enabled(k, region))) return 0
    said.line(`libndctl: ndctl_region_disable: ${region}: failed to disable`)
    return -EBUSY
  },
)

/** DIMMs of a region, in the order of its mappings. */
export const dimmsOf = kfunc(LIBNDCTL, function* ndctl_dimm_get_first_in_region(k: Kernel, region: string) {
  const count = numberOf(yield* get(k, region, 'mappings')) ?? 0
  const dimms: string[] = []
  for (let i = 0; i < count; i++) dimms.push(((yield* get(k, region, `mapping${i}`)) ?? '').split(',')[0] ?? '')
  return dimms
})

/** Random, version 4. */
export function uuid_generate(k: Kernel): string {
  const bytes = get_random_bytes(k, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return uuid_text(bytes)
}

export const reason = (rc: number): string => strerror(rc)
