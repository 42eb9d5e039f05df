/**
 * mm/mmap.c: mapping files and memory into an address space.
 *
 * New mappings are placed top-down below mmap_base. Left out: mprotect, limits, the stack.
 */

import { kfunc } from '../../sim/kfunc.ts'
import { zap } from '../arch/x86/include/asm/pgtable.ts'
import { EACCES, EBADF, EINVAL, ENODEV, ENOMEM, EOPNOTSUPP } from '../include/linux/errno.ts'
import { fget, fput, isTracked } from '../include/linux/file.ts'
import { type File, O_ACCMODE, O_RDONLY } from '../include/linux/fs.ts'
import { type MmStruct, PAGE_SIZE, type VmAreaStruct, vm_area_struct } from '../include/linux/mm_types.ts'
import type { Kernel } from '../kernel.ts'

const MMAP = 'mm/mmap.c'

const PROT_READ = 1
const PROT_WRITE = 2
const MAP_SHARED = 0x01
const MAP_PRIVATE = 0x02
const MAP_SHARED_VALIDATE = 0x03
const MAP_TYPE = 0x0f
const MAP_FIXED = 0x10
const MAP_ANONYMOUS = 0x20
const MAP_SYNC = 0x8_0000
/** Flags that every file knows; MAP_SHARED_VALIDATE refuses others. */
const LEGACY_MAP_MASK = 0x7_ffff & ~0x200

/** Top of the area for mappings, as without address-space randomisation; programs' own memory lies below 128 GiB. */
const MMAP_BASE = 0x7fff_f7ff_0000
const MMAP_MIN = 0x20_0000_0000

const round_up = (n: number, to: number): number => Math.ceil(n / to) * to
const round_down = (n: number, to: number): number => Math.floor(n / to) * to

export const find_vma = (mm: MmStruct, at: number): VmAreaStruct | undefined =>
  mm.mmap.find((vma) => at >= vma.start && at < vma.end)

/** Highest free place for `length` bytes, at a multiple of `align` plus `pgoff`'s offset in it. */
function get_unmapped_area(mm: MmStruct, length: number, align: number, offset: number): number | undefined {
  const bias = offset % align
  let top = MMAP_BASE
  for (const vma of [...mm.mmap].reverse()) {
    const start = round_down(top - length - bias, align) + bias
    if (start >= vma.end) return start
    top = Math.min(top, vma.start)
  }
  const start = round_down(top - length - bias, align) + bias
  return start >= MMAP_MIN ? start : undefined
}

interface MmapRequest {
  readonly addr: number
  readonly length: number
  readonly prot: number
  readonly flags: number
  readonly file: File | undefined
  readonly offset: number
}

/** What must hold before anything is looked at; 0 or an error. */
function checked(k: Kernel, { addr, length, prot, flags, file, offset }: MmapRequest): number {
  const kind = flags & MAP_TYPE
  if (length <= 0 || offset < 0 || offset % PAGE_SIZE !== 0) return -EINVAL
  if (kind !== MAP_SHARED && kind !== MAP_PRIVATE && kind !== MAP_SHARED_VALIDATE) return -EINVAL
  if ((flags & MAP_FIXED) !== 0 && (addr <= 0 || addr % PAGE_SIZE !== 0)) return -EINVAL
  if ((flags & MAP_ANONYMOUS) !== 0) return 0
  if (file === undefined) return -EBADF
  if (file.f_op.mmap === undefined) return -ENODEV
  if (kind === MAP_SHARED_VALIDATE) {
    const known = file.f_op.mmapSync?.(k) === true ? LEGACY_MAP_MASK | MAP_SYNC : LEGACY_MAP_MASK
    if ((flags & ~known) !== 0) return -EOPNOTSUPP
  }
  const access = file.flags & O_ACCMODE
  if (kind !== MAP_PRIVATE && (prot & PROT_WRITE) !== 0 && access === O_RDONLY) return -EACCES
  return 0
}

/** The new mapping's address, or a negative error number. */
const do_mmap = kfunc(MMAP, function* do_mmap(k: Kernel, request: MmapRequest) {
  const { mm } = k.current
  if (mm === undefined) return -EINVAL
  const rc = checked(k, request)
  if (rc !== 0) return rc
  const { addr, prot, flags, offset } = request
  const length = round_up(request.length, PAGE_SIZE)
  const file = (flags & MAP_ANONYMOUS) === 0 ? request.file : undefined
  const fixed = (flags & MAP_FIXED) !== 0
  const align = Math.max(PAGE_SIZE, file?.f_op.mapAlign?.(file) ?? PAGE_SIZE)
  // A request that is no multiple of the alignment gets an ordinary place, and is refused by the device.
  const wanted = length % align === 0 && offset % align === 0 ? align : PAGE_SIZE
  const start = fixed ? addr : get_unmapped_area(mm, length, wanted, offset)
  if (start === undefined) return -ENOMEM
  if (fixed) yield* do_munmap(k, mm, start, length)
  const vma = vm_area_struct.create(k.journal, {
    start,
    end: start + length,
    read: (prot & PROT_READ) !== 0,
    write: (prot & PROT_WRITE) !== 0,
    shared: (flags & MAP_TYPE) !== MAP_PRIVATE,
    sync: (flags & MAP_TYPE) === MAP_SHARED_VALIDATE && (flags & MAP_SYNC) !== 0,
    pgoff: offset / PAGE_SIZE,
    file,
  })
  if (file?.f_op.mmap !== undefined) {
    const refused = yield* file.f_op.mmap(k, file, vma)
    if (refused !== 0) return refused
    file.f_count++
  }
  mm.mmap = [...mm.mmap, vma].sort((a, b) => a.start - b.start)
  return start
})

/** Remove every mapping, and every part of one, in the range. */
const do_munmap = kfunc(MMAP, function* do_munmap(k: Kernel, mm: MmStruct, start: number, length: number) {
  yield* []
  const end = start + round_up(length, PAGE_SIZE)
  if (start % PAGE_SIZE !== 0 || length <= 0) return -EINVAL
  const hit = mm.mmap.filter((vma) => vma.start < end && vma.end > start)
  for (const vma of hit) {
    const piece = vma.vm_ops?.pagesize?.(vma) ?? PAGE_SIZE
    const cuts = [start, end].filter((at) => at > vma.start && at < vma.end)
    if (cuts.some((at) => at % piece !== 0)) return -EINVAL
  }
  const rest = hit.flatMap((vma) => [part(k, vma, vma.start, start), part(k, vma, end, vma.end)])
  for (const vma of hit) zap(mm, Math.max(vma.start, start), Math.min(vma.end, end))
  const kept = mm.mmap.filter((vma) => !hit.includes(vma))
  const parts = rest.filter((vma) => vma !== undefined)
  mm.mmap = [...kept, ...parts].sort((a, b) => a.start - b.start)
  for (const { file } of parts) if (file !== undefined) file.f_count++
  for (const { file } of hit) if (file !== undefined && isTracked(file)) yield* fput(k, file)
  return 0
})

/** The part of `vma` between two addresses; undefined when there is none. */
function part(k: Kernel, vma: VmAreaStruct, from: number, to: number): VmAreaStruct | undefined {
  const start = Math.max(vma.start, from)
  const end = Math.min(vma.end, to)
  if (start >= end) return undefined
  const { read, write, shared, sync, file, vm_ops } = vma
  const pgoff = vma.pgoff + (start - vma.start) / PAGE_SIZE
  return vm_area_struct.create(k.journal, { start, end, read, write, shared, sync, pgoff, file, vm_ops })
}

/** Address of the mapping, or a negative error number. */
export const sys_mmap = kfunc(
  'arch/x86/kernel/sys_x86_64.c',
  function* __x64_sys_mmap(
    k: Kernel,
    addr: number,
    length: number,
    prot: number,
    flags: number,
    fd: number,
    offset: number,
  ) {
    return yield* do_mmap(k, { addr, length, prot, flags, file: fget(k, fd), offset })
  },
)

export const sys_munmap = kfunc(MMAP, function* __x64_sys_munmap(k: Kernel, addr: number, length: number) {
  const { mm } = k.current
  return mm === undefined ? -EINVAL : yield* do_munmap(k, mm, addr, length)
})
