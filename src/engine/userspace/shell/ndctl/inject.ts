/**
 * `ndctl inject-error`: media errors through the firmware's own commands for it.
 *
 * Source: ndctl 76 (ndctl/inject-error.c, ndctl/lib/inject.c). Left out: namespaces in sector mode, which the real tool
 * does not take either.
 */

import type { NfitArsInject } from '../../../linux/drivers/acpi/nfit/ars.ts'
import { sys_ioctl } from '../../../linux/fs/ioctl.ts'
import { sys_close, sys_openat } from '../../../linux/fs/open.ts'
import type { Kernel } from '../../../linux/kernel.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { entering } from '../files.ts'
import { hexJson, type Json, jsonText } from './json-text.ts'
import { buses, EINVAL, ENXIO, get, holderOf, namespaces, numberOf, reason, regions, Said, wrongly } from './lib.ts'
import { util_namespace_to_json } from './namespace-json.ts'
import { type Given, optionTable, parseOptions, parseSize, USAGE, usage } from './options.ts'

const INJECT = 'shell: ndctl/inject-error.c'
const O_RDWR = 2
const SECTOR = 512
const EOPNOTSUPP = 95
const LINE = 'ndctl inject-error <namespace> [<options>]'
const OPTIONS = optionTable(`
  b/bus=bus-id r/region=region-id v/verbose B/block=offset n/count=count d/uninject t/status N/no-notify S/saturate
  u/human
`)
/** Functions of the bus for it: set, clear and get. */
const INJECTION = 0b111 << 7

/** What is asked for; a text: what is wrong with it. */
type Asked =
  | { readonly kind: 'status' }
  | { readonly kind: 'inject' | 'uninject'; readonly block: number; readonly count: number }

function inject_init({ flags, values }: Given): Asked | string {
  const [block, count] = ['block', 'count'].map((name) => values.get(name))
  if (flags.has('status'))
    return block !== undefined || count !== undefined || flags.has('uninject')
      ? 'status is invalid with inject or uninject'
      : { kind: 'status' }
  const [at, many] = [block, count].map((text) => (text === undefined ? undefined : parseSize(text)?.bytes))
  if (block !== undefined && at === undefined) return `Invalid block: ${block}`
  if (count !== undefined && many === undefined) return `Invalid count: ${count}`
  if (at === undefined || many === undefined) return 'block and count required for inject/uninject'
  return { kind: flags.has('uninject') ? 'uninject' : 'inject', block: at, count: many }
}

/** Where the blocks of a namespace begin, SPA, and their bytes; or a negative error number. */
const bounds = kfunc(INJECT, function* ndctl_namespace_get_injection_bounds(k: Kernel, ns: string) {
  const holder = yield* holderOf(k, ns)
  if (holder?.startsWith('btt')) return -EOPNOTSUPP
  const start = numberOf(yield* get(k, holder ?? ns, 'resource'))
  const size = numberOf(yield* get(k, holder ?? ns, 'size'))
  return start === undefined || size === undefined ? -ENXIO : { start, size }
})

const request = kfunc(INJECT, function* ndctl_bus_cmd_submit(k: Kernel, bus: string, arg: NfitArsInject) {
  const fd = yield* sys_openat(entering(k), `/dev/${bus.replace('bus', 'ctl')}`, O_RDWR)
  if (fd < 0) return fd
  const rc = yield* sys_ioctl(entering(k), fd, 'ND_IOCTL_CALL', arg)
  yield* sys_close(entering(k), fd)
  return rc
})

const err_inject_ns = kfunc(
  INJECT,
  function* err_inject_ns(k: Kernel, said: Said, bus: string, ns: string, asked: Asked, given: Given) {
    const human = given.flags.has('human')
    const verb = asked.kind === 'status' ? 'get injection status' : `${asked.kind} error`
    const fail = (rc: number): number => {
      said.line(`Unable to ${verb}: ${reason(rc)} (${rc})`)
      return rc
    }
    const range = yield* bounds(k, ns)
    if (typeof range === 'number') return fail(range)
    const { start, size } = range
    if (asked.kind === 'status') {
      const arg: NfitArsInject = { function: 'get', address: start, length: size, notify: false, found: [] }
      const rc = yield* request(k, bus, arg)
      if (rc < 0) return fail(rc)
      const badblocks: Json[] = arg.found.map((error) => {
        const block = Math.floor((error.start - start) / SECTOR)
        const count = Math.ceil((error.start + error.length - start) / SECTOR) - block
        return { block: hexJson(block, human), count: hexJson(count, human) }
      })
      if (badblocks.length > 0) said.out += `${jsonText({ badblocks })}\n`
      return 0
    }
    const { block, count } = asked
    if (count === 0 || (block + count) * SECTOR > size) return fail(-EINVAL)
    // One unit of what can be cleared makes a block unreadable, unless all of it is asked for.
    const unit = given.flags.has('saturate') ? SECTOR : undefined
    for (let i = block; i < block + count; i++) {
      const rc = yield* request(k, bus, {
        function: asked.kind === 'inject' ? 'set' : 'clear',
        address: start + i * SECTOR,
        length: unit ?? 0,
        notify: asked.kind === 'inject' && !given.flags.has('no-notify') && i === block + count - 1,
        found: [],
      })
      if (rc < 0) return fail(rc)
    }
    if (asked.kind === 'uninject') said.out += WARNING
    const format = { human, verbose: false, daxregions: false, media: true }
    said.out += `${jsonText(yield* util_namespace_to_json(k, ns, format))}\n`
    return 0
  },
)

const WARNING = `Warning: Un-injecting previously injected errors here will
not cause the kernel to 'forget' its badblock entries. Those
have to be cleared through the normal process of writing
the affected blocks

`

export const cmd_inject_error = kfunc(INJECT, function* cmd_inject_error(k: Kernel, args: readonly string[]) {
  const given = parseOptions(OPTIONS, args)
  if (!given.ok) return wrongly(`${given.error}\n${usage(LINE)}`, USAGE)
  const { rest, values } = given.value
  const said = new Said()
  const asked = inject_init(given.value)
  if (typeof asked === 'string') {
    said.error(asked)
    return said.outcome(-EINVAL)
  }
  const [which, ...extra] = rest
  const problems = extra.map((each) => `  Error: unknown extra parameter "${each}"\n\n`)
  if (which === undefined) problems.push('  Error: specify a namespace to inject error to\n\n')
  if (which === undefined || problems.length > 0) return wrongly(`${problems.join('')}${usage(LINE)}`, USAGE)
  for (const bus of yield* buses(k, values.get('bus')))
    for (const region of yield* regions(k, bus, values.get('region')))
      for (const ns of yield* namespaces(k, region)) {
        if (ns !== which) continue
        const mask = numberOf(yield* get(k, bus, 'nfit/dsm_mask')) ?? 0
        if ((mask & INJECTION) === INJECTION)
          return said.outcome(yield* err_inject_ns(k, said, bus, ns, asked, given.value))
        said.line(`${ns}: error injection not supported`)
        return said.outcome(-EOPNOTSUPP)
      }
  said.error(`${which}: no such namespace`)
  return said.outcome(-ENXIO)
})
