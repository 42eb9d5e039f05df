/** Numbers inside blocks of ext4 that are lists: little-endian, `at` bytes from the start. */

import { view } from '../../../../base/bytes.ts'

export const u16 = (bytes: Uint8Array, at: number): number => view(bytes).getUint16(at, true)
export const u32 = (bytes: Uint8Array, at: number): number => view(bytes).getUint32(at, true)
export const put16 = (bytes: Uint8Array, at: number, value: number): void =>
  view(bytes).setUint16(at, value & 0xffff, true)
export const put32 = (bytes: Uint8Array, at: number, value: number): void =>
  view(bytes).setUint32(at, value >>> 0, true)

/** struct ext4_dir_entry_2: inode, length, length of the name, type, name. */
export const DIRENT_HEAD = 8
export const FILE_TYPES = { unknown: 0, file: 1, folder: 2, link: 7 } as const
export const EXT4_NAME_LEN = 255
export const EXT4_LINK_MAX = 65000
