/**
 * drivers/nvdimm/pfn_devs.c: namespaces whose pages have struct pages, described by an info block on media.
 *
 * Source: torvalds/linux v6.1; a3619190d62e and what it replaced (v4.12 … v5.2); reference/kernel.md §3.6. pfn devices
 * (fsdax) and dax devices (devdax) share everything but the signature. Left out: collisions with System RAM, which
 * older releases padded away.
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { EBUSY, EINVAL, ENODEV, ENXIO, EOPNOTSUPP } from '../../include/linux/errno.ts'
import type { Kernel } from '../../kernel.ts'
import { dev_err, dev_info } from '../base/core.ts'
import { nvdimm_read_bytes, nvdimm_write_bytes } from './claim.ts'
import { nd_dev_to_uuid } from './namespace_devs.ts'
import { is_nd_dax, type NdNamespace, type NdPfn, type NdPfnSb, type PfnMode, to_nd_region } from './nd.ts'
import { DAX_SIG, decode_pfn_sb, encode_pfn_sb, PFN_SB_OFFSET, PFN_SB_SIZE, PFN_SIG } from './pfn_sb.ts'

const PFN_DEVS = 'drivers/nvdimm/pfn_devs.c'
const SZ_4K = 0x1000
const SZ_8K = 0x2000
const SZ_128K = 0x2_0000
const HPAGE_SIZE = 0x20_0000
/** MEMREMAP_COMPAT_ALIGN: pages are added in subsections of 2 MiB. */
const SUBSECTION = 0x20_0000
const STRUCT_PAGE_SIZE = 64

const modes: readonly PfnMode[] = ['none', 'ram', 'pmem']

const round_up = (n: number, to: number): number => Math.ceil(n / to) * to
const round_down = (n: number, to: number): number => Math.floor(n / to) * to

const sig_of = (pfn: NdPfn): string => (is_nd_dax(pfn.dev) ? DAX_SIG : PFN_SIG)

/** 0: a valid block was found and adopted. -ENODEV: none. Another error: there is one, and it can't be used. */
export const nd_pfn_validate = kfunc(PFN_DEVS, function* nd_pfn_validate(k: Kernel, pfn: NdPfn) {
  const ndns = pfn.ndns
  if (ndns === undefined) return -ENODEV
  const bytes = yield* nvdimm_read_bytes(k, ndns, PFN_SB_OFFSET, PFN_SB_SIZE)
  if (bytes === undefined) return -ENXIO
  const sb = decode_pfn_sb(sig_of(pfn), bytes)
  // A label-less namespace has no uuid: its children name the nil uuid as their parent's.
  if (sb === undefined || sb.parent_uuid !== nd_dev_to_uuid(ndns)) return -ENODEV
  const mode = modes[sb.mode]
  if (mode === undefined || mode === 'none') return -ENXIO
  if (pfn.uuid !== undefined && pfn.uuid !== sb.uuid) return -ENODEV
  const subsections = k.has('pfn_subsections')
  if (k.has('pfn_page_size') && (sb.page_size !== SZ_4K || sb.page_struct_size > STRUCT_PAGE_SIZE)) {
    dev_err(k, pfn.dev, `init failed, page size mismatch ${sb.page_size}`)
    return -EOPNOTSUPP
  }
  if (pfn.uuid === undefined) {
    pfn.uuid = sb.uuid
    pfn.align = sb.align
    pfn.mode = mode
  } else if (pfn.align !== sb.align || pfn.mode !== mode) {
    dev_err(k, pfn.dev, 'init failed, settings mismatch')
    return subsections ? -EOPNOTSUPP : -EINVAL
  }
  const wrong = misfit(sb, ndns, subsections)
  if (wrong !== undefined) {
    dev_err(k, pfn.dev, wrong[0])
    return subsections ? -EOPNOTSUPP : -wrong[1]
  }
  pfn.pfn_sb = sb
  return 0
})

/** How the block belongs to another namespace than this, which has moved or shrunk; and that in errors of old releases. */
function misfit(sb: NdPfnSb, ndns: NdNamespace, subsections: boolean): readonly [string, number] | undefined {
  const hex = (n: number): string => `0x${n.toString(16)}`
  if (sb.align > ndns.size)
    return [`alignment: ${sb.align.toString(16)} exceeds capacity ${ndns.size.toString(16)}`, EINVAL]
  if (sb.dataoff >= ndns.size) return [`pfn array size exceeds capacity of ${ndns.dev.name}`, EBUSY]
  const data = ndns.start + sb.dataoff + sb.start_pad
  if ((sb.align !== 0 && data % sb.align !== 0) || sb.dataoff % SZ_4K !== 0)
    return [`bad offset: ${hex(sb.dataoff)} dax disabled align: ${hex(sb.align)}`, ENXIO]
  if (!subsections) return undefined
  if ((ndns.start + sb.start_pad) % SUBSECTION !== 0) return ['resource start misaligned', EOPNOTSUPP]
  if ((ndns.start + ndns.size - sb.end_trunc) % SUBSECTION !== 0) return ['resource end misaligned', EOPNOTSUPP]
  return undefined
}

/** Adopt the info block, or write one that fits the settings. */
const nd_pfn_init = kfunc(PFN_DEVS, function* nd_pfn_init(k: Kernel, pfn: NdPfn, ndns: NdNamespace, uuid: string) {
  const found = yield* nd_pfn_validate(k, pfn)
  if (found !== -ENODEV) return found
  const region = pfn.dev.parent
  if (region !== undefined && to_nd_region(region).ro) {
    dev_info(k, pfn.dev, `${region.name} is read-only, unable to init metadata`)
    return -ENXIO
  }
  if (pfn.mode === 'none') return -ENXIO
  const subsections = k.has('pfn_subsections')
  const align = subsections ? Math.max(pfn.align, SUBSECTION) : pfn.align
  const end = ndns.start + ndns.size
  const end_trunc = subsections ? end - round_down(end, align) : 0
  const pages = Math.floor((ndns.size - SZ_8K) / SZ_4K)
  const map = pfn.mode === 'pmem' ? STRUCT_PAGE_SIZE * pages : 0
  // Before, the map of struct pages took whole huge pages, and device-dax left room for a label.
  const reserved = subsections ? map : round_up(map, HPAGE_SIZE) + (is_nd_dax(pfn.dev) ? SZ_128K : 0)
  const dataoff = round_up(ndns.start + SZ_8K + reserved, align) - ndns.start
  if (dataoff >= ndns.size - end_trunc) {
    dev_err(k, pfn.dev, `${ndns.dev.name} unable to satisfy requested alignment`)
    return -ENXIO
  }
  const sb: NdPfnSb = {
    uuid,
    parent_uuid: nd_dev_to_uuid(ndns),
    version_minor: k.has('pfn_page_size') ? 4 : 2,
    dataoff,
    npfns: Math.floor((ndns.size - dataoff - end_trunc) / SZ_4K),
    mode: modes.indexOf(pfn.mode),
    start_pad: 0,
    end_trunc,
    align: pfn.align,
    page_size: SZ_4K,
    page_struct_size: STRUCT_PAGE_SIZE,
  }
  pfn.pfn_sb = sb
  return yield* nvdimm_write_bytes(k, ndns, PFN_SB_OFFSET, encode_pfn_sb(sig_of(pfn), sb))
})

/** Physical addresses of the data that the info block leaves. */
export interface PfnRange {
  readonly start: number
  readonly size: number
}

/** Where the data of an initialised device begins, and how much there is. */
export function nd_pfn_range(pfn: NdPfn): PfnRange | undefined {
  const { pfn_sb: sb, ndns } = pfn
  if (sb === undefined || ndns === undefined) return undefined
  const used = sb.start_pad + sb.end_trunc + sb.dataoff
  return { start: ndns.start + sb.start_pad + sb.dataoff, size: ndns.size - used }
}

export const nvdimm_setup_pfn = kfunc(PFN_DEVS, function* nvdimm_setup_pfn(k: Kernel, pfn: NdPfn) {
  if (pfn.uuid === undefined || pfn.ndns === undefined) return -ENODEV
  const rc = yield* nd_pfn_init(k, pfn, pfn.ndns, pfn.uuid)
  if (rc !== 0) return rc
  const range = nd_pfn_range(pfn)
  if (range === undefined) return -ENXIO
  return pfn.mode === 'ram' && (pfn.pfn_sb?.dataoff ?? 0) < SZ_8K ? -EINVAL : range
})
