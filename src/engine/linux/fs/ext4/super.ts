/**
 * fs/ext4/super.c: mounting and unmounting ext4 as Debian builds it, which serves ext2 and ext3, too.
 *
 * Source: torvalds/linux v6.1; texts as groundtruth ops4-dm and ops5-fs recorded them. Left out, and refused by name where
 * the file system needs it: what `FEATURES` does not name; journals on other devices, data=journal, `remount`.
 */

import { decode, peek, poke } from '../../../../base/layout.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { set_blocksize, sync_blockdev } from '../../block/bdev.ts'
import { blkdev_issue_flush } from '../../block/blk-flush.ts'
import { bdev_dax_supported } from '../../drivers/dax/access.ts'
import { dax_get_by_host } from '../../drivers/dax/super.ts'
import { bdev_name, SECTOR_SIZE } from '../../include/linux/blk_types.ts'
import { EINVAL, EIO, EUCLEAN } from '../../include/linux/errno.ts'
import { type FileSystemType, is_dir, is_reg, type SuperBlock, type SuperOperations } from '../../include/linux/fs.ts'
import {
  JBD2_FEATURE_COMPAT_CHECKSUM,
  JBD2_FEATURE_INCOMPAT_64BIT,
  JBD2_FEATURE_INCOMPAT_CSUM_V3,
} from '../../include/linux/jbd2.ts'
import { PAGE_SIZE } from '../../include/linux/mm_types.ts'
import { printk } from '../../kernel/printk.ts'
import type { Kernel } from '../../kernel.ts'
import { crc32c_le } from '../../lib/crc32.ts'
import { b_data, mark_buffer_dirty, submit_bh } from '../buffer.ts'
import { current_time, iput_final } from '../inode.ts'
import { jbd2_journal_destroy, jbd2_journal_init_inode, jbd2_journal_load } from '../jbd2/journal.ts'
import { jbd2_journal_set_features } from '../jbd2/jsb.ts'
import { jbd2_journal_force_commit, jbd2_trans_will_send_data_barrier } from '../jbd2/kjournald2.ts'
import { count_groups, ext4_process_freed_data } from './balloc.ts'
import { ext4_superblock_csum, ext4_superblock_csum_set } from './csum.ts'
import {
  EXT4_CRC32C_CHKSUM,
  EXT4_ERROR_FS,
  EXT4_FEATURE_COMPAT_HAS_JOURNAL,
  EXT4_FEATURE_INCOMPAT_64BIT,
  EXT4_FEATURE_INCOMPAT_CSUM_SEED,
  EXT4_FEATURE_INCOMPAT_EXTENTS,
  EXT4_FEATURE_INCOMPAT_FILETYPE,
  EXT4_FEATURE_INCOMPAT_FLEX_BG,
  EXT4_FEATURE_INCOMPAT_META_BG,
  EXT4_FEATURE_INCOMPAT_RECOVER,
  EXT4_FEATURE_RO_COMPAT_DIR_NLINK,
  EXT4_FEATURE_RO_COMPAT_EXTRA_ISIZE,
  EXT4_FEATURE_RO_COMPAT_GDT_CSUM,
  EXT4_FEATURE_RO_COMPAT_HUGE_FILE,
  EXT4_FEATURE_RO_COMPAT_LARGE_FILE,
  EXT4_FEATURE_RO_COMPAT_METADATA_CSUM,
  EXT4_FEATURE_RO_COMPAT_SPARSE_SUPER,
  EXT4_GOOD_OLD_FIRST_INO,
  EXT4_GOOD_OLD_INODE_SIZE,
  EXT4_JOURNAL_INO,
  EXT4_MIN_BLOCK_SIZE,
  EXT4_MIN_DESC_SIZE,
  EXT4_MIN_DESC_SIZE_64BIT,
  EXT4_ROOT_INO,
  EXT4_SUPER_MAGIC,
  EXT4_VALID_FS,
  ext4_super_block,
} from './ext4.ts'
import { ext4_ext_file_block } from './extents-tree.ts'
import { ext4_file_inode_operations, ext4_file_operations } from './file.ts'
import { ext4_ind_file_block } from './indirect.ts'
import {
  ext4_evict_inode,
  ext4_iget,
  ext4_map_blocks,
  ext4_mark_inode_dirty,
  ext4_truncate,
  ext4_write_inode,
  has_extents,
  submit_mapped_pages,
} from './inode.ts'
import { ext4_dir_inode_operations, ext4_dir_operations, ext4_symlink_inode_operations } from './namei.ts'
import { EXT4_I, EXT4_SB, ext4_has_feature, ext4_msg, ext4_sb_info, ext4_super } from './sb.ts'

const SUPER = 'fs/ext4/super.c'
const INCOMPAT =
  EXT4_FEATURE_INCOMPAT_FILETYPE |
  EXT4_FEATURE_INCOMPAT_RECOVER |
  EXT4_FEATURE_INCOMPAT_META_BG |
  EXT4_FEATURE_INCOMPAT_EXTENTS |
  EXT4_FEATURE_INCOMPAT_64BIT |
  EXT4_FEATURE_INCOMPAT_FLEX_BG |
  EXT4_FEATURE_INCOMPAT_CSUM_SEED
const RO_COMPAT =
  EXT4_FEATURE_RO_COMPAT_SPARSE_SUPER |
  EXT4_FEATURE_RO_COMPAT_LARGE_FILE |
  EXT4_FEATURE_RO_COMPAT_HUGE_FILE |
  EXT4_FEATURE_RO_COMPAT_GDT_CSUM |
  EXT4_FEATURE_RO_COMPAT_DIR_NLINK |
  EXT4_FEATURE_RO_COMPAT_EXTRA_ISIZE |
  EXT4_FEATURE_RO_COMPAT_METADATA_CSUM
const WORD = 2 ** 32
const ALL = 0xffff_ffff
const DATA_JOURNAL =
  'mounting with data=journal disables delayed allocation, dioread_nolock, O_DIRECT and fast_commit support!'
const SUPER_SIZE = ext4_super_block.size

/** What the older file systems know: ext2_feature_set_ok(), ext3_feature_set_ok(). */
const OLD_INCOMPAT = EXT4_FEATURE_INCOMPAT_FILETYPE | EXT4_FEATURE_INCOMPAT_META_BG | EXT4_FEATURE_INCOMPAT_RECOVER
const OLD_RO_COMPAT = EXT4_FEATURE_RO_COMPAT_SPARSE_SUPER | EXT4_FEATURE_RO_COMPAT_LARGE_FILE

function feature_set_ok(name: string, sb: SuperBlock): boolean {
  const { compat, incompat, ro_compat } = EXT4_SB(sb).s_features
  if (name === 'ext4') return true
  const known = name === 'ext3' ? OLD_INCOMPAT : OLD_INCOMPAT & ~EXT4_FEATURE_INCOMPAT_RECOVER
  if ((incompat & ~known) !== 0 || (name === 'ext3' && (compat & EXT4_FEATURE_COMPAT_HAS_JOURNAL) === 0)) return false
  return sb.s_rdonly || (ro_compat & ~OLD_RO_COMPAT) === 0
}

const operations = {
  file: { i_op: ext4_file_inode_operations, i_fop: ext4_file_operations },
  dir: { i_op: ext4_dir_inode_operations, i_fop: ext4_dir_operations },
  symlink: { i_op: ext4_symlink_inode_operations, i_fop: ext4_dir_operations },
} as const

type Options = ReadonlySet<string>
const plus =
  (...more: readonly string[]) =>
  (on: Options): Options =>
    new Set([...on, ...more])
const minus =
  (...less: readonly string[]) =>
  (on: Options): Options =>
    new Set([...on].filter((each) => !less.includes(each)))
const DAX = ['dax=always', 'dax=never', 'dax=inode'] as const
const dax =
  (wanted: string) =>
  (on: Options): Options =>
    plus(wanted)(minus(...DAX)(on))

/** Options that are known, and what each does to the set of those that are on. */
const OPTIONS: Readonly<Record<string, (on: Options) => Options>> = {
  defaults: plus(),
  dax: dax('dax=always'),
  'dax=always': dax('dax=always'),
  'dax=never': dax('dax=never'),
  'dax=inode': dax('dax=inode'),
  barrier: minus('nobarrier'),
  'barrier=1': minus('nobarrier'),
  'barrier=0': plus('nobarrier'),
  nobarrier: plus('nobarrier'),
  delalloc: plus('delalloc'),
  nodelalloc: minus('delalloc'),
  'data=ordered': plus('data=ordered'),
  'data=journal': plus('data=journal'),
  noload: plus('noload'),
  norecovery: plus('noload'),
  noatime: plus(),
  relatime: plus(),
}

/** fs/fs_parser.c speaks for a file system that has no disk yet. */
const ext4_unknown = (k: Kernel, text: string): void => printk(k, 'err', `ext4: ${text}`)

/** What is on; undefined: one is not known, which the log says. */
function parse_options(k: Kernel, options: readonly string[]): Options | undefined {
  let on: Options = new Set()
  for (const option of options) {
    const known = OPTIONS[option]
    if (known === undefined) {
      ext4_unknown(k, `Unknown parameter '${option.split('=')[0]}'`)
      return undefined
    }
    on = known(on)
  }
  return on
}

/** Of what is on disk, into memory: 0, or -EINVAL with the reason in the log. */
const load_super = kfunc(SUPER, function* ext4_load_super(k: Kernel, sb: SuperBlock) {
  sb.s_blocksize = EXT4_MIN_BLOCK_SIZE
  yield* set_blocksize(k, sb.s_bdev, EXT4_MIN_BLOCK_SIZE)
  let found = yield* ext4_super(k, sb)
  if (found === undefined) {
    ext4_msg(k, sb, 'err', 'unable to read superblock')
    return -EIO
  }
  let raw = b_data(found.bh).subarray(found.at, found.at + SUPER_SIZE)
  if (peek(ext4_super_block, raw, 's_magic') !== EXT4_SUPER_MAGIC) {
    ext4_msg(k, sb, 'err', "VFS: Can't find ext4 filesystem")
    return -EINVAL
  }
  const log = peek(ext4_super_block, raw, 's_log_block_size')
  if (log > 6) {
    ext4_msg(k, sb, 'err', `Invalid log block size: ${log}`)
    return -EINVAL
  }
  const size = EXT4_MIN_BLOCK_SIZE << log
  if (size > PAGE_SIZE) {
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
    raw = b_data(found.bh).subarray(found.at, found.at + SUPER_SIZE)
  }
  return check_super(k, sb, raw)
})

/** 0, or -EINVAL. */
function check_super(k: Kernel, sb: SuperBlock, raw: Uint8Array): number {
  const refuse = (text: string): number => {
    ext4_msg(k, sb, 'err', text)
    return -EINVAL
  }
  const es = decode(ext4_super_block, raw)
  const old = es.s_rev_level === 0
  const compat = es.s_feature_compat
  const incompat = es.s_feature_incompat & ~INCOMPAT
  const ro_compat = es.s_feature_ro_compat & ~RO_COMPAT
  if (incompat !== 0)
    return refuse(`Couldn't mount because of unsupported optional features (${(incompat >>> 0).toString(16)})`)
  if (ro_compat !== 0 && !sb.s_rdonly)
    return refuse(`Couldn't mount RDWR because of unsupported optional features (${(ro_compat >>> 0).toString(16)})`)
  const csum = (es.s_feature_ro_compat & EXT4_FEATURE_RO_COMPAT_METADATA_CSUM) !== 0
  if (csum && es.s_checksum_type !== EXT4_CRC32C_CHKSUM)
    return refuse('VFS: Found ext4 filesystem with unknown checksum algorithm.')
  if (csum && es.s_checksum !== ext4_superblock_csum(raw))
    return refuse('VFS: Found ext4 filesystem with invalid superblock checksum.  Run e2fsck?')
  const wide = (es.s_feature_incompat & EXT4_FEATURE_INCOMPAT_64BIT) !== 0
  const inode_size = old ? EXT4_GOOD_OLD_INODE_SIZE : es.s_inode_size
  if (inode_size < EXT4_GOOD_OLD_INODE_SIZE || (inode_size & (inode_size - 1)) !== 0 || inode_size > sb.s_blocksize)
    return refuse(`unsupported inode size: ${inode_size}`)
  const desc_size = wide ? es.s_desc_size : EXT4_MIN_DESC_SIZE
  if (
    wide &&
    (desc_size < EXT4_MIN_DESC_SIZE_64BIT || desc_size > EXT4_MIN_BLOCK_SIZE || (desc_size & (desc_size - 1)) !== 0)
  )
    return refuse(`unsupported descriptor size ${desc_size}`)
  const { s_blocks_per_group, s_inodes_per_group, s_first_data_block } = es
  const blocks_count = es.s_blocks_count_lo + (wide ? es.s_blocks_count_hi * WORD : 0)
  if (s_inodes_per_group < sb.s_blocksize / inode_size || s_inodes_per_group > sb.s_blocksize * 8)
    return refuse(`invalid inodes per group: ${s_inodes_per_group}\n`)
  if (s_blocks_per_group === 0 || s_blocks_per_group > sb.s_blocksize * 8 || s_blocks_per_group % 8 !== 0)
    return refuse(`#blocks per group too big: ${s_blocks_per_group}`)
  if (s_first_data_block !== (sb.s_blocksize === EXT4_MIN_BLOCK_SIZE ? 1 : 0) || s_first_data_block >= blocks_count)
    return refuse(`bad geometry: first data block ${s_first_data_block} is beyond end of filesystem (${blocks_count})`)
  const own = Math.floor((sb.s_bdev.bd_nr_sectors * 512) / sb.s_blocksize)
  if (blocks_count > own)
    return refuse(`bad geometry: block count ${blocks_count} exceeds size of device (${own} blocks)`)
  const groups = Math.ceil((blocks_count - s_first_data_block) / s_blocks_per_group)
  if (groups * s_inodes_per_group !== es.s_inodes_count)
    return refuse(`Inodes count not valid: ${es.s_inodes_count} vs ${groups * s_inodes_per_group}`)
  const seeded = (es.s_feature_incompat & EXT4_FEATURE_INCOMPAT_CSUM_SEED) !== 0
  sb.s_fs_info = ext4_sb_info.create(k.journal, {
    s_features: { compat, incompat: es.s_feature_incompat, ro_compat: es.s_feature_ro_compat },
    s_uuid: es.s_uuid,
    s_csum_seed: seeded ? es.s_checksum_seed : crc32c_le(ALL, es.s_uuid),
    s_blocks_count: blocks_count,
    s_inodes_count: es.s_inodes_count,
    s_first_data_block,
    s_blocks_per_group,
    s_inodes_per_group,
    s_groups_count: groups,
    s_inode_size: inode_size,
    s_desc_size: desc_size,
    s_first_meta_bg: es.s_first_meta_bg,
    s_reserved_gdt_blocks: es.s_reserved_gdt_blocks,
    s_first_ino: old ? EXT4_GOOD_OLD_FIRST_INO : es.s_first_ino,
    s_mount_state: es.s_state,
    s_mount_opt: [],
    s_operations: operations,
    s_mark_inode_dirty: ext4_mark_inode_dirty,
    s_freed: new Set<number>(),
  })
  return 0
}

/** What is counted in memory goes into the super block, and that to the disk. */
const ext4_commit_super = kfunc(
  SUPER,
  function* ext4_commit_super(k: Kernel, sb: SuperBlock, change?: (raw: Uint8Array) => void) {
    const found = yield* ext4_super(k, sb)
    if (found === undefined) return -EIO
    const blocks = yield* count_groups(k, sb, 'free_blocks_count')
    const inodes = yield* count_groups(k, sb, 'free_inodes_count')
    const { at, bh } = found
    const fill = (bytes: Uint8Array): void => {
      const raw = bytes.subarray(at, at + SUPER_SIZE)
      poke(ext4_super_block, raw, 's_wtime', Math.floor(current_time(k)))
      poke(ext4_super_block, raw, 's_free_blocks_count_lo', blocks % WORD)
      if (ext4_has_feature(sb, '64bit'))
        poke(ext4_super_block, raw, 's_free_blocks_count_hi', Math.floor(blocks / WORD))
      poke(ext4_super_block, raw, 's_free_inodes_count', inodes)
      change?.(raw)
      ext4_superblock_csum_set(sb, raw)
    }
    mark_buffer_dirty(bh, fill)
    const fua = EXT4_SB(sb).s_journal !== undefined && !EXT4_SB(sb).s_mount_opt.includes('nobarrier')
    return yield* submit_bh(k, bh, fua ? { sync: true, fua: true } : { sync: true })
  },
)

const set_recover = (sb: SuperBlock, on: boolean, raw: Uint8Array): void => {
  const sbi = EXT4_SB(sb)
  const { incompat } = sbi.s_features
  const after = on ? incompat | EXT4_FEATURE_INCOMPAT_RECOVER : incompat & ~EXT4_FEATURE_INCOMPAT_RECOVER
  sbi.s_features = { ...sbi.s_features, incompat: after }
  poke(ext4_super_block, raw, 's_feature_incompat', after)
}

/** It is in use now: a power failure leaves a mark. */
const ext4_setup_super = kfunc(SUPER, function* ext4_setup_super(k: Kernel, sb: SuperBlock) {
  const { s_mount_state, s_journal } = EXT4_SB(sb)
  if ((s_mount_state & EXT4_VALID_FS) === 0)
    ext4_msg(k, sb, 'warn', 'warning: mounting unchecked fs, running e2fsck is recommended')
  else if ((s_mount_state & EXT4_ERROR_FS) !== 0)
    ext4_msg(k, sb, 'warn', 'warning: mounting fs with errors, running e2fsck is recommended')
  return yield* ext4_commit_super(k, sb, (raw) => {
    const es = decode(ext4_super_block, raw)
    if (s_journal === undefined) poke(ext4_super_block, raw, 's_state', es.s_state & ~EXT4_VALID_FS)
    else set_recover(sb, true, raw)
    poke(ext4_super_block, raw, 's_mnt_count', es.s_mnt_count + 1)
    poke(ext4_super_block, raw, 's_mtime', Math.floor(current_time(k)))
  })
})

/** EXT4_FLAGS_BDEV_IS_DAX: could files be accessed directly? */
const bdev_is_dax = function* (k: Kernel, sb: SuperBlock) {
  const { s_bdev, s_blocksize } = sb
  if (!k.has('dax_start_off')) return (yield* bdev_dax_supported(k, s_bdev, s_blocksize)) === 0
  // fs_dax_get_by_bdev()
  const { dax, disk_name } = s_bdev.bd_disk
  if (!dax || dax_get_by_host(k, disk_name) === undefined) return false
  if (((s_bdev.bd_start_sect | s_bdev.bd_nr_sectors) * SECTOR_SIZE) % PAGE_SIZE !== 0) {
    printk(k, 'info', `${bdev_name(s_bdev)}: error: unaligned partition for dax`)
    return false
  }
  if (s_blocksize === PAGE_SIZE) return true
  ext4_msg(k, sb, 'err', 'unsupported blocksize for DAX')
  return false
}

/** What direct access asks of disk and blocks: 0, or -EINVAL. */
const ext4_check_dax = kfunc(SUPER, function* ext4_check_dax(k: Kernel, sb: SuperBlock, on: Options) {
  if (on.has('data=journal')) printk(k, 'warn', `EXT4-fs: Warning: ${DATA_JOURNAL}`)
  const always = on.has('dax=always')
  const wanted = always || on.has('dax=inode')
  if (on.has('data=journal') && !always) {
    ext4_msg(k, sb, 'err', 'data=journal is not modelled')
    return -EINVAL
  }
  if (!wanted) {
    // Since v5.17 it is found out, and said, whether anybody wants it or not.
    if (k.has('dax_start_off')) yield* bdev_is_dax(k, sb)
    return 0
  }
  if (always && on.has('data=journal')) {
    ext4_msg(k, sb, 'err', "can't mount with both data=journal and dax")
    return -EINVAL
  }
  const supported = yield* bdev_is_dax(k, sb)
  if (supported || !always) return supported ? 1 : 0
  if (k.has('ext4_dax_turns_off') && !k.has('ext4_dax_tristate')) {
    ext4_msg(k, sb, 'warn', 'DAX unsupported by block device. Turning off DAX.')
    return 0
  }
  ext4_msg(k, sb, 'err', 'DAX unsupported by block device.')
  return -EINVAL
})

/** The journal that inode 8 is: 0, or a negative error number. Whatever it holds has been replayed then. */
const ext4_load_journal = kfunc(SUPER, function* ext4_load_journal(k: Kernel, sb: SuperBlock) {
  const sbi = EXT4_SB(sb)
  const found = yield* ext4_super(k, sb)
  if (found === undefined) return -EIO
  const es = decode(ext4_super_block, b_data(found.bh).subarray(found.at, found.at + SUPER_SIZE))
  if (es.s_journal_inum !== EXT4_JOURNAL_INO) {
    ext4_msg(k, sb, 'err', 'no journal found')
    return -EINVAL
  }
  const inode = yield* ext4_iget(k, sb, es.s_journal_inum, { special: true })
  if (typeof inode === 'number' || !is_reg(inode)) {
    ext4_msg(k, sb, 'err', 'no journal found')
    return -EINVAL
  }
  const blocks: number[] = []
  const count = Math.floor(inode.i_size / sb.s_blocksize)
  while (blocks.length < count) {
    const part = yield* ext4_map_blocks(k, undefined, inode, blocks.length, count - blocks.length, 'find')
    if (typeof part === 'number' || part.block === 0) {
      ext4_msg(k, sb, 'err', 'journal inode has holes')
      return -EUCLEAN
    }
    for (let i = 0; i < part.count; i++) blocks.push(part.block + i)
  }
  const journal = yield* jbd2_journal_init_inode(k, {
    sb,
    bdev: sb.s_bdev,
    blocks,
    barrier: !sbi.s_mount_opt.includes('nobarrier'),
    submit_inode_data_buffers: submit_mapped_pages,
    commit_callback: (_k, _journal, transaction) => ext4_process_freed_data(sb, transaction.t_private_list),
  })
  if (typeof journal === 'number') {
    ext4_msg(k, sb, 'err', 'Could not load journal inode')
    return -EINVAL
  }
  const rc = yield* jbd2_journal_load(k, journal)
  if (rc !== 0) {
    ext4_msg(k, sb, 'err', 'error loading journal')
    return rc
  }
  const wide = ext4_has_feature(sb, '64bit') ? JBD2_FEATURE_INCOMPAT_64BIT : 0
  if (ext4_has_feature(sb, 'metadata_csum')) jbd2_journal_set_features(journal, 0, wide | JBD2_FEATURE_INCOMPAT_CSUM_V3)
  else jbd2_journal_set_features(journal, JBD2_FEATURE_COMPAT_CHECKSUM, wide)
  sbi.s_journal = journal
  return 0
})

/** Inodes that a power failure left half done are cut, or deleted. */
const ext4_orphan_cleanup = kfunc('fs/ext4/orphan.c', function* ext4_orphan_cleanup(k: Kernel, sb: SuperBlock) {
  const found = yield* ext4_super(k, sb)
  if (found === undefined) return
  const sbi = EXT4_SB(sb)
  let ino = peek(ext4_super_block, b_data(found.bh), 's_last_orphan', found.at)
  const list: number[] = []
  while (ino !== 0 && !list.includes(ino)) {
    const inode = yield* ext4_iget(k, sb, ino, { orphan: true })
    if (typeof inode === 'number') {
      ext4_msg(k, sb, 'err', `error: couldn't read orphan inode ${ino} (err ${inode})`)
      break
    }
    list.push(ino)
    ino = EXT4_I(inode).i_dtime
  }
  if (list.length === 0) return
  sbi.s_orphan = list
  let truncated = 0
  let deleted = 0
  for (const each of list) {
    const inode = sb.s_inodes.get(each)
    if (inode === undefined) continue
    if (inode.i_nlink > 0) {
      yield* ext4_truncate(k, inode)
      truncated++
    } else {
      yield* iput_final(k, inode)
      deleted++
    }
  }
  const text = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
  if (deleted > 0) ext4_msg(k, sb, 'info', `${text(deleted, 'orphan inode')} deleted`)
  if (truncated > 0) ext4_msg(k, sb, 'info', `${text(truncated, 'truncate')} cleaned up`)
})

/** The words of "mounted filesystem with …". */
const journal_words = (sb: SuperBlock): string =>
  EXT4_SB(sb).s_journal === undefined ? 'without journal' : 'with ordered data mode'

/** Replay what a power failure left, and begin to use the journal: 0, or a negative error number. */
const begin_journal = kfunc(SUPER, function* ext4_load_and_init_journal(k: Kernel, sb: SuperBlock, noload: boolean) {
  if ((EXT4_SB(sb).s_features.compat & EXT4_FEATURE_COMPAT_HAS_JOURNAL) === 0) return 0
  const recovers = (EXT4_SB(sb).s_features.incompat & EXT4_FEATURE_INCOMPAT_RECOVER) !== 0
  if (noload && sb.s_rdonly) return 0
  if (noload && recovers) {
    ext4_msg(k, sb, 'err', 'required journal recovery suppressed and not mounted read-only')
    return -EINVAL
  }
  const rdonly = sb.s_rdonly
  if (rdonly && recovers) ext4_msg(k, sb, 'info', 'INFO: recovery required on readonly filesystem')
  if (rdonly && recovers && sb.s_bdev.bd_disk.ro) {
    ext4_msg(k, sb, 'err', 'write access unavailable, cannot proceed (try mounting with noload)')
    return -EINVAL
  }
  if (rdonly && recovers) ext4_msg(k, sb, 'info', 'write access will be enabled during recovery')
  return yield* ext4_load_journal(k, sb)
})

const ext4_fill_super = (name: string): FileSystemType['fill_super'] =>
  kfunc(SUPER, function* ext4_fill_super(k: Kernel, sb: SuperBlock, options: readonly string[]) {
    const asked = parse_options(k, options)
    if (asked === undefined) return -EINVAL
    const rc = yield* load_super(k, sb)
    if (rc !== 0) return rc
    if (!feature_set_ok(name, sb)) {
      ext4_msg(k, sb, 'err', `couldn't mount as ${name} due to feature incompatibilities`)
      return -EINVAL
    }
    if (name !== 'ext4') ext4_msg(k, sb, 'info', `mounting ${name} file system using the ext4 subsystem`)
    const access = yield* ext4_check_dax(k, sb, asked)
    if (access < 0) return access
    const on = access === 0 && asked.has('dax=always') ? minus('dax=always')(asked) : asked
    const delalloc = name === 'ext4' && !options.includes('nodelalloc') && !on.has('dax=always')
    EXT4_SB(sb).s_mount_opt = [...on, ...(delalloc ? ['delalloc'] : []), ...(access > 0 ? ['dax_inode'] : [])]
    sb.s_op = ext4_sops
    const begun = yield* begin_journal(k, sb, on.has('noload'))
    if (begun !== 0) return begun
    const recovered = (EXT4_SB(sb).s_features.incompat & EXT4_FEATURE_INCOMPAT_RECOVER) !== 0
    const root = yield* ext4_iget(k, sb, EXT4_ROOT_INO)
    if (typeof root === 'number') {
      ext4_msg(k, sb, 'err', 'get root inode failed')
      return root
    }
    if (!is_dir(root) || root.i_size === 0) {
      ext4_msg(k, sb, 'err', 'corrupt root inode, run e2fsck')
      return -EUCLEAN
    }
    sb.s_root = root
    if (on.has('dax=always')) ext4_dax_notice(k, sb)
    if (!sb.s_rdonly) {
      const written = yield* ext4_setup_super(k, sb)
      if (written !== 0) return written
      yield* ext4_orphan_cleanup(k, sb)
    }
    const { s_journal } = EXT4_SB(sb)
    if (s_journal !== undefined && recovered) {
      ext4_msg(k, sb, 'info', 'recovery complete')
      if (sb.s_rdonly) yield* ext4_commit_super(k, sb, (raw) => set_recover(sb, false, raw))
    }
    if (on.has('nobarrier')) ext4_msg(k, sb, 'info', 'barriers disabled')
    ext4_msg(k, sb, 'info', `mounted filesystem ${journal_words(sb)}. Quota mode: none.`)
    return 0
  })

/** Older releases warn that direct access is new to ext4. */
const ext4_dax_notice = (k: Kernel, sb: SuperBlock): void => {
  if (!k.has('ext4_dax_settled')) ext4_msg(k, sb, 'warn', 'DAX enabled. Warning: EXPERIMENTAL, use at your own risk')
}

const ext4_sync_fs = kfunc(SUPER, function* ext4_sync_fs(k: Kernel, sb: SuperBlock) {
  const { s_journal, s_mount_opt } = EXT4_SB(sb)
  let flushed = false
  if (s_journal !== undefined) {
    const newest = s_journal.j_running_transaction ?? s_journal.j_committing_transaction
    flushed = newest !== undefined && jbd2_trans_will_send_data_barrier(s_journal, newest.t_tid)
    const rc = yield* jbd2_journal_force_commit(k, s_journal)
    if (rc !== 0) return rc
  } else {
    yield* sync_blockdev(k, sb.s_bdev)
    const rc = yield* ext4_commit_super(k, sb)
    if (rc !== 0) return rc
  }
  return flushed || s_mount_opt.includes('nobarrier') ? 0 : yield* blkdev_issue_flush(k, sb.s_bdev)
})

const ext4_put_super = kfunc(SUPER, function* ext4_put_super(k: Kernel, sb: SuperBlock) {
  ext4_msg(k, sb, 'info', 'unmounting filesystem.')
  const sbi = EXT4_SB(sb)
  const { s_journal } = sbi
  if (s_journal !== undefined) {
    const rc = yield* jbd2_journal_destroy(k, s_journal)
    if (rc < 0) ext4_msg(k, sb, 'err', `Couldn't clean up the journal`)
    sbi.s_journal = undefined
    if (rc < 0) return
  }
  if (sb.s_rdonly) return
  yield* ext4_commit_super(k, sb, (raw) => {
    if (s_journal !== undefined) set_recover(sb, false, raw)
    poke(ext4_super_block, raw, 's_state', sbi.s_mount_state)
  })
})

const ext4_statfs = kfunc(SUPER, function* ext4_statfs(k: Kernel, sb: SuperBlock) {
  const { s_blocks_count, s_inodes_count, s_dirtyclusters } = EXT4_SB(sb)
  const bfree = (yield* count_groups(k, sb, 'free_blocks_count')) - s_dirtyclusters
  const ffree = yield* count_groups(k, sb, 'free_inodes_count')
  return { bsize: sb.s_blocksize, blocks: s_blocks_count, bfree, bavail: bfree, files: s_inodes_count, ffree }
})

const ext4_sops: SuperOperations = {
  write_inode: ext4_write_inode,
  evict_inode: ext4_evict_inode,
  sync_fs: ext4_sync_fs,
  put_super: ext4_put_super,
  statfs: ext4_statfs,
  file_block: (inode, block) =>
    has_extents(inode) ? ext4_ext_file_block(inode, block) : ext4_ind_file_block(inode, block),
  show_options: (sb) => {
    const on = EXT4_SB(sb).s_mount_opt
    return ['nobarrier', ...DAX].filter((each) => on.includes(each))
  },
}

export const ext4_fs_type: FileSystemType = { name: 'ext4', fill_super: ext4_fill_super('ext4') }
export const ext3_fs_type: FileSystemType = { name: 'ext3', fill_super: ext4_fill_super('ext3') }
export const ext2_fs_type: FileSystemType = { name: 'ext2', fill_super: ext4_fill_super('ext2') }
