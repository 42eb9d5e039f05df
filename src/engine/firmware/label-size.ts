/**
 * How large a label area is of which a file holds the beginning: tools and captures leave out the zeros at its end.
 *
 * An index block says where labels begin, how many slots there are and how large each is; the area ends behind the
 * last. Source: NVDIMM Namespace Specification; reference/kernel.md §3.2.
 */

import { view } from '../../base/bytes.ts'

const SIGNATURE = new TextEncoder().encode('NAMESPACE_INDEX\0')
/** Index blocks begin at multiples of this. */
const STEP = 256
const INDEX = 72
const FIELD = { labelsize: 19, labeloff: 48, nslot: 56 } as const
/** Bytes of a label, times 2^labelsize. */
const LABEL = 128

/** Bytes; the length of `contents` when no index says more. `most`: an index that says more is not believed. */
export function labelAreaSize(contents: Uint8Array, most: number): number {
  const data = view(contents)
  for (let at = 0; at + INDEX <= contents.length; at += STEP) {
    if (SIGNATURE.some((byte, i) => contents[at + i] !== byte)) continue
    const label = LABEL * 2 ** data.getUint8(at + FIELD.labelsize)
    const said = Number(data.getBigUint64(at + FIELD.labeloff, true)) + data.getUint32(at + FIELD.nslot, true) * label
    return said <= most ? Math.max(contents.length, said) : contents.length
  }
  return contents.length
}
