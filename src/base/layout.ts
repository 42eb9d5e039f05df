/** A record as bytes, by a table that says of each field where it stands and how wide it is. */

import { view } from './bytes.ts'

/** Bytes of one number. */
type Width = 1 | 2 | 4 | 8
/** A number; or `count` of them in a row, which of one byte each are bytes. */
type Field = readonly [offset: number, width: Width] | readonly [offset: number, width: Width, count: number]
export type Fields = Readonly<Record<string, Field>>

export interface Layout<F extends Fields> {
  /** Bytes. */
  readonly size: number
  readonly order: 'little' | 'big'
  readonly fields: F
}

/** What a record holds. */
export type Values<F extends Fields> = {
  readonly [name in keyof F]: F[name] extends readonly [number, 1, number]
    ? Uint8Array
    : F[name] extends readonly [number, Width, number]
      ? readonly number[]
      : number
}

const end = ([offset, width, count = 1]: Field): number => offset + width * count

function put(data: DataView, at: number, width: Width, value: number, little: boolean): void {
  if (width === 1) data.setUint8(at, value)
  else if (width === 2) data.setUint16(at, value, little)
  else if (width === 4) data.setUint32(at, value, little)
  else data.setBigUint64(at, BigInt(value), little)
}

function take(data: DataView, at: number, width: Width, little: boolean): number {
  if (width === 1) return data.getUint8(at)
  if (width === 2) return data.getUint16(at, little)
  return width === 4 ? data.getUint32(at, little) : Number(data.getBigUint64(at, little))
}

/**
 * Write the fields that `values` has into `bytes`, and leave the others as they are. A field that lies behind the end of
 * `bytes` is left out: many records were shorter once.
 */
export function encode<F extends Fields>(
  { size, order, fields }: Layout<F>,
  values: Partial<Values<F>>,
  bytes: Uint8Array = new Uint8Array(size),
): Uint8Array {
  const data = view(bytes)
  for (const [name, value] of Object.entries(values) as [string, number | ArrayLike<number>][]) {
    const field = fields[name] as Field
    if (end(field) > bytes.length) continue
    const [offset, width] = field
    const list = typeof value === 'number' ? [value] : value
    for (let i = 0; i < list.length; i++) put(data, offset + i * width, width, list[i] as number, order === 'little')
  }
  return bytes
}

/** Every field; what lies behind the end of `bytes` is 0. */
export function decode<F extends Fields>({ order, fields }: Layout<F>, bytes: Uint8Array): Values<F> {
  const data = view(bytes)
  const values: Record<string, number | readonly number[] | Uint8Array> = {}
  for (const [name, field] of Object.entries(fields)) {
    const [offset, width, count] = field
    const there = end(field) <= bytes.length
    const one = (i: number): number => (there ? take(data, offset + i * width, width, order === 'little') : 0)
    if (count === undefined) values[name] = one(0)
    else if (width === 1) values[name] = Uint8Array.from({ length: count }, (_, i) => one(i))
    else values[name] = Array.from({ length: count }, (_, i) => one(i))
  }
  return values as Values<F>
}

/** One number of a record that begins at byte `at`. */
export function peek<F extends Fields>({ order, fields }: Layout<F>, bytes: Uint8Array, name: keyof F, at = 0): number {
  const [offset, width] = fields[name] as Field
  return take(view(bytes), at + offset, width, order === 'little')
}

/** Change one number of a record that begins at byte `at`; what does not fit loses its high bits. */
export function poke<F extends Fields>(
  { order, fields }: Layout<F>,
  bytes: Uint8Array,
  name: keyof F,
  value: number,
  at = 0,
): void {
  const [offset, width] = fields[name] as Field
  put(view(bytes), at + offset, width, value, order === 'little')
}
