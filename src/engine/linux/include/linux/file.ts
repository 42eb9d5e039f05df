/** include/linux/file.h: file descriptors. */

import { kfunc } from '../../../sim/kfunc.ts'
import type { Kernel } from '../../kernel.ts'
import type { File } from './fs.ts'

/** The open file behind a descriptor of the current task. */
export const fget = (k: Kernel, fd: number): File | undefined => k.current.files?.fd[fd]

/** Does anybody have to know when the file is given up? */
export const isTracked = ({ f_op, f_inode }: File): boolean => f_op.release !== undefined || f_inode !== undefined

/** One holder less; the last gives the file up. */
export const fput = kfunc('fs/file_table.c', function* fput(k: Kernel, file: File) {
  if (--file.f_count > 0) return
  yield* file.f_op.release?.(k, file) ?? []
  const { f_inode } = file
  if (f_inode !== undefined) yield* k.options.vfs?.put(k, f_inode) ?? []
})
