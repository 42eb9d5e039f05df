/** Numbers that must not be mixed up: an address on a DIMM is no system address. */

declare const brand: unique symbol
type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** System physical address, bytes, below 2^53. */
export type Spa = Brand<number, 'Spa'>
/** DIMM physical address, bytes: what one DIMM calls the place. */
export type Dpa = Brand<number, 'Dpa'>
/** User virtual address, bytes, below 2^47. */
export type Va = Brand<number, 'Va'>
/** Position in a recording, from 0. */
export type StepIndex = Brand<number, 'StepIndex'>
/** Dense index of a 64-byte line that the machine has touched; 0 is no line. */
export type LineIndex = Brand<number, 'LineIndex'>

export const spa = (n: number): Spa => n as Spa
export const dpa = (n: number): Dpa => n as Dpa
export const va = (n: number): Va => n as Va
export const step = (n: number): StepIndex => n as StepIndex
export const line = (n: number): LineIndex => n as LineIndex
