/** fs/inode.c: inodes in memory. One that no folder names lives until nobody holds it. */

import { kfunc } from '../../sim/kfunc.ts'
import { type Inode, inode_type, type SuperBlock } from '../include/linux/fs.ts'
import { ktime_get_real, TICK_NSEC } from '../kernel/time/timekeeping.ts'
import type { Kernel } from '../kernel.ts'

const INODE = 'fs/inode.c'
const TICKS_PER_SECOND = Number(1_000_000_000n / TICK_NSEC)

/** Seconds since 1970, as fine as a tick of the clock. */
export const current_time = (k: Kernel): number => Number(ktime_get_real(k) / TICK_NSEC) / TICKS_PER_SECOND

/** A new one in memory; the caller fills it. */
export function insert_inode(k: Kernel, sb: SuperBlock, i_ino: number): Inode {
  const inode = inode_type.create(k.journal, { i_sb: sb, i_ino })
  sb.s_inodes = new Map(sb.s_inodes).set(i_ino, inode)
  return inode
}

export function forget_inode({ i_sb, i_ino }: Inode): void {
  const left = new Map(i_sb.s_inodes)
  left.delete(i_ino)
  i_sb.s_inodes = left
}

export function ihold(inode: Inode): void {
  inode.i_count++
}

/** The last who held an inode that no folder names takes it along. */
export const iput = kfunc(INODE, function* iput(k: Kernel, inode: Inode) {
  inode.i_count--
  yield* iput_final(k, inode)
})

/** After a name is gone: is anybody still interested? */
export const iput_final = kfunc(INODE, function* iput_final(k: Kernel, inode: Inode) {
  if (inode.i_count > 0 || inode.i_nlink > 0) return
  yield* inode.i_sb.s_op.evict_inode(k, inode)
  forget_inode(inode)
})

/** Something in memory is newer than on disk. */
export function mark_inode_dirty(inode: Inode, what: 'times' | 'data' = 'data'): void {
  if (inode.i_dirty !== 'data') inode.i_dirty = what
}
