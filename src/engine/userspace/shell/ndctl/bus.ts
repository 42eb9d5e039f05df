/**
 * `ndctl start-scrub` and `wait-scrub`: address range scrubs. One is over before anybody can ask.
 *
 * Source: ndctl 76 (ndctl/bus.c).
 */

import type { Kernel } from '../../../linux/kernel.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { type Json, jsonText } from './json-text.ts'
import { buses, ENXIO, get, reason, Said, sysfs_write_attr, wrongly } from './lib.ts'
import type { Command } from './ndctl.ts'
import { optionTable, parseOptions, USAGE, usage } from './options.ts'

const BUS = 'shell: ndctl/bus.c'
const EOPNOTSUPP = 95

/** "idle", "active"; undefined: the bus has no scrubs. */
export const scrub_state = kfunc(BUS, function* ndctl_bus_get_scrub_state(k: Kernel, bus: string) {
  const text = yield* get(k, bus, 'nfit/scrub')
  return text === undefined ? undefined : text.endsWith('+') ? 'active' : 'idle'
})

const commandOf = (verb: 'start' | 'wait', options: string, doing: string): Command =>
  kfunc(BUS, function* bus_action(k: Kernel, args: readonly string[]) {
    const line = `ndctl ${verb}-scrub [<bus-id> <bus-id2> ... <bus-idN>] [<options>]`
    const table = optionTable(options)
    const given = parseOptions(table, args)
    if (!given.ok) return wrongly(`${given.error}\n${usage(line)}`, USAGE)
    const { rest } = given.value
    const said = new Said()
    const list: Json[] = []
    let failed = 0
    for (const which of rest.length === 0 || rest.includes('all') ? ['all'] : rest)
      for (const bus of yield* buses(k, which)) {
        const state = yield* scrub_state(k, bus)
        let rc = state === undefined ? -EOPNOTSUPP : 0
        if (rc === 0 && verb === 'start') rc = yield* sysfs_write_attr(k, bus, 'nfit/scrub', '1')
        if (rc === 0) {
          const provider = (yield* get(k, bus, 'provider')) ?? ''
          list.push({ provider, dev: bus, scrub_state: (yield* scrub_state(k, bus)) ?? 'idle' })
        } else if (failed === 0) failed = rc
      }
    if (list.length > 0) {
      said.out += `${jsonText(list)}\n`
      return said.outcome(0)
    }
    const rc = failed === 0 ? -ENXIO : failed
    said.line(`error ${doing}: ${reason(rc)}`)
    return said.outcome(rc)
  })

export const busCommands: Readonly<Record<string, Command>> = {
  'start-scrub': commandOf('start', 'v/verbose', 'starting scrub'),
  'wait-scrub': commandOf('wait', 'v/verbose p/poll=seconds', 'waiting for scrub completion'),
}
