/** dd of GNU coreutils: if, of, bs, ibs, obs, count, skip, seek, iflag, oflag, conv, status; and what it says in the end. */

import { err, ok, type Result } from '../../../base/result.ts'
import { sys_close, sys_openat } from '../../linux/fs/open.ts'
import { SEEK_CUR, SEEK_SET, sys_lseek, sys_read, sys_write } from '../../linux/fs/read_write.ts'
import { sys_fdatasync, sys_fsync } from '../../linux/fs/sync.ts'
import { ktime_get } from '../../linux/kernel/time/timekeeping.ts'
import type { Kernel } from '../../linux/kernel.ts'
import { kfunc, type Request } from '../../sim/kfunc.ts'
import { packed, unpacked } from './bytes.ts'
import { entering, O_CREAT, O_TRUNC, O_WRONLY, strerror } from './files.ts'
import { absolute, type Surroundings } from './session.ts'
import { failed, type Outcome } from './tool.ts'

/** Without conversions the file is made, and cut to nothing. */
const created = (conversions: readonly string[]): number =>
  (conversions.includes('nocreat') ? 0 : O_CREAT) |
  (conversions.includes('excl') ? O_EXCL : 0) |
  (conversions.includes('notrunc') ? 0 : O_TRUNC)

const O_EXCL = 0o200
const FLAGS: Readonly<Record<string, number>> = {
  direct: 0o40000,
  dsync: 0o10000,
  sync: 0o4010000,
  excl: 0o200,
  nonblock: 0o4000,
  fullblock: 0,
  count_bytes: 0,
  skip_bytes: 0,
  seek_bytes: 0,
}
const CONVERSIONS = ['fsync', 'fdatasync', 'notrunc', 'nocreat', 'noerror', 'sync', 'excl']
const STATUS = ['none', 'noxfer', 'progress']
/** Bytes of a block, at most: its buffer is in memory. */
const MOST_BLOCK = 64 << 20
/** Bytes that an endless input may give. */
const MOST_IN_ALL = 1 << 30

const UNITS: Readonly<Record<string, number>> = {
  c: 1,
  w: 2,
  b: 512,
  kB: 1000,
  K: 1024,
  KiB: 1024,
  k: 1024,
  MB: 1e6,
  M: 1 << 20,
  MiB: 1 << 20,
  GB: 1e9,
  G: 1 << 30,
  GiB: 1 << 30,
}

/** "4K", "1x512", "2M". */
function numberOf(text: string): Result<number, string> {
  let product = 1
  for (const factor of text.split('x')) {
    const [, digits, unit = ''] = /^(\d{1,15})([a-zA-Z]*)B?$/.exec(factor) ?? []
    const scale = unit === '' ? 1 : (UNITS[unit] ?? UNITS[unit.replace(/B$/, '')])
    if (digits === undefined || scale === undefined) return err(`invalid number: '${text}'`)
    product *= Number(digits) * scale
  }
  return Number.isSafeInteger(product) ? ok(product) : err(`invalid number: '${text}': Value too large`)
}

interface Operands {
  readonly texts: ReadonlyMap<string, string>
  readonly numbers: ReadonlyMap<string, number>
  readonly iflags: readonly string[]
  readonly oflags: readonly string[]
  readonly conversions: readonly string[]
}

const NUMBERS = ['bs', 'ibs', 'obs', 'count', 'skip', 'seek', 'iseek', 'oseek']
const TRY = "Try 'dd --help' for more information."

function operandsOf(args: readonly string[]): Result<Operands, string> {
  const texts = new Map<string, string>()
  const numbers = new Map<string, number>()
  const lists = { iflag: [] as string[], oflag: [] as string[], conv: [] as string[] }
  for (const arg of args) {
    const at = arg.indexOf('=')
    const [name, value] = [arg.slice(0, Math.max(0, at)), arg.slice(at + 1)]
    if (NUMBERS.includes(name)) {
      const number = numberOf(value)
      if (!number.ok) return err(`dd: ${number.error}`)
      if (['bs', 'ibs', 'obs'].includes(name) && number.value === 0) return err(`dd: invalid number: '${value}'`)
      numbers.set({ iseek: 'skip', oseek: 'seek' }[name] ?? name, number.value)
    } else if (name === 'if' || name === 'of') texts.set(name, value)
    else if (name === 'status') {
      if (!STATUS.includes(value)) return err(`dd: invalid status level: '${value}'\n${TRY}`)
      texts.set(name, value)
    } else if (name === 'iflag' || name === 'oflag' || name === 'conv') {
      const known = name === 'conv' ? CONVERSIONS : Object.keys(FLAGS)
      const wrong = value.split(',').find((each) => !known.includes(each))
      const what = { iflag: 'input flag', oflag: 'output flag', conv: 'conversion' }[name]
      if (wrong !== undefined) return err(`dd: invalid ${what}: '${wrong}'\n${TRY}`)
      lists[name].push(...value.split(','))
    } else return err(`dd: unrecognized operand '${arg}'\n${TRY}`)
  }
  return ok({ texts, numbers, iflags: lists.iflag, oflags: lists.oflag, conversions: lists.conv })
}

const bits = (flags: readonly string[]): number => flags.reduce((all, flag) => all | (FLAGS[flag] ?? 0), 0)

/** "4.1 kB, 4.0 KiB": what is said of a number of bytes that is not small. */
function human(bytes: number, base: 1000 | 1024): string {
  const units = base === 1000 ? ['B', 'kB', 'MB', 'GB'] : ['B', 'KiB', 'MiB', 'GiB']
  let value = bytes
  let unit = 0
  for (; value >= base && unit < units.length - 1; unit++) value /= base
  const shown = value < 10 && unit > 0 ? (Math.round(value * 10) / 10).toFixed(1) : String(Math.round(value))
  return `${shown} ${units[unit]}`
}

/** The last line: how much in what time, which is the kernel's. */
function transfer(bytes: number, nsec: bigint): string {
  const seconds = Number(nsec) / 1e9
  const shown = bytes === 1 ? '1 byte' : `${bytes} bytes`
  const [decimal, binary] = [human(bytes, 1000), human(bytes, 1024)]
  const units = bytes < 1000 ? '' : bytes < 1024 ? ` (${decimal})` : ` (${decimal}, ${binary})`
  const rate = seconds > 0 ? `${human(bytes / seconds, 1000)}/s` : 'Infinity B/s'
  return `${shown}${units} copied, ${Number(seconds.toPrecision(6))} s, ${rate}`
}

/** Whole blocks and others. */
interface Count {
  full: number
  partial: number
}

const count = (to: Count, moved: number, size: number): void => {
  if (moved === size) to.full++
  else if (moved > 0) to.partial++
}

interface Copying {
  readonly k: Kernel
  /** A descriptor, or what standard input holds. */
  readonly input: number | Uint8Array
  /** A descriptor; undefined: standard output. */
  readonly output: number | undefined
  readonly operands: Operands
  readonly read: Count
  readonly written: Count
  /** Bytes written, and those of standard output. */
  bytes: number
  printed: string
  from: number
  /** What is said of errors. */
  readonly problems: string[]
}

function* readBlock(c: Copying, size: number): Generator<Request, Uint8Array | number, unknown> {
  if (typeof c.input !== 'number') {
    const piece = c.input.subarray(c.from, c.from + size)
    c.from += piece.length
    return piece
  }
  const buffer = new Uint8Array(size)
  const got = yield* sys_read(entering(c.k), c.input, buffer)
  return got < 0 ? got : buffer.subarray(0, got)
}

/** Everything, until the input ends or something fails: the message then. */
function* copyAll(c: Copying): Generator<Request, string | undefined, unknown> {
  const { numbers, iflags, conversions, texts } = c.operands
  const size = numbers.get('ibs') ?? numbers.get('bs') ?? 512
  const wanted = numbers.get('count') ?? Number.POSITIVE_INFINITY
  const most = iflags.includes('count_bytes') ? wanted : wanted * size
  for (let taken = 0; taken < most; ) {
    if (taken > MOST_IN_ALL) return `dd: more than ${MOST_IN_ALL >> 30} GiB: stopped`
    const ask = Math.min(size, most - taken)
    const block = yield* readBlock(c, ask)
    if (typeof block === 'number') {
      const problem = `dd: error reading '${texts.get('if')}': ${strerror(block)}`
      if (!conversions.includes('noerror')) return problem
      yield* passOver(c, problem, ask, size)
      taken += ask
      continue
    }
    if (block.length === 0) break
    taken += iflags.includes('count_bytes') ? block.length : size
    count(c.read, block.length, size)
    const padded = conversions.includes('sync') && block.length < size ? new Uint8Array(size) : block
    if (padded !== block) padded.set(block)
    const problem = yield* writeBlock(c, padded, size)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** conv=noerror: say so, go on behind what can't be read; with `sync` zeros take its place. */
function* passOver(c: Copying, problem: string, ask: number, size: number): Generator<Request, void, unknown> {
  c.problems.push(problem)
  if (c.operands.texts.get('status') !== 'none') c.problems.push(...recordsSaid(c))
  yield* sys_lseek(entering(c.k), c.input as number, ask, SEEK_CUR)
  if (!c.operands.conversions.includes('sync')) return
  count(c.read, 1, size)
  const wrong = yield* writeBlock(c, new Uint8Array(size), size)
  if (wrong !== undefined) c.problems.push(wrong)
}

const recordsSaid = ({ read, written }: Copying): readonly string[] => [
  `${read.full}+${read.partial} records in`,
  `${written.full}+${written.partial} records out`,
]

function* writeBlock(c: Copying, block: Uint8Array, size: number): Generator<Request, string | undefined, unknown> {
  const rc = c.output === undefined ? block.length : yield* sys_write(entering(c.k), c.output, block)
  if (c.output === undefined) c.printed += unpacked(block)
  if (rc > 0) {
    c.bytes += rc
    count(c.written, rc, size)
  }
  const short = rc >= 0 && rc < block.length ? 28 : -rc
  return rc === block.length ? undefined : `dd: error writing '${c.operands.texts.get('of')}': ${strerror(-short)}`
}

export const dd = kfunc(
  'shell: coreutils/dd.c',
  function* dd(k: Kernel, args: readonly string[], around: Surroundings) {
    const parsed = operandsOf(args)
    if (!parsed.ok) return failed(parsed.error)
    const operands = parsed.value
    const { texts, numbers, iflags, oflags, conversions } = operands
    const ibs = numbers.get('ibs') ?? numbers.get('bs') ?? 512
    const obs = numbers.get('obs') ?? numbers.get('bs') ?? 512
    if (Math.max(ibs, obs) > MOST_BLOCK) return failed('dd: memory exhausted by input buffer of that size')
    const began = ktime_get(k)
    const opened: number[] = []
    const open = function* (name: 'if' | 'of', flags: number): Generator<Request, number | string, unknown> {
      const path = texts.get(name) ?? ''
      const fd = yield* sys_openat(entering(k), absolute(around.session, path), flags)
      if (fd < 0) return `dd: failed to open '${path}': ${strerror(fd)}`
      opened.push(fd)
      return fd
    }
    const close = function* (): Generator<Request, void, unknown> {
      for (const fd of opened) yield* sys_close(entering(k), fd)
    }
    const input = texts.has('if') ? yield* open('if', bits(iflags)) : around.stdin
    if (typeof input === 'string' && texts.has('if')) return failed(input)
    if (!texts.has('if') && typeof input === 'number') return failed(`dd: 'standard input': ${strerror(input)}`)
    const output = texts.has('of') ? yield* open('of', O_WRONLY | created(conversions) | bits(oflags)) : undefined
    if (typeof output === 'string') {
      yield* close()
      return failed(output)
    }
    const skip = (numbers.get('skip') ?? 0) * (iflags.includes('skip_bytes') ? 1 : ibs)
    const seek = (numbers.get('seek') ?? 0) * (oflags.includes('seek_bytes') ? 1 : obs)
    if (typeof input === 'number' && skip > 0) yield* sys_lseek(entering(k), input, skip, SEEK_SET)
    if (output !== undefined && seek > 0) yield* sys_lseek(entering(k), output, seek, SEEK_SET)
    const c: Copying = {
      k,
      input: typeof input === 'string' ? packed(input) : input,
      output,
      operands,
      read: { full: 0, partial: 0 },
      written: { full: 0, partial: 0 },
      bytes: 0,
      printed: '',
      from: typeof input === 'string' ? skip : 0,
      problems: [],
    }
    const { problems } = c
    const problem = yield* copyAll(c)
    if (problem !== undefined) problems.push(problem)
    const syncs = conversions.find((each) => each === 'fsync' || each === 'fdatasync')
    if (syncs !== undefined && output !== undefined && problem === undefined) {
      const rc = yield* (syncs === 'fsync' ? sys_fsync : sys_fdatasync)(entering(k), output)
      if (rc < 0) problems.push(`dd: ${syncs} failed for '${texts.get('of')}': ${strerror(rc)}`)
    }
    yield* close()
    const status = texts.get('status')
    const said = [...problems]
    if (status !== 'none')
      said.push(...recordsSaid(c), ...(status === 'noxfer' ? [] : [transfer(c.bytes, ktime_get(k) - began)]))
    return { output: c.printed, error: said.join('\n'), status: problems.length > 0 ? 1 : 0 } as Outcome
  },
)
