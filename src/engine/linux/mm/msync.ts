/** mm/msync.c: what was stored to a mapping of a file becomes durable. Source: torvalds/linux v6.1. */

import { kfunc } from '../../sim/kfunc.ts'
import { EBUSY, EINVAL, ENOMEM } from '../include/linux/errno.ts'
import { PAGE_SIZE, type VmAreaStruct } from '../include/linux/mm_types.ts'
import type { Kernel } from '../kernel.ts'

const MS_ASYNC = 1
const MS_INVALIDATE = 2
const MS_SYNC = 4

/**
 * 0, or a negative error number: -ENOMEM where a part is not mapped, when all the rest has been synced. Only MS_SYNC does
 * anything, on shared mappings of files; of the data, what is in the range.
 */
export const sys_msync = kfunc(
  'mm/msync.c',
  function* __x64_sys_msync(k: Kernel, start: number, length: number, flags: number) {
    const { mm } = k.current
    if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) !== 0 || start % PAGE_SIZE !== 0) return -EINVAL
    if ((flags & MS_ASYNC) !== 0 && (flags & MS_SYNC) !== 0) return -EINVAL
    if (mm === undefined) return -EBUSY
    const end = start + Math.ceil(length / PAGE_SIZE) * PAGE_SIZE
    let unmapped = 0
    let at = start
    const offset = (vma: VmAreaStruct, address: number): number => vma.pgoff * PAGE_SIZE + address - vma.start
    for (const vma of mm.mmap) {
      if (vma.end <= at || vma.start >= end) continue
      if (vma.start > at) unmapped = -ENOMEM
      at = vma.end
      if ((flags & MS_SYNC) === 0 || vma.file === undefined || !vma.shared) continue
      const range = { from: offset(vma, Math.max(start, vma.start)), to: offset(vma, Math.min(end, vma.end)) }
      const rc: number = (yield* vma.file.f_op.fsync?.(k, vma.file, true, range) ?? []) ?? -EINVAL
      if (rc !== 0) return rc
    }
    return at < end ? -ENOMEM : unmapped
  },
)
