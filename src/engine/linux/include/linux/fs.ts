/** include/linux/fs.h: open files and what can be done with them. Left out: inodes of real file systems. */

import type { Op } from '../../../sim/kfunc.ts'
import { type Identity, struct } from '../../../sim/struct.ts'
import type { Kernel } from '../../kernel.ts'
import type { VmAreaStruct } from './mm_types.ts'

export const O_ACCMODE = 3
export const O_RDONLY = 0
export const O_EXCL = 0o200
export const O_DSYNC = 0o10000
export const O_DIRECT = 0o40000

export interface FileOperations {
  readonly name: string
  /** Each returns a count, or a negative error number. */
  open?(k: Kernel, file: File): Op<number>
  /** `buffer`: the address of the program's memory that the bytes go to, or come from. */
  read?(k: Kernel, file: File, into: Uint8Array, pos: number, buffer?: number): Op<number>
  write?(k: Kernel, file: File, bytes: Uint8Array, pos: number, buffer?: number): Op<number>
  fsync?(k: Kernel, file: File): Op<number>
  /** The last reference is given up. */
  release?(k: Kernel, file: File): Op<void>
  /** Bytes, where the file has an end. */
  size?(file: File): number
  /** `cmd`: the name of the request. */
  unlocked_ioctl?(k: Kernel, file: File, cmd: string, arg: object): Op<number>
  mmap?(k: Kernel, file: File, vma: VmAreaStruct): Op<number>
  /** Alignment, bytes, that a mapping of this file should start at. */
  mapAlign?(file: File): number
}

interface FileFields {
  path: string
  flags: number
  pos: number
  f_op: FileOperations
  private_data: unknown
}

export type File = FileFields & Identity

export const file = struct<FileFields>('file', {
  path: '',
  flags: 0,
  pos: 0,
  f_op: { name: 'none' },
  private_data: undefined,
})

interface FilesStructFields {
  fd: readonly (File | undefined)[]
}

export type FilesStruct = FilesStructFields & Identity

/** File descriptors 0, 1 and 2 belong to the C library. */
export const files_struct = struct<FilesStructFields>('files_struct', { fd: [undefined, undefined, undefined] })
