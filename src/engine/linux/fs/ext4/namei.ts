/**
 * fs/ext4/namei.c, dir.c, symlink.c: names in folders, which are lists of entries in the blocks of a file.
 *
 * A folder with an index of hashes is read as a list; at the first change it becomes a plain one, which upstream falls
 * back to as well. Source: torvalds/linux v6.1. Left out: making indices, encryption, case folding.
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
import type { Handle } from '../../include/linux/jbd2.ts'
import type { Kernel } from '../../kernel.ts'
import { type BufferHead, b_data, sb_bread, sb_getblk } from '../buffer.ts'
import { current_time, iput_final, mark_inode_dirty } from '../inode.ts'
import { dir_end, ext4_dirblock_csum_set, ext4_dirblock_csum_verify, ext4_initialize_dirent_tail } from './csum.ts'
import { EXT4_INDEX_FL, EXT4_N_BLOCKS } from './ext4.ts'
import { ext4_handle_dirty_metadata, in_handle } from './ext4_jbd2.ts'
import { __ext4_new_inode } from './ialloc.ts'
import { ext4_alloc_da_blocks, ext4_iget, ext4_init_inode, ext4_map_blocks, ext4_use_extents } from './inode.ts'
import { ext4_orphan_add } from './orphan.ts'
import { DIRENT_HEAD, EXT4_LINK_MAX, EXT4_NAME_LEN, FILE_TYPES, put16, put32, u16, u32 } from './raw.ts'
import { EXT4_I, ext4_error, ext4_has_feature } from './sb.ts'

const NAMEI = 'fs/ext4/namei.c'
const EFSBADCRC = 74

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

/** A block of the index, not of entries: the first, or one that an empty entry fills. */
const is_dx_block = (dir: Inode, block: number, bytes: Uint8Array): boolean =>
  (EXT4_I(dir).i_flags & EXT4_INDEX_FL) !== 0 &&
  (block === 0 || (u32(bytes, 0) === 0 && u16(bytes, 4) === dir.i_sb.s_blocksize))

/** A block of a folder; a negative error number when it is a hole or can't be read. */
const ext4_read_dirblock = kfunc(NAMEI, function* __ext4_read_dirblock(k: Kernel, dir: Inode, block: number) {
  const found = yield* ext4_map_blocks(k, undefined, dir, block, 1, 'find')
  if (typeof found === 'number') return found
  if (found.block === 0) {
    ext4_error(k, dir.i_sb, 'ext4_read_dirblock', `inode #${dir.i_ino}: block ${block}: Directory hole found`)
    return -EUCLEAN
  }
  const bh = yield* sb_bread(k, dir.i_sb, found.block)
  if (bh === undefined) return -EIO
  if (!is_dir(dir) || is_dx_block(dir, block, b_data(bh)) || ext4_dirblock_csum_verify(dir, b_data(bh))) return bh
  const where = `inode #${dir.i_ino}: block ${block}`
  ext4_error(k, dir.i_sb, '__ext4_read_dirblock', `${where}: Directory block failed checksum`)
  return -EFSBADCRC
})

/** What is wrong with an entry; undefined: nothing. */
function ext4_check_dir_entry(bytes: Uint8Array, at: number, end: number): string | undefined {
  const rec_len = u16(bytes, at + 4)
  const name_len = bytes[at + 6] ?? 0
  if (rec_len < dir_rec_len(1)) return 'rec_len is smaller than minimal'
  if (rec_len % 4 !== 0) return 'rec_len % 4 != 0'
  if (rec_len < dir_rec_len(name_len)) return 'rec_len is too small for name_len'
  if (at + rec_len > end) return 'directory entry overrun'
  return undefined
}

/** Every entry, those of no inode too; ends with a negative error number when a block is not as it must be. */
function* entries(k: Kernel, dir: Inode): Generator<Request | { readonly entry: Entry }, number, unknown> {
  const size = dir.i_sb.s_blocksize
  for (let block = 0; block * size < dir.i_size; block++) {
    const bh = yield* ext4_read_dirblock(k, dir, block)
    if (typeof bh === 'number') return bh
    const end = is_dx_block(dir, block, b_data(bh)) ? size : dir_end(dir.i_sb)
    let before: number | undefined
    for (let at = 0; at < end; ) {
      const bytes = b_data(bh)
      const wrong = ext4_check_dir_entry(bytes, at, end)
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
  mark_inode_dirty(dir)
}

/** Change a block of a folder, its checksum with it. */
function ext4_handle_dirty_dirblock(
  handle: Handle | undefined,
  dir: Inode,
  bh: BufferHead,
  change: (bytes: Uint8Array) => void,
): void {
  ext4_handle_dirty_metadata(handle, dir, bh, (bytes) => {
    change(bytes)
    ext4_dirblock_csum_set(dir, bytes)
  })
}

/** A folder with an index becomes a plain one, whose blocks are all of entries: 0, or a negative error number. */
const dx_fallback = kfunc(NAMEI, function* dx_fallback(k: Kernel, handle: Handle | undefined, dir: Inode) {
  const { s_blocksize } = dir.i_sb
  if ((EXT4_I(dir).i_flags & EXT4_INDEX_FL) === 0) return 0
  const end = dir_end(dir.i_sb)
  for (let block = 0; block * s_blocksize < dir.i_size; block++) {
    const bh = yield* ext4_read_dirblock(k, dir, block)
    if (typeof bh === 'number') return bh
    if (!is_dx_block(dir, block, b_data(bh))) continue
    ext4_handle_dirty_dirblock(handle, dir, bh, (bytes) => {
      const at = block === 0 ? dir_rec_len(1) : 0
      put16(bytes, at + 4, end - at)
      ext4_initialize_dirent_tail(dir.i_sb, bytes)
    })
  }
  EXT4_I(dir).i_flags &= ~EXT4_INDEX_FL
  mark_inode_dirty(dir)
  return 0
})

function write_entry(bytes: Uint8Array, at: number, rec_len: number, name: Uint8Array, inode: Inode): void {
  put32(bytes, at, inode.i_ino)
  put16(bytes, at + 4, rec_len)
  bytes[at + 6] = name.length
  bytes[at + 7] = ext4_has_feature(inode.i_sb, 'filetype') ? type_of(inode) : FILE_TYPES.unknown
  bytes.set(name, at + DIRENT_HEAD)
}

/** One more block at the end of a folder, with one entry of no inode over all of it. */
const ext4_append = kfunc(NAMEI, function* ext4_append(k: Kernel, handle: Handle | undefined, dir: Inode) {
  const size = dir.i_sb.s_blocksize
  const found = yield* ext4_map_blocks(k, handle, dir, dir.i_size / size, 1, 'create')
  if (typeof found === 'number') return found
  const bh = yield* sb_getblk(k, dir.i_sb, found.block)
  if (bh === undefined) return -EIO
  ext4_handle_dirty_dirblock(handle, dir, bh, (bytes) => {
    bytes.fill(0)
    put16(bytes, 4, dir_end(dir.i_sb))
    ext4_initialize_dirent_tail(dir.i_sb, bytes)
  })
  dir.i_size += size
  mark_inode_dirty(dir)
  return bh
})

/** Name `inode` in a folder: 0, or a negative error number. */
const ext4_add_entry = kfunc(
  NAMEI,
  function* ext4_add_entry(k: Kernel, handle: Handle | undefined, dir: Inode, name: string, inode: Inode) {
    const bytes = utf8.encode(name)
    if (bytes.length > EXT4_NAME_LEN) return -ENAMETOOLONG
    const plain = yield* dx_fallback(k, handle, dir)
    if (plain !== 0) return plain
    const needed = dir_rec_len(bytes.length)
    const used = ({ inode: ino, bh, at }: Entry): number => (ino === 0 ? 0 : dir_rec_len(b_data(bh)[at + 6] ?? 0))
    const room = yield* find(k, dir, (entry) => entry.rec_len - used(entry) >= needed)
    if (typeof room === 'number' && room < 0) return room
    if (typeof room === 'number') {
      const bh = yield* ext4_append(k, handle, dir)
      if (typeof bh === 'number') return bh
      ext4_handle_dirty_dirblock(handle, dir, bh, (data) => write_entry(data, 0, dir_end(dir.i_sb), bytes, inode))
    } else {
      const own = used(room)
      ext4_handle_dirty_dirblock(handle, dir, room.bh, (data) => {
        if (own > 0) put16(data, room.at + 4, own)
        write_entry(data, room.at + own, room.rec_len - own, bytes, inode)
      })
    }
    changed(k, dir)
    EXT4_I(inode).i_new_in = dir
    return 0
  },
)

/** Take a name away: the entry before it in the block swallows it. */
const ext4_delete_entry = kfunc(
  NAMEI,
  function* ext4_delete_entry(k: Kernel, handle: Handle | undefined, dir: Inode, name: string) {
    const plain = yield* dx_fallback(k, handle, dir)
    if (plain !== 0) return plain
    const entry = yield* ext4_find_entry(k, dir, name)
    if (typeof entry === 'number') return entry === 0 ? -ENOENT : entry
    const { bh, at, rec_len, before } = entry
    ext4_handle_dirty_dirblock(handle, dir, bh, (bytes) => {
      if (before === undefined) put32(bytes, at, 0)
      else put16(bytes, before + 4, u16(bytes, before + 4) + rec_len)
    })
    changed(k, dir)
    return 0
  },
)

/** A new inode that a folder will name; or a negative error number. */
const new_inode = function* (k: Kernel, handle: Handle | undefined, dir: Inode, mode: number) {
  const ino = yield* __ext4_new_inode(k, handle, dir, mode)
  return ino < 0 ? ino : ext4_init_inode(k, dir, ino, mode)
}

/** What could not be named goes again. */
const discard = function* (k: Kernel, handle: Handle | undefined, inode: Inode, rc: number) {
  inode.i_nlink = 0
  yield* ext4_orphan_add(k, handle, inode)
  yield* iput_final(k, inode)
  return rc
}

const ext4_create = kfunc(NAMEI, function* ext4_create(k: Kernel, dir: Inode, name: string, mode: number) {
  return yield* in_handle(k, dir.i_sb, function* (handle) {
    const inode = yield* new_inode(k, handle, dir, mode)
    if (typeof inode === 'number') return inode
    const rc = yield* ext4_add_entry(k, handle, dir, name, inode)
    return rc === 0 ? inode : yield* discard(k, handle, inode, rc)
  })
})

const ext4_mkdir = kfunc(NAMEI, function* ext4_mkdir(k: Kernel, dir: Inode, name: string, mode: number) {
  if (dir.i_nlink >= EXT4_LINK_MAX) return -EMLINK
  return yield* in_handle(k, dir.i_sb, function* (handle) {
    const inode = yield* new_inode(k, handle, dir, mode)
    if (typeof inode === 'number') return inode
    const bh = yield* ext4_append(k, handle, inode)
    if (typeof bh === 'number') return yield* discard(k, handle, inode, bh)
    const end = dir_end(dir.i_sb)
    ext4_handle_dirty_dirblock(handle, inode, bh, (bytes) => {
      write_entry(bytes, 0, dir_rec_len(1), utf8.encode('.'), inode)
      write_entry(bytes, dir_rec_len(1), end - dir_rec_len(1), utf8.encode('..'), dir)
    })
    inode.i_nlink = 2
    const rc = yield* ext4_add_entry(k, handle, dir, name, inode)
    if (rc !== 0) return yield* discard(k, handle, inode, rc)
    dir.i_nlink++
    return 0
  })
})

const ext4_unlink = kfunc(NAMEI, function* ext4_unlink(k: Kernel, dir: Inode, name: string, inode: Inode) {
  return yield* in_handle(k, dir.i_sb, function* (handle) {
    const rc = yield* ext4_delete_entry(k, handle, dir, name)
    if (rc !== 0) return rc
    inode.i_nlink--
    if (inode.i_nlink === 0) yield* ext4_orphan_add(k, handle, inode)
    inode.i_ctime = current_time(k)
    mark_inode_dirty(inode)
    return 0
  })
})

const ext4_empty_dir = kfunc(NAMEI, function* ext4_empty_dir(k: Kernel, dir: Inode) {
  const found = yield* find(k, dir, ({ inode, name }) => inode !== 0 && name !== '.' && name !== '..')
  return found === 0
})

const ext4_rmdir = kfunc(NAMEI, function* ext4_rmdir(k: Kernel, dir: Inode, name: string, inode: Inode) {
  if (!(yield* ext4_empty_dir(k, inode))) return -ENOTEMPTY
  return yield* in_handle(k, dir.i_sb, function* (handle) {
    const rc = yield* ext4_delete_entry(k, handle, dir, name)
    if (rc !== 0) return rc
    inode.i_nlink = 0
    yield* ext4_orphan_add(k, handle, inode)
    mark_inode_dirty(inode)
    dir.i_nlink--
    changed(k, dir)
    return 0
  })
})

const ext4_link = kfunc(NAMEI, function* ext4_link(k: Kernel, old: Inode, dir: Inode, name: string) {
  if (old.i_nlink >= EXT4_LINK_MAX) return -EMLINK
  return yield* in_handle(k, dir.i_sb, function* (handle) {
    const rc = yield* ext4_add_entry(k, handle, dir, name, old)
    if (rc !== 0) return rc
    old.i_nlink++
    old.i_ctime = current_time(k)
    mark_inode_dirty(old)
    return 0
  })
})

/** A target that fits stands in the inode, where the numbers of blocks would. */
const FAST = EXT4_N_BLOCKS * 4

const ext4_symlink = kfunc(NAMEI, function* ext4_symlink(k: Kernel, dir: Inode, name: string, target: string) {
  const bytes = utf8.encode(target)
  if (bytes.length >= dir.i_sb.s_blocksize) return -ENAMETOOLONG
  return yield* in_handle(k, dir.i_sb, function* (handle) {
    const inode = yield* new_inode(k, handle, dir, S_IFLNK | 0o777)
    if (typeof inode === 'number') return inode
    if (bytes.length < FAST) {
      const words = new Uint8Array(FAST)
      words.set(bytes)
      EXT4_I(inode).i_data = Array.from({ length: EXT4_N_BLOCKS }, (_, i) => u32(words, 4 * i))
    } else {
      if (ext4_has_feature(dir.i_sb, 'extents')) ext4_use_extents(inode)
      const found = yield* ext4_map_blocks(k, handle, inode, 0, 1, 'create')
      if (typeof found === 'number') return yield* discard(k, handle, inode, found)
      const bh = yield* sb_getblk(k, dir.i_sb, found.block)
      if (bh === undefined) return yield* discard(k, handle, inode, -EIO)
      ext4_handle_dirty_metadata(handle, inode, bh, (data) => {
        data.fill(0)
        data.set(bytes)
      })
    }
    inode.i_size = bytes.length
    const rc = yield* ext4_add_entry(k, handle, dir, name, inode)
    return rc === 0 ? 0 : yield* discard(k, handle, inode, rc)
  })
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

interface Rename {
  readonly from: Inode
  readonly name: string
  readonly to: Inode
  readonly newName: string
  readonly inode: Inode
  /** What stands under the new name. */
  readonly old: Entry | undefined
}

/** The new name leads to `inode`: 0, or a negative error number. */
const ext4_setent = kfunc(
  NAMEI,
  function* ext4_setent(k: Kernel, handle: Handle | undefined, { to, newName, inode }: Rename, target: Inode) {
    const plain = yield* dx_fallback(k, handle, to)
    if (plain !== 0) return plain
    const old = yield* ext4_find_entry(k, to, newName)
    if (typeof old === 'number') return old === 0 ? -ENOENT : old
    EXT4_I(inode).i_new_in = to
    ext4_handle_dirty_dirblock(handle, to, old.bh, (bytes) => {
      put32(bytes, old.at, inode.i_ino)
      if (ext4_has_feature(to.i_sb, 'filetype')) bytes[old.at + 7] = type_of(inode)
    })
    changed(k, to)
    target.i_nlink = is_dir(target) ? 0 : target.i_nlink - 1
    if (target.i_nlink === 0) yield* ext4_orphan_add(k, handle, target)
    target.i_ctime = current_time(k)
    mark_inode_dirty(target)
    if (is_dir(target)) to.i_nlink--
    return 0
  },
)

const rename_in = function* (
  k: Kernel,
  handle: Handle | undefined,
  rename: Rename,
  target: Inode | undefined,
): Generator<Request, number> {
  const { from, name, to, newName, inode } = rename
  const folder = is_dir(inode)
  const named =
    target === undefined
      ? yield* ext4_add_entry(k, handle, to, newName, inode)
      : yield* ext4_setent(k, handle, rename, target)
  if (named !== 0) return named === -EEXIST ? -EIO : named
  const rc = yield* ext4_delete_entry(k, handle, from, name)
  if (rc !== 0) return rc
  inode.i_ctime = current_time(k)
  mark_inode_dirty(inode)
  if (!folder || from === to) {
    if (folder && target !== undefined) mark_inode_dirty(to)
    return 0
  }
  const up = yield* ext4_find_entry(k, inode, '..')
  if (typeof up === 'number') return up === 0 ? -EUCLEAN : up
  if (is_dx_block(inode, 0, b_data(up.bh)))
    ext4_handle_dirty_metadata(handle, inode, up.bh, (bytes) => put32(bytes, up.at, to.i_ino))
  else ext4_handle_dirty_dirblock(handle, inode, up.bh, (bytes) => put32(bytes, up.at, to.i_ino))
  from.i_nlink--
  to.i_nlink++
  mark_inode_dirty(from)
  mark_inode_dirty(to)
  return 0
}

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
    if (typeof old === 'number' && is_dir(inode) && from !== to && to.i_nlink >= EXT4_LINK_MAX) return -EMLINK
    const target = typeof old === 'number' ? undefined : yield* ext4_iget(k, to.i_sb, old.inode)
    if (typeof target === 'number') return target
    if (target !== undefined && is_dir(target) && !(yield* ext4_empty_dir(k, target))) return -ENOTEMPTY
    // Who replaces a file by a new one means its contents, too (auto_da_alloc).
    if (target !== undefined) yield* ext4_alloc_da_blocks(k, inode)
    const rename: Rename = { from, name, to, newName, inode, old: typeof old === 'number' ? undefined : old }
    return yield* in_handle(k, from.i_sb, (handle) => rename_in(k, handle, rename, target))
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
