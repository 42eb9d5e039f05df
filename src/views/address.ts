/** How places are named where there is no room for a whole address. */

import { hex } from '../base/bytes.ts'

/** …9040: enough to tell neighbours apart. */
export const shortAddress = (address: number): string => `…${hex(address % 0x10000, 4)}`

/** SPA of the 64-byte line that holds `spa`. */
export const lineOf = (spa: number): number => spa - (spa % 64)

/** What a litmus test calls places; undefined where it names nothing. */
export interface Names {
  /** Every location on the line that begins there: "x y". */
  onLine(line: number): string | undefined
  at(spa: number): string | undefined
}

export function namesOf(locations: readonly { readonly name: string; readonly spa: number }[] = []): Names {
  const named = (found: typeof locations): string | undefined =>
    found.length === 0 ? undefined : found.map(({ name }) => name).join(' ')
  return {
    onLine: (line) => named(locations.filter(({ spa }) => lineOf(spa) === line)),
    at: (at) => named(locations.filter(({ spa }) => spa === at)),
  }
}
