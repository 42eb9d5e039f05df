/**
 * drivers/acpi/tables.c: tables that the initrd brings to replace those of firmware. They are looked at more closely.
 *
 * Left out: every table but one, and what is done with tables of firmware.
 */

import { sumOf } from '../../../firmware/acpi/nfit-encode.ts'

const HEADER = 36

/** What `file` of the initrd is refused with; undefined when it replaces firmware's table. */
export function acpi_table_upgrade(table: Uint8Array, file: string): string | undefined {
  const refused = (why: string): string => `ACPI: ACPI OVERRIDE: ${why} [${file}]`
  if (table.length < HEADER) return refused('Table smaller than ACPI header')
  const length = new DataView(table.buffer, table.byteOffset).getUint32(4, true)
  if (length !== table.length) return refused('File length does not match table length')
  return sumOf(table) === 0 ? undefined : refused('Bad table checksum')
}
