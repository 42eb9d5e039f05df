/** include/linux/fs.h: file systems, their inodes, open files and what can be done with them. */

import type { Op } from '../../../sim/kfunc.ts'
import { type Identity, struct } from '../../../sim/struct.ts'
import type { Kernel } from '../../kernel.ts'
import type { AddressSpace, ByteRange } from '../../mm/filemap.ts'
import type { BlockDevice } from './blk_types.ts'
import type { VmAreaStruct } from './mm_types.ts'

export const O_ACCMODE = 3
export const O_RDONLY = 0
export const O_WRONLY = 1
export const O_RDWR = 2
export const O_CREAT = 0o100
export const O_EXCL = 0o200
export const O_TRUNC = 0o1000
export const O_APPEND = 0o2000
export const O_DSYNC = 0o10000
export const O_DIRECT = 0o40000
export const __O_SYNC = 0o4000000
export const O_DIRECTORY = 0o200000
export const O_NOFOLLOW = 0o400000

export const FALLOC_FL_KEEP_SIZE = 0x01
export const FALLOC_FL_PUNCH_HOLE = 0x02
export const FALLOC_FL_ZERO_RANGE = 0x10

export const S_IFMT = 0o170000
export const S_IFDIR = 0o040000
export const S_IFREG = 0o100000
export const S_IFLNK = 0o120000

export interface FileOperations {
  readonly name: string
  /** Each returns a count, or a negative error number. */
  open?(k: Kernel, file: File): Op<number>
  /** `buffer`: the address of the program's memory that the bytes go to, or come from. */
  read?(k: Kernel, file: File, into: Uint8Array, pos: number, buffer?: number): Op<number>
  /** `lengths`: of the pieces of memory that the bytes come from, where there are several. */
  write?(
    k: Kernel,
    file: File,
    bytes: Uint8Array,
    pos: number,
    buffer?: number,
    lengths?: readonly number[],
  ): Op<number>
  /** `datasync`: times need not become durable. `range`: data of the rest needs not, either. */
  fsync?(k: Kernel, file: File, datasync?: boolean, range?: ByteRange): Op<number>
  /** The last reference is given up. */
  release?(k: Kernel, file: File): Op<void>
  /** Start writing what the page cache has of a file. */
  writeback?(k: Kernel, inode: Inode): Op<number>
  /** Bytes, where the file has an end. */
  size?(file: File): number
  /** `cmd`: the name of the request. */
  unlocked_ioctl?(k: Kernel, file: File, cmd: string, arg: object): Op<number>
  mmap?(k: Kernel, file: File, vma: VmAreaStruct): Op<number>
  /** mmap_supported_flags: it knows MAP_SYNC. */
  mmapSync?(k: Kernel): boolean
  /** Alignment, bytes, that a mapping of this file should start at. */
  mapAlign?(file: File): number
}

/** What stat() tells of a path. */
export interface Stat {
  readonly kind: 'folder' | 'file' | 'link' | 'character' | 'block'
  /** Permission bits. */
  readonly mode: number
  /** Bytes. */
  readonly size: number
  /** Of a link: the path that it leads to. */
  readonly target?: string
  /** Of a device: "252:0". */
  readonly device?: string
  /** Its own path, links on the way followed. */
  readonly path: string
  readonly ino?: number
  readonly nlink?: number
  /** 512-byte sectors. */
  readonly blocks?: number
  /** Seconds since 1970. */
  readonly mtime?: number
  /** The same with their fractions, and of accesses and of changes of the inode. */
  readonly times?: { readonly atime: number; readonly mtime: number; readonly ctime: number }
  /** Of a file system: its disk, "259:0", and bytes of a block. */
  readonly fs?: { readonly device: string; readonly blksize: number }
}

interface InodeFields {
  i_sb: SuperBlock
  i_ino: number
  /** Type and permissions. */
  i_mode: number
  i_nlink: number
  /** Bytes. */
  i_size: number
  /** 512-byte sectors. */
  i_blocks: number
  /** Seconds since 1970. */
  i_atime: number
  i_mtime: number
  i_ctime: number
  i_op: InodeOperations
  i_fop: FileOperations
  /** Its pages in the page cache. */
  i_mapping: AddressSpace
  /** Under which path it was opened last. */
  i_path: string
  /** Open files and mappings that hold it. */
  i_count: number
  /** S_DAX: its memory is accessed directly. */
  i_dax: boolean
  /** What is not on disk yet: I_DIRTY_SYNC, I_DIRTY_DATASYNC. */
  i_dirty: 'clean' | 'times' | 'data'
  /** Blocks of the disk that belong to its metadata and that a sync of it writes: mark_buffer_dirty_inode(). */
  i_assoc: readonly number[]
  /** The file system's own. */
  i_private: unknown
}

export type Inode = InodeFields & Identity

/** What a folder can do. Each returns 0 or more, or a negative error number. */
export interface InodeOperations {
  readonly name: string
  lookup?(k: Kernel, dir: Inode, name: string): Op<Inode | number>
  create?(k: Kernel, dir: Inode, name: string, mode: number): Op<Inode | number>
  link?(k: Kernel, old: Inode, dir: Inode, name: string): Op<number>
  unlink?(k: Kernel, dir: Inode, name: string, inode: Inode): Op<number>
  symlink?(k: Kernel, dir: Inode, name: string, target: string): Op<number>
  mkdir?(k: Kernel, dir: Inode, name: string, mode: number): Op<number>
  rmdir?(k: Kernel, dir: Inode, name: string, inode: Inode): Op<number>
  rename?(k: Kernel, from: Inode, name: string, to: Inode, newName: string): Op<number>
  readlink?(k: Kernel, inode: Inode): Op<string | number>
  readdir?(k: Kernel, dir: Inode): Op<readonly string[] | number>
  truncate?(k: Kernel, inode: Inode, size: number): Op<number>
  fallocate?(k: Kernel, inode: Inode, mode: number, offset: number, length: number): Op<number>
}

interface SuperBlockFields {
  s_type: FileSystemType
  s_bdev: BlockDevice
  s_blocksize: number
  s_rdonly: boolean
  s_root: Inode
  s_op: SuperOperations
  /** Inodes in memory, by number. */
  s_inodes: ReadonlyMap<number, Inode>
  s_fs_info: unknown
}

export type SuperBlock = SuperBlockFields & Identity

export interface SuperOperations {
  /** `sync`: it has to be on its way when this returns. */
  write_inode(k: Kernel, inode: Inode, sync: boolean): Op<number>
  /** Nobody holds it and no folder names it. */
  evict_inode(k: Kernel, inode: Inode): Op<void>
  sync_fs(k: Kernel, sb: SuperBlock): Op<number>
  put_super(k: Kernel, sb: SuperBlock): Op<void>
  statfs(k: Kernel, sb: SuperBlock): Op<Statfs>
  /** Which block of a file a block of the disk is, as far as memory tells; no step. */
  file_block(inode: Inode, block: number): number | undefined
  /** As /proc/mounts shows them. */
  show_options(sb: SuperBlock): readonly string[]
}

interface Statfs {
  /** Bytes of a block. */
  readonly bsize: number
  readonly blocks: number
  readonly bfree: number
  readonly bavail: number
  readonly files: number
  readonly ffree: number
}

export interface FileSystemType {
  readonly name: string
  /** A file system that is ready, or a negative error number. */
  fill_super(k: Kernel, sb: SuperBlock, options: readonly string[]): Op<number>
}

/** Pages in memory, and what of. */
export interface Cached {
  readonly mapping: AddressSpace
  /** undefined: the metadata of a file system. */
  readonly file?: string
  /** Bytes that count: behind the end of a file there is nothing. */
  readonly size: number
  /** Bytes of a block. */
  readonly blocksize: number
}

/** Mounted file systems as the rest of the kernel sees them, for `KernelOptions.vfs`. */
export interface Vfs {
  /** Does a path lead into one? */
  covers(k: Kernel, path: string): boolean
  open(k: Kernel, path: string, flags: number, mode: number): Op<File | number>
  stat(k: Kernel, path: string, follow: boolean): Op<Stat | number>
  /** Of a file that is open. */
  fstat(inode: Inode, path: string): Stat
  getdents(k: Kernel, path: string): Op<readonly string[] | number>
  sync(k: Kernel): Op<void>
  syncfs(k: Kernel, sb: SuperBlock): Op<number>
  /** The file of a mounted file system whose byte stands at an address, SPA. Reading only. */
  fileOf(k: Kernel, at: number): { readonly file: string; readonly offset: number } | undefined
  /** The block of a mounted file system that stands at an address, SPA. Reading only. */
  blockOf(k: Kernel, at: number): number | undefined
  /** What is kept in memory of files and of metadata. Reading only. */
  cached(k: Kernel): readonly Cached[]
  /** An open file is gone. */
  put(k: Kernel, inode: Inode): Op<void>
}

export const is_dir = ({ i_mode }: Inode): boolean => (i_mode & S_IFMT) === S_IFDIR
export const is_reg = ({ i_mode }: Inode): boolean => (i_mode & S_IFMT) === S_IFREG
export const is_lnk = ({ i_mode }: Inode): boolean => (i_mode & S_IFMT) === S_IFLNK

export const inode_type = struct<InodeFields>('inode', {
  i_sb: undefined as never,
  i_ino: 0,
  i_mode: 0,
  i_nlink: 0,
  i_size: 0,
  i_blocks: 0,
  i_atime: 0,
  i_mtime: 0,
  i_ctime: 0,
  i_op: { name: 'none' },
  i_fop: { name: 'none' },
  i_mapping: undefined as never,
  i_path: '',
  i_count: 0,
  i_dax: false,
  i_dirty: 'clean',
  i_assoc: [],
  i_private: undefined,
})

export const super_block = struct<SuperBlockFields>('super_block', {
  s_type: undefined as never,
  s_bdev: undefined as never,
  s_blocksize: 0,
  s_rdonly: false,
  s_root: undefined as never,
  s_op: undefined as never,
  s_inodes: undefined as never,
  s_fs_info: undefined,
})

interface FileFields {
  path: string
  /** Its descriptor, and mappings of it. */
  f_count: number
  flags: number
  pos: number
  f_op: FileOperations
  /** Of a file of a mounted file system. */
  f_inode: Inode | undefined
  private_data: unknown
}

export type File = FileFields & Identity

export const file = struct<FileFields>('file', {
  path: '',
  f_count: 1,
  flags: 0,
  pos: 0,
  f_op: { name: 'none' },
  f_inode: undefined,
  private_data: undefined,
})

interface FilesStructFields {
  fd: readonly (File | undefined)[]
}

export type FilesStruct = FilesStructFields & Identity

/** File descriptors 0, 1 and 2 belong to the C library. */
export const files_struct = struct<FilesStructFields>('files_struct', { fd: [undefined, undefined, undefined] })
