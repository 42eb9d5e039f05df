/**
 * fs/ext4/super.c: mounting and unmounting ext4 as Debian builds it, which serves ext2, too.
 *
 * Source: torvalds/linux v6.1; texts as groundtruth ops4-dm and ops5-fs recorded them. Left out, and refused: journals,
 * extents, everything that came after ext2; `remount`.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { set_blocksize, sync_blockdev } from '../../block/bdev.ts'
import { blkdev_issue_flush } from '../../block/blk-flush.ts'
import { bdev_dax_supported } from '../../drivers/dax/access.ts'
import { EINVAL, EIO } from '../../include/linux/errno.ts'
import { type FileSystemType, is_dir, type SuperBlock, type SuperOperations } from '../../include/linux/fs.ts'
import { printk } from '../../kernel/printk.ts'
import type { Kernel } from '../../kernel.ts'
import { b_data, mark_buffer_dirty, sync_dirty_buffer } from '../buffer.ts'
import { current_time } from '../inode.ts'
import { count_groups } from './balloc.ts'
import { ext4_file_inode_operations, ext4_file_operations } from './file.ts'
import { ext4_ind_file_block } from './indirect.ts'
import { ext4_evict_inode, ext4_iget, ext4_write_inode } from './inode.ts'
import { ext4_dir_inode_operations, ext4_dir_operations, ext4_symlink_inode_operations } from './namei.ts'
import {
  BG,
  EXT4_ERROR_FS,
  EXT4_FEATURE_COMPAT_HAS_JOURNAL,
  EXT4_FEATURE_INCOMPAT_FILETYPE,
  EXT4_FEATURE_RO_COMPAT_LARGE_FILE,
  EXT4_FEATURE_RO_COMPAT_SPARSE_SUPER,
  EXT4_GOOD_OLD_FIRST_INO,
  EXT4_GOOD_OLD_INODE_SIZE,
  EXT4_MIN_DESC_SIZE,
  EXT4_ROOT_INO,
  EXT4_SUPER_MAGIC,
  EXT4_VALID_FS,
  put16,
  put32,
  S,
  u16,
  u32,
} from './raw.ts'
import { EXT4_SB, ext4_msg, ext4_sb_info, ext4_super } from './sb.ts'

const SUPER = 'fs/ext4/super.c'
const MIN_BLOCK_SIZE = 1024
const INCOMPAT = EXT4_FEATURE_INCOMPAT_FILETYPE
const RO_COMPAT = EXT4_FEATURE_RO_COMPAT_SPARSE_SUPER | EXT4_FEATURE_RO_COMPAT_LARGE_FILE

const operations = {
  file: { i_op: ext4_file_inode_operations, i_fop: ext4_file_operations },
  dir: { i_op: ext4_dir_inode_operations, i_fop: ext4_dir_operations },
  symlink: { i_op: ext4_symlink_inode_operations, i_fop: ext4_dir_operations },
} as const

/** Options that are known, and what each does to the list of those that are on. */
const OPTIONS: Readonly<Record<string, (on: ReadonlySet<string>) => readonly string[]>> = {
  defaults: (on) => [...on],
  dax: (on) => [...on, 'dax'],
  'dax=always': (on) => [...on, 'dax'],
  'dax=never': (on) => [...on].filter((each) => each !== 'dax'),
  'dax=inode': (on) => [...on].filter((each) => each !== 'dax'),
  barrier: (on) => [...on].filter((each) => each !== 'nobarrier'),
  'barrier=1': (on) => [...on].filter((each) => each !== 'nobarrier'),
  'barrier=0': (on) => [...on, 'nobarrier'],
  nobarrier: (on) => [...on, 'nobarrier'],
  noatime: (on) => [...on],
  relatime: (on) => [...on],
}

/** What is on; undefined: one is not known, which the log says. */
function parse_options(k: Kernel, options: readonly string[]): readonly string[] | undefined {
  let on: readonly string[] = []
  for (const option of options) {
    const known = OPTIONS[option]
    if (known === undefined) {
      const [name, value] = option.split('=')
      ext4_unknown(k, value === undefined ? `Unknown parameter '${name}'` : `Unknown parameter '${name}'`)
      return undefined
    }
    on = [...new Set(known(new Set(on)))]
  }
  return on
}

/** fs/fs_parser.c speaks for a file system that has no disk yet. */
const ext4_unknown = (k: Kernel, text: string): void => printk(k, 'err', `ext4: ${text}`)

/** Of what is on disk, into memory: 0, or -EINVAL with the reason in the log. */
const load_super = kfunc(SUPER, function* ext4_load_super(k: Kernel, sb: SuperBlock) {
  sb.s_blocksize = MIN_BLOCK_SIZE
  yield* set_blocksize(k, sb.s_bdev, MIN_BLOCK_SIZE)
  let found = yield* ext4_super(k, sb)
  if (found === undefined) {
    ext4_msg(k, sb, 'err', 'unable to read superblock')
    return -EIO
  }
  let raw = b_data(found.bh).subarray(found.at, found.at + 1024)
  if (u16(raw, S.magic) !== EXT4_SUPER_MAGIC) {
    ext4_msg(k, sb, 'err', "VFS: Can't find ext4 filesystem")
    return -EINVAL
  }
  const log = u32(raw, S.log_block_size)
  if (log > 6) {
    ext4_msg(k, sb, 'err', `Invalid log block size: ${log}`)
    return -EINVAL
  }
  const size = MIN_BLOCK_SIZE << log
  if (size > 4096) {
    ext4_msg(k, sb, 'err', `bad blocksize ${size}`)
    return -EINVAL
  }
  if (size < sb.s_bdev.bd_disk.logical_block_size) {
    ext4_msg(k, sb, 'err', `bad block size ${size}`)
    return -EINVAL
  }
  if (size !== sb.s_blocksize) {
    sb.s_blocksize = size
    yield* set_blocksize(k, sb.s_bdev, size)
    found = yield* ext4_super(k, sb)
    if (found === undefined) return -EIO
    raw = b_data(found.bh).subarray(found.at, found.at + 1024)
  }
  return check_super(k, sb, raw)
})

/** 0, or -EINVAL. */
function check_super(k: Kernel, sb: SuperBlock, raw: Uint8Array): number {
  const refuse = (text: string): number => {
    ext4_msg(k, sb, 'err', text)
    return -EINVAL
  }
  const old = u32(raw, S.rev_level) === 0
  const incompat = u32(raw, S.feature_incompat) & ~INCOMPAT
  const ro_compat = u32(raw, S.feature_ro_compat) & ~RO_COMPAT
  if (incompat !== 0)
    return refuse(`couldn't mount because of unsupported optional features (${incompat.toString(16)})`)
  if (ro_compat !== 0 && !sb.s_rdonly)
    return refuse(`couldn't mount RDWR because of unsupported optional features (${ro_compat.toString(16)})`)
  if ((u32(raw, S.feature_compat) & EXT4_FEATURE_COMPAT_HAS_JOURNAL) !== 0)
    return refuse("couldn't mount because journals are not carried out yet")
  const inode_size = old ? EXT4_GOOD_OLD_INODE_SIZE : u16(raw, S.inode_size)
  if (inode_size < EXT4_GOOD_OLD_INODE_SIZE || (inode_size & (inode_size - 1)) !== 0 || inode_size > sb.s_blocksize)
    return refuse(`unsupported inode size: ${inode_size}`)
  const blocks_per_group = u32(raw, S.blocks_per_group)
  const inodes_per_group = u32(raw, S.inodes_per_group)
  const first_data_block = u32(raw, S.first_data_block)
  const blocks_count = u32(raw, S.blocks_count)
  if (inodes_per_group === 0 || inodes_per_group > sb.s_blocksize * 8)
    return refuse(`invalid inodes per group: ${inodes_per_group}\n`)
  if (blocks_per_group === 0 || blocks_per_group > sb.s_blocksize * 8)
    return refuse(`#blocks per group too big: ${blocks_per_group}`)
  if (first_data_block !== (sb.s_blocksize === MIN_BLOCK_SIZE ? 1 : 0) || first_data_block >= blocks_count)
    return refuse(`bad geometry: first data block ${first_data_block} is beyond end of filesystem (${blocks_count})`)
  const own = Math.floor((sb.s_bdev.bd_nr_sectors * 512) / sb.s_blocksize)
  if (blocks_count > own)
    return refuse(`bad geometry: block count ${blocks_count} exceeds size of device (${own} blocks)`)
  const groups = Math.ceil((blocks_count - first_data_block) / blocks_per_group)
  const inodes_count = u32(raw, S.inodes_count)
  if (groups * inodes_per_group !== inodes_count)
    return refuse(`Inodes count not valid: ${inodes_count} vs ${groups * inodes_per_group}`)
  sb.s_fs_info = ext4_sb_info.create(k.journal, {
    s_blocks_count: blocks_count,
    s_inodes_count: inodes_count,
    s_first_data_block: first_data_block,
    s_blocks_per_group: blocks_per_group,
    s_inodes_per_group: inodes_per_group,
    s_groups_count: groups,
    s_inode_size: inode_size,
    s_desc_size: EXT4_MIN_DESC_SIZE,
    s_first_ino: old ? EXT4_GOOD_OLD_FIRST_INO : u32(raw, S.first_ino),
    s_mount_state: u16(raw, S.state),
    s_mount_opt: [],
    s_operations: operations,
    s_aborted: false,
  })
  return 0
}

/** What is counted in memory goes into the super block, and that to the disk. */
const ext4_commit_super = kfunc(
  SUPER,
  function* ext4_commit_super(k: Kernel, sb: SuperBlock, change?: (raw: Uint8Array) => void) {
    const found = yield* ext4_super(k, sb)
    if (found === undefined) return -EIO
    const blocks = yield* count_groups(k, sb, BG.free_blocks_count)
    const inodes = yield* count_groups(k, sb, BG.free_inodes_count)
    mark_buffer_dirty(found.bh, (bytes) => {
      const raw = bytes.subarray(found.at, found.at + 1024)
      put32(raw, S.wtime, current_time(k))
      put32(raw, S.free_blocks_count, blocks)
      put32(raw, S.free_inodes_count, inodes)
      change?.(raw)
    })
    return yield* sync_dirty_buffer(k, found.bh)
  },
)

/** It is in use now: a power failure leaves a mark. */
const ext4_setup_super = kfunc(SUPER, function* ext4_setup_super(k: Kernel, sb: SuperBlock) {
  const { s_mount_state } = EXT4_SB(sb)
  if ((s_mount_state & EXT4_VALID_FS) === 0)
    ext4_msg(k, sb, 'warn', 'warning: mounting unchecked fs, running e2fsck is recommended')
  else if ((s_mount_state & EXT4_ERROR_FS) !== 0)
    ext4_msg(k, sb, 'warn', 'warning: mounting fs with errors, running e2fsck is recommended')
  return yield* ext4_commit_super(k, sb, (raw) => {
    put16(raw, S.state, u16(raw, S.state) & ~EXT4_VALID_FS)
    put16(raw, S.mnt_count, u16(raw, S.mnt_count) + 1)
    put32(raw, S.mtime, current_time(k))
  })
})

/** What `-o dax` asks of disk and blocks: 0, or -EINVAL. */
const ext4_check_dax = kfunc(SUPER, function* ext4_check_dax(k: Kernel, sb: SuperBlock) {
  if ((yield* bdev_dax_supported(k, sb.s_bdev, sb.s_blocksize)) !== 0) {
    ext4_msg(k, sb, 'err', 'DAX unsupported by block device.')
    return -EINVAL
  }
  ext4_msg(k, sb, 'warn', 'DAX enabled. Warning: EXPERIMENTAL, use at your own risk')
  return 0
})

const ext4_fill_super = (name: string): FileSystemType['fill_super'] =>
  kfunc(SUPER, function* ext4_fill_super(k: Kernel, sb: SuperBlock, options: readonly string[]) {
    const on = parse_options(k, options)
    if (on === undefined) return -EINVAL
    const rc = yield* load_super(k, sb)
    if (rc !== 0) return rc
    if (name !== 'ext4') ext4_msg(k, sb, 'info', `mounting ${name} file system using the ext4 subsystem`)
    EXT4_SB(sb).s_mount_opt = on
    if (on.includes('dax')) {
      const refused = yield* ext4_check_dax(k, sb)
      if (refused !== 0) return refused
    }
    sb.s_op = ext4_sops
    const root = yield* ext4_iget(k, sb, EXT4_ROOT_INO)
    if (typeof root === 'number') {
      ext4_msg(k, sb, 'err', 'get root inode failed')
      return root
    }
    if (!is_dir(root) || root.i_size === 0) {
      ext4_msg(k, sb, 'err', 'corrupt root inode, run e2fsck')
      return -EINVAL
    }
    sb.s_root = root
    if (!sb.s_rdonly) {
      const written = yield* ext4_setup_super(k, sb)
      if (written !== 0) return written
    }
    if (on.includes('nobarrier')) ext4_msg(k, sb, 'info', 'barriers disabled')
    ext4_msg(k, sb, 'info', 'mounted filesystem without journal. Quota mode: none.')
    return 0
  })

const ext4_sync_fs = kfunc(SUPER, function* ext4_sync_fs(k: Kernel, sb: SuperBlock) {
  yield* sync_blockdev(k, sb.s_bdev)
  const rc = yield* ext4_commit_super(k, sb)
  if (rc !== 0 || EXT4_SB(sb).s_mount_opt.includes('nobarrier')) return rc
  return yield* blkdev_issue_flush(k, sb.s_bdev)
})

const ext4_put_super = kfunc(SUPER, function* ext4_put_super(k: Kernel, sb: SuperBlock) {
  ext4_msg(k, sb, 'info', 'unmounting filesystem.')
  if (sb.s_rdonly) return
  yield* ext4_commit_super(k, sb, (raw) => put16(raw, S.state, EXT4_SB(sb).s_mount_state))
})

const ext4_statfs = kfunc(SUPER, function* ext4_statfs(k: Kernel, sb: SuperBlock) {
  const { s_blocks_count, s_inodes_count } = EXT4_SB(sb)
  const bfree = yield* count_groups(k, sb, BG.free_blocks_count)
  const ffree = yield* count_groups(k, sb, BG.free_inodes_count)
  return { bsize: sb.s_blocksize, blocks: s_blocks_count, bfree, bavail: bfree, files: s_inodes_count, ffree }
})

const ext4_sops: SuperOperations = {
  write_inode: ext4_write_inode,
  evict_inode: ext4_evict_inode,
  sync_fs: ext4_sync_fs,
  put_super: ext4_put_super,
  statfs: ext4_statfs,
  file_block: ext4_ind_file_block,
  show_options: (sb) => {
    const on = EXT4_SB(sb).s_mount_opt
    return [on.includes('nobarrier') ? 'nobarrier' : '', on.includes('dax') ? 'dax=always' : ''].filter(
      (each) => each !== '',
    )
  },
}

export const ext4_fs_type: FileSystemType = { name: 'ext4', fill_super: ext4_fill_super('ext4') }
export const ext2_fs_type: FileSystemType = { name: 'ext2', fill_super: ext4_fill_super('ext2') }
