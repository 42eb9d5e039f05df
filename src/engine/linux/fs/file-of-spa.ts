/** Under which path and offset programs know an address. Reading only. */

import type { Spa } from '../../../base/brand.ts'
import { block_class } from '../block/genhd.ts'
import { dax_bus_devices } from '../drivers/dax/bus.ts'
import type { Kernel } from '../kernel.ts'

/** The device file whose bytes stand at `at`, and which byte that is; undefined when no file shows it. */
export function fileOfSpa(k: Kernel, at: Spa): { readonly file: string; readonly offset: number } | undefined {
  for (const { dev, start, size } of dax_bus_devices(k))
    if (at >= start && at < start + size) return { file: `/dev/${dev.name}`, offset: at - start }
  const mounted = k.options.vfs?.fileOf(k, at)
  if (mounted !== undefined) return mounted
  for (const { disk_name, media } of block_class(k))
    if (media !== undefined && at >= media.start && at < media.start + media.size)
      return { file: `/dev/${disk_name}`, offset: at - media.start }
  return undefined
}
