/**
 * mm/filemap.c, page-writeback.c, truncate.c: the page cache, which is lost with the power.
 *
 * Its pages are objects of the kernel: copies into and out of them are no steps of the machine, because no byte of
 * them can become durable before it is written back. Dirty pages stay until somebody asks for them: fsync, sync, the
 * last close, direct I/O. Left out: write-back in the background, read-ahead, limits, locks.
 */

import { kfunc, type Op, type Request } from '../../sim/kfunc.ts'
import { type Identity, struct } from '../../sim/struct.ts'
import { type MmStruct, PAGE_SIZE } from '../include/linux/mm_types.ts'
import type { Kernel } from '../kernel.ts'

const FILEMAP = 'mm/filemap.c'
const TRUNCATE = 'mm/truncate.c'

interface FolioFields {
  /** Number of the page in its file. */
  index: number
  /** Nobody writes to them: a change is a new array. */
  bytes: Uint8Array
  /** Bit n: block n of the page has to be written back. */
  dirty: number
  /** Bit n: block n belongs to a transaction that is not on the disk yet. It is neither written back nor forgotten. */
  journaled: number
  /** Bit n: block n is on its way to the disk. */
  writeback: number
  /** First byte of the page that was written last, and the one behind the last. Nobody here asks: it tells whose bytes these are. */
  written: readonly [from: number, to: number] | undefined
}

export type Folio = FolioFields & Identity

const folio_type = struct<FolioFields>('folio', {
  index: 0,
  bytes: undefined as never,
  dirty: 0,
  journaled: 0,
  writeback: 0,
  written: undefined,
})

export interface AddressSpaceOperations {
  /** The bytes of a page, or a negative error number. */
  read_folio(k: Kernel, mapping: AddressSpace, index: number): Op<Uint8Array | number>
  /** Write a block of a page, which begins at byte `at` of it: 0, a negative error number, or that it stays dirty. */
  writepage(k: Kernel, mapping: AddressSpace, folio: Folio, at: number): Op<number | 'later'>
}

interface AddressSpaceFields {
  /** Whose pages these are. */
  host: unknown
  a_ops: AddressSpaceOperations
  /** Bytes that are written back at once, a page at most. */
  blocksize: number
  /** i_pages: by index, in groups of 64. */
  groups: ReadonlyMap<number, readonly (Folio | undefined)[]>
  nrpages: number
  /** Pages that are accessed directly, by number; and the address spaces that have mapped some. */
  dax_entries: ReadonlyMap<number, DaxEntry>
  i_mms: readonly MmStruct[]
}

/** An entry of a mapping for direct access: where the page is, SPA in bytes, 0 for a hole; and whether it was stored to. */
export interface DaxEntry {
  readonly kaddr: number
  /** Bytes: a page, or 2 MiB. */
  readonly size: number
  /** Sector of the disk. */
  readonly sector: number
  readonly dirty: boolean
}

export type AddressSpace = AddressSpaceFields & Identity

const address_space_type = struct<AddressSpaceFields>('address_space', {
  host: undefined,
  a_ops: undefined as never,
  blocksize: PAGE_SIZE,
  groups: undefined as never,
  nrpages: 0,
  dax_entries: undefined as never,
  i_mms: [],
})

/** Without pages. */
export const address_space = (
  k: Kernel,
  { host, a_ops, blocksize }: Pick<AddressSpace, 'host' | 'a_ops' | 'blocksize'>,
): AddressSpace =>
  address_space_type.create(k.journal, { host, a_ops, blocksize, groups: new Map(), dax_entries: new Map() })

const GROUP = 64
const BEYOND = Number.POSITIVE_INFINITY

const find = ({ groups }: AddressSpace, index: number): Folio | undefined =>
  groups.get(Math.floor(index / GROUP))?.[index % GROUP]

function put(mapping: AddressSpace, index: number, folio: Folio | undefined): void {
  const group = Math.floor(index / GROUP)
  const before = mapping.groups.get(group) ?? []
  const after = Array.from({ length: Math.max(before.length, (index % GROUP) + 1) }, (_, i) =>
    i === index % GROUP ? folio : before[i],
  )
  mapping.nrpages += (folio === undefined ? 0 : 1) - (before[index % GROUP] === undefined ? 0 : 1)
  mapping.groups = new Map(mapping.groups).set(group, after)
}

/** Pages in a range of bytes, in the order of the file. */
function pages_in({ groups }: AddressSpace, from: number, to: number): readonly Folio[] {
  const found = [...groups.values()].flatMap((group) => group.filter((folio) => folio !== undefined))
  return found
    .filter(({ index }) => (index + 1) * PAGE_SIZE > from && index * PAGE_SIZE < to)
    .sort((a, b) => a.index - b.index)
}

/** Pieces of a range of bytes, none of which crosses a page. */
function* pieces(pos: number, length: number): Generator<{ index: number; from: number; at: number; length: number }> {
  for (let at = 0; at < length; ) {
    const from = (pos + at) % PAGE_SIZE
    const piece = Math.min(length - at, PAGE_SIZE - from)
    yield { index: Math.floor((pos + at) / PAGE_SIZE), from, at, length: piece }
    at += piece
  }
}

/** Bits of the blocks of a page that a range of its bytes touches. */
function blocks_of({ blocksize }: AddressSpace, from: number, length: number): number {
  let bits = 0
  for (let at = from - (from % blocksize); at < from + length; at += blocksize) bits |= 1 << (at / blocksize)
  return bits
}

/** The page, if it is there. */
export const filemap_peek = find

/** The page without reading it; one that was not there is zeros. */
export function filemap_grab(k: Kernel, mapping: AddressSpace, index: number): Folio {
  const known = find(mapping, index)
  if (known !== undefined) return known
  const folio = folio_type.create(k.journal, { index, bytes: new Uint8Array(PAGE_SIZE) })
  put(mapping, index, folio)
  return folio
}

/** The page, read if it is not there; or a negative error number. */
export const filemap_get_pages = kfunc(
  FILEMAP,
  function* filemap_get_pages(
    k: Kernel,
    mapping: AddressSpace,
    index: number,
    read?: AddressSpaceOperations['read_folio'],
  ): Generator<Request, Folio | number> {
    const known = find(mapping, index)
    if (known !== undefined) return known
    const bytes = yield* (read ?? mapping.a_ops.read_folio)(k, mapping, index)
    if (typeof bytes === 'number') return bytes
    const folio = folio_type.create(k.journal, { index, bytes })
    put(mapping, index, folio)
    return folio
  },
)

/** Bytes read into `into`; when none can be, a negative error number. */
export const filemap_read = kfunc(
  FILEMAP,
  function* filemap_read(k: Kernel, mapping: AddressSpace, pos: number, into: Uint8Array) {
    for (const { index, from, at, length } of pieces(pos, into.length)) {
      const folio = yield* filemap_get_pages(k, mapping, index)
      if (typeof folio === 'number') return at > 0 ? at : folio
      into.set(folio.bytes.subarray(from, from + length), at)
    }
    return into.length
  },
)

/** Bytes written into the cache; when none can be, a negative error number. A page of which a part stays is read first. */
export const generic_perform_write = kfunc(
  FILEMAP,
  function* generic_perform_write(k: Kernel, mapping: AddressSpace, pos: number, bytes: Uint8Array) {
    for (const { index, from, at, length } of pieces(pos, bytes.length)) {
      let folio: Folio | number | undefined = find(mapping, index)
      if (folio === undefined && length < PAGE_SIZE) folio = yield* filemap_get_pages(k, mapping, index)
      if (typeof folio === 'number') return at > 0 ? at : folio
      const after = folio?.bytes.slice() ?? new Uint8Array(PAGE_SIZE)
      after.set(bytes.subarray(at, at + length), from)
      const dirty = (folio?.dirty ?? 0) | blocks_of(mapping, from, length)
      const written = [from, from + length] as const
      if (folio === undefined)
        put(mapping, index, folio_type.create(k.journal, { index, bytes: after, dirty, written }))
      else {
        folio.bytes = after
        folio.dirty = dirty
        folio.written = written
      }
    }
    return bytes.length
  },
)

const do_writepages = kfunc(
  'mm/page-writeback.c',
  function* do_writepages(k: Kernel, mapping: AddressSpace, from: number, to: number) {
    let error = 0
    for (const folio of pages_in(mapping, from, to)) {
      const { dirty } = folio
      if (dirty === 0) continue
      folio.writeback = dirty
      folio.dirty = 0
      for (let at = 0; at < PAGE_SIZE; at += mapping.blocksize) {
        if ((dirty & blocks_of(mapping, at, 1)) === 0) continue
        const rc = yield* mapping.a_ops.writepage(k, mapping, folio, at)
        if (rc === 'later') folio.dirty |= blocks_of(mapping, at, 1)
        else if (rc !== 0 && error === 0) error = rc
        folio.writeback &= ~blocks_of(mapping, at, 1)
      }
    }
    return error
  },
)

/** Numbers of the blocks of a file that have to be written back. */
export function dirty_blocks(mapping: AddressSpace): readonly number[] {
  const per_page = PAGE_SIZE / mapping.blocksize
  return pages_in(mapping, 0, BEYOND).flatMap(({ index, dirty }) =>
    Array.from({ length: per_page }, (_, i) => i)
      .filter((i) => ((dirty >> i) & 1) === 1)
      .map((i) => index * per_page + i),
  )
}

/** Bytes of a file; all of it where nothing is said. */
export interface ByteRange {
  readonly from?: number
  readonly to?: number
}

/** Write back what is dirty between two bytes: 0, or the first error. Nothing is flushed. */
export const filemap_write_and_wait_range = kfunc(
  FILEMAP,
  function* filemap_write_and_wait_range(k: Kernel, mapping: AddressSpace, range: ByteRange = {}) {
    const { from = 0, to = BEYOND } = range
    return pages_in(mapping, from, to).some(({ dirty }) => dirty !== 0) ? yield* do_writepages(k, mapping, from, to) : 0
  },
)

/** Forget the pages of a range, so that they are read anew. */
export const invalidate_inode_pages2_range = kfunc(
  TRUNCATE,
  function* invalidate_inode_pages2_range(_k: Kernel, mapping: AddressSpace, from: number, to: number) {
    yield* []
    for (const { index, journaled } of pages_in(mapping, from, to)) if (journaled === 0) put(mapping, index, undefined)
  },
)

/** Forget what lies behind byte `size` of a file. */
export function filemap_truncate(mapping: AddressSpace, size: number): void {
  for (const folio of pages_in(mapping, size, BEYOND)) {
    if (folio.index * PAGE_SIZE >= size) put(mapping, folio.index, undefined)
    else {
      const kept = size - folio.index * PAGE_SIZE
      folio.dirty &= blocks_of(mapping, 0, kept)
      folio.bytes = folio.bytes.slice().fill(0, kept)
    }
  }
}

/** Forget what lies in a range, whole blocks of it. */
export function filemap_truncate_range(mapping: AddressSpace, from: number, to: number): void {
  for (const folio of pages_in(mapping, from, to)) {
    const start = Math.max(0, from - folio.index * PAGE_SIZE)
    const end = Math.min(PAGE_SIZE, to - folio.index * PAGE_SIZE)
    if (start === 0 && end === PAGE_SIZE) put(mapping, folio.index, undefined)
    else {
      folio.dirty &= ~blocks_of(mapping, start, end - start)
      folio.bytes = folio.bytes.slice().fill(0, start, end)
    }
  }
}

export const truncate_inode_pages = kfunc(TRUNCATE, function* truncate_inode_pages(_k: Kernel, mapping: AddressSpace) {
  yield* []
  mapping.groups = new Map()
  mapping.nrpages = 0
})
