/** include/linux/device.h: devices, their types, buses and drivers. */

import type { Op } from '../../../sim/kfunc.ts'
import { type Identity, struct } from '../../../sim/struct.ts'
import type { Kernel } from '../../kernel.ts'

/** A sysfs file of a device. Showing reads objects and changes nothing. */
export interface DeviceAttribute {
  /** Path below the device's folder: "size", "nfit/handle". */
  readonly name: string
  readonly mode: number
  /** Text without the final newline, or a negative error number. */
  show?(k: Kernel, dev: Device): string | number
  /** What a reader waits for before it is shown. */
  settle?(k: Kernel): Op<void>
  /** 0 or a negative error number. */
  store?(k: Kernel, dev: Device, text: string): Op<number>
  /** Mode of the file for this device; 0 hides it. Absent: `mode`. */
  visible?(k: Kernel, dev: Device): number
}

export interface DeviceType {
  readonly name: string
  readonly attributes: readonly DeviceAttribute[]
}

export interface BusType {
  readonly name: string
  match(dev: Device, drv: DeviceDriver): boolean
  probe(k: Kernel, dev: Device): Op<number>
  remove(k: Kernel, dev: Device): Op<void>
}

export interface DeviceDriver {
  readonly name: string
  readonly bus: BusType
  /** Bit n set: matches devices of kind n (nd bus). */
  readonly types: number
  /** Types of nodes of the device tree that it serves. */
  readonly of_match_table?: readonly { readonly type: string }[]
  probe(k: Kernel, dev: Device): Op<number>
  remove?(k: Kernel, dev: Device): Op<void>
  /** The machine goes down in order. */
  shutdown?(k: Kernel, dev: Device): Op<void>
  /** A child of a device of this driver has been bound. */
  childBound?(k: Kernel, dev: Device, child: Device): Op<void>
}

interface DeviceFields {
  name: string
  parent: Device | undefined
  /** Folders between the parent's folder and this device's: "block" for disks. */
  folder: string
  kind: DeviceType
  /** Attributes beyond those of its type. */
  groups: readonly DeviceAttribute[]
  bus: BusType | undefined
  driver: DeviceDriver | undefined
  children: readonly Device[]
  /** -1: none. */
  numa_node: number
  target_node: number
  /** major:minor; empty for devices without a node in /dev. */
  devt: string
  registered: boolean
  /** What this device is part of (container_of). */
  container: unknown
}

export type Device = DeviceFields & Identity

const no_type: DeviceType = { name: '', attributes: [] }

export const device = struct<DeviceFields>('device', {
  name: '',
  parent: undefined,
  folder: '',
  kind: no_type,
  groups: [],
  bus: undefined,
  driver: undefined,
  children: [],
  numa_node: -1,
  target_node: -1,
  devt: '',
  registered: false,
  container: undefined,
})
