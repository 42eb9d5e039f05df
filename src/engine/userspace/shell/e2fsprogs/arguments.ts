/** What mke2fs is asked for: its options one after the other, each checked as far as the device does not matter. */

import { err, ok, type Result } from '../../../../base/result.ts'
import {
  EXT4_ERRORS_CONTINUE,
  EXT4_ERRORS_PANIC,
  EXT4_ERRORS_RO,
  EXT4_MAX_BLOCK_SIZE,
  EXT4_MIN_BLOCK_SIZE,
} from '../../../linux/fs/ext4/ext4.ts'
import type { Said } from './said.ts'

const SPEC = 'b:cd:e:g:i:jl:m:no:qr:s:t:vC:DE:FG:I:J:KL:M:N:O:R:ST:U:Vz:'
/** Options that this does not do. */
const LEFT_OUT = 'cCdlorRsSz'
const LABEL_LEN = 16
const VERSION = 'mke2fs 1.47.0 (5-Feb-2023)\n'
const LIBRARY = '\tUsing EXT2FS Library version 1.47.0\n'

const USAGE = `Usage: %s [-c|-l filename] [-b block-size] [-C cluster-size]
	[-i bytes-per-inode] [-I inode-size] [-J journal-options]
	[-G flex-group-size] [-N number-of-inodes] [-d root-directory]
	[-m reserved-blocks-percentage] [-o creator-os]
	[-g blocks-per-group] [-L volume-label] [-M last-mounted-directory]
	[-O feature[,...]] [-r fs-revision] [-E extended-option[,...]]
	[-t fs-type] [-T usage-type ] [-U UUID] [-e errors_behavior][-z undo_file]
	[-jnqvDFSV] device [blocks-count]
`

const JOURNAL_USAGE = `
Bad journal options specified.

Journal options are separated by commas, and may take an argument which
	is set off by an equals ('=') sign.

Valid journal options are:
	size=<journal size in megabytes>
	device=<journal device>
	location=<journal location>

The journal size must be between 1024 and 10240000 filesystem blocks.

`

export interface Arguments {
  /** As it was called: "mkfs.ext4". */
  readonly program: string
  readonly device: string
  /** Blocks of the file system, as it was written. */
  readonly blocksCount: string | undefined
  /** Bytes; 0: nothing is said; negative: at least. */
  readonly blockSize: number
  readonly errors: number
  readonly blocksPerGroup: number
  /** Groups whose tables stand together; 0: nothing is said. */
  readonly flexSize: number
  /** Bytes of the device for each inode; 0: nothing is said. */
  readonly inodeRatio: number
  readonly inodeSize: number
  readonly inodes: number
  /** Percent; negative: nothing is said. */
  readonly reservedRatio: number
  /** MiB; 0: no word of a journal, -1: one of the usual size. */
  readonly journalSize: number
  readonly label: string | undefined
  readonly lastMounted: string | undefined
  readonly features: string | undefined
  readonly extended: string | undefined
  readonly type: string | undefined
  readonly usage: string | undefined
  readonly uuid: string | undefined
  readonly force: number
  readonly quiet: boolean
  readonly verbose: boolean
  readonly noAction: boolean
}

interface Option {
  readonly letter: string
  readonly value: string
}

const usage = (program: string): string => USAGE.replace('%s', program)

/** As getopt reads them: options may follow what is none. */
function getopt(program: string, args: readonly string[]): Result<{ options: Option[]; rest: string[] }, string> {
  const options: Option[] = []
  const rest: string[] = []
  const wrong = (text: string): Result<never, string> => err(`${program}: ${text}\n${usage(program)}`)
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string
    if (arg === '--') {
      rest.push(...args.slice(at + 1))
      break
    }
    if (!arg.startsWith('-') || arg === '-') {
      rest.push(arg)
      continue
    }
    for (let i = 1; i < arg.length; i++) {
      const letter = arg[i] as string
      const place = letter === ':' ? -1 : SPEC.indexOf(letter)
      if (place < 0) return wrong(`invalid option -- '${letter}'`)
      if (SPEC[place + 1] !== ':') {
        options.push({ letter, value: '' })
        continue
      }
      const value = i + 1 < arg.length ? arg.slice(i + 1) : args[++at]
      if (value === undefined) return wrong(`option requires an argument -- '${letter}'`)
      options.push({ letter, value })
      break
    }
  }
  return ok({ options, rest })
}

/** As strtoul() reads it, when it reads all of it. */
export function strtoul(text: string): number | undefined {
  if (/^[+]?0x[\da-f]+$/i.test(text)) return Number.parseInt(text.replace('+', '').slice(2), 16)
  if (/^[+]?0[0-7]*$/.test(text)) return Number.parseInt(text, 8)
  return /^[+]?[1-9]\d*$/.test(text) ? Number(text) : undefined
}

/** "4096", "4k", "64M", "100s": bytes, or blocks of 2^(10 + `log`) bytes. 0: no such thing. */
export function parse_num_blocks2(text: string, log: number): number {
  const [, minus, digits, unit = ''] = /^(-?)(\d+)([tgmks]?)$/i.exec(text) ?? []
  if (digits === undefined || unit === 'S') return 0
  const scale = { '': 0, k: 10, m: 20, g: 30, t: 40, s: 9 }[unit.toLowerCase()] as number
  const shift = unit === '' ? 0 : scale - (log < 0 ? 0 : 10 + log)
  const value = Math.floor(Number(digits) * 2 ** shift)
  return minus === '-' ? -value : value
}

type Draft = { -readonly [name in keyof Arguments]: Arguments[name] }

const put = (draft: Draft, more: Partial<Draft>): undefined => void Object.assign(draft, more)

const behaviours: Readonly<Record<string, number>> = {
  continue: EXT4_ERRORS_CONTINUE,
  'remount-ro': EXT4_ERRORS_RO,
  panic: EXT4_ERRORS_PANIC,
}

/** -J size=4 */
function parse_journal_opts(draft: Draft, text: string): string | undefined {
  for (const token of text.split(',')) {
    if (token === '') continue
    const [name, value] = token.split('=')
    if ((name === 'device' || name === 'location' || name === 'fast_commit_size') && value !== undefined)
      return `${draft.program}: -J ${name}= is not modelled\n`
    if (name === 'v1_superblock') return `${draft.program}: -J v1_superblock is not modelled\n`
    const size = name === 'size' && value !== undefined ? strtoul(value) : undefined
    if (size === undefined) return JOURNAL_USAGE
    draft.journalSize = size
  }
  return undefined
}

type Taker = (draft: Draft, value: string, said: Said) => string | undefined

const complains = (draft: Draft, text: string): string => `${draft.program}: ${text}\n`

/** What an option does; its complaint, if it has one. */
const takers: Readonly<Record<string, Taker>> = {
  b(draft, value, said) {
    const size = parse_num_blocks2(value, -1)
    if (Math.abs(size) < EXT4_MIN_BLOCK_SIZE || Math.abs(size) > EXT4_MAX_BLOCK_SIZE)
      return complains(draft, `invalid block size - ${value}`)
    if (size > 4096) said.err += `Warning: blocksize ${size} not usable on most systems.\n`
    draft.blockSize = size
    return undefined
  },
  e(draft, value) {
    const behaviour = Object.hasOwn(behaviours, value) ? behaviours[value] : undefined
    if (behaviour === undefined) return complains(draft, `bad error behavior - ${value}`) + usage(draft.program)
    draft.errors = behaviour
    return undefined
  },
  E: (draft, value) => put(draft, { extended: value }),
  F: (draft) => put(draft, { force: draft.force + 1 }),
  g(draft, value) {
    const blocks = strtoul(value)
    if (blocks === undefined) return complains(draft, 'Illegal number for blocks per group')
    if (blocks % 8 !== 0) return complains(draft, 'blocks per group must be multiple of 8')
    draft.blocksPerGroup = blocks
    return undefined
  },
  G(draft, value) {
    const size = strtoul(value)
    if (size === undefined) return complains(draft, 'Illegal number for flex_bg size')
    if (size < 1 || !Number.isInteger(Math.log2(size))) return complains(draft, 'flex_bg size must be a power of 2')
    if (size > 2 ** 31) return complains(draft, `flex_bg size (${size}) must be less than or equal to 2^31`)
    draft.flexSize = size
    return undefined
  },
  i(draft, value) {
    const ratio = parse_num_blocks2(value, -1)
    if (ratio < EXT4_MIN_BLOCK_SIZE || ratio > EXT4_MAX_BLOCK_SIZE * 1024)
      return complains(
        draft,
        `invalid inode ratio ${value} (min ${EXT4_MIN_BLOCK_SIZE}/max ${EXT4_MAX_BLOCK_SIZE * 1024})`,
      )
    draft.inodeRatio = ratio
    return undefined
  },
  I(draft, value) {
    const size = strtoul(value)
    if (size === undefined) return complains(draft, `invalid inode size - ${value}`)
    draft.inodeSize = size
    return undefined
  },
  j: (draft) => put(draft, { journalSize: draft.journalSize || -1 }),
  J: (draft, value) => parse_journal_opts(draft, value),
  K: (draft, _, said) => {
    said.err +=
      "Warning: -K option is deprecated and should not be used anymore. Use '-E nodiscard' extended option instead!\n"
    draft.extended = ['nodiscard', draft.extended].filter((each) => each !== undefined).join(',')
    return undefined
  },
  L(draft, value, said) {
    draft.label = value.slice(0, LABEL_LEN)
    if (value.length > LABEL_LEN) said.err += `Warning: label too long; will be truncated to '${draft.label}'\n\n`
    return undefined
  },
  m(draft, value) {
    const ratio = /^\d*\.?\d*$/.test(value) && value !== '.' ? Number(value) : Number.NaN
    if (!(ratio >= 0 && ratio <= 50)) return complains(draft, `invalid reserved blocks percent - ${value}`)
    draft.reservedRatio = ratio
    return undefined
  },
  M: (draft, value) => put(draft, { lastMounted: value }),
  n: (draft) => put(draft, { noAction: true }),
  N(draft, value) {
    const inodes = strtoul(value)
    if (inodes === undefined) return complains(draft, `bad num inodes - ${value}`)
    draft.inodes = inodes
    return undefined
  },
  O: (draft, value) => put(draft, { features: [draft.features, value].filter((each) => each !== undefined).join(',') }),
  q: (draft) => put(draft, { quiet: true }),
  t(draft, value) {
    if (draft.type !== undefined) return complains(draft, 'The -t option may only be used once')
    draft.type = value
    return undefined
  },
  T(draft, value) {
    if (draft.usage !== undefined) return complains(draft, 'The -T option may only be used once')
    draft.usage = value
    return undefined
  },
  U: (draft, value) => put(draft, { uuid: value }),
  v: (draft) => put(draft, { verbose: true }),
  D: () => undefined,
  V: () => undefined,
}

/** What is asked for; undefined when the version was, which is printed. */
export function parseArguments(
  program: string,
  args: readonly string[],
  said: Said,
): Result<Arguments | undefined, string> {
  const parsed = getopt(program, args)
  if (!parsed.ok) return parsed
  const { options, rest } = parsed.value
  const draft: Draft = {
    program,
    device: rest[0] ?? '',
    blocksCount: rest[1],
    blockSize: 0,
    errors: 0,
    blocksPerGroup: 0,
    flexSize: 0,
    inodeRatio: 0,
    inodeSize: 0,
    inodes: 0,
    reservedRatio: -1,
    journalSize: program === 'mkfs.ext3' ? -1 : 0,
    label: undefined,
    lastMounted: undefined,
    features: undefined,
    extended: undefined,
    type: undefined,
    usage: undefined,
    uuid: undefined,
    force: 0,
    quiet: false,
    verbose: false,
    noAction: false,
  }
  for (const { letter, value } of options) {
    if (LEFT_OUT.includes(letter)) return err(`${program}: -${letter} is not modelled\n`)
    const problem = takers[letter]?.(draft, value, said)
    if (problem !== undefined) return err(problem)
  }
  const version = options.some(({ letter }) => letter === 'V')
  if (rest.length === 0 && !version) return err(usage(program))
  if (!draft.quiet || version) said.err += VERSION
  if (version) {
    said.err += LIBRARY
    return ok(undefined)
  }
  const log = draft.blockSize > 0 ? Math.floor(Math.log2(draft.blockSize / 1024)) : 0
  if (rest[1] !== undefined && parse_num_blocks2(rest[1], log) <= 0)
    return err(`${program}: invalid blocks '${rest[1]}' on device '${rest[0]}'\n`)
  return rest.length > 2 ? err(usage(program)) : ok(draft)
}
