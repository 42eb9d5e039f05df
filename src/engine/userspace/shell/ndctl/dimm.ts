/**
 * `ndctl enable-dimm`, `disable-dimm` and the commands on label areas: read, write, zero, init, check.
 *
 * Source: ndctl 76 (ndctl/dimm.c). Left out: firmware, security, files of `--output` that are not there yet.
 */

import { view } from '../../../../base/bytes.ts'
import { uuid_text } from '../../../linux/drivers/nvdimm/core.ts'
import { decode_index, decode_label, NSINDEX_ALIGN, NSINDEX_HEAD } from '../../../linux/drivers/nvdimm/label_bytes.ts'
import { sys_close, sys_openat } from '../../../linux/fs/open.ts'
import { sys_write } from '../../../linux/fs/read_write.ts'
import type { Kernel } from '../../../linux/kernel.ts'
import { kfunc, type Op } from '../../../sim/kfunc.ts'
import { bytesOfText, packed, unpacked } from '../bytes.ts'
import { entering, O_WRONLY, readBytes } from '../files.ts'
import { hexJson, type Json, jsonText, sizeJson } from './json-text.ts'
import {
  blankIndexes,
  ndctl_dimm_read_labels,
  ndctl_dimm_sizeof_namespace_label,
  ndctl_dimm_validate_labels,
  ndctl_dimm_write_labels,
} from './labels.ts'
import {
  buses,
  DEVICES,
  dimmsOf,
  EBUSY,
  EINVAL,
  ENXIO,
  get,
  is_enabled,
  ND_DEVICE_NAMESPACE_PMEM,
  ndctl_bind,
  ndctl_region_disable_invalidate,
  ndctl_region_enable,
  ndctl_unbind,
  numberOf,
  passes,
  reason,
  Said,
  sysfs_device_parse,
  wrongly,
} from './lib.ts'
import type { Command } from './ndctl.ts'
import { type Given, type OptionName, optionTable, parseOptions, parseSize, USAGE, usage } from './options.ts'

const DIMM = 'shell: ndctl/dimm.c'
const VERSIONS: Readonly<Record<string, number>> = { '1.1': 128, 'v1.1': 128, '1.2': 256, 'v1.2': 256 }

interface Context {
  readonly given: Given
  /** Bytes of a label. */
  readonly labelSize: number
  /** What `--input` holds. */
  readonly input: Uint8Array | undefined
  readonly json: Json[]
}

/** 0, or a negative error number. */
type Action = (k: Kernel, said: Said, dimm: string, context: Context) => Op<number>

/** Is a region active on it? */
const isActive = kfunc(DIMM, function* ndctl_dimm_is_active(k: Kernel, dimm: string) {
  return (yield* get(k, dimm, 'state')) === 'active'
})

const ndctl_dimm_enable = kfunc(DIMM, function* ndctl_dimm_enable(k: Kernel, said: Said, dimm: string) {
  if (yield* is_enabled(k, dimm)) return 0
  yield* ndctl_bind(k, dimm)
  if (yield* is_enabled(k, dimm)) return 0
  said.line(`libndctl: ndctl_dimm_enable: ${dimm}: failed to enable`)
  return -ENXIO
})

const ndctl_dimm_disable = kfunc(DIMM, function* ndctl_dimm_disable(k: Kernel, said: Said, dimm: string) {
  if (!(yield* is_enabled(k, dimm))) return 0
  yield* ndctl_unbind(k, dimm)
  if (!(yield* is_enabled(k, dimm))) return 0
  said.line(`libndctl: ndctl_dimm_disable: ${dimm}: failed to disable`)
  return -EBUSY
})

/** The kernel's copy of the labels is read anew; without a driver it has none. */
const reread = kfunc(DIMM, function* reread(k: Kernel, said: Said, dimm: string) {
  if (!(yield* is_enabled(k, dimm))) return 0
  const rc = yield* ndctl_dimm_disable(k, said, dimm)
  return rc === 0 ? yield* ndctl_dimm_enable(k, said, dimm) : rc
})

const action_enable: Action = (k, said, dimm) => ndctl_dimm_enable(k, said, dimm)

const action_disable = kfunc(DIMM, function* action_disable(k: Kernel, said: Said, dimm: string) {
  if (yield* isActive(k, dimm)) {
    said.line(`${dimm} is active, skipping...`)
    return -EBUSY
  }
  return yield* ndctl_dimm_disable(k, said, dimm)
})

const action_zero = kfunc(DIMM, function* action_zero(k: Kernel, said: Said, dimm: string, { given }: Context) {
  if (yield* isActive(k, dimm)) {
    said.line(`${dimm}: regions active, abort label write`)
    return -EBUSY
  }
  const area = yield* ndctl_dimm_read_labels(k, dimm)
  if (typeof area === 'number') return area
  const { offset, length } = extentOf(given, area.length)
  const rc = yield* ndctl_dimm_write_labels(k, dimm, offset, new Uint8Array(length))
  return rc === 0 ? yield* reread(k, said, dimm) : rc
})

/** `--offset` and `--size`; the rest of the area without. */
function extentOf({ values }: Given, size: number): { readonly offset: number; readonly length: number } {
  const offset = Math.min(size, parseSize(values.get('offset') ?? '0')?.bytes ?? 0)
  const most = parseSize(values.get('size') ?? '')?.bytes ?? size
  return { offset, length: Math.min(most, size - offset) }
}

const action_init = kfunc(DIMM, function* action_init(k: Kernel, said: Said, dimm: string, context: Context) {
  const area = yield* ndctl_dimm_read_labels(k, dimm)
  if (typeof area === 'number') return area
  if (yield* isActive(k, dimm)) {
    said.line(`${dimm}: regions active, abort label write`)
    return -EBUSY
  }
  if (ndctl_dimm_validate_labels(area) >= 0 && !context.given.flags.has('force')) {
    said.line(`${dimm}: error: labels already initialized`)
    return -EBUSY
  }
  const indexes = blankIndexes(area, context.labelSize)
  if (indexes.length === 0) return -ENXIO
  const rc = yield* ndctl_dimm_write_labels(k, dimm, 0, indexes)
  return rc === 0 ? yield* reread(k, said, dimm) : rc
})

const action_check = kfunc(DIMM, function* action_check(k: Kernel, _said: Said, dimm: string) {
  const area = yield* ndctl_dimm_read_labels(k, dimm)
  if (typeof area === 'number') return area
  return ndctl_dimm_validate_labels(area) >= 0 ? 0 : -ENXIO
})

const action_write = kfunc(DIMM, function* action_write(k: Kernel, said: Said, dimm: string, context: Context) {
  if (yield* isActive(k, dimm)) {
    said.line('dimm is active, abort label write')
    return -EBUSY
  }
  const { given, input = new Uint8Array() } = context
  // Nothing to write: nobody asks the DIMM.
  if (input.length === 0) return yield* reread(k, said, dimm)
  const area = yield* ndctl_dimm_read_labels(k, dimm)
  if (typeof area === 'number') return area
  const { offset, length } = extentOf(given, area.length)
  const bytes = input.subarray(0, length)
  const rc = yield* ndctl_dimm_write_labels(k, dimm, offset, bytes)
  return rc === 0 ? yield* reread(k, said, dimm) : rc
})

const action_read = kfunc(DIMM, function* action_read(k: Kernel, said: Said, dimm: string, { given, json }: Context) {
  const area = yield* ndctl_dimm_read_labels(k, dimm)
  if (typeof area === 'number') return area
  const human = given.flags.has('human')
  if (human || given.flags.has('json')) {
    const index = indexJson(area)
    json.push({ dev: dimm, index, label: given.flags.has('index') ? undefined : labelJson(area, human) })
    return 0
  }
  const { offset, length } = extentOf(given, area.length)
  said.out += unpacked(area.subarray(offset, offset + length))
  return 0
})

const indexJson = (area: Uint8Array): Json =>
  [0, NSINDEX_ALIGN].map((at) => {
    const block = area.subarray(at, at + NSINDEX_HEAD)
    const { major, minor, labelsize, seq, nslot } = decode_index(block)
    const text = String.fromCharCode(...block.subarray(0, 15))
    const end = text.indexOf('\0')
    return {
      signature: end < 0 ? text : text.slice(0, end),
      major,
      minor,
      labelsize: 1 << ((7 + labelsize) & 31),
      seq,
      nslot,
    }
  })

/** Every label whose slot number is right, in force or not. */
function labelJson(area: Uint8Array, human: boolean): Json | undefined {
  const size = ndctl_dimm_sizeof_namespace_label(area)
  const list: Json[] = []
  for (let at = 2 * NSINDEX_ALIGN, slot = 0; at + size <= area.length; at += size, slot++) {
    const bytes = area.subarray(at, at + size)
    const label = decode_label(bytes)
    if (label.slot !== slot) continue
    list.push({
      uuid: label.uuid,
      name: label.name,
      slot,
      position: label.position,
      nlabel: label.nlabel,
      flags: hexJson(label.flags, human),
      isetcookie: hexJson(label.isetcookie, human),
      lbasize: label.lbasize,
      dpa: hexJson(label.dpa, human),
      rawsize: sizeJson(Number(label.rawsize), human),
      type_guid: label.type_guid,
      abstraction_guid: label.type_guid === undefined ? undefined : uuid_text(bytes.subarray(144, 160)),
    })
  }
  return list.length === 0 ? undefined : list
}

interface Called {
  readonly line: string
  readonly table: readonly OptionName[]
  readonly action: Action
  /** "initialized 1 nmem" */
  readonly done: string
  readonly what?: string
}

const commandOf = ({ line, table, action, done, what = 'nmem' }: Called): Command =>
  kfunc(DIMM, function* dimm_action(k: Kernel, args: readonly string[]) {
    const given = parseOptions(table, args)
    if (!given.ok) return wrongly(`${given.error}\n${usage(line)}`, USAGE)
    const { rest, values } = given.value
    const asked = rest.includes('all') ? ['all'] : rest
    const wrong = asked.filter((name) => name !== 'all' && !/^nmem\d/.test(name))
    const said = new Said()
    for (const name of wrong) said.line(`'${name}' is not a valid dimm name`)
    if (wrong.length === asked.length) return wrongly(`${said.err}${usage(line)}`, USAGE)
    const finish = (count: number) => {
      said.line(`${done} ${Math.max(0, count)} ${what}${count > 1 ? 's' : ''}`)
      return said.outcome(count >= 0 ? 0 : 1)
    }
    const labelSize = VERSIONS[values.get('label-version') ?? '1.1']
    if (labelSize === undefined) {
      said.line(`'${values.get('label-version')}' is not a valid label version`)
      return finish(-EINVAL)
    }
    const failedToOpen = (path: string | undefined, rc: number) => {
      said.line(`failed to open: ${path}: (${reason(rc)})`)
      return finish(rc)
    }
    const output = values.get('output')
    const fd = output === undefined ? undefined : yield* sys_openat(entering(k), output, O_WRONLY)
    if (fd !== undefined && fd < 0) return failedToOpen(output, fd)
    const path = values.get('input')
    const read = path === undefined ? undefined : yield* readBytes(k, path, 1 << 20, false, 0)
    if (typeof read === 'number') return failedToOpen(path, read)
    const context: Context = { given: given.value, labelSize, input: read, json: [] }
    let count = 0
    let failed = 0
    for (const name of asked)
      for (const bus of yield* buses(k, values.get('bus')))
        for (const dimm of yield* sysfs_device_parse(k, `${DEVICES}/${bus}`, /^nmem\d+$/)) {
          if (!passes(name, 'nmem', dimm)) continue
          const rc = yield* action(k, said, dimm, context)
          if (rc === 0) count++
          else if (failed === 0) failed = rc
        }
    const { json } = context
    const [only] = json
    if (only !== undefined)
      said.out += `${jsonText(given.value.flags.has('human') && json.length === 1 ? only : json)}\n`
    if (fd !== undefined) {
      yield* sys_write(entering(k), fd, packed(json.length > 0 ? bytesOfText(said.out) : said.out))
      yield* sys_close(entering(k), fd)
      said.out = ''
    }
    return finish(count > 0 ? count : failed)
  })

const BASE = 'b/bus=bus-id v/verbose'
const EXTENT = 's/size=label-size O/offset=label-offset'
const some = (command: string, more = '[<options>]'): string => `ndctl ${command} <nmem0> [<nmem1>..<nmemN>] ${more}`

export const dimmCommands: Readonly<Record<string, Command>> = {
  'enable-dimm': commandOf({
    line: some('enable-dimm'),
    table: optionTable(BASE),
    action: action_enable,
    done: 'enabled',
  }),
  'disable-dimm': commandOf({
    line: some('disable-dimm'),
    table: optionTable(BASE),
    action: action_disable,
    done: 'disabled',
  }),
  'read-labels': commandOf({
    line: some('read-labels'),
    table: optionTable(`${BASE} j/json o/output=output-file u/human I/index ${EXTENT}`),
    action: action_read,
    done: 'read',
  }),
  'write-labels': commandOf({
    line: 'ndctl write-labels <nmem> [-i <filename>]',
    table: optionTable(`${BASE} i/input=input-file ${EXTENT}`),
    action: action_write,
    done: 'wrote',
  }),
  'zero-labels': commandOf({
    line: some('zero-labels'),
    table: optionTable(`${BASE} ${EXTENT}`),
    action: action_zero,
    done: 'zeroed',
  }),
  'init-labels': commandOf({
    line: some('init-labels'),
    table: optionTable(`${BASE} f/force V/label-version=version-number`),
    action: action_init,
    done: 'initialized',
  }),
  'check-labels': commandOf({
    line: some('check-labels'),
    table: optionTable(BASE),
    action: action_check,
    done: 'successfully verified',
    what: 'nmem label',
  }),
}

/** What `create-namespace --autolabel` does for a region that has no labels yet: v1.2, if the kernel knows them. */
export const enable_labels = kfunc(DIMM, function* enable_labels(k: Kernel, said: Said, region: string) {
  const dimms = yield* dimmsOf(k, region)
  yield* ndctl_region_disable_invalidate(k, said, region)
  let active = 0
  for (const dimm of dimms)
    if (yield* isActive(k, dimm)) {
      said.err += `  Warning: ${dimm} is active in ${region}, failing autolabel\n\n`
      active++
    }
  for (const labelSize of active > 0 ? [] : [256, 128]) {
    let understood = true
    for (const dimm of dimms) {
      const area = yield* ndctl_dimm_read_labels(k, dimm)
      if (typeof area === 'number') continue
      const indexes = blankIndexes(area, labelSize)
      if ((yield* ndctl_dimm_write_labels(k, dimm, 0, indexes)) < 0) continue
      yield* ndctl_dimm_disable(k, said, dimm)
      yield* ndctl_dimm_enable(k, said, dimm)
      // The kernel keeps one slot free for changes.
      const free = numberOf(yield* get(k, dimm, 'available_slots'))
      if (indexes.length === 0 || view(indexes).getUint32(56, true) !== (free ?? 0) + 1) understood = false
    }
    if (understood) break
  }
  yield* ndctl_region_enable(k, said, region)
  if (numberOf(yield* get(k, region, 'nstype')) === ND_DEVICE_NAMESPACE_PMEM) return 0
  said.fail('create namespace', `${region}: failed to initialize labels`)
  return -EBUSY
})
