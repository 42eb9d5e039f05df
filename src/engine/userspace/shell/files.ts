/** How the tools of the shell read and write files: through system calls, like the real ones. */

import { sys_close, sys_openat } from '../../linux/fs/open.ts'
import { sys_lseek, sys_read, sys_write } from '../../linux/fs/read_write.ts'
import { TICK_NSEC, timekeeping_advance } from '../../linux/kernel/time/timekeeping.ts'
import type { Kernel } from '../../linux/kernel.ts'
import { kfunc } from '../../sim/kfunc.ts'

const O_RDONLY = 0
export const O_WRONLY = 1
export const O_RDWR = 2
export const O_CREAT = 0o100
export const O_TRUNC = 0o1000
export const O_APPEND = 0o2000
const PAGE = 4096
const ENOMEM = 12

/** Every system call takes time. */
export const entering = (k: Kernel): Kernel => {
  timekeeping_advance(k, TICK_NSEC)
  return k
}

/** Its bytes from `from` on, at most so many, or a negative error number. `endless`: more than that is an error. */
export const readBytes = kfunc(
  'shell: files',
  function* read_file(k: Kernel, path: string, most: number, endless: boolean, from: number) {
    const fd = yield* sys_openat(entering(k), path, O_RDONLY)
    if (fd < 0) return fd
    if (from > 0) yield* sys_lseek(entering(k), fd, from)
    let bytes = new Uint8Array(0)
    for (let count = 1; count > 0 && bytes.length < most; ) {
      const buffer = new Uint8Array(Math.min(PAGE, most - bytes.length))
      count = yield* sys_read(entering(k), fd, buffer)
      if (count > 0) {
        const all = new Uint8Array(bytes.length + count)
        all.set(bytes)
        all.set(buffer.subarray(0, count), bytes.length)
        bytes = all
      } else if (count < 0) {
        yield* sys_close(entering(k), fd)
        return count
      }
    }
    yield* sys_close(entering(k), fd)
    return bytes.length >= most && endless ? -ENOMEM : bytes
  },
)

/** An attribute is a page at most. */
const MOST_ATTRIBUTE = 65_536

/** Its text, or a negative error number. */
export function* readText(k: Kernel, path: string) {
  const bytes = yield* readBytes(k, path, MOST_ATTRIBUTE, false, 0)
  return typeof bytes === 'number' ? bytes : new TextDecoder().decode(bytes)
}

/** 0, or the negative error number of what failed first. */
export const writeText = kfunc('shell: files', function* write_file(k: Kernel, path: string, text: string) {
  const fd = yield* sys_openat(entering(k), path, O_WRONLY)
  if (fd < 0) return fd
  const count = yield* sys_write(entering(k), fd, new TextEncoder().encode(text))
  yield* sys_close(entering(k), fd)
  return Math.min(0, count)
})

const messages: Readonly<Record<number, string>> = {
  1: 'Operation not permitted',
  2: 'No such file or directory',
  5: 'Input/output error',
  6: 'No such device or address',
  9: 'Bad file descriptor',
  12: 'Cannot allocate memory',
  13: 'Permission denied',
  14: 'Bad address',
  16: 'Device or resource busy',
  17: 'File exists',
  19: 'No such device',
  20: 'Not a directory',
  21: 'Is a directory',
  22: 'Invalid argument',
  28: 'No space left on device',
  30: 'Read-only file system',
  34: 'Numerical result out of range',
  36: 'File name too long',
  95: 'Operation not supported',
}

/** As the C library words it. */
export const strerror = (errno: number): string => messages[Math.abs(errno)] ?? `Unknown error ${Math.abs(errno)}`
