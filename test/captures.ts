/** The captures: a machine, and what a real kernel showed of it. */

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { spa } from '../src/base/brand.ts'
import { createLabelArea } from '../src/engine/hw/label-area.ts'
import { acpi_table_upgrade } from '../src/engine/linux/drivers/acpi/tables.ts'
import { e820_pmem } from '../src/engine/linux/drivers/nvdimm/e820.ts'
import { label_support } from '../src/engine/linux/drivers/nvdimm/label_support.ts'
import { virtio_pmem } from '../src/engine/linux/drivers/nvdimm/virtio_pmem.ts'
import { Journal } from '../src/engine/sim/journal.ts'
import { type Booted, boot } from './flat-machine.ts'
import { capturedTable } from './nfit-tables.ts'

export interface Capture {
  /** A file or base64; null: no table. */
  readonly nfit: string | null
  /** A table that the initrd brought. */
  readonly initrd: string | null
  /** The root device is there, table or not. */
  readonly root: boolean
  readonly cmdline: string
  /** virtio-pmem devices: [SPA, bytes]. */
  readonly virtio: readonly (readonly [number, number])[]
  /** Bytes of the blank label areas. */
  readonly labels: Readonly<Record<string, number>>
  /** Proximity domains. */
  readonly srat: readonly number[]
  /** Attributes; null: cannot be read, `<absent>`: not there. */
  readonly devices: Readonly<Record<string, Readonly<Record<string, string | null>>>>
  readonly drivers: Readonly<Record<string, string>>
  /** Level info and above; debug lines on tables and hints. */
  readonly log: readonly string[]
  readonly debug: readonly string[]
}

const fixture = new URL('./fixtures/groundtruth/captures.json.gz', import.meta.url)

export const captures = Object.entries(
  JSON.parse(gunzipSync(readFileSync(fixture)).toString()) as Record<string, Capture>,
)

const INITRD_TABLE = 'kernel/firmware/acpi/NFIT.aml'
const DOORBELL = 0xfe00_0000

/** The kernel booted on the machine of a capture. */
export function bootCapture({ nfit, initrd, root, cmdline, virtio, labels, srat }: Capture): Booted {
  const brought = initrd === null ? undefined : capturedTable(initrd)
  const refused = brought && acpi_table_upgrade(brought, INITRD_TABLE)
  const table = nfit === null ? (refused === undefined ? brought : undefined) : capturedTable(nfit)
  const devices = virtio.map(([start, size], i) => ({ start, size, doorbell: spa(DOORBELL + 4096 * i) }))
  const journal = new Journal()
  const areas = Object.entries(labels).map(([name, size]) => [name, createLabelArea(journal, size)] as const)
  const booted = boot(table, {
    journal,
    labelAreas: Object.fromEntries(areas),
    labels: label_support,
    srat,
    cmdline,
    nvdimmRoot: root,
    modules: [e820_pmem([]), virtio_pmem(devices)],
  })
  return refused === undefined ? booted : { ...booted, dmesg: [`err: ${refused}`, ...booted.dmesg] }
}
