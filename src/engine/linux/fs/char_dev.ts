/** fs/char_dev.c: character devices that drivers have added; devtmpfs shows them as /dev/NAME. */

import { struct } from '../../sim/struct.ts'
import type { FileOperations } from '../include/linux/fs.ts'
import type { Kernel } from '../kernel.ts'

export interface Cdev {
  readonly name: string
  /** "250:0" */
  readonly devt: string
  readonly ops: FileOperations
  readonly private_data: unknown
}

const cdev_map = struct<{ list: readonly Cdev[] }>('cdev_map', { list: [] })

export const cdevs = (k: Kernel): readonly Cdev[] => k.global(cdev_map).list

export function cdev_add(k: Kernel, cdev: Cdev): void {
  k.global(cdev_map).list = [...cdevs(k), cdev]
}

export function cdev_del(k: Kernel, name: string): void {
  k.global(cdev_map).list = cdevs(k).filter((cdev) => cdev.name !== name)
}
