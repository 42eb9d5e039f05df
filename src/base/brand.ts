/** Numbers that must not be mixed up: an address on a DIMM is no system address. */

declare const brand: unique symbol
type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** System physical address, bytes, below 2^53. */
export type Spa = Brand<number, 'Spa'>
/** DIMM physical address, bytes: what one DIMM calls the place. */
export type Dpa = Brand<number, 'Dpa'>

export const spa = (n: number): Spa => n as Spa
export const dpa = (n: number): Dpa => n as Dpa
