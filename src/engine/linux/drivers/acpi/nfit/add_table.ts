/**
 * drivers/acpi/nfit/core.c: walking the bytes of the table.
 *
 * The driver trusts the table: it checks the length of some structures, never that a structure ends where the table
 * does. What it reads behind the end reads as zeros here. Source: reference/kernel.md §2.2.
 */

import { guidText } from '../../../../firmware/acpi/guid.ts'
import {
  type Layout,
  layoutOf,
  NFIT_BDW,
  NFIT_CAPABILITIES,
  NFIT_DCR,
  NFIT_FLUSH,
  NFIT_INTERLEAVE,
  NFIT_MEMDEV,
  NFIT_SMBIOS,
  NFIT_SPA,
} from '../../../../firmware/acpi/nfit-layout.ts'
import { kfunc, type Request } from '../../../../sim/kfunc.ts'
import { ENOMEM } from '../../../include/linux/errno.ts'
import type { Kernel } from '../../../kernel.ts'
import { dev_dbg, dev_err, dev_warn } from '../../base/core.ts'
import {
  ACPI_NFIT_LOCATION_COOKIE_VALID,
  type AcpiNfitDesc,
  type NfitDcr,
  type NfitFlush,
  type NfitMemdev,
  type NfitSpa,
  nfit_spa_type,
} from './nfit.ts'

const CORE = 'drivers/acpi/nfit/core.c'

/** The C structs hold one element of their array, so that a structure without any is too short. */
const MIN_INTERLEAVE = 20
const MIN_FLUSH = 24
const MIN_DCR = 32

const hex = (n: number): string => `0x${n.toString(16)}`

/** Little-endian integer; zeros behind the end of the table. */
function read(bytes: Uint8Array, at: number, size: number): number {
  let value = 0
  for (let i = size - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0)
  return value
}

const read64 = (bytes: Uint8Array, at: number): bigint =>
  (BigInt(read(bytes, at + 4, 4)) << 32n) | BigInt(read(bytes, at, 4))

const size_of = { u8: 1, u16: 2, u32: 4 } as const

/** All fields of the structure at `at`. */
function fields(bytes: Uint8Array, at: number, layout: Layout): Record<string, number | bigint | string> {
  const entries = layout.fields.map(({ name, kind, offset }) => {
    const from = at + offset
    if (kind === 'guid') return [name, guidText(bytes.subarray(from, from + 16))] as const
    return [name, kind === 'u64' ? read64(bytes, from) : read(bytes, from, size_of[kind])] as const
  })
  return Object.fromEntries(entries)
}

/** %d of the 16-bit and #x of other numbers in debug lines need them as numbers. */
const num = (values: Record<string, number | bigint | string>, name: string): number => Number(values[name] ?? 0)

type Outcome = 'next' | 'stop' | 'failed'

/** What the walk has come by so far; the descriptor gets its lists at the end of it. */
interface Found {
  readonly spas: NfitSpa[]
  readonly memdevs: NfitMemdev[]
  readonly dcrs: NfitDcr[]
  readonly flushes: NfitFlush[]
}

/** Take in one structure. `stop`: a zero length ends the table, successfully. */
const add_table = kfunc(
  CORE,
  function* add_table(k: Kernel, desc: AcpiNfitDesc, found: Found, table: Uint8Array, at: number) {
    yield* []
    const { dev } = desc
    const type = read(table, at, 2)
    const length = read(table, at + 2, 2)
    if (length === 0) {
      dev_warn(k, dev, `found a zero length table '${type}' parsing nfit`)
      return 'stop' as Outcome
    }
    const layout = layoutOf(type)
    if (layout === undefined || (type === NFIT_CAPABILITIES && !k.has('platform_capabilities'))) {
      dev_err(k, dev, `unknown table '${type}' parsing nfit`)
      return 'next' as Outcome
    }
    const values = fields(table, at, layout)
    switch (type) {
      case NFIT_SPA: {
        const spa = values as unknown as NfitSpa
        const cookie = k.has('nfit_location_cookie') && (spa.flags & ACPI_NFIT_LOCATION_COOKIE_VALID) !== 0
        if (length !== layout.size + (cookie ? 8 : 0)) return 'failed' as Outcome
        found.spas.push(spa)
        dev_dbg(k, dev, `spa index: ${spa.range_index} type: ${nfit_spa_type(spa) ?? 'unknown'}`)
        break
      }
      case NFIT_MEMDEV: {
        if (length !== layout.size) return 'failed' as Outcome
        const memdev = values as unknown as NfitMemdev
        found.memdevs.push(memdev)
        const { device_handle, range_index, region_index, flags } = memdev
        dev_dbg(
          k,
          dev,
          `memdev handle: ${hex(device_handle)} spa: ${range_index} dcr: ${region_index} flags: ${hex(flags)}`,
        )
        break
      }
      case NFIT_DCR: {
        if (length < MIN_DCR) return 'failed' as Outcome
        const dcr = values as unknown as NfitDcr
        found.dcrs.push(dcr)
        dev_dbg(k, dev, `dcr index: ${dcr.region_index} windows: ${dcr.windows}`)
        break
      }
      case NFIT_BDW:
        if (length !== layout.size) return 'failed' as Outcome
        dev_dbg(k, dev, `bdw dcr: ${num(values, 'region_index')} windows: ${num(values, 'windows')}`)
        break
      case NFIT_INTERLEAVE:
        if (length < MIN_INTERLEAVE) return 'failed' as Outcome
        dev_dbg(k, dev, `idt index: ${num(values, 'interleave_index')} num_lines: ${num(values, 'line_count')}`)
        break
      case NFIT_FLUSH: {
        if (length < MIN_FLUSH) return 'failed' as Outcome
        const count = num(values, 'hint_count')
        // Behind the end of the table one zero stands for all: no region accepts a hint at 0.
        const room = Math.ceil((table.length - at - 16) / 8) + 1
        const hint_address = Array.from({ length: Math.min(count, room) }, (_, i) => read64(table, at + 16 + 8 * i))
        const flush: NfitFlush = { device_handle: num(values, 'device_handle'), hint_count: count, hint_address }
        found.flushes.push(flush)
        dev_dbg(k, dev, `nfit_flush handle: ${flush.device_handle} hint_count: ${count}`)
        break
      }
      case NFIT_SMBIOS:
        dev_dbg(k, dev, 'smbios')
        break
      case NFIT_CAPABILITIES: {
        // In C the shift is of 32 bits: a highest capability of 31 gives an empty mask.
        const mask = (1 << (num(values, 'highest_capability') + 1)) - 1
        desc.platform_cap = num(values, 'capabilities') & mask
        dev_dbg(k, dev, `cap: ${hex(desc.platform_cap >>> 0)}`)
      }
    }
    return 'next' as Outcome
  },
)

/** All structures behind the lead-in; 0, or -ENOMEM when one could not be taken in. */
export function* add_tables(
  k: Kernel,
  desc: AcpiNfitDesc,
  table: Uint8Array,
  from: number,
): Generator<Request, number, unknown> {
  // The header's length counts; what stands behind it is what an over-long structure reads.
  const end = Math.min(read(table, 4, 4), table.length)
  const found: Found = { spas: [], memdevs: [], dcrs: [], flushes: [] }
  let outcome: Outcome = 'next'
  for (let at = from; at < end && outcome === 'next'; at += read(table, at + 2, 2))
    outcome = yield* add_table(k, desc, found, table, at)
  desc.spas = found.spas
  desc.memdevs = found.memdevs
  desc.dcrs = found.dcrs
  desc.flushes = found.flushes
  return outcome === 'failed' ? -ENOMEM : 0
}
