/**
 * The options of `ndctl create-namespace`, and what of them is wrong whatever the machine.
 *
 * Source: ndctl 76 (ndctl/namespace.c, set_defaults()).
 */

import { modeOf } from './modes.ts'
import { type Given, optionTable, parseSize } from './options.ts'

export const CREATE_OPTIONS = optionTable(`
  b/bus=bus-id r/region=region-id v/verbose e/reconfig=namespace u/uuid=uuid n/name=name s/size=size
  m/mode=operation-mode M/map=memmap-location l/sector-size=lba-size t/type=type a/align=align f/force L/autolabel
  c/continue R/autorecover
`)

export interface CreateOptions {
  readonly bus: string | undefined
  readonly region: string | undefined
  /** The namespace to turn into another mode. */
  readonly reconfig: string | undefined
  readonly uuid: string | undefined
  readonly name: string | undefined
  readonly size: string | undefined
  readonly mode: string | undefined
  /** The mode was not asked for. */
  readonly modeDefault: boolean
  readonly map: string | undefined
  readonly sectorSize: string | undefined
  readonly type: string | undefined
  readonly align: string | undefined
  readonly force: boolean
  readonly autolabel: boolean
  readonly autorecover: boolean
  /** As many as there is room for. */
  readonly greedy: boolean
}

export const PAGE_SIZE = 4096
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i

/** The options with their defaults, and what is wrong with them. */
export function createOptions({ values, flags, rest }: Given): {
  readonly options: CreateOptions
  readonly problems: readonly string[]
} {
  const problems: string[] = []
  const reconfig = values.get('reconfig')
  const type = values.get('type') ?? (reconfig === undefined ? 'pmem' : undefined)
  if (type !== undefined && type !== 'pmem' && type !== 'blk')
    problems.push(`invalid type '${type}', must be either 'pmem' or 'blk'`)
  const asked = values.get('mode')
  if (asked !== undefined && modeOf(asked) === undefined) problems.push(`invalid mode '${asked}'`)
  const mode = asked ?? (reconfig !== undefined ? undefined : type === 'blk' ? 'sector' : 'fsdax')
  const map = values.get('map')
  if (map !== undefined) {
    if (map !== 'mem' && map !== 'dev') problems.push(`invalid map location '${map}'`)
    if (reconfig === undefined && mode !== undefined && mode !== 'fsdax' && mode !== 'devdax')
      problems.push('--map only valid for an devdax mode pmem namespace')
  }
  if (type === 'blk' && (mode === 'fsdax' || mode === 'devdax'))
    problems.push("only 'pmem' namespaces support dax operation")
  const size = values.get('size')
  if (size !== undefined && parseSize(size) === undefined) problems.push(`failed to parse namespace size '${size}'`)
  const align = values.get('align')
  if (align !== undefined) {
    const bytes = parseSize(align)?.bytes
    if (bytes === undefined) problems.push(`failed to parse namespace alignment '${align}'`)
    else if (bytes < PAGE_SIZE || !Number.isInteger(Math.log2(bytes)))
      problems.push(`align must be a power-of-2 greater than ${PAGE_SIZE}`)
  }
  const uuid = values.get('uuid')
  if (uuid !== undefined && !UUID.test(uuid)) problems.push(`failed to parse uuid: '${uuid}'`)
  const sectors = values.get('sector-size')
  if (sectors !== undefined && parseSize(sectors) === undefined) problems.push(`invalid sector size: ${sectors}`)
  for (const extra of rest) problems.push(`unknown extra parameter "${extra}"`)
  const options = {
    bus: values.get('bus'),
    region: values.get('region'),
    reconfig,
    uuid,
    name: values.get('name'),
    size,
    mode,
    modeDefault: asked === undefined && mode !== undefined,
    map: map ?? (reconfig === undefined ? 'dev' : undefined),
    sectorSize: sectors ?? (type === 'blk' || modeOf(mode ?? '') === 'sector' ? '4096' : undefined),
    type,
    align,
    force: (flags.get('force') ?? 0) > 0,
    autolabel: flags.get('autolabel') !== 0,
    autorecover: flags.get('autorecover') !== 0,
    greedy: (flags.get('continue') ?? 0) > 0,
  }
  return { options, problems }
}
