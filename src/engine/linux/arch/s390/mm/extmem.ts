/**
 * arch/s390/mm/extmem.c: memory that the hypervisor z/VM shares between its guests under a name, a DCSS.
 *
 * Diagnose 0x64 is the hypervisor's: it puts the saved pages at the segment's addresses. Here those that differ from what
 * is there are stored, as steps. Source: torvalds/linux 009f77383651 (v4.9 … v4.19). Left out: segments of several
 * ranges, other guests, machines without z/VM.
 */

import { type Spa, spa } from '../../../../../base/brand.ts'
import { kfunc } from '../../../../sim/kfunc.ts'
import { loadBytes } from '../../../../sim/op.ts'
import { type Identity, struct } from '../../../../sim/struct.ts'
import { EAGAIN, EBUSY, EINVAL, EIO, ENOENT, EPERM } from '../../../include/linux/errno.ts'
import { PAGE_SIZE } from '../../../include/linux/mm_types.ts'
import { printk } from '../../../kernel/printk.ts'
import type { Kernel } from '../../../kernel.ts'
import { memcpy } from '../../x86/lib/memcpy_64.ts'

const EXTMEM = 'arch/s390/mm/extmem.c'
/** Segments must not share one. */
const SEGMENT_UNIT = 2 ** 20

/** Shared or exclusive; may be written, read only, not saved; SC: copied at the first write. */
export type SegmentType = 'SW' | 'EW' | 'SR' | 'ER' | 'SN' | 'EN' | 'SC'

/** What the hypervisor keeps of one. */
export interface SavedSegment {
  readonly name: string
  /** Physical address in the guest, and length, bytes. */
  readonly start: Spa
  readonly size: number
  readonly type: SegmentType
  /** By number of the 4 KiB page; one that is missing is zeros. */
  pages: ReadonlyMap<number, Uint8Array>
}

interface DcssSegmentFields {
  saved: SavedSegment
  ref_count: number
  do_nonshared: boolean
}

type DcssSegment = DcssSegmentFields & Identity

const dcss_segment = struct<DcssSegmentFields>('dcss_segment', {
  saved: undefined as never,
  ref_count: 1,
  do_nonshared: false,
})

/** `before`: names that have been loaded since the boot, so that memory holds something else than zeros. */
const dcss = struct<{ list: readonly DcssSegment[]; before: readonly string[] }>('dcss_list', { list: [], before: [] })

const say = (k: Kernel, level: 'err' | 'warn' | 'info', text: string): void => printk(k, level, `extmem: ${text}`)

const last = ({ start, size }: SavedSegment): number => start + size - 1
const hex16 = (at: number): string => at.toString(16).padStart(16, '0')

const segment_by_name = (k: Kernel, name: string): DcssSegment | undefined =>
  k.global(dcss).list.find(({ saved }) => saved.name === name)

function segment_overlaps_others(k: Kernel, segment: SavedSegment): boolean {
  const unit = (at: number): number => Math.floor(at / SEGMENT_UNIT)
  return k
    .global(dcss)
    .list.some(({ saved }) => unit(saved.start) <= unit(last(segment)) && unit(last(saved)) >= unit(segment.start))
}

/** LOADSHR, LOADNSR: memory holds what was saved. */
const dcss_diag = kfunc(EXTMEM, function* dcss_diag(k: Kernel, { name, start, size, pages }: SavedSegment) {
  const zeros = new Uint8Array(PAGE_SIZE)
  const known = k.global(dcss)
  const again = known.before.includes(name)
  if (!again) known.before = [...known.before, name]
  for (let at = 0; at < size; at += PAGE_SIZE) {
    const saved = pages.get(at / PAGE_SIZE) ?? zeros
    const now = again ? yield* loadBytes(k, spa(start + at), PAGE_SIZE) : zeros
    if (now.some((byte, i) => byte !== saved[i])) yield* memcpy(k, spa(start + at), saved)
  }
})

const __segment_load = kfunc(EXTMEM, function* __segment_load(k: Kernel, name: string, do_nonshared: boolean) {
  const saved = k.options.savedSegments?.find((segment) => segment.name === name)
  if (saved === undefined) {
    say(k, 'warn', 'Querying a DCSS type failed with rc=44')
    return -ENOENT
  }
  if (segment_overlaps_others(k, saved)) return -EBUSY
  yield* dcss_diag(k, saved)
  const segment = dcss_segment.create(k.journal, { saved, do_nonshared })
  k.global(dcss).list = [segment, ...k.global(dcss).list]
  const how = do_nonshared ? 'loaded as exclusive-writable' : 'loaded in shared access mode'
  say(k, 'info', `DCSS ${name} of range ${hex16(saved.start)} to ${hex16(last(saved))} and type ${saved.type} ${how}`)
  return saved
})

/**
 * The segment, with what was saved of it in memory; or -ENOENT when there is no such, -EBUSY when it overlaps another,
 * -EPERM when it is loaded in the other mode. `do_nonshared`: for this guest alone.
 */
export const segment_load = kfunc(EXTMEM, function* segment_load(k: Kernel, name: string, do_nonshared: boolean) {
  const known = segment_by_name(k, name)
  if (known === undefined) return yield* __segment_load(k, name, do_nonshared)
  if (known.do_nonshared !== do_nonshared) return -EPERM
  known.ref_count++
  return known.saved
})

/** Loads it again in the other mode, so that what was not saved is gone: 0; -EINVAL when it is not loaded; -EAGAIN. */
export const segment_modify_shared = kfunc(
  EXTMEM,
  function* segment_modify_shared(k: Kernel, name: string, do_nonshared: boolean) {
    const segment = segment_by_name(k, name)
    if (segment === undefined) return -EINVAL
    if (segment.do_nonshared === do_nonshared) {
      say(k, 'info', `DCSS ${name} is already in the requested access mode`)
      return 0
    }
    if (segment.ref_count !== 1) {
      say(k, 'warn', `DCSS ${name} is in use and cannot be reloaded`)
      return -EAGAIN
    }
    yield* dcss_diag(k, segment.saved)
    segment.do_nonshared = do_nonshared
    return 0
  },
)

export const segment_unload = kfunc(EXTMEM, function* segment_unload(k: Kernel, name: string) {
  yield* []
  const segment = segment_by_name(k, name)
  if (segment === undefined) say(k, 'err', `Unloading unknown DCSS ${name} failed`)
  else if (--segment.ref_count === 0) k.global(dcss).list = k.global(dcss).list.filter((other) => other !== segment)
})

/** DEFSEG, SAVESEG: the hypervisor keeps what the memory holds now. */
export const segment_save = kfunc(EXTMEM, function* segment_save(k: Kernel, name: string) {
  const segment = segment_by_name(k, name)
  if (segment === undefined) {
    say(k, 'err', `Saving unknown DCSS ${name} failed`)
    return
  }
  const { saved } = segment
  const pages = new Map<number, Uint8Array>()
  for (let at = 0; at < saved.size; at += PAGE_SIZE) {
    const bytes = yield* loadBytes(k, spa(saved.start + at), PAGE_SIZE)
    if (bytes.some((byte) => byte !== 0)) pages.set(at / PAGE_SIZE, bytes.slice())
  }
  saved.pages = pages
})

/** Says why a segment could not be loaded. */
export function segment_warning(k: Kernel, rc: number, name: string): void {
  const why: Readonly<Record<number, string>> = {
    [ENOENT]: `DCSS ${name} cannot be loaded or queried`,
    [EIO]: `Loading or querying DCSS ${name} resulted in a hardware error`,
    [EBUSY]: `${name} needs used memory resources and cannot be loaded or queried`,
    [EPERM]: `DCSS ${name} is already in use with another access mode`,
  }
  const text = why[-rc]
  if (text !== undefined) say(k, 'err', text)
}
