/**
 * A DIMM's label area: a few hundred KiB behind the firmware's mailbox, not mapped into memory.
 *
 * Get Config Data and Set Config Data (NVDIMM DSM interface, functions 5 and 6) read and write it. What has been
 * written is durable at once. A power failure may tear one Set Config Data at any 8-byte boundary, in ascending order:
 * our choice, since no document says. The area belongs to the DIMM, so that it outlives the kernel. Left out: locked
 * and failing areas.
 */

import type { Journal } from '../sim/journal.ts'
import { struct } from '../sim/struct.ts'

const PAGE = 4096
/** QEMU's. */
const MAX_XFER = 4096

const label_area = struct<{ pages: readonly (Uint8Array | undefined)[] }>('label_area', { pages: [] })

/** An area of `size` bytes: `contents`, then zeros. */
export function createLabelArea(journal: Journal, size: number, contents: Uint8Array = new Uint8Array()) {
  const given: Uint8Array[] = []
  for (let at = 0; at < Math.min(size, contents.length); at += PAGE) {
    const page = new Uint8Array(PAGE)
    page.set(contents.subarray(at, Math.min(at + PAGE, size)))
    given.push(page)
  }
  const area = label_area.create(journal, { pages: given })
  return {
    size,
    max_xfer: MAX_XFER,

    read(offset: number, length: number): Uint8Array {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)))
      for (let i = 0; i < bytes.length; ) {
        const at = offset + i
        const piece = Math.min(PAGE - (at % PAGE), bytes.length - i)
        const page = area.pages[Math.floor(at / PAGE)]
        if (page !== undefined) bytes.set(page.subarray(at % PAGE, (at % PAGE) + piece), i)
        i += piece
      }
      return bytes
    },

    /** What lies outside of the area is dropped. */
    writeWord(offset: number, bytes: Uint8Array): void {
      const number = Math.floor(offset / PAGE)
      const page = new Uint8Array(PAGE)
      const old = area.pages[number]
      if (old !== undefined) page.set(old)
      page.set(bytes.subarray(0, Math.max(0, size - offset)), offset % PAGE)
      const pages = Array.from({ length: Math.max(number + 1, area.pages.length) }, (_, i) => area.pages[i])
      pages[number] = page
      area.pages = pages
    },
  }
}
