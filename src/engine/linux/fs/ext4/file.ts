/** fs/ext4/file.c, fsync.c: reading, writing and syncing a file. Left out: direct I/O (it goes through the page cache). */

import { kfunc } from '../../../sim/kfunc.ts'
import { blkdev_issue_flush } from '../../block/blk-flush.ts'
import { dax_get_by_host } from '../../drivers/dax/super.ts'
import { EFBIG, EIO, ENODEV, EOPNOTSUPP, EROFS } from '../../include/linux/errno.ts'
import {
  __O_SYNC,
  type File,
  type FileOperations,
  type Inode,
  type InodeOperations,
  O_APPEND,
  O_DSYNC,
} from '../../include/linux/fs.ts'
import type { Journal } from '../../include/linux/jbd2.ts'
import {
  PAGE_SIZE,
  PMD_SIZE,
  type VmAreaStruct,
  type VmFault,
  type VmOperations,
} from '../../include/linux/mm_types.ts'
import type { UserBytes } from '../../include/linux/uaccess.ts'
import type { Kernel } from '../../kernel.ts'
import { type ByteRange, filemap_read, generic_perform_write } from '../../mm/filemap.ts'
import { sync_mapping_buffers } from '../buffer.ts'
import { dax_iomap_read, dax_iomap_write, type IomapBegin } from '../dax.ts'
import {
  dax_finish_sync_fault,
  dax_iomap_fault,
  dax_writeback_mapping_range,
  dirty_entries,
  invalidate_holes,
} from '../dax-fault.ts'
import { current_time, mark_inode_dirty } from '../inode.ts'
import { jbd2_complete_transaction, jbd2_trans_will_send_data_barrier } from '../jbd2/kjournald2.ts'
import { ext4_journal_start, ext4_journal_stop, in_handle } from './ext4_jbd2.ts'
import { ext4_fallocate } from './fallocate.ts'
import {
  ext4_alloc_da_blocks,
  ext4_allocate_range,
  ext4_da_reserve_space,
  ext4_delalloc,
  ext4_do_writepages,
  ext4_iomap_begin,
  ext4_setattr_size,
  ext4_truncate_failed_write,
  ext4_write_inode,
} from './inode.ts'
import { ext4_orphan_add, ext4_orphan_del } from './orphan.ts'
import { EXT4_I, EXT4_SB } from './sb.ts'

const FILE = 'fs/ext4/file.c'

const inode_of = ({ f_inode }: File): Inode => f_inode as Inode

const begin_of =
  (inode: Inode): IomapBegin =>
  (k, pos, length, write) =>
    ext4_iomap_begin(k, inode, pos, length, write)

const ext4_file_read_iter = kfunc(
  FILE,
  function* ext4_file_read_iter(k: Kernel, file: File, into: Uint8Array, pos: number) {
    const inode = inode_of(file)
    const room = into.subarray(0, Math.max(0, Math.min(into.length, inode.i_size - pos)))
    if (room.length === 0) return 0
    if (inode.i_dax) return yield* dax_iomap_read(k, begin_of(inode), pos, room)
    return yield* filemap_read(k, inode.i_mapping, pos, room)
  },
)

/** The file's times are now: a change of its own. 0, or a negative error number. */
const file_update_time = kfunc('fs/inode.c', function* file_update_time(k: Kernel, inode: Inode) {
  // Inodes of 128 bytes know seconds only: s_time_gran.
  const fine = current_time(k)
  const now = EXT4_I(inode).i_extra_isize > 0 ? fine : Math.floor(fine)
  if (inode.i_mtime === now && inode.i_ctime === now) return 0
  return yield* in_handle(k, inode.i_sb, function* () {
    yield* []
    inode.i_mtime = now
    inode.i_ctime = now
    mark_inode_dirty(inode, 'times')
    return 0
  })
})

/** Room for a piece of a page: blocks at once, or the promise of some. 0, or a negative error number. */
const ext4_write_begin = kfunc(
  'fs/ext4/inode.c',
  function* ext4_write_begin(k: Kernel, inode: Inode, pos: number, length: number) {
    if (ext4_delalloc(inode)) return yield* ext4_da_reserve_space(k, inode, pos, length)
    return yield* in_handle(k, inode.i_sb, (handle) => ext4_allocate_range(k, handle, inode, pos, length))
  },
)

/** What a write has added to the file. */
const ext4_write_end = kfunc('fs/ext4/inode.c', function* ext4_write_end(k: Kernel, inode: Inode, end: number) {
  if (end <= inode.i_size) return 0
  inode.i_size = end
  // A page without a place: the disk learns of it when it has one.
  if (EXT4_I(inode).i_reserved.has(Math.floor((end - 1) / inode.i_sb.s_blocksize))) return 0
  return yield* in_handle(k, inode.i_sb, function* () {
    yield* []
    EXT4_I(inode).i_disksize = end
    mark_inode_dirty(inode)
    return 0
  })
})

/** Bytes written, or a negative error number. */
const ext4_buffered_write_iter = kfunc(
  FILE,
  function* ext4_buffered_write_iter(k: Kernel, inode: Inode, bytes: Uint8Array, pos: number) {
    const updated = yield* file_update_time(k, inode)
    if (updated < 0) return updated
    let done = 0
    let error = 0
    while (done < bytes.length) {
      const at = pos + done
      const piece = bytes.subarray(done, done + PAGE_SIZE - (at % PAGE_SIZE))
      const count = yield* generic_perform_write(k, inode.i_mapping, at, piece)
      error = count < 0 ? count : yield* ext4_write_begin(k, inode, at, count)
      if (error !== 0) {
        yield* ext4_truncate_failed_write(k, inode)
        break
      }
      done += count
      error = yield* ext4_write_end(k, inode, at + count)
      if (error !== 0) break
    }
    return done === 0 ? error : done
  },
)

/** Straight into persistent memory: bytes written, or a negative error number. */
const ext4_dax_write_iter = kfunc(
  FILE,
  function* ext4_dax_write_iter(k: Kernel, inode: Inode, segments: readonly UserBytes[], pos: number) {
    const { i_sb } = inode
    const updated = yield* file_update_time(k, inode)
    if (updated < 0) return updated
    const length = segments.reduce((sum, { bytes }) => sum + bytes.length, 0)
    const extend = pos + length > EXT4_I(inode).i_disksize
    if (extend) {
      const rc = yield* in_handle(k, i_sb, function* (handle) {
        yield* ext4_orphan_add(k, handle, inode)
        return 0
      })
      if (rc < 0) return rc
    }
    const count = yield* dax_iomap_write(
      k,
      inode.i_mapping,
      begin_of(inode),
      pos,
      { type: 'iovec', segments },
      invalidate_holes,
    )
    if (!extend) return count
    const rc = yield* ext4_handle_inode_extension(k, inode, count > 0 ? pos + count : 0)
    return rc < 0 ? rc : count
  },
)

/** The file ends at `end` now, if that is farther than before; blocks behind it that a failed write left are free. */
const ext4_handle_inode_extension = kfunc(
  FILE,
  function* ext4_handle_inode_extension(k: Kernel, inode: Inode, end: number) {
    const { i_sb } = inode
    const handle = yield* ext4_journal_start(k, i_sb)
    if (typeof handle === 'number') return handle
    if (end > inode.i_size) inode.i_size = end
    if (end > EXT4_I(inode).i_disksize) {
      EXT4_I(inode).i_disksize = end
      mark_inode_dirty(inode)
    }
    if (inode.i_nlink > 0) yield* ext4_orphan_del(k, handle, inode)
    return yield* ext4_journal_stop(k, i_sb, handle)
  },
)

/** What a sync of the data comes to: pages of the cache, or lines that were stored to. */
const ext4_writepages = kfunc('fs/ext4/inode.c', function* ext4_writepages(k: Kernel, inode: Inode, range: ByteRange) {
  if (!inode.i_dax) return yield* ext4_do_writepages(k, inode)
  if (dirty_entries(inode.i_mapping, range).length === 0) return 0
  const { s_bdev } = inode.i_sb
  const dax_dev = dax_get_by_host(k, s_bdev.bd_disk.disk_name)
  return dax_dev === undefined ? -EIO : yield* dax_writeback_mapping_range(k, inode.i_mapping, s_bdev, dax_dev, range)
})

const ext4_dax_fault = kfunc(
  FILE,
  function* ext4_dax_huge_fault(k: Kernel, vma: VmAreaStruct, address: number, write: boolean, size: number) {
    const inode = vma.file?.f_inode
    if (inode === undefined) return 'sigbus' as VmFault
    const stores = write && vma.shared
    if (stores) yield* file_update_time(k, inode)
    const handle = stores ? yield* ext4_journal_start(k, inode.i_sb) : undefined
    if (typeof handle === 'number') return 'sigbus' as VmFault
    const fault = { vma, address, write, begin: begin_of(inode), size: inode.i_size }
    const result: VmFault = yield* dax_iomap_fault(k, inode, fault, size)
    if ((yield* ext4_journal_stop(k, inode.i_sb, handle)) < 0) return 'sigbus' as VmFault
    return result === 'needdsync' ? yield* dax_finish_sync_fault(k, vma, address, size) : result
  },
)

const ext4_dax_vm_ops: VmOperations = { name: 'ext4_dax_vm_ops', fault: ext4_dax_fault }

/** Of a file that is accessed directly; one of the page cache can not be mapped here. */
const ext4_file_mmap = kfunc(FILE, function* ext4_file_mmap(k: Kernel, file: File, vma: VmAreaStruct) {
  yield* []
  const inode = inode_of(file)
  const dax_dev = dax_get_by_host(k, inode.i_sb.s_bdev.bd_disk.disk_name)
  // daxdev_mapping_supported()
  if (vma.sync && (!inode.i_dax || dax_dev?.synchronous !== true)) return -EOPNOTSUPP
  if (!inode.i_dax) return -ENODEV
  vma.vm_ops = ext4_dax_vm_ops
  return 0
})

/** What names the file since its last sync, up to the root: 0, or the first error. */
const ext4_sync_parent = kfunc('fs/ext4/fsync.c', function* ext4_sync_parent(k: Kernel, inode: Inode) {
  for (let at = inode; ; ) {
    const info = EXT4_I(at)
    const dir = info.i_new_in
    if (dir === undefined) return 0
    info.i_new_in = undefined
    const buffers = yield* sync_mapping_buffers(k, dir)
    if (buffers !== 0) return buffers
    const own = yield* ext4_write_inode(k, dir, true)
    if (own !== 0) return own
    at = dir
  }
})

/** fsync(2): pages, metadata, and a flush of the disk. 0, or a negative error number. */
const ext4_sync_inode = kfunc(
  'fs/ext4/fsync.c',
  function* ext4_fsync_nojournal(k: Kernel, inode: Inode, datasync: boolean, range: ByteRange) {
    const error = yield* ext4_writepages(k, inode, range)
    const buffers = yield* sync_mapping_buffers(k, inode)
    const dirty = inode.i_dirty === 'data' || (!datasync && inode.i_dirty === 'times')
    const own = dirty ? yield* ext4_write_inode(k, inode, true) : 0
    return error || buffers || own || (yield* ext4_sync_parent(k, inode))
  },
)

/** The transaction that the file needs is on the disk: whether its commit flushed what was written before; or an error. */
const ext4_fsync_journal = kfunc(
  'fs/ext4/fsync.c',
  function* ext4_fsync_journal(k: Kernel, inode: Inode, datasync: boolean) {
    const journal = EXT4_SB(inode.i_sb).s_journal as Journal
    const { i_datasync_tid, i_sync_tid } = EXT4_I(inode)
    const tid = datasync ? i_datasync_tid : i_sync_tid
    const flushes = jbd2_trans_will_send_data_barrier(journal, tid)
    const rc = yield* jbd2_complete_transaction(k, journal, tid)
    return rc === 0 ? flushes : rc
  },
)

const ext4_sync_file = kfunc(
  'fs/ext4/fsync.c',
  function* ext4_sync_file(k: Kernel, file: File, datasync?: boolean, range?: ByteRange) {
    const inode = inode_of(file)
    const { i_sb } = inode
    const { s_aborted, s_journal, s_mount_opt } = EXT4_SB(i_sb)
    if (s_aborted) return -EROFS
    if (i_sb.s_rdonly) return 0
    let flushed = false
    if (s_journal === undefined) {
      const rc = yield* ext4_sync_inode(k, inode, datasync === true, range ?? {})
      if (rc !== 0) return rc
    } else {
      const written = yield* ext4_writepages(k, inode, range ?? {})
      if (written !== 0) return written
      const rc = yield* ext4_fsync_journal(k, inode, datasync === true)
      if (typeof rc === 'number') return rc
      flushed = rc
    }
    if (flushed || s_mount_opt.includes('nobarrier')) return 0
    return (yield* blkdev_issue_flush(k, i_sb.s_bdev)) === 0 ? 0 : -EIO
  },
)

/** The last who had it open for writing closes it. */
const ext4_release_file = kfunc(FILE, function* ext4_release_file(k: Kernel, file: File) {
  const inode = inode_of(file)
  const info = EXT4_I(inode)
  if (!info.i_da_alloc_close) return
  info.i_da_alloc_close = false
  yield* ext4_alloc_da_blocks(k, inode)
})

/** The pieces of memory that bytes come from. */
function segments_of(bytes: Uint8Array, lengths: readonly number[] = [bytes.length]): readonly UserBytes[] {
  let at = 0
  return lengths.map((length) => {
    at += length
    return { bytes: bytes.subarray(at - length, at) }
  })
}

const ext4_file_write_iter = kfunc(
  FILE,
  function* ext4_file_write_iter(
    k: Kernel,
    file: File,
    bytes: Uint8Array,
    pos: number,
    _buffer?: number,
    lengths?: readonly number[],
  ) {
    const inode = inode_of(file)
    if (inode.i_sb.s_rdonly) return -EROFS
    if (bytes.length === 0) return 0
    const at = (file.flags & O_APPEND) !== 0 ? inode.i_size : pos
    if (at + bytes.length > Number.MAX_SAFE_INTEGER / 2) return -EFBIG
    const count = inode.i_dax
      ? yield* ext4_dax_write_iter(k, inode, segments_of(bytes, lengths), at)
      : yield* ext4_buffered_write_iter(k, inode, bytes, at)
    if (count <= 0 || (file.flags & O_DSYNC) === 0) return count
    const rc = yield* ext4_sync_file(k, file, (file.flags & __O_SYNC) === 0)
    return rc === 0 ? count : rc
  },
)

export const ext4_file_operations: FileOperations = {
  name: 'ext4_file_operations',
  read: ext4_file_read_iter,
  write: ext4_file_write_iter,
  fsync: ext4_sync_file,
  release: ext4_release_file,
  writeback: (k, inode) => ext4_writepages(k, inode, {}),
  mmap: ext4_file_mmap,
  mmapSync: (k) => k.has('map_sync'),
  mapAlign: (file) => (inode_of(file).i_dax ? PMD_SIZE : PAGE_SIZE),
  size: (file) => inode_of(file).i_size,
}

export const ext4_file_inode_operations: InodeOperations = {
  name: 'ext4_file_inode_operations',
  truncate: ext4_setattr_size,
  fallocate: ext4_fallocate,
}
