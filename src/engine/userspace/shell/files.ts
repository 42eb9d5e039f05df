/** How the tools of the setup shell read and write files: through system calls, like the real ones. */

import { sys_close, sys_openat } from '../../linux/fs/open.ts'
import { sys_read, sys_write } from '../../linux/fs/read_write.ts'
import type { Kernel } from '../../linux/kernel.ts'
import { kfunc } from '../../sim/kfunc.ts'

const O_RDONLY = 0
const O_WRONLY = 1
const PAGE = 4096

/** Its text, or a negative error number. */
export const readText = kfunc('shell: files', function* read_file(k: Kernel, path: string) {
  const fd = yield* sys_openat(k, path, O_RDONLY)
  if (fd < 0) return fd
  let text = ''
  for (;;) {
    const buffer = new Uint8Array(PAGE)
    const count = yield* sys_read(k, fd, buffer)
    if (count <= 0) {
      yield* sys_close(k, fd)
      return count < 0 ? count : text
    }
    text += new TextDecoder().decode(buffer.subarray(0, count))
  }
})

/** 0, or the negative error number of what failed first. */
export const writeText = kfunc('shell: files', function* write_file(k: Kernel, path: string, text: string) {
  const fd = yield* sys_openat(k, path, O_WRONLY)
  if (fd < 0) return { call: 'open', errno: fd } as const
  const count = yield* sys_write(k, fd, new TextEncoder().encode(text))
  yield* sys_close(k, fd)
  return { call: 'write', errno: Math.min(0, count) } as const
})

const messages: Readonly<Record<number, string>> = {
  1: 'Operation not permitted',
  2: 'No such file or directory',
  5: 'Input/output error',
  6: 'No such device or address',
  9: 'Bad file descriptor',
  12: 'Cannot allocate memory',
  13: 'Permission denied',
  16: 'Device or resource busy',
  17: 'File exists',
  19: 'No such device',
  21: 'Is a directory',
  22: 'Invalid argument',
  28: 'No space left on device',
  30: 'Read-only file system',
  34: 'Numerical result out of range',
  95: 'Operation not supported',
}

/** As the C library words it. */
export const strerror = (errno: number): string => messages[Math.abs(errno)] ?? `Unknown error ${Math.abs(errno)}`
