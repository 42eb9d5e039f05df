/** -E: options that have an argument behind "=", or none. */

import { err, ok, type Result } from '../../../../base/result.ts'
import { uuid_bytes } from '../../../linux/drivers/nvdimm/core.ts'
import { strtoul } from './arguments.ts'
import type { Said } from './said.ts'

const VALID = `
Extended options are separated by commas, and may take an argument which
	is set off by an equals ('=') sign.

Valid extended options are:
	mmp_update_interval=<interval>
	num_backup_sb=<0|1|2>
	stride=<RAID per-disk data chunk in blocks>
	stripe-width=<RAID stride * data disks in blocks>
	offset=<offset to create the file system>
	resize=<resize maximum size in blocks>
	packed_meta_blocks=<0 to disable, 1 to enable>
	lazy_itable_init=<0 to disable, 1 to enable>
	lazy_journal_init=<0 to disable, 1 to enable>
	root_owner=<uid of root dir>:<gid of root dir>
	test_fs
	discard
	nodiscard
	encoding=<encoding>
	encoding_flags=<flags>
	quotatype=<quota type(s) to be enabled>
	assume_storage_prezeroed=<0 to disable, 1 to enable>

`

/** Real ones that this does not do. */
const LEFT_OUT = [
  'desc-size',
  'desc_size',
  'offset',
  'mmp_update_interval',
  'num_backup_sb',
  'packed_meta_blocks',
  'quotatype',
  'android_sparse',
  'encoding',
  'encoding_flags',
  'orphan_file_size',
]

export interface Extended {
  readonly hashSeed: Uint8Array | undefined
  /** Blocks. */
  readonly stride: number
  readonly stripeWidth: number
  /** Blocks that the file system may grow to, as it is written. */
  readonly resize: string | undefined
  readonly lazyItableInit: boolean
  readonly lazyJournalInit: boolean
  readonly prezeroed: boolean
  readonly discard: boolean
  readonly testFs: boolean
  readonly rootOwner: readonly [uid: number, gid: number]
}

type Draft = { -readonly [name in keyof Extended]: Extended[name] }

const put = (draft: Draft, more: Partial<Draft>): undefined => void Object.assign(draft, more)
/** What a taker finds wrong: a line of its own, or only that the option is bad. */
type Wrong = { readonly line?: string; readonly named?: boolean } | undefined

const NAMELESS: Wrong = { named: true }
const flag = (value: string | undefined): boolean => value === undefined || (strtoul(value) ?? 0) !== 0

function number(value: string | undefined, what: string): number | Wrong {
  if (value === undefined) return NAMELESS
  return strtoul(value) ?? { line: `Invalid ${what}: ${value}\n` }
}

const takers: Readonly<Record<string, (draft: Draft, value: string | undefined) => Wrong>> = {
  hash_seed(draft, value) {
    if (value === undefined) return NAMELESS
    draft.hashSeed = parseUuid(value)
    return draft.hashSeed === undefined ? { line: `Invalid hash seed: ${value}\n` } : undefined
  },
  stride(draft, value) {
    const blocks = number(value, 'stride parameter')
    if (typeof blocks !== 'number') return blocks
    draft.stride = blocks
    return undefined
  },
  stripe_width(draft, value) {
    const blocks = number(value, 'stripe-width parameter')
    if (typeof blocks !== 'number') return blocks
    draft.stripeWidth = blocks
    return undefined
  },
  resize(draft, value) {
    if (value === undefined) return NAMELESS
    draft.resize = value
    return undefined
  },
  root_owner(draft, value) {
    if (value === undefined) return undefined
    const [, uid, gid] = /^(\d+):(\d+)$/.exec(value) ?? []
    if (uid === undefined || gid === undefined) return { line: `Invalid root_owner: '${value}'\n` }
    draft.rootOwner = [Number(uid), Number(gid)]
    return undefined
  },
  lazy_itable_init: (draft, value) => put(draft, { lazyItableInit: flag(value) }),
  lazy_journal_init: (draft, value) => put(draft, { lazyJournalInit: draft.lazyJournalInit || flag(value) }),
  assume_storage_prezeroed: (draft, value) => put(draft, { prezeroed: flag(value) }),
  discard: (draft) => put(draft, { discard: true }),
  nodiscard: (draft) => put(draft, { discard: false }),
  no_copy_xattrs: () => undefined,
  test_fs: (draft) => put(draft, { testFs: true }),
}

/** 8-4-4-4-12 hexadecimal digits, nothing else. */
export const parseUuid = (text: string): Uint8Array | undefined =>
  /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text) ? uuid_bytes(text) : undefined

export const badOptions = (lines: string, named: string): Result<never, string> =>
  err(`${lines}\nBad option(s) specified: ${named}\n${VALID}`)

/** `given`: strides that the device has. */
export function parse_extended_opts(
  program: string,
  text: string | undefined,
  given: Pick<Extended, 'stride' | 'stripeWidth'>,
  said: Said,
): Result<Extended, string> {
  const draft: Draft = {
    ...given,
    hashSeed: undefined,
    resize: undefined,
    lazyItableInit: true,
    lazyJournalInit: false,
    prezeroed: false,
    discard: true,
    testFs: false,
    rootOwner: [0, 0],
  }
  let lines = ''
  let bad: string | undefined
  for (const token of (text ?? '').split(',')) {
    if (token === '') continue
    const equals = token.indexOf('=')
    const written = equals < 0 ? token : token.slice(0, equals)
    const name = written === 'stripe-width' ? 'stripe_width' : written
    const value = equals < 0 ? undefined : token.slice(equals + 1)
    if (LEFT_OUT.includes(name)) return err(`${program}: -E ${name} is not modelled\n`)
    const wrong = Object.hasOwn(takers, name) ? takers[name]?.(draft, value) : NAMELESS
    if (wrong === undefined) continue
    lines += wrong.line ?? ''
    bad = wrong.named === true ? written : (bad ?? '')
  }
  if (bad !== undefined) return badOptions(lines, bad)
  if (text !== undefined && draft.stride > 0 && draft.stripeWidth % draft.stride !== 0)
    said.err += `\nWarning: RAID stripe-width ${draft.stripeWidth} not an even multiple of stride ${draft.stride}.\n\n`
  return ok(draft)
}
