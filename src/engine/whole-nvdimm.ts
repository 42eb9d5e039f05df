/**
 * What a kernel has for label areas, namespaces with atomic sectors, mapped devices, and media errors: options of a kernel.
 * The page fetches this when a machine has any of them, or the whole shell.
 */

import { poison_support } from './linux/drivers/acpi/nfit/poison_support.ts'
import { device_mapper } from './linux/drivers/md/dm-ioctl.ts'
import { btt_support } from './linux/drivers/nvdimm/btt_support.ts'
import { label_support } from './linux/drivers/nvdimm/label_support.ts'
import type { KernelOptions } from './linux/kernel.ts'

export const wholeNvdimm: Pick<
  KernelOptions,
  'labels' | 'btt' | 'poison' | 'dm' | 'partitions' | 'vfs' | 'filesystems'
> = {
  labels: label_support,
  btt: btt_support,
  dm: device_mapper,
}

/** On a machine whose firmware looks for media errors. */
export const wholeNvdimmWithErrors: typeof wholeNvdimm = { ...wholeNvdimm, poison: poison_support }
