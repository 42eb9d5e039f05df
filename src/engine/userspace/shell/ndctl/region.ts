/**
 * `ndctl enable-region` and `disable-region`.
 *
 * Source: ndctl 76 (ndctl/region.c).
 */

import type { Kernel } from '../../../linux/kernel.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import {
  buses,
  namespaces,
  ndctl_namespace_disable_safe,
  ndctl_region_disable_invalidate,
  ndctl_region_enable,
  regions,
  Said,
  wrongly,
} from './lib.ts'
import type { Command } from './ndctl.ts'
import { optionTable, parseOptions, USAGE, usage } from './options.ts'

const REGION = 'shell: ndctl/region.c'
const OPTIONS = optionTable('b/bus=bus-id t/type=region-type v/verbose')

const region_action = kfunc(
  REGION,
  function* region_action(k: Kernel, said: Said, region: string, verb: 'enable' | 'disable') {
    if (verb === 'enable') return yield* ndctl_region_enable(k, said, region)
    for (const ns of yield* namespaces(k, region)) {
      const rc = yield* ndctl_namespace_disable_safe(k, ns)
      if (rc < 0) return rc
    }
    return yield* ndctl_region_disable_invalidate(k, said, region)
  },
)

const commandOf = (verb: 'enable' | 'disable'): Command =>
  kfunc(REGION, function* do_xable_region(k: Kernel, args: readonly string[]) {
    const line = `ndctl ${verb}-region <region> [<options>]`
    const given = parseOptions(OPTIONS, args)
    if (!given.ok) return wrongly(`${given.error}\n${usage(line)}`, USAGE)
    const [which, ...extra] = given.value.rest
    const type = given.value.values.get('type')
    const problems = extra.map((each) => `  Error: unknown extra parameter "${each}"\n\n`)
    if (which === undefined) problems.push(`  Error: specify a region to ${verb}, or "all"\n\n`)
    else if (type !== undefined && type !== 'pmem' && type !== 'blk')
      problems.push(`  Error: unknown region type '${type}', should be 'pmem' or 'blk'\n\n`)
    if (problems.length > 0) return wrongly(`${problems.join('')}${usage(line)}`, USAGE)
    const said = new Said()
    let count = 0
    for (const bus of yield* buses(k, given.value.values.get('bus')))
      for (const region of yield* regions(k, bus, which))
        if (type !== 'blk' && (yield* region_action(k, said, region, verb)) === 0) count++
    said.line(`${verb}d ${count} region${count === 1 ? '' : 's'}`)
    return said.outcome(0)
  })

export const regionCommands: Readonly<Record<string, Command>> = {
  'enable-region': commandOf('enable'),
  'disable-region': commandOf('disable'),
}
