/** include/linux/file.h: file descriptors. */

import type { Kernel } from '../../kernel.ts'
import type { File } from './fs.ts'

/** The open file behind a descriptor of the current task. */
export const fget = (k: Kernel, fd: number): File | undefined => k.current.files?.fd[fd]
