/** How places are named where there is no room for a whole address. */

import { hex } from '../base/bytes.ts'

/** …9040: enough to tell neighbours apart. */
export const shortAddress = (address: number): string => `…${hex(address % 0x10000, 4)}`

/** SPA of the 64-byte line that holds `spa`. */
export const lineOf = (spa: number): number => spa - (spa % 64)
