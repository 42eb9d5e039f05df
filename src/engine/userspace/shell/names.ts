/**
 * Commands that change names: mkdir, rmdir, rm, mv, cp, ln, truncate, touch, fallocate. As GNU coreutils 9 and util-linux behave and
 * word it.
 */

import {
  sys_fallocate,
  sys_link,
  sys_mkdir,
  sys_rename,
  sys_rmdir,
  sys_symlink,
  sys_truncate,
  sys_unlink,
} from '../../linux/fs/mounted.ts'
import { sys_close, sys_openat } from '../../linux/fs/open.ts'
import { sys_read, sys_write } from '../../linux/fs/read_write.ts'
import { sys_getdents64, sys_newfstatat } from '../../linux/fs/readdir.ts'
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_ZERO_RANGE } from '../../linux/include/linux/fs.ts'
import type { Kernel } from '../../linux/kernel.ts'
import { kfunc, type Request } from '../../sim/kfunc.ts'
import { entering, O_CREAT, O_RDWR, O_TRUNC, O_WRONLY, strerror } from './files.ts'
import { optionsOf } from './options.ts'
import { absolute, type Session, type Surroundings } from './session.ts'
import { done, failed, type Outcome } from './tool.ts'

const ENOENT = 2
const ENOTEMPTY = 39
const COPY = 128 * 1024

const ended = (errors: readonly string[]): Outcome => ({
  output: '',
  error: errors.join('\n'),
  status: errors.length === 0 ? 0 : 1,
})

const basename = (path: string): string => path.replace(/\/+$/, '').split('/').at(-1) ?? ''

/** What a path is: undefined where nothing is. */
const kindOf = function* (k: Kernel, session: Session, path: string, follow = true) {
  const stat = yield* sys_newfstatat(entering(k), absolute(session, path), follow)
  return typeof stat === 'number' ? undefined : stat.kind
}

export const mkdir = kfunc(
  'shell: coreutils/mkdir.c',
  function* mkdir(k: Kernel, args: readonly string[], { session }: Surroundings) {
    const options = optionsOf('mkdir', args, 'pv', 'm')
    if (!options.ok) return failed(options.error)
    const { flags, rest } = options.value
    if (rest.length === 0) return failed("mkdir: missing operand\nTry 'mkdir --help' for more information.")
    const errors: string[] = []
    for (const path of rest) {
      const parts = path.split('/')
      const all = flags.has('p')
        ? parts.map((_, i) => parts.slice(0, i + 1).join('/')).filter((each) => each !== '')
        : [path]
      for (const each of all) {
        if (flags.has('p') && (yield* kindOf(k, session, each)) === 'folder') continue
        const rc = yield* sys_mkdir(entering(k), absolute(session, each), 0o755)
        if (rc >= 0) continue
        errors.push(`mkdir: cannot create directory '${each}': ${strerror(rc)}`)
        break
      }
    }
    return ended(errors)
  },
)

export const rmdir = kfunc(
  'shell: coreutils/rmdir.c',
  function* rmdir(k: Kernel, args: readonly string[], { session }: Surroundings) {
    const errors: string[] = []
    for (const path of args) {
      const rc = yield* sys_rmdir(entering(k), absolute(session, path))
      if (rc < 0) errors.push(`rmdir: failed to remove '${path}': ${strerror(rc)}`)
    }
    return ended(errors)
  },
)

/** With everything below it; what went wrong. */
function* removeTree(k: Kernel, path: string): Generator<Request, readonly string[], unknown> {
  const names = yield* sys_getdents64(entering(k), path)
  const errors: string[] = []
  for (const name of typeof names === 'number' ? [] : names) {
    const below = `${path}/${name}`
    const stat = yield* sys_newfstatat(entering(k), below, false)
    if (typeof stat !== 'number' && stat.kind === 'folder') errors.push(...(yield* removeTree(k, below)))
    else {
      const rc = yield* sys_unlink(entering(k), below)
      if (rc < 0) errors.push(`rm: cannot remove '${below}': ${strerror(rc)}`)
    }
  }
  const rc = yield* sys_rmdir(entering(k), path)
  if (rc < 0 && rc !== -ENOTEMPTY) errors.push(`rm: cannot remove '${path}': ${strerror(rc)}`)
  return errors
}

export const rm = kfunc(
  'shell: coreutils/rm.c',
  function* rm(k: Kernel, args: readonly string[], { session }: Surroundings) {
    const options = optionsOf('rm', args, 'frRv')
    if (!options.ok) return failed(options.error)
    const { flags, rest } = options.value
    if (rest.length === 0)
      return flags.has('f') ? done('') : failed("rm: missing operand\nTry 'rm --help' for more information.")
    const errors: string[] = []
    for (const path of rest) {
      const kind = yield* kindOf(k, session, path, false)
      if (kind === undefined && flags.has('f')) continue
      if (kind === 'folder') {
        if (flags.has('r') || flags.has('R')) errors.push(...(yield* removeTree(k, absolute(session, path))))
        else errors.push(`rm: cannot remove '${path}': Is a directory`)
        continue
      }
      const rc = yield* sys_unlink(entering(k), absolute(session, path))
      if (rc < 0) errors.push(`rm: cannot remove '${path}': ${strerror(rc)}`)
    }
    return ended(errors)
  },
)

/** The operands of cp, mv and ln: what goes where. A message when they do not fit. */
const pairs = function* (k: Kernel, name: string, { session }: Surroundings, rest: readonly string[]) {
  const target = rest.at(-1)
  if (target === undefined) return `${name}: missing file operand\nTry '${name} --help' for more information.`
  if (rest.length === 1)
    return `${name}: missing destination file operand after '${target}'\nTry '${name} --help' for more information.`
  const into = (yield* kindOf(k, session, target)) === 'folder'
  if (!into && rest.length > 2) return `${name}: target '${target}': No such file or directory`
  return rest
    .slice(0, -1)
    .map((from) => [from, into ? `${target.replace(/\/+$/, '')}/${basename(from)}` : target] as const)
}

export const mv = kfunc(
  'shell: coreutils/mv.c',
  function* mv(k: Kernel, args: readonly string[], around: Surroundings) {
    const options = optionsOf('mv', args, 'fnv')
    if (!options.ok) return failed(options.error)
    const moves = yield* pairs(k, 'mv', around, options.value.rest)
    if (typeof moves === 'string') return failed(moves)
    const errors: string[] = []
    for (const [from, to] of moves) {
      if ((yield* kindOf(k, around.session, from, false)) === undefined) {
        errors.push(`mv: cannot stat '${from}': ${strerror(-ENOENT)}`)
        continue
      }
      const rc = yield* sys_rename(entering(k), absolute(around.session, from), absolute(around.session, to))
      if (rc < 0) errors.push(`mv: cannot move '${from}' to '${to}': ${strerror(rc)}`)
    }
    return ended(errors)
  },
)

export const ln = kfunc(
  'shell: coreutils/ln.c',
  function* ln(k: Kernel, args: readonly string[], around: Surroundings) {
    const options = optionsOf('ln', args, 'sfv')
    if (!options.ok) return failed(options.error)
    const { flags, rest } = options.value
    const links = yield* pairs(k, 'ln', around, rest)
    if (typeof links === 'string') return failed(links)
    const errors: string[] = []
    for (const [from, to] of links) {
      const place = absolute(around.session, to)
      if (flags.has('f')) yield* sys_unlink(entering(k), place)
      const soft = flags.has('s')
      const rc = soft
        ? yield* sys_symlink(entering(k), from, place)
        : yield* sys_link(entering(k), absolute(around.session, from), place)
      if (rc >= 0) continue
      if (rc === -ENOENT && !soft) errors.push(`ln: failed to access '${from}': ${strerror(rc)}`)
      else errors.push(`ln: failed to create ${soft ? 'symbolic' : 'hard'} link '${to}': ${strerror(rc)}`)
    }
    return ended(errors)
  },
)

/** undefined, or what went wrong. */
function* copyFile(k: Kernel, from: string, to: string, said: readonly [string, string]) {
  const input = yield* sys_openat(entering(k), from, 0)
  if (input < 0) return `cp: cannot stat '${said[0]}': ${strerror(input)}`
  const output = yield* sys_openat(entering(k), to, O_WRONLY | O_CREAT | O_TRUNC)
  let problem = output < 0 ? `cp: cannot create regular file '${said[1]}': ${strerror(output)}` : undefined
  while (problem === undefined) {
    const buffer = new Uint8Array(COPY)
    const got = yield* sys_read(entering(k), input, buffer)
    if (got < 0) problem = `cp: error reading '${said[0]}': ${strerror(got)}`
    if (got <= 0) break
    const put = yield* sys_write(entering(k), output, buffer.subarray(0, got))
    if (put !== got) problem = `cp: error writing '${said[1]}': ${strerror(put < 0 ? put : -28)}`
  }
  yield* sys_close(entering(k), input)
  if (output >= 0) yield* sys_close(entering(k), output)
  return problem
}

export const cp = kfunc(
  'shell: coreutils/cp.c',
  function* cp(k: Kernel, args: readonly string[], around: Surroundings) {
    const options = optionsOf('cp', args, 'fv')
    if (!options.ok) return failed(options.error)
    const copies = yield* pairs(k, 'cp', around, options.value.rest)
    if (typeof copies === 'string') return failed(copies)
    const errors: string[] = []
    for (const [from, to] of copies) {
      if ((yield* kindOf(k, around.session, from)) === 'folder') {
        errors.push(`cp: -r not specified; omitting directory '${from}'`)
        continue
      }
      const problem = yield* copyFile(k, absolute(around.session, from), absolute(around.session, to), [from, to])
      if (problem !== undefined) errors.push(problem)
    }
    return ended(errors)
  },
)

/** Makes sure that a file is there: 0, or a negative error number. */
function* create(k: Kernel, path: string): Generator<Request, number, unknown> {
  const fd = yield* sys_openat(entering(k), path, O_WRONLY | O_CREAT)
  if (fd < 0) return fd
  return yield* sys_close(entering(k), fd)
}

const SIZE = /^(\d{1,15})([KMG]?)(?:i?B)?$/
const bytesOf = (text: string | undefined): number | undefined => {
  const [, digits, unit = ''] = SIZE.exec(text ?? '') ?? []
  return digits === undefined ? undefined : Number(digits) * ({ K: 1024, M: 1 << 20, G: 1 << 30 }[unit] ?? 1)
}

export const truncate = kfunc(
  'shell: coreutils/truncate.c',
  function* truncate(k: Kernel, args: readonly string[], { session }: Surroundings) {
    const options = optionsOf('truncate', args, 'c', 's')
    if (!options.ok) return failed(options.error)
    const { flags, values, rest } = options.value
    const size = bytesOf(values.get('s'))
    if (size === undefined)
      return failed(
        values.has('s')
          ? `truncate: Invalid number: '${values.get('s')}'`
          : "truncate: you must specify either '--size' or '--reference'",
      )
    if (rest.length === 0) return failed('truncate: missing file operand')
    const errors: string[] = []
    for (const path of rest) {
      const place = absolute(session, path)
      const made = flags.has('c') ? 0 : yield* create(k, place)
      const rc = made < 0 ? made : yield* sys_truncate(entering(k), place, size)
      if (rc < 0) errors.push(`truncate: cannot open '${path}' for writing: ${strerror(rc)}`)
    }
    return ended(errors)
  },
)

export const fallocate = kfunc(
  'shell: util-linux/fallocate.c',
  function* fallocate(k: Kernel, args: readonly string[], { session }: Surroundings) {
    const options = optionsOf('fallocate', args, 'npzxv', 'lo')
    if (!options.ok) return failed(options.error)
    const { flags, values, rest } = options.value
    const length = bytesOf(values.get('l'))
    const offset = values.has('o') ? bytesOf(values.get('o')) : 0
    const [path] = rest
    if (path === undefined) return failed('fallocate: no filename specified')
    if (length === undefined)
      return failed(values.has('l') ? 'fallocate: failed to parse length' : 'fallocate: no length argument specified')
    if (offset === undefined) return failed('fallocate: failed to parse offset')
    const mode = flags.has('p')
      ? FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
      : (flags.has('z') ? FALLOC_FL_ZERO_RANGE : 0) | (flags.has('n') ? FALLOC_FL_KEEP_SIZE : 0)
    const fd = yield* sys_openat(entering(k), absolute(session, path), O_RDWR | (flags.has('p') ? 0 : O_CREAT))
    if (fd < 0) return failed(`fallocate: cannot open ${path}: ${strerror(fd)}`)
    const rc = yield* sys_fallocate(entering(k), fd, mode, offset, length)
    yield* sys_close(entering(k), fd)
    return rc === 0 ? done('') : failed(`fallocate: fallocate failed: ${strerror(rc)}`)
  },
)

export const touch = kfunc(
  'shell: coreutils/touch.c',
  function* touch(k: Kernel, args: readonly string[], { session }: Surroundings) {
    const errors: string[] = []
    for (const path of args) {
      const rc = yield* create(k, absolute(session, path))
      if (rc < 0) errors.push(`touch: cannot touch '${path}': ${strerror(rc)}`)
    }
    return ended(errors)
  },
)
