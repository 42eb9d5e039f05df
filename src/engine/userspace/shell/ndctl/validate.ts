/**
 * What `ndctl create-namespace` makes of its options on a region: sizes and alignments, before anything is changed.
 *
 * Source: ndctl 76 (ndctl/namespace.c, validate_namespace_options()).
 */

import { ensure } from '../../../../base/assert.ts'
import type { Kernel } from '../../../linux/kernel.ts'
import { kfunc, type Op } from '../../../sim/kfunc.ts'
import { type CreateOptions, PAGE_SIZE } from './create-options.ts'
import {
  EAGAIN,
  EINVAL,
  ENODEV,
  ENXIO,
  get,
  holderOf,
  is_enabled,
  ND_DEVICE_NAMESPACE_IO,
  ndctl_namespace_get_mode,
  ndctl_namespace_get_size,
  numberOf,
  type Said,
  uuid_generate,
} from './lib.ts'
import { type Mode, modeOf } from './modes.ts'
import { parseSize } from './options.ts'

export const NAMESPACE = 'shell: ndctl/namespace.c'
export const CREATE = 'create namespace'
const NAME_LEN = 64
const MIB = 0x10_0000
const SUFFIXES: Readonly<Record<number, string>> = { 1024: 'K', [MIB]: 'M', [1024 * MIB]: 'G', [MIB * MIB]: 'T' }

/** What setup_namespace() is to make. */
export interface Plan {
  readonly uuid: string
  readonly name: string
  readonly mode: Mode
  /** Bytes. */
  readonly size: number
  /** Bytes; undefined: the kernel's namespaces know none. */
  readonly sectorSize: number | undefined
  readonly align: number
  /** Where struct pages go. */
  readonly map: 'mem' | 'dev'
}

/** Which sector size is meant. */
export interface SectorSize {
  readonly region: string
  readonly ns: string | undefined
  readonly mode: Mode
  readonly asked: string | undefined
}

/** What a namespace out of free capacity, or with sectors, needs besides. */
export interface ForNew {
  /** Bytes, known to be free; undefined: those of the namespace that is there. */
  readonly size?: number
  /** Bytes; undefined: whatever there is; or a negative error number. */
  sector_size(k: Kernel, said: Said, o: SectorSize): Op<number | undefined>
}

/** Is the memmap to be kept by a pfn device? */
export const do_setup_pfn = kfunc(
  NAMESPACE,
  function* do_setup_pfn(k: Kernel, ns: string | undefined, plan: Pick<Plan, 'mode' | 'map'>) {
    if (plan.mode !== 'fsdax') return false
    return ns === undefined || plan.map === 'dev' || (yield* ndctl_namespace_get_mode(k, ns)) !== 'fsdax'
  },
)

export const seedOf = kfunc('shell: ndctl/lib/libndctl.c', function* seed(k: Kernel, region: string, name: string) {
  const seed = yield* get(k, region, name)
  return seed === undefined || seed === '' ? undefined : seed
})

export const sizes = (text: string | undefined): readonly number[] =>
  (text ?? '')
    .replaceAll(/[[\]]/g, '')
    .split(' ')
    .filter((word) => word !== '')
    .map(Number)

const chosen = (text: string | undefined): number | undefined => numberOf(/\[(\d+)\]/.exec(text ?? '')?.[1])

/** The plan, or a negative error number. `ns`: it is to be turned into something else. */
export const validate_namespace_options = kfunc(
  NAMESPACE,
  function* validate_namespace_options(
    k: Kernel,
    said: Said,
    region: string,
    ns: string | undefined,
    options: CreateOptions,
    rest: ForNew | undefined,
  ) {
    if (ns !== undefined && !(yield* is_enabled(k, region))) return -EAGAIN
    const given = options.size === undefined ? undefined : parseSize(options.size)
    const size = rest?.size ?? given?.bytes ?? (ns === undefined ? 0 : yield* ndctl_namespace_get_size(k, ns))
    const legacy = numberOf(yield* get(k, region, 'nstype')) === ND_DEVICE_NAMESPACE_IO
    if (legacy && size !== numberOf(yield* get(k, region, 'size'))) {
      said.error('Legacy / label-less namespaces do not support sub-dividing a region')
      said.error('Retry without -s/--size=')
      return -EINVAL
    }
    const uuid = options.uuid?.toLowerCase() ?? uuid_generate(k)
    const name = options.name ?? (ns === undefined ? '' : ((yield* get(k, ns, 'alt_name')) ?? ''))
    if (new TextEncoder().encode(name).length >= NAME_LEN) {
      said.fail(CREATE, 'validate_namespace_options: alt name overflow')
      return -EINVAL
    }
    const before = ns === undefined ? undefined : yield* ndctl_namespace_get_mode(k, ns)
    let mode = (options.mode === undefined ? before : modeOf(options.mode)) ?? 'raw'
    const pfn = mode === 'fsdax' ? yield* seedOf(k, region, 'pfn_seed') : undefined
    const dax = mode === 'devdax' ? yield* seedOf(k, region, 'dax_seed') : undefined
    if (mode === 'fsdax' && pfn === undefined && options.modeDefault) {
      said.fail(CREATE, `${region} fsdax mode not available`)
      mode = 'raw'
    }
    if (mode === 'devdax' && dax === undefined) {
      said.error('Kernel does not support devdax mode')
      return -ENODEV
    }
    const align = yield* alignment(k, said, { region, ns, before, mode, seed: pfn ?? dax, asked: options.align })
    if (align < 0) return align
    const rc = yield* validate_size(k, said, {
      region,
      size,
      units: given?.units ?? 1,
      align,
      mode,
      given: given !== undefined,
    })
    if (rc !== 0) return rc
    const asked = { region, ns, mode, asked: options.sectorSize }
    const sectorSize =
      ns !== undefined && options.sectorSize === undefined
        ? (chosen(yield* get(k, ns, 'sector_size')) ?? 512)
        : yield* ensure(rest, 'the whole shell knows of sectors').sector_size(k, said, asked)
    if (sectorSize !== undefined && sectorSize < 0) return sectorSize
    if (options.map !== undefined && ns !== undefined && mode !== 'fsdax' && mode !== 'devdax') {
      said.fail(CREATE, `${ns}: --map= only valid for fsdax mode namespace`)
      return -EINVAL
    }
    const map: 'mem' | 'dev' = options.map === 'mem' ? 'mem' : 'dev'
    if (pfn === undefined && (yield* do_setup_pfn(k, ns, { mode, map }))) {
      said.error(`operation failed, ${region} cannot support requested mode`)
      return -EINVAL
    }
    return { uuid, name, mode, size, sectorSize, align, map } as Plan
  },
)

const alignment = kfunc(
  NAMESPACE,
  function* alignment(
    k: Kernel,
    said: Said,
    o: {
      region: string
      ns: string | undefined
      before: Mode | undefined
      mode: Mode
      seed: string | undefined
      asked: string | undefined
    },
  ) {
    const { region, ns, before, mode, seed, asked } = o
    if (asked !== undefined) {
      if (mode !== 'fsdax' && mode !== 'devdax') {
        said.error(`${mode} mode does not support setting an alignment`)
        return -ENXIO
      }
      if (seed === undefined) {
        said.error('Kernel does not support setting an alignment in fsdax mode')
        return -EINVAL
      }
      const align = parseSize(asked)?.bytes ?? 0
      if (sizes(yield* get(k, seed, 'supported_alignments')).includes(align)) return align
      said.error(`unsupported align: ${asked}`)
      return -ENXIO
    }
    const holder = ns !== undefined && mode === before ? yield* holderOf(k, ns) : undefined
    const from = ns !== undefined && mode === before ? (/^btt/.test(holder ?? '') ? undefined : holder) : seed
    const align = (from === undefined ? undefined : numberOf(yield* get(k, from, 'align'))) ?? PAGE_SIZE
    const resource = numberOf(yield* get(k, region, 'resource'))
    return resource !== undefined && resource % align !== 0 ? PAGE_SIZE : align
  },
)

const validate_size = kfunc(
  NAMESPACE,
  function* validate_size(
    k: Kernel,
    said: Said,
    o: { region: string; size: number; units: number; align: number; mode: Mode; given: boolean },
  ) {
    const { region, size, units, align, mode } = o
    const regionAlign = numberOf(yield* get(k, region, 'align'))
    const hex = (value: number): string => (value === 0 ? '0' : `0x${value.toString(16)}`)
    if (regionAlign !== undefined && size % regionAlign !== 0) {
      said.fail(CREATE, `${region}: align setting is ${hex(regionAlign)} size ${hex(size)} is misaligned`)
      return -EINVAL
    }
    const ways = Math.max(1, numberOf(yield* get(k, region, 'mappings')) ?? 1)
    if (size % (align * ways) !== 0) {
      const step = Math.max(units, align) * ways
      const next = ((Math.floor(size / step) + 1) * step) / units
      said.fail(
        CREATE,
        `'--size=' must align to interleave-width: ${ways} and alignment: ${align}\ndid you intend --size=${next}${SUFFIXES[units] ?? ''}?`,
      )
      return -EINVAL
    }
    if (size < 16 * MIB && mode !== 'raw') {
      if (!o.given) return -EAGAIN
      said.error(`'--size=' must be >= 16MiB for '${mode}' mode`)
      return -EINVAL
    }
    return 0
  },
)
