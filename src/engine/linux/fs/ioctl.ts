/** fs/ioctl.c: requests to a driver that are neither reads nor writes. */

import { kfunc } from '../../sim/kfunc.ts'
import { EBADF, ENOTTY } from '../include/linux/errno.ts'
import { fget } from '../include/linux/file.ts'
import type { Kernel } from '../kernel.ts'

/** `arg`: what the request's structure holds; the driver fills in its answers. 0, or a negative error number. */
export const sys_ioctl = kfunc(
  'fs/ioctl.c',
  function* __x64_sys_ioctl(k: Kernel, fd: number, cmd: string, arg: object) {
    const file = fget(k, fd)
    if (file === undefined) return -EBADF
    if (file.f_op.unlocked_ioctl === undefined) return -ENOTTY
    return yield* file.f_op.unlocked_ioctl(k, file, cmd, arg)
  },
)
