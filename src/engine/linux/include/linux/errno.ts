/** include/uapi/asm-generic/errno*.h: error numbers. The kernel returns them negated. */

export const EPERM = 1
export const ENOENT = 2
export const EIO = 5
export const ENXIO = 6
export const EBADF = 9
export const EAGAIN = 11
export const ENOMEM = 12
export const EACCES = 13
export const EFAULT = 14
export const ENOTBLK = 15
export const EBUSY = 16
export const EEXIST = 17
export const EXDEV = 18
export const ENODEV = 19
export const ENOTDIR = 20
export const EISDIR = 21
export const EINVAL = 22
export const ENOTTY = 25
export const EFBIG = 27
export const ENOSPC = 28
export const ESPIPE = 29
export const EROFS = 30
export const EMLINK = 31
export const ERANGE = 34
export const ENAMETOOLONG = 36
export const ENOTEMPTY = 39
export const ELOOP = 40
export const EOPNOTSUPP = 95
export const ESTALE = 116
export const EUCLEAN = 117

const names: Readonly<Record<number, string>> = {
  [EPERM]: 'EPERM',
  [EIO]: 'EIO',
  [ENXIO]: 'ENXIO',
  [EBUSY]: 'EBUSY',
  [ENODEV]: 'ENODEV',
  [EINVAL]: 'EINVAL',
}

/** As "%pe" prints it, without the sign. */
export const errname = (error: number): string => names[Math.abs(error)] ?? String(Math.abs(error))
