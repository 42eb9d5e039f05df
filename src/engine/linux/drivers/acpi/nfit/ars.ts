/**
 * drivers/acpi/nfit/core.c: address range scrub: what the platform knows of unreadable media, asked for in sysfs, and
 * errors put there on purpose. For `KernelOptions.poison`.
 *
 * Source: torvalds/linux v6.1; reference/kernel.md §§2.8, 3.9; groundtruth capture ops10. Left out: scrubs that take
 * time.
 */

import { kfunc } from '../../../../sim/kfunc.ts'
import type { Device, DeviceAttribute } from '../../../include/linux/device.ts'
import { EINVAL } from '../../../include/linux/errno.ts'
import type { MediaError, MediaErrors } from '../../../include/linux/libnvdimm.ts'
import type { Kernel } from '../../../kernel.ts'
import { kstrtoul } from '../../../lib/kstrtox.ts'
import { badrange, withoutRange } from '../../nvdimm/badrange.ts'
import { revalidate } from '../../nvdimm/bus_ioctl.ts'

/** Take over what the platform knows; it has scrubbed before the kernel asks for the first time. */
function scrub(k: Kernel): void {
  const known = k.global(badrange)
  const found = (k.options.mediaErrors?.records ?? []).filter(
    ({ start, length }) => !known.list.some((other) => other.start === start && other.length === length),
  )
  known.list = [...known.list, ...found]
  known.scrubs++
}

/** The platform has scrubbed before the kernel asks for the first time. */
export function scrub_once(k: Kernel): void {
  if (k.global(badrange).scrubs === 0) scrub(k)
}

const scrub_store = kfunc('drivers/acpi/nfit/core.c', function* scrub_store(k: Kernel, _dev: Device, text: string) {
  yield* []
  if (kstrtoul(text) !== 1) return -EINVAL
  scrub(k)
  revalidate(k)
  return 0
})

/** `nfit/scrub` of the bus: how many there have been; writing 1 starts another. */
export const bus_attributes: readonly DeviceAttribute[] = [
  { name: 'nfit/scrub', mode: 0o644, show: (k) => String(k.global(badrange).scrubs), store: scrub_store },
]

/** The platform's commands for media errors on purpose (ACPI 6.2 §9.20.7.9 … 9.20.7.11). */
export interface NfitArsInject {
  readonly function: 'set' | 'clear' | 'get'
  /** SPA, and bytes; 0: as little as can be cleared. */
  readonly address: number
  readonly length: number
  /** The operating system is told, and scrubs. */
  readonly notify: boolean
  /** What `get` found. */
  found: readonly MediaError[]
}

export const acpi_nfit_ctl = kfunc(
  'drivers/acpi/nfit/core.c',
  function* acpi_nfit_ctl(k: Kernel, media: MediaErrors, arg: object) {
    yield* []
    const call = arg as NfitArsInject
    const length = call.length === 0 ? media.clear_err_unit : call.length
    const { address } = call
    if (call.function === 'get')
      call.found = media.records.filter(
        (error) => error.start < address + length && address < error.start + error.length,
      )
    else {
      const rest = withoutRange(media.records, address, length)
      media.records = call.function === 'set' ? [...rest, { start: address, length }] : rest
    }
    if (!call.notify) return 0
    scrub(k)
    revalidate(k)
    return 0
  },
)
