/**
 * fs/ext4/namei.c, dir.c, symlink.c: names in folders, which are lists of entries in the blocks of a file.
 *
 * A folder with an index of hashes is read as a list; at the first change it becomes a plain one, which upstream also falls
 * back to. Source: torvalds/linux v6.1. Left out: making indices, encryption, case folding.
 */

import { kfunc, type Request } from '../../../sim/kfunc.ts'
import { EEXIST, EIO, EMLINK, ENAMETOOLONG, ENOENT, ENOTEMPTY, EUCLEAN } from '../../include/linux/errno.ts'
import {
  type FileOperations,
  type Inode,
  type InodeOperations,
  is_dir,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
} from '../../include/linux/fs.ts'
import type { Kernel } from '../../kernel.ts'
import { type BufferHead, b_data, mark_buffer_dirty_inode, sb_bread, sb_getblk_zeroed } from '../buffer.ts'
import { current_time, iput_final, mark_inode_dirty } from '../inode.ts'
import { __ext4_new_inode } from './ialloc.ts'
import { ext4_iget, ext4_init_inode, ext4_map_blocks } from './inode.ts'
import {
  DIRENT_HEAD,
  EXT4_INDEX_FL,
  EXT4_LINK_MAX,
  EXT4_N_BLOCKS,
  EXT4_NAME_LEN,
  FILE_TYPES,
  put16,
  put32,
  u16,
  u32,
} from './raw.ts'
import { EXT4_I, ext4_error } from './sb.ts'

const NAMEI = 'fs/ext4/namei.c'

const utf8 = new TextEncoder()
const text_of = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** An entry where it stands. */
interface Entry {
  readonly bh: BufferHead
  readonly at: number
  readonly inode: number
  readonly rec_len: number
  readonly name: string
  /** Of the entry before it in the block. */
  readonly before: number | undefined
}

const dir_rec_len = (name_len: number): number => Math.ceil((DIRENT_HEAD + name_len) / 4) * 4

const type_of = ({ i_mode }: Inode): number =>
  (i_mode & S_IFMT) === S_IFDIR ? FILE_TYPES.folder : (i_mode & S_IFMT) === S_IFLNK ? FILE_TYPES.link : FILE_TYPES.file

/** A block of a folder; a negative error number when it is a hole or can't be read. */
const ext4_read_dirblock = kfunc(NAMEI, function* __ext4_read_dirblock(k: Kernel, dir: Inode, block: number) {
  const found = yield* ext4_map_blocks(k, dir, block, false)
  if (typeof found === 'number') return found
  if (found.block === 0) {
    ext4_error(k, dir.i_sb, 'ext4_read_dirblock', `inode #${dir.i_ino}: block ${block}: Directory hole found`)
    return -EUCLEAN
  }
  return (yield* sb_bread(k, dir.i_sb, found.block)) ?? -EIO
})

/** What is wrong with an entry; undefined: nothing. */
function ext4_check_dir_entry(bytes: Uint8Array, at: number): string | undefined {
  const rec_len = u16(bytes, at + 4)
  const name_len = bytes[at + 6] ?? 0
  if (rec_len < dir_rec_len(1)) return 'rec_len is smaller than minimal'
  if (rec_len % 4 !== 0) return 'rec_len % 4 != 0'
  if (rec_len < dir_rec_len(name_len)) return 'rec_len is too small for name_len'
  if (at + rec_len > bytes.length) return 'directory entry overrun'
  return undefined
}

/** Every entry, those of no inode too; ends with a negative error number when a block is not as it must be. */
function* entries(k: Kernel, dir: Inode): Generator<Request | { readonly entry: Entry }, number, unknown> {
  const size = dir.i_sb.s_blocksize
  for (let block = 0; block * size < dir.i_size; block++) {
    const bh = yield* ext4_read_dirblock(k, dir, block)
    if (typeof bh === 'number') return bh
    let before: number | undefined
    for (let at = 0; at < size; ) {
      const bytes = b_data(bh)
      const wrong = ext4_check_dir_entry(bytes, at)
      const rec_len = u16(bytes, at + 4)
      if (wrong !== undefined) {
        const where = `inode #${dir.i_ino}: block ${bh.b_blocknr}`
        ext4_error(k, dir.i_sb, 'ext4_check_dir_entry', `${where}: bad entry in directory: ${wrong} - offset=${at}`)
        return -EUCLEAN
      }
      const name = text_of(bytes.subarray(at + DIRENT_HEAD, at + DIRENT_HEAD + (bytes[at + 6] ?? 0)))
      yield { entry: { bh, at, inode: u32(bytes, at), rec_len, name, before } }
      before = at
      at += rec_len
    }
  }
  return 0
}

/** Entries one by one, until `wanted` says so: the entry, or 0 for none, or a negative error number. */
function* find(k: Kernel, dir: Inode, wanted: (entry: Entry) => boolean): Generator<Request, Entry | number, unknown> {
  const all = entries(k, dir)
  let value: unknown
  for (;;) {
    const next = all.next(value)
    if (next.done === true) return next.value
    value = undefined
    if (typeof next.value === 'object' && next.value !== null && 'entry' in next.value) {
      if (wanted(next.value.entry)) return next.value.entry
    } else value = yield next.value as Request
  }
}

const ext4_find_entry = kfunc(NAMEI, function* ext4_find_entry(k: Kernel, dir: Inode, name: string) {
  return yield* find(k, dir, (entry) => entry.inode !== 0 && entry.name === name)
})

const ext4_lookup = kfunc(NAMEI, function* ext4_lookup(k: Kernel, dir: Inode, name: string) {
  if (utf8.encode(name).length > EXT4_NAME_LEN) return -ENAMETOOLONG
  const entry = yield* ext4_find_entry(k, dir, name)
  if (typeof entry === 'number') return entry === 0 ? -ENOENT : entry
  return yield* ext4_iget(k, dir.i_sb, entry.inode)
})

const ext4_readdir = kfunc('fs/ext4/dir.c', function* ext4_readdir(k: Kernel, dir: Inode) {
  const names: string[] = []
  const rc = yield* find(k, dir, ({ inode, name }) => {
    if (inode !== 0) names.push(name)
    return false
  })
  return typeof rc === 'number' && rc < 0 ? rc : (names as readonly string[])
})

function changed(k: Kernel, dir: Inode): void {
  dir.i_mtime = current_time(k)
  dir.i_ctime = dir.i_mtime
  EXT4_I(dir).i_flags &= ~EXT4_INDEX_FL
  mark_inode_dirty(dir)
}

function write_entry(bytes: Uint8Array, at: number, rec_len: number, name: Uint8Array, inode: Inode): void {
  put32(bytes, at, inode.i_ino)
  put16(bytes, at + 4, rec_len)
  bytes[at + 6] = name.length
  bytes[at + 7] = type_of(inode)
  bytes.set(name, at + DIRENT_HEAD)
}

/** One more block at the end of a folder, with one entry of no inode over all of it. */
const ext4_append = kfunc(NAMEI, function* ext4_append(k: Kernel, dir: Inode) {
  const size = dir.i_sb.s_blocksize
  const found = yield* ext4_map_blocks(k, dir, dir.i_size / size, true)
  if (typeof found === 'number') return found
  const bh = yield* sb_getblk_zeroed(k, dir.i_sb, found.block)
  if (bh === undefined) return -EIO
  mark_buffer_dirty_inode(bh, dir, (bytes) => put16(bytes, 4, size))
  dir.i_size += size
  mark_inode_dirty(dir)
  return bh
})

/** Name `inode` in a folder: 0, or a negative error number. */
const ext4_add_entry = kfunc(NAMEI, function* ext4_add_entry(k: Kernel, dir: Inode, name: string, inode: Inode) {
  const bytes = utf8.encode(name)
  if (bytes.length > EXT4_NAME_LEN) return -ENAMETOOLONG
  const needed = dir_rec_len(bytes.length)
  const used = ({ inode: ino, bh, at }: Entry): number => (ino === 0 ? 0 : dir_rec_len(b_data(bh)[at + 6] ?? 0))
  const room = yield* find(k, dir, (entry) => entry.rec_len - used(entry) >= needed)
  if (typeof room === 'number' && room < 0) return room
  if (typeof room === 'number') {
    const bh = yield* ext4_append(k, dir)
    if (typeof bh === 'number') return bh
    mark_buffer_dirty_inode(bh, dir, (data) => write_entry(data, 0, dir.i_sb.s_blocksize, bytes, inode))
  } else {
    const own = used(room)
    mark_buffer_dirty_inode(room.bh, dir, (data) => {
      if (own > 0) put16(data, room.at + 4, own)
      write_entry(data, room.at + own, room.rec_len - own, bytes, inode)
    })
  }
  changed(k, dir)
  EXT4_I(inode).i_new_in = dir
  return 0
})

/** Take a name away: the entry before it in the block swallows it. */
const ext4_delete_entry = kfunc(NAMEI, function* ext4_delete_entry(k: Kernel, dir: Inode, name: string) {
  const entry = yield* ext4_find_entry(k, dir, name)
  if (typeof entry === 'number') return entry === 0 ? -ENOENT : entry
  const { bh, at, rec_len, before } = entry
  mark_buffer_dirty_inode(bh, dir, (bytes) => {
    if (before === undefined) put32(bytes, at, 0)
    else put16(bytes, before + 4, u16(bytes, before + 4) + rec_len)
  })
  changed(k, dir)
  return 0
})

/** A new inode that a folder will name; or a negative error number. */
const new_inode = function* (k: Kernel, dir: Inode, mode: number) {
  const ino = yield* __ext4_new_inode(k, dir, mode)
  return ino < 0 ? ino : ext4_init_inode(k, dir.i_sb, ino, mode)
}

/** What could not be named goes again. */
const discard = function* (k: Kernel, inode: Inode, rc: number) {
  inode.i_nlink = 0
  yield* iput_final(k, inode)
  return rc
}

const ext4_create = kfunc(NAMEI, function* ext4_create(k: Kernel, dir: Inode, name: string, mode: number) {
  const inode = yield* new_inode(k, dir, mode)
  if (typeof inode === 'number') return inode
  const rc = yield* ext4_add_entry(k, dir, name, inode)
  return rc === 0 ? inode : yield* discard(k, inode, rc)
})

const ext4_mkdir = kfunc(NAMEI, function* ext4_mkdir(k: Kernel, dir: Inode, name: string, mode: number) {
  if (dir.i_nlink >= EXT4_LINK_MAX) return -EMLINK
  const inode = yield* new_inode(k, dir, mode)
  if (typeof inode === 'number') return inode
  const bh = yield* ext4_append(k, inode)
  if (typeof bh === 'number') return yield* discard(k, inode, bh)
  const size = dir.i_sb.s_blocksize
  mark_buffer_dirty_inode(bh, inode, (bytes) => {
    write_entry(bytes, 0, dir_rec_len(1), utf8.encode('.'), inode)
    write_entry(bytes, dir_rec_len(1), size - dir_rec_len(1), utf8.encode('..'), dir)
  })
  inode.i_nlink = 2
  const rc = yield* ext4_add_entry(k, dir, name, inode)
  if (rc !== 0) return yield* discard(k, inode, rc)
  dir.i_nlink++
  return 0
})

const ext4_unlink = kfunc(NAMEI, function* ext4_unlink(k: Kernel, dir: Inode, name: string, inode: Inode) {
  const rc = yield* ext4_delete_entry(k, dir, name)
  if (rc !== 0) return rc
  inode.i_nlink--
  inode.i_ctime = current_time(k)
  mark_inode_dirty(inode)
  return 0
})

const ext4_empty_dir = kfunc(NAMEI, function* ext4_empty_dir(k: Kernel, dir: Inode) {
  const found = yield* find(k, dir, ({ inode, name }) => inode !== 0 && name !== '.' && name !== '..')
  return found === 0
})

const ext4_rmdir = kfunc(NAMEI, function* ext4_rmdir(k: Kernel, dir: Inode, name: string, inode: Inode) {
  if (!(yield* ext4_empty_dir(k, inode))) return -ENOTEMPTY
  const rc = yield* ext4_delete_entry(k, dir, name)
  if (rc !== 0) return rc
  inode.i_nlink = 0
  mark_inode_dirty(inode)
  dir.i_nlink--
  changed(k, dir)
  return 0
})

const ext4_link = kfunc(NAMEI, function* ext4_link(k: Kernel, old: Inode, dir: Inode, name: string) {
  if (old.i_nlink >= EXT4_LINK_MAX) return -EMLINK
  const rc = yield* ext4_add_entry(k, dir, name, old)
  if (rc !== 0) return rc
  old.i_nlink++
  old.i_ctime = current_time(k)
  mark_inode_dirty(old)
  return 0
})

/** A target that fits stands in the inode, where the numbers of blocks would. */
const FAST = EXT4_N_BLOCKS * 4

const ext4_symlink = kfunc(NAMEI, function* ext4_symlink(k: Kernel, dir: Inode, name: string, target: string) {
  const bytes = utf8.encode(target)
  if (bytes.length >= dir.i_sb.s_blocksize) return -ENAMETOOLONG
  const inode = yield* new_inode(k, dir, S_IFLNK | 0o777)
  if (typeof inode === 'number') return inode
  if (bytes.length < FAST) {
    const words = new Uint8Array(FAST)
    words.set(bytes)
    EXT4_I(inode).i_data = Array.from({ length: EXT4_N_BLOCKS }, (_, i) => u32(words, 4 * i))
  } else {
    const found = yield* ext4_map_blocks(k, inode, 0, true)
    if (typeof found === 'number') return yield* discard(k, inode, found)
    const bh = yield* sb_getblk_zeroed(k, dir.i_sb, found.block)
    if (bh === undefined) return yield* discard(k, inode, -EIO)
    mark_buffer_dirty_inode(bh, inode, (data) => data.set(bytes))
  }
  inode.i_size = bytes.length
  const rc = yield* ext4_add_entry(k, dir, name, inode)
  return rc === 0 ? 0 : yield* discard(k, inode, rc)
})

const ext4_get_link = kfunc('fs/ext4/symlink.c', function* ext4_get_link(k: Kernel, inode: Inode) {
  if (inode.i_blocks === 0) {
    const words = new Uint8Array(FAST)
    for (const [i, word] of EXT4_I(inode).i_data.entries()) put32(words, 4 * i, word)
    return text_of(words.subarray(0, Math.min(inode.i_size, FAST)))
  }
  const bh = yield* ext4_read_dirblock(k, inode, 0)
  return typeof bh === 'number' ? bh : text_of(b_data(bh).subarray(0, inode.i_size))
})

/** What stood under the new name loses it. */
const ext4_rename = kfunc(
  NAMEI,
  function* ext4_rename(k: Kernel, from: Inode, name: string, to: Inode, newName: string) {
    const entry = yield* ext4_find_entry(k, from, name)
    if (typeof entry === 'number') return entry === 0 ? -ENOENT : entry
    const inode = yield* ext4_iget(k, from.i_sb, entry.inode)
    if (typeof inode === 'number') return inode
    const old = yield* ext4_find_entry(k, to, newName)
    if (typeof old === 'number' && old < 0) return old
    const folder = is_dir(inode)
    if (typeof old === 'number') {
      if (folder && from !== to && to.i_nlink >= EXT4_LINK_MAX) return -EMLINK
      const rc = yield* ext4_add_entry(k, to, newName, inode)
      if (rc !== 0) return rc === -EEXIST ? -EIO : rc
    } else {
      const target = yield* ext4_iget(k, to.i_sb, old.inode)
      if (typeof target === 'number') return target
      if (is_dir(target) && !(yield* ext4_empty_dir(k, target))) return -ENOTEMPTY
      EXT4_I(inode).i_new_in = to
      mark_buffer_dirty_inode(old.bh, to, (bytes) => {
        put32(bytes, old.at, inode.i_ino)
        bytes[old.at + 7] = type_of(inode)
      })
      changed(k, to)
      target.i_nlink = is_dir(target) ? 0 : target.i_nlink - 1
      target.i_ctime = current_time(k)
      mark_inode_dirty(target)
      if (is_dir(target)) to.i_nlink--
    }
    const rc = yield* ext4_delete_entry(k, from, name)
    if (rc !== 0) return rc
    inode.i_ctime = current_time(k)
    mark_inode_dirty(inode)
    if (!folder || from === to) {
      if (folder && typeof old !== 'number') mark_inode_dirty(to)
      return 0
    }
    const up = yield* ext4_find_entry(k, inode, '..')
    if (typeof up === 'number') return up === 0 ? -EUCLEAN : up
    mark_buffer_dirty_inode(up.bh, inode, (bytes) => put32(bytes, up.at, to.i_ino))
    from.i_nlink--
    to.i_nlink++
    mark_inode_dirty(from)
    mark_inode_dirty(to)
    return 0
  },
)

export const ext4_dir_inode_operations: InodeOperations = {
  name: 'ext4_dir_inode_operations',
  lookup: ext4_lookup,
  create: ext4_create,
  link: ext4_link,
  unlink: ext4_unlink,
  symlink: ext4_symlink,
  mkdir: ext4_mkdir,
  rmdir: ext4_rmdir,
  rename: ext4_rename,
  readdir: ext4_readdir,
}

export const ext4_symlink_inode_operations: InodeOperations = {
  name: 'ext4_symlink_inode_operations',
  readlink: ext4_get_link,
}

export const ext4_dir_operations: FileOperations = { name: 'ext4_dir_operations' }
