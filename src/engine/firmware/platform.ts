/**
 * The machine's persistent memory: from a configuration to a binary NFIT, and from an NFIT to the hardware.
 *
 * Both ways go through the bytes of the table, so that the hardware is what the table describes. A generated table has
 * one persistent range a region from 4 GiB upwards (2 MiB aligned), one memory device and one control region a DIMM,
 * an interleave table for regions of several DIMMs, flush hints on MMIO pages below 4 GiB and the platform
 * capabilities. Left out: block windows, SMBIOS, several sockets.
 */

import { fromBase64 } from '../../base/bytes.ts'
import { err, ok, type Result } from '../../base/result.ts'
import { SPA_GUID } from './acpi/guid.ts'
import { encodeNfit, type NfitStructure } from './acpi/nfit-encode.ts'
import { NFIT_CAPABILITIES, NFIT_DCR, NFIT_FLUSH, NFIT_INTERLEAVE, NFIT_MEMDEV, NFIT_SPA } from './acpi/nfit-layout.ts'
import { type Platform, type PlatformProblem, platformOfNfit } from './platform-of-nfit.ts'

const guids = {
  pmem: SPA_GUID.pmem,
  volatile: SPA_GUID.volatile,
  vdisk: SPA_GUID['volatile-disk'],
  vcd: SPA_GUID['volatile-cd'],
  pdisk: SPA_GUID['persistent-disk'],
  pcd: SPA_GUID['persistent-cd'],
} as const

/** Bits of a memory device's flags. */
const troubles = { save_fail: 1, restore_fail: 2, flush_fail: 4, not_armed: 8, map_fail: 0x40 } as const

/** The part of a machine's configuration that firmware turns into tables. */
export interface PlatformConfig {
  readonly nvdimms: readonly {
    readonly size: number
    readonly flush_hints: number
    readonly flags?: readonly (keyof typeof troubles)[] | undefined
  }[]
  readonly regions: readonly {
    readonly type?: keyof typeof guids
    /** Bytes; where there are no DIMMs. */
    readonly size?: number | undefined
    readonly nvdimms: readonly number[]
    readonly interleave: number
  }[]
  readonly power_fail: 'none' | 'adr' | 'eadr'
  readonly firmware: { readonly capabilities?: 'none' | 'memory_controller' | 'cpu_cache' | undefined }
  /** A real table (base64) instead of a generated one. */
  readonly nfit?: string | undefined
}

const FIRST_SPA = 0x1_0000_0000
const REGION_ALIGN = 0x20_0000
const PAGE = 4096
/** Flush-hint pages: one 4 KiB page a DIMM, hints 64 bytes apart. */
const HINT_PAGES = 0xf000_0000
const HINT_STRIDE = 64
const MAX_HINTS = PAGE / HINT_STRIDE
/** EFI_MEMORY_WB | EFI_MEMORY_NV: write-back, non-volatile. */
const MEMORY_WB_NV = 0x8008
const MEMORY_WB = 0x8
/** Vendor as QEMU's; the serial numbers count up from here. */
const VENDOR_ID = 0x8086
const FIRST_SERIAL = 0x100001
/** Region format interface: byte-addressable, no energy source of its own. */
const FORMAT_BYTE = 0x0301

/** Device handle: DIMM 3:0, channel 7:4, memory controller 11:8; DIMMs take turns on two controllers. */
export const handleOf = (index: number): number => ((index % 2) << 8) | (((index >> 1) % 4) << 4) | ((index >> 3) + 1)

export function platformOf(config: PlatformConfig): Result<Platform, PlatformProblem> {
  if (config.nfit === undefined) {
    if (config.nvdimms.length === 0 && config.regions.length === 0)
      return ok({ nfit: undefined, dimms: [], ranges: [] })
    const structures = structuresOf(config)
    return structures.ok ? platformOfNfit(encodeNfit(structures.value)) : structures
  }
  const bytes = fromBase64(config.nfit)
  if (bytes === undefined) return err({ message: 'nfit: not base64' })
  return platformOfNfit(bytes)
}

function structuresOf(config: PlatformConfig): Result<readonly NfitStructure[], PlatformProblem> {
  const structures: NfitStructure[] = []
  const used = new Set<number>()
  let base = FIRST_SPA
  let idts = 0
  for (const [r, region] of config.regions.entries()) {
    const { type = 'pmem' } = region
    if (type !== 'pmem') {
      const length = region.size ?? REGION_ALIGN
      const flat = { range_index: r + 1, range_guid: guids[type], address: base, length, memory_mapping: MEMORY_WB }
      structures.push({ type: NFIT_SPA, fields: flat })
      base = Math.ceil((base + length) / REGION_ALIGN) * REGION_ALIGN
      continue
    }
    const sizes = region.nvdimms.map((i) => config.nvdimms[i]?.size)
    const size = sizes[0]
    if (size === undefined || sizes.includes(undefined))
      return err({ message: `machine.regions[${r}]: there is no such nvdimm` })
    if (sizes.some((other) => other !== size))
      return err({ message: `machine.regions[${r}]: interleaved nvdimms differ in size` })
    const ways = region.nvdimms.length
    const line = ways > 1 ? region.interleave : size
    if (line < 256 || size % line !== 0)
      return err({ message: `machine.regions[${r}].interleave: ${line} bytes do not divide ${size}` })
    structures.push({
      type: NFIT_SPA,
      fields: {
        range_index: r + 1,
        range_guid: guids.pmem,
        address: base,
        length: size * ways,
        memory_mapping: MEMORY_WB_NV,
      },
    })
    if (ways > 1) {
      idts++
      const fields = { interleave_index: idts, line_size: line, line_offset: [0] }
      structures.push({ type: NFIT_INTERLEAVE, fields })
    }
    for (const [turn, dimm] of region.nvdimms.entries()) {
      if (used.has(dimm)) return err({ message: `machine.regions[${r}]: nvdimm ${dimm} is already in a region` })
      used.add(dimm)
      structures.push({
        type: NFIT_MEMDEV,
        fields: {
          ...memdevOf(config, dimm),
          range_index: r + 1,
          region_size: size,
          region_offset: ways > 1 ? turn * line : 0,
          interleave_index: ways > 1 ? idts : 0,
          interleave_ways: ways,
        },
      })
    }
    base = Math.ceil((base + size * ways) / REGION_ALIGN) * REGION_ALIGN
  }
  for (const [i, nvdimm] of config.nvdimms.entries()) {
    if (!used.has(i))
      structures.push({ type: NFIT_MEMDEV, fields: { ...memdevOf(config, i), region_size: nvdimm.size } })
    if (nvdimm.flush_hints > MAX_HINTS)
      return err({ message: `machine.nvdimms[${i}].flush_hints: at most ${MAX_HINTS}` })
    if (nvdimm.flush_hints > 0) structures.push(hintsOf(i, nvdimm.flush_hints))
    structures.push(controlRegion(i))
  }
  const capabilities = capabilitiesOf(config)
  return ok(capabilities === undefined ? structures : [...structures, capabilities])
}

const memdevOf = ({ nvdimms }: PlatformConfig, dimm: number) => ({
  flags: (nvdimms[dimm]?.flags ?? []).reduce((bits, flag) => bits | troubles[flag], 0),
  device_handle: handleOf(dimm),
  physical_id: dimm,
  region_index: dimm + 1,
})

const controlRegion = (dimm: number): NfitStructure => ({
  type: NFIT_DCR,
  fields: {
    region_index: dimm + 1,
    vendor_id: VENDOR_ID,
    device_id: 1,
    revision_id: 1,
    serial_number: FIRST_SERIAL + dimm,
    code: FORMAT_BYTE,
    // The long form, as QEMU's: acpica-tools takes the short one for one of an older version.
    window_size: 0,
  },
})

const hintsOf = (dimm: number, count: number): NfitStructure => ({
  type: NFIT_FLUSH,
  fields: {
    device_handle: handleOf(dimm),
    hint_address: Array.from({ length: count }, (_, i) => HINT_PAGES + dimm * PAGE + i * HINT_STRIDE),
  },
})

/** What firmware claims to do on power failure: the truth unless told otherwise. */
function capabilitiesOf({ power_fail, firmware }: PlatformConfig): NfitStructure | undefined {
  const truth = { none: 'none', adr: 'memory_controller', eadr: 'cpu_cache' } as const
  const bits = { none: undefined, memory_controller: 2, cpu_cache: 3 } as const
  const capabilities = bits[firmware.capabilities ?? truth[power_fail]]
  return capabilities && { type: NFIT_CAPABILITIES, fields: { highest_capability: 1, capabilities } }
}
