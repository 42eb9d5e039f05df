/**
 * kernel/resource.c: who owns which physical addresses.
 *
 * Two lists stand for the tree: what firmware described (insert_resource), and what drivers claimed
 * (request_mem_region). Left out: System RAM collisions, resizing.
 */

import { hex } from '../../../base/bytes.ts'
import { type Identity, struct } from '../../sim/struct.ts'
import type { Device } from '../include/linux/device.ts'
import { EBUSY } from '../include/linux/errno.ts'
import type { Kernel } from '../kernel.ts'

interface ResourceFields {
  /** SPA, bytes; `end` is the last byte. */
  start: number
  end: number
  name: string
  owner: Device | undefined
}

export type Resource = ResourceFields & Identity

const resource = struct<ResourceFields>('resource', { start: 0, end: 0, name: '', owner: undefined })

const iomem = struct<{ inserted: readonly Resource[]; busy: readonly Resource[] }>('iomem_resource', {
  inserted: [],
  busy: [],
})

/** Physical addresses that the CPU can form: 46 bits. */
const IOMEM_END = 2 ** 46 - 1

const overlaps = (a: Resource, start: number, end: number): boolean => a.start <= end && a.end >= start

/**
 * Describe a range. One that contains another or lies inside it is fine (the tree nests); one that is empty, reaches
 * behind the end of memory or overlaps another in part is a conflict.
 */
export function insert_resource(k: Kernel, start: number, end: number, name: string): number {
  const root = k.global(iomem)
  if (end < start || end > IOMEM_END) return -EBUSY
  for (const other of root.inserted) {
    if (!overlaps(other, start, end)) continue
    const nests = (other.start <= start && other.end >= end) || (start <= other.start && end >= other.end)
    if (!nests) return -EBUSY
  }
  root.inserted = [...root.inserted, resource.create(k.journal, { start, end, name, owner: undefined })]
  return 0
}

/** Whether any part of the range has been described under `name`. */
export const region_intersects = (k: Kernel, start: number, end: number, name: string): boolean =>
  k.global(iomem).inserted.some((other) => other.name === name && overlaps(other, start, end))

/** The ranges described under `name`, by address. */
export const described_as = (k: Kernel, name: string): readonly Resource[] =>
  k
    .global(iomem)
    .inserted.filter((other) => other.name === name)
    .sort((a, b) => a.start - b.start)

/** Claim a range for a driver; undefined when part of it is taken. */
export function devm_request_mem_region(
  k: Kernel,
  dev: Device,
  start: number,
  length: number,
  name: string,
): Resource | undefined {
  const root = k.global(iomem)
  const end = start + length - 1
  if (length <= 0 || end > IOMEM_END || root.busy.some((other) => overlaps(other, start, end))) return undefined
  const claimed = resource.create(k.journal, { start, end, name, owner: dev })
  root.busy = [...root.busy, claimed]
  return claimed
}

export function devm_release_mem_region(k: Kernel, dev: Device, start: number): void {
  const root = k.global(iomem)
  root.busy = root.busy.filter((other) => other.owner !== dev || other.start !== start)
}

/** The driver has left the device: what it claimed is free. */
export function release_all_regions(k: Kernel, dev: Device): void {
  const root = k.global(iomem)
  root.busy = root.busy.filter((other) => other.owner !== dev)
}

/** `[mem 0x100000000-0x10fffffff]`, as %pR prints it. */
export const print_resource = ([start, size]: readonly [bigint, bigint]): string =>
  `[mem ${range(start)}-${range(start + size - 1n)}]`
const range = (n: bigint): string => `0x${hex(BigInt.asUintN(64, n), 8)}`
