/**
 * What a kernel has for label areas and namespaces with atomic sectors:
 * options of a kernel. The page fetches this when a machine has any of them.
 */

import { btt_support } from './linux/drivers/nvdimm/btt_support.ts'
import { label_support } from './linux/drivers/nvdimm/label_support.ts'
import type { KernelOptions } from './linux/kernel.ts'

export const wholeNvdimm: Pick<KernelOptions, 'labels' | 'btt'> = {
  labels: label_support,
  btt: btt_support,
}
