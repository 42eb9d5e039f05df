/**
 * Persistent memory that no NFIT describes: ranges of the e820 map, and memory of a host that this machine maps.
 *
 * Each is a DIMM of its own, behind the first memory controller. A range that `memmap=` makes persistent is taken to be
 * backed as an NVDIMM is, as on the platforms that it was made for; on ordinary RAM a power failure would leave nothing.
 * A virtio-pmem device has a doorbell, which stands for the request to the host: it drains what is on its way, and what
 * was not drained is lost whatever the platform's power supply does.
 */

import { spa } from '../../base/brand.ts'
import { err, ok, type Result } from '../../base/result.ts'
import type { SpaRange } from './interleave.ts'
import type { Platform, PlatformProblem } from './platform-of-nfit.ts'

export interface Extent {
  /** SPA, bytes. */
  readonly start: number
  readonly size: number
}

export interface VirtioExtent extends Extent {
  readonly doorbell: number
}

const FIRST_SPA = 0x1_0000_0000
const ALIGN = 0x20_0000
const DOORBELLS = 0xf100_0000
const PAGE = 4096
/** Handles that no NFIT gives. */
const HANDLES = 0xfff0_0000
/** Addresses between RAM and 4 GiB, where registers are. */
const REGISTERS: Extent = { start: 0x8000_0000, size: 0x8000_0000 }

const overlap = (a: Extent, b: Extent): boolean => a.start < b.start + b.size && b.start < a.start + a.size
const hex = (n: number): string => `0x${n.toString(16)}`

/** `ram`: what the kernel needs for itself. */
export function withOtherMemory(
  platform: Platform,
  ram: Extent,
  e820: readonly Extent[],
  virtio: readonly { readonly size: number }[],
): Result<{ readonly platform: Platform; readonly virtio: readonly VirtioExtent[] }, PlatformProblem> {
  const dimms = [...platform.dimms]
  const ranges = [...platform.ranges]
  const add = ({ start, size }: Extent, dimm: Partial<Platform['dimms'][number]>): void => {
    const number = dimms.push({ handle: HANDLES + dimms.length, size, controller: 0, flushHints: [], ...dimm }) - 1
    const mapping = { dimm: number, regionOffset: 0, dpa: 0, size, interleave: undefined }
    const range: SpaRange = { spa: spa(start), length: size, kind: 'pmem', mappings: [mapping], assumed: false }
    ranges.push(range)
  }
  for (const extent of e820) {
    const where = `${hex(extent.start)}…${hex(extent.start + extent.size - 1)}`
    if (overlap(extent, ram)) return err({ message: `${where} is persistent, and the kernel runs in it` })
    if (overlap(extent, REGISTERS)) return err({ message: `${where} holds registers of devices` })
    if (ranges.some((range) => overlap(extent, { start: range.spa, size: range.length })))
      return err({ message: `${where} is persistent memory already` })
    add(extent, {})
  }
  const placed: VirtioExtent[] = []
  for (const [i, { size }] of virtio.entries()) {
    const end = Math.max(FIRST_SPA, ...ranges.map((range) => range.spa + range.length))
    const extent = { start: Math.ceil(end / ALIGN) * ALIGN, size, doorbell: DOORBELLS + i * PAGE }
    placed.push(extent)
    add(extent, { flushHints: [spa(extent.doorbell)], adrFails: true })
  }
  return ok({ platform: { ...platform, dimms, ranges }, virtio: placed })
}
