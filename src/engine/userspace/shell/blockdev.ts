/** blockdev and blkdiscard of util-linux, and sync of coreutils. */

import { sys_ioctl } from '../../linux/fs/ioctl.ts'
import { sys_close, sys_openat } from '../../linux/fs/open.ts'
import { sys_fsync, sys_sync } from '../../linux/fs/sync.ts'
import type { Kernel } from '../../linux/kernel.ts'
import { kfunc } from '../../sim/kfunc.ts'
import { entering, strerror } from './files.ts'
import { optionsOf } from './options.ts'
import { absolute, type Surroundings } from './session.ts'
import { done, failed, type Outcome } from './tool.ts'

const O_RDWR = 2
const O_EXCL = 0o200

interface Request {
  readonly cmd: string
  /** What is set. */
  readonly value?: number
  /** What `-v` says of the answer. */
  readonly what?: string
}

const requests: Readonly<Record<string, Request>> = {
  '--setro': { cmd: 'BLKROSET', value: 1 },
  '--setrw': { cmd: 'BLKROSET', value: 0 },
  '--getro': { cmd: 'BLKROGET', what: 'get read-only' },
  '--getdiscardzeroes': { cmd: 'BLKDISCARDZEROES', what: 'get discard zeroes support status' },
  '--getss': { cmd: 'BLKSSZGET', what: 'get logical block (sector) size' },
  '--getpbsz': { cmd: 'BLKPBSZGET', what: 'get physical block (sector) size' },
  '--getiomin': { cmd: 'BLKIOMIN', what: 'get minimum I/O size' },
  '--getioopt': { cmd: 'BLKIOOPT', what: 'get optimal I/O size' },
  '--getalignoff': { cmd: 'BLKALIGNOFF', what: 'get alignment offset in bytes' },
  '--getmaxsect': { cmd: 'BLKSECTGET', what: 'get max sectors per request' },
  '--getbsz': { cmd: 'BLKBSZGET', what: 'get blocksize' },
  '--getsize': { cmd: 'BLKGETSIZE', what: 'get 32-bit sector count (deprecated, use --getsz)' },
  '--getsize64': { cmd: 'BLKGETSIZE64', what: 'get size in bytes' },
  '--getsz': { cmd: 'BLKGETSIZE', what: 'get size in 512-byte sectors' },
  '--getra': { cmd: 'BLKRAGET', what: 'get readahead' },
  '--flushbufs': { cmd: 'BLKFLSBUF' },
  '--rereadpt': { cmd: 'BLKRRPART' },
}

export const blockdev = kfunc(
  'shell: util-linux/blockdev.c',
  function* blockdev(k: Kernel, args: readonly string[], around: Surroundings) {
    const devices = args.filter((arg) => !arg.startsWith('-'))
    const commands = args.filter((arg) => arg.startsWith('-'))
    const verbose = commands.includes('-v')
    const wanted = commands.filter((each) => each !== '-v' && each !== '-q')
    const unknown = wanted.find((each) => requests[each] === undefined)
    if (unknown !== undefined)
      return failed(`blockdev: Unknown command: ${unknown}\nTry 'blockdev --help' for more information.`)
    if (wanted.length === 0 || devices.length === 0)
      return failed(`blockdev: no ${wanted.length === 0 ? 'command' : 'device'} specified`)
    let output = ''
    for (const device of devices) {
      const fd = yield* sys_openat(entering(k), absolute(around.session, device), 0)
      if (fd < 0) return { ...failed(`blockdev: cannot open ${device}: ${strerror(fd)}`), output }
      for (const name of wanted) {
        const { cmd, value, what } = requests[name] as Request
        const arg: { value?: number } = value === undefined ? {} : { value }
        const rc = yield* sys_ioctl(entering(k), fd, cmd, arg)
        if (rc < 0) {
          yield* sys_close(entering(k), fd)
          return { ...failed(`blockdev: ioctl error on ${cmd}: ${strerror(rc)}`), output }
        }
        if (what !== undefined) output += verbose ? `${what}: ${arg.value}\n` : `${arg.value}\n`
      }
      yield* sys_close(entering(k), fd)
    }
    return done(output)
  },
)

/** "4096", "4K", "1MiB". */
function bytesOf(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,15})(?:([KMG])(?:i?B)?)?$/.exec(text) ?? []
  const scale = { '': 1, K: 1024, M: 1 << 20, G: 1 << 30 }[unit]
  return digits === undefined || scale === undefined ? undefined : Number(digits) * scale
}

export const blkdiscard = kfunc(
  'shell: util-linux/blkdiscard.c',
  function* blkdiscard(k: Kernel, args: readonly string[], around: Surroundings) {
    const options = optionsOf('blkdiscard', args, 'fsvz', 'olp')
    if (!options.ok) return failed(options.error)
    const { flags, values, rest } = options.value
    const [device] = rest
    if (device === undefined) return failed('blkdiscard: no device specified')
    if (rest.length > 1) return failed('blkdiscard: unexpected number of arguments')
    const start = bytesOf(values.get('o') ?? '0')
    const length = bytesOf(values.get('l') ?? '0')
    if (start === undefined) return failed(`blkdiscard: failed to parse offset: '${values.get('o')}'`)
    if (length === undefined) return failed(`blkdiscard: failed to parse length: '${values.get('l')}'`)
    const fd = yield* sys_openat(entering(k), absolute(around.session, device), O_RDWR | (flags.has('f') ? 0 : O_EXCL))
    if (fd < 0) return failed(`blkdiscard: cannot open ${device}: ${strerror(fd)}`)
    const size: { value?: number } = {}
    const cmd = flags.has('z') ? 'BLKZEROOUT' : 'BLKDISCARD'
    const rc = yield* sys_ioctl(entering(k), fd, 'BLKGETSIZE64', size)
    const end = size.value ?? 0
    let message = rc < 0 ? `blkdiscard: ${device}: BLKGETSIZE64 ioctl failed: ${strerror(rc)}` : undefined
    if (message === undefined && start > end) message = `blkdiscard: ${device}: offset is greater than device size`
    const span = Math.min(values.has('l') ? length : end, end - start)
    if (message === undefined) {
      const result = yield* sys_ioctl(entering(k), fd, cmd, { start, length: span })
      if (result < 0) message = `blkdiscard: ${device}: ${cmd} ioctl failed: ${strerror(result)}`
    }
    yield* sys_close(entering(k), fd)
    if (message !== undefined) return failed(message)
    const did = flags.has('z') ? 'Zero-filled' : 'Discarded'
    return done(flags.has('v') ? `${device}: ${did} ${span} bytes from the offset ${start}\n` : '')
  },
)

export const sync = kfunc(
  'shell: coreutils/sync.c',
  function* sync(k: Kernel, args: readonly string[], around: Surroundings) {
    const options = optionsOf('sync', args, 'df')
    if (!options.ok) return failed(options.error)
    const errors: string[] = []
    for (const path of options.value.rest) {
      const fd = yield* sys_openat(entering(k), absolute(around.session, path), 0)
      if (fd < 0) errors.push(`sync: error opening '${path}': ${strerror(fd)}`)
      else {
        const rc = yield* sys_fsync(entering(k), fd)
        if (rc < 0) errors.push(`sync: error syncing '${path}': ${strerror(rc)}`)
        yield* sys_close(entering(k), fd)
      }
    }
    if (options.value.rest.length === 0) yield* sys_sync(entering(k))
    return { output: '', error: errors.join('\n'), status: errors.length > 0 ? 1 : 0 } as Outcome
  },
)
