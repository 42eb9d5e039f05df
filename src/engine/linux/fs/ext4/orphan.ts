/**
 * fs/ext4/orphan.c: inodes that a power failure would leave half done. The superblock names the newest, each names the
 * next where its time of deletion would be. Without a journal there is no such list.
 *
 * Source: torvalds/linux v6.1. Left out: the orphan file.
 */

import { poke } from '../../../../base/layout.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import type { Inode, SuperBlock } from '../../include/linux/fs.ts'
import type { Handle } from '../../include/linux/jbd2.ts'
import type { Kernel } from '../../kernel.ts'
import { mark_inode_dirty } from '../inode.ts'
import { ext4_superblock_csum_set } from './csum.ts'
import { ext4_super_block } from './ext4.ts'
import { ext4_handle_dirty_metadata } from './ext4_jbd2.ts'
import { EXT4_I, EXT4_SB, ext4_super } from './sb.ts'

const ORPHAN = 'fs/ext4/orphan.c'

const set_last_orphan = function* (k: Kernel, handle: Handle, sb: SuperBlock, ino: number) {
  const found = yield* ext4_super(k, sb)
  if (found === undefined) return
  ext4_handle_dirty_metadata(handle, undefined, found.bh, (bytes) => {
    const raw = bytes.subarray(found.at, found.at + ext4_super_block.size)
    poke(ext4_super_block, raw, 's_last_orphan', ino)
    ext4_superblock_csum_set(sb, raw)
  })
}

export const ext4_orphan_add = kfunc(
  ORPHAN,
  function* ext4_orphan_add(k: Kernel, handle: Handle | undefined, inode: Inode) {
    const sbi = EXT4_SB(inode.i_sb)
    if (handle === undefined || sbi.s_orphan.includes(inode.i_ino)) return
    EXT4_I(inode).i_dtime = sbi.s_orphan[0] ?? 0
    sbi.s_orphan = [inode.i_ino, ...sbi.s_orphan]
    mark_inode_dirty(inode)
    yield* set_last_orphan(k, handle, inode.i_sb, inode.i_ino)
  },
)

export const ext4_orphan_del = kfunc(
  ORPHAN,
  function* ext4_orphan_del(k: Kernel, handle: Handle | undefined, inode: Inode) {
    const { i_sb: sb, i_ino } = inode
    const sbi = EXT4_SB(sb)
    const at = sbi.s_orphan.indexOf(i_ino)
    if (at < 0) return
    const next = sbi.s_orphan[at + 1] ?? 0
    const before = sbi.s_orphan[at - 1]
    sbi.s_orphan = sbi.s_orphan.filter((each) => each !== i_ino)
    EXT4_I(inode).i_dtime = 0
    mark_inode_dirty(inode)
    if (handle === undefined) return
    const prev = before === undefined ? undefined : sb.s_inodes.get(before)
    if (prev === undefined) {
      yield* set_last_orphan(k, handle, sb, next)
      return
    }
    EXT4_I(prev).i_dtime = next
    mark_inode_dirty(prev)
  },
)
