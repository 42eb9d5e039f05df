/** What a check of an NFIT has to say, and how it looks at the structures. */

import { address } from '../../../base/bytes.ts'
import type { NfitTable } from './nfit-decode.ts'

/**
 * error: contradicts ACPI, or a driver refuses or misreads it. warning: allowed, and hardly meant. note: worth knowing.
 */
type Severity = 'error' | 'warning' | 'note'

export interface NfitFinding {
  /** Byte in the table. */
  readonly offset: number
  readonly severity: Severity
  readonly message: string
}

export type Report = (offset: number, severity: Severity, message: string) => void

/** One structure, with its fields as exact integers. */
export class Structure {
  readonly offset: number
  readonly type: number
  readonly length: number
  readonly fields: Readonly<Record<string, unknown>>

  constructor({ offset, type, length, fields }: NfitTable['subtables'][number]) {
    this.offset = offset
    this.type = type
    this.length = length
    this.fields = fields
  }

  /** Numbers of less than 54 bits. */
  num(name: string): number {
    return Number(this.fields[name] ?? 0)
  }

  /** Addresses and sizes: exact up to 64 bits. */
  big(name: string): bigint {
    return BigInt(String(this.fields[name] ?? 0))
  }

  list(name: string): readonly bigint[] {
    const value = this.fields[name]
    return Array.isArray(value) ? value.map((item) => BigInt(String(item))) : []
  }
}

export const handle = (n: number): string => `0x${n.toString(16)}`
export const place = (n: bigint): string => (n < 2n ** 53n ? address(Number(n)) : `0x${n.toString(16)}`)

export const isPowerOfTwo = (n: bigint): boolean => n > 0n && (n & (n - 1n)) === 0n

/** Groups of more than one by what `of` says; what it says nothing about is left out. */
export function repeated<T>(all: readonly T[], of: (item: T) => string | undefined): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>()
  for (const item of all) {
    const name = of(item)
    if (name === undefined) continue
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [item])
    else group.push(item)
  }
  return [...groups.values()].filter((group) => group.length > 1)
}
