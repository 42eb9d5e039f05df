/**
 * sfdisk of util-linux: a table of partitions, DOS or GPT, from a script on standard input. Only quietly (`-q`): what it
 * reports otherwise is not modelled. Left out: changing a table, dumps, logical partitions.
 */

import { err, ok, type Result } from '../../../base/result.ts'
import { get_random_bytes } from '../../linux/drivers/char/random.ts'
import { sys_ioctl } from '../../linux/fs/ioctl.ts'
import { sys_close, sys_openat } from '../../linux/fs/open.ts'
import { sys_pwrite64 } from '../../linux/fs/read_write.ts'
import { sys_fsync } from '../../linux/fs/sync.ts'
import type { Kernel } from '../../linux/kernel.ts'
import { kfunc } from '../../sim/kfunc.ts'
import { entering, strerror } from './files.ts'
import { optionsOf } from './options.ts'
import { dosTable, gptTable, type Piece, usable, type WantedPart } from './partition-table.ts'
import { absolute, type Surroundings } from './session.ts'
import { done, failed } from './tool.ts'

const O_RDWR = 2
const O_EXCL = 0o200
/** Sectors: 1 MiB. */
const GRAIN = 2048
const MOST = { dos: 4, gpt: 128 }
const LINUX_GUID = '0FC63DAF-8483-4772-8E79-3D69D8477DE4'
const ALIASES: Readonly<Record<string, readonly [number, string]>> = {
  L: [0x83, LINUX_GUID],
  linux: [0x83, LINUX_GUID],
  U: [0xef, 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B'],
  uefi: [0xef, 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B'],
  S: [0x82, '0657FD6D-A4AB-43C4-84E5-0933C84B4F4F'],
  swap: [0x82, '0657FD6D-A4AB-43C4-84E5-0933C84B4F4F'],
}
const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2, M: 2048, G: 2048 * 1024 }

/** A GUID's first three fields have their low bytes first. */
function guidBytes(text: string): Uint8Array {
  const bytes = Uint8Array.from(text.replaceAll('-', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  for (const [from, to] of [
    [0, 4],
    [4, 6],
    [6, 8],
  ] as const)
    bytes.subarray(from, to).reverse()
  return bytes
}

function typeOf(label: 'dos' | 'gpt', text: string): number | Uint8Array | undefined {
  const alias = ALIASES[text]
  if (alias !== undefined) return label === 'dos' ? alias[0] : guidBytes(alias[1])
  if (label === 'dos') return /^[0-9a-fA-F]{1,2}$/.test(text) ? Number.parseInt(text, 16) : undefined
  return /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(text) ? guidBytes(text) : undefined
}

/** "2048", "32M", "1GiB": sectors. */
function sectorsOf(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,15})(?:([KMG])(?:i?B)?)?$/.exec(text) ?? []
  return digits === undefined ? undefined : Number(digits) * (UNITS[unit] as number)
}

/** What a line may say of a partition. */
const FIELDS: readonly string[] = ['start', 'size', 'type', 'bootable', 'uuid', 'name', 'attrs']

interface Script {
  readonly label: 'dos' | 'gpt'
  readonly parts: readonly WantedPart[]
}

/** "start, size, type, bootable" or "start=…, size=…": the fields of a line, by name. */
function fieldsOf(line: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  const named = line.includes('=')
  for (const [i, part] of line.split(named ? /[,\s]+/ : ',').entries()) {
    const [name = '', value] = part.trim().split('=')
    if (value !== undefined) fields.set(name, value.replace(/^"|"$/g, ''))
    else if (named) fields.set(name, '*')
    else fields.set(['start', 'size', 'type', 'bootable'][i] ?? name, name)
  }
  return fields
}

/** `sectors`: of the disk. */
function scriptOf(text: string, wanted: string | undefined, sectors: number): Result<Script, string> {
  let label = wanted ?? 'dos'
  const parts: WantedPart[] = []
  let free = 0
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const wrong = (): Result<Script, string> => err(`sfdisk: line ${i + 1}: unsupported command`)
    const [, key, value = ''] = /^([\w-]+):\s*(.*)$/.exec(line) ?? []
    if (key === 'label') label = value
    else if (key !== undefined && !['label-id', 'unit', 'device', 'first-lba', 'last-lba'].includes(key)) return wrong()
    if (key !== undefined) continue
    if (label !== 'dos' && label !== 'gpt') return err(`sfdisk: unsupported label '${label}'`)
    const [first, last] = usable(label, sectors)
    const fields = fieldsOf(line)
    if ([...fields.keys()].some((name) => !FIELDS.includes(name))) return wrong()
    const said = (name: string): string | undefined => (fields.get(name) || undefined)?.replace(/^-$/, '') || undefined
    const from = Math.ceil(Math.max(first, free) / GRAIN) * GRAIN
    const start = said('start') === undefined ? from : sectorsOf(said('start') as string)
    if (start === undefined) return wrong()
    const rest = last + 1 - start
    const size = said('size') === undefined || said('size') === '+' ? rest : sectorsOf(said('size') as string)
    const type = typeOf(label, said('type') ?? 'L')
    if (size === undefined || type === undefined) return wrong()
    if (
      start < first ||
      start > last ||
      parts.some((each) => start < each.start + each.size && start + size > each.start)
    )
      return err(
        `sfdisk: line ${i + 1}: Start sector ${start} out of range.\nFailed to add #${parts.length + 1} partition: Invalid argument`,
      )
    if (size <= 0 || size > rest)
      return err(`sfdisk: line ${i + 1}: Failed to add #${parts.length + 1} partition: Numerical result out of range`)
    if (parts.length === MOST[label]) return err(`sfdisk: line ${i + 1}: All space for primary partitions is in use.`)
    parts.push({ start, size, type, bootable: fields.get('bootable') === '*' })
    free = start + size
  }
  if (label !== 'dos' && label !== 'gpt') return err(`sfdisk: unsupported label '${label}'`)
  return ok({ label, parts })
}

const IN_USE = `This disk is currently in use - repartitioning is probably a bad idea.
Umount all file systems, and swapoff all swap partitions on this disk.
Use the --no-reread flag to suppress this check.

sfdisk: Use the --force flag to overrule all checks.`

function piecesOf(k: Kernel, { label, parts }: Script, sectors: number): readonly Piece[] {
  const [low = 0, second = 0, third = 0, high = 0] = get_random_bytes(k, 4)
  if (label === 'dos') return dosTable(parts, ((low | (second << 8) | (third << 16) | (high << 24)) >>> 0) as number)
  const guids = [undefined, ...parts].map(() => {
    const bytes = get_random_bytes(k, 16)
    bytes[7] = ((bytes[7] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    return bytes
  })
  return gptTable(parts, sectors, guids)
}

export const sfdisk = kfunc(
  'shell: util-linux/sfdisk.c',
  function* sfdisk(k: Kernel, args: readonly string[], around: Surroundings) {
    const short = args.map((arg) => ({ '--quiet': '-q', '--label': '-X', '--force': '-f' })[arg] ?? arg)
    const options = optionsOf('sfdisk', short, 'qf', 'X')
    if (!options.ok) return failed(options.error)
    const { flags, values, rest } = options.value
    const [path] = rest
    if (path === undefined) return failed('sfdisk: no disk device specified')
    if (!flags.has('q')) return failed('sfdisk: what it prints is not modelled: say `sfdisk -q`')
    if (typeof around.stdin !== 'string') return failed(`sfdisk: standard input: ${strerror(around.stdin)}`)
    // Whoever has the disk, or a partition of it, for himself is in the way.
    const mode = O_RDWR | (flags.has('f') ? 0 : O_EXCL)
    const fd = yield* sys_openat(entering(k), absolute(around.session, path), mode)
    if (fd === -16) return failed(IN_USE)
    if (fd < 0) return failed(`sfdisk: cannot open ${path}: ${strerror(fd)}`)
    const size: { value?: number } = {}
    let problem: string | undefined
    const asked = yield* sys_ioctl(entering(k), fd, 'BLKGETSIZE', size)
    const sectors = size.value ?? 0
    if (asked < 0) problem = `sfdisk: cannot open ${path}: ${strerror(asked)}`
    const script = problem === undefined ? scriptOf(around.stdin, values.get('X'), sectors) : err(problem)
    if (!script.ok) problem = script.error
    else
      for (const { at, bytes } of piecesOf(k, script.value, sectors)) {
        const rc = yield* sys_pwrite64(entering(k), fd, bytes, at)
        if (rc < 0) problem ??= `sfdisk: failed to write disk label: ${strerror(rc)}`
      }
    if (problem === undefined) yield* sys_fsync(entering(k), fd)
    const read = problem === undefined ? yield* sys_ioctl(entering(k), fd, 'BLKRRPART', {}) : 0
    if (read < 0) problem = `Re-reading the partition table failed.: ${strerror(read)}`
    yield* sys_close(entering(k), fd)
    return problem === undefined ? done('') : failed(problem)
  },
)
