/**
 * malloc and its kin: chunks of a heap in DRAM, 16-byte aligned, with a word in front of each that holds its size, as
 * in glibc. Small chunks that were freed are handed out again last in, first out; larger ones merge with their
 * neighbours, and the first that is large enough is taken.
 *
 * Which chunks are free is the library's own knowledge, not in memory: a program cannot spoil it, and freeing what is
 * no chunk, or twice, ends it as glibc does. Left out: giving memory back to the kernel, arenas of threads.
 */

import { kfunc, type Request } from '../../sim/kfunc.ts'
import { Killed } from '../../sim/thread.ts'
import { bytesOf, type Process, store } from '../process.ts'
import type { LibraryFunction } from './library.ts'
import { copyForward, memset } from './string.ts'
import { address, EINVAL, ENOMEM, fail } from './words.ts'

/** Bytes that all chunks together may take. */
const MOST_HEAP = 1 << 28
/** Chunks up to this size are kept by size, unmerged. */
const LARGEST_SMALL = 1040
const HEADER = 8

interface Heap {
  /** Address behind the last chunk; 0 before the first. */
  top: number
  /** The break: memory up to here is the heap's. */
  end: number
  /** Chunks in use, by the address of their bytes: size with header. */
  readonly used: Map<number, number>
  readonly small: Map<number, number[]>
  /** Free larger chunks in the order of their addresses. */
  large: { at: number; size: number }[]
}

const heapOf = (): Heap => ({ top: 0, end: 0, used: new Map(), small: new Map(), large: [] })

/** Bytes that a chunk takes for `size`, header included. */
const chunkSize = (size: number): number => Math.max(32, Math.ceil((size + HEADER) / 16) * 16)

/** The first byte behind the header; 0 when there is no memory. */
function take(p: Process, heap: Heap, size: number, alignment: number): number {
  if (alignment <= 16) {
    const kept = heap.small.get(size)?.pop()
    if (kept !== undefined) return kept
    for (const [i, free] of heap.large.entries()) {
      if (free.size < size) continue
      if (free.size - size >= 32) heap.large[i] = { at: free.at + size, size: free.size - size }
      else heap.large.splice(i, 1)
      return free.at
    }
  }
  const start = heap.top === 0 ? Math.ceil(p.heapStart / 16) * 16 + 16 : heap.top
  const at = Math.ceil(start / alignment) * alignment
  const top = at + size
  if (top - p.heapStart > MOST_HEAP) return 0
  if (top > heap.end) {
    // As the kernel gives it: 132 KiB more than needed, whole pages.
    const end = Math.ceil((top + 0x2_1000) / 4096) * 4096
    if (!p.brk(end)) return 0
    heap.end = end
  }
  heap.top = top
  return at
}

function* allocate(p: Process, size: bigint, alignment = 16): Generator<Request, number, unknown> {
  const heap = p.global(heapOf)
  const wanted = size > BigInt(MOST_HEAP) ? MOST_HEAP + 1 : chunkSize(Number(size))
  const at = wanted > MOST_HEAP ? 0 : take(p, heap, wanted, alignment)
  if (at === 0) {
    yield* fail(p, ENOMEM)
    return 0
  }
  heap.used.set(at, wanted)
  yield* store(p, at - HEADER, 8, BigInt(wanted | 1))
  return at
}

function release(p: Process, at: number, name: string): void {
  const heap = p.global(heapOf)
  const size = heap.used.get(at)
  if (size === undefined) {
    const said = name === 'free' ? 'free(): invalid pointer' : 'realloc(): invalid pointer'
    p.write(2, bytesOf(`${said}\n`))
    throw new Killed(134, `${said}: 0x${at.toString(16)} is no memory that malloc() gave and that is still in use`)
  }
  heap.used.delete(at)
  if (size <= LARGEST_SMALL) {
    const kept = heap.small.get(size)
    if (kept === undefined) heap.small.set(size, [at])
    else kept.push(at)
    return
  }
  const { large } = heap
  let low = 0
  for (let high = large.length; low < high; ) {
    const middle = (low + high) >> 1
    if ((large[middle]?.at ?? 0) < at) low = middle + 1
    else high = middle
  }
  const [before, after] = [large[low - 1], large[low]]
  const merged = { at, size }
  let [first, count] = [low, 0]
  if (after !== undefined && at + size === after.at) {
    merged.size += after.size
    count++
  }
  if (before !== undefined && before.at + before.size === at) {
    merged.at = before.at
    merged.size += before.size
    first--
    count++
  }
  large.splice(first, count, merged)
}

const STDLIB = 'libc: stdlib.h'

export const malloc = kfunc(STDLIB, function* malloc(p: Process, size: bigint) {
  return BigInt(yield* allocate(p, size))
})

const calloc = kfunc(STDLIB, function* calloc(p: Process, count: bigint, size: bigint) {
  const at = BigInt(yield* allocate(p, count * size))
  if (at !== 0n) yield* memset(p, at, 0n, count * size)
  return at
})

export const free = kfunc(STDLIB, function* free(p: Process, at: bigint) {
  yield* []
  if (at !== 0n) release(p, address(at), 'free')
  return 0n
})

function* resize(p: Process, at: bigint, size: bigint): Generator<Request, bigint, unknown> {
  if (at === 0n) return BigInt(yield* allocate(p, size))
  const old = p.global(heapOf).used.get(address(at))
  if (old === undefined || size === 0n) {
    release(p, address(at), 'realloc')
    return 0n
  }
  if (size <= BigInt(MOST_HEAP) && chunkSize(Number(size)) <= old) return at
  const moved = yield* allocate(p, size)
  if (moved === 0) return 0n
  yield* copyForward(p, moved, address(at), old - HEADER)
  release(p, address(at), 'realloc')
  return BigInt(moved)
}

const realloc = kfunc(STDLIB, function* realloc(p: Process, at: bigint, size: bigint) {
  return yield* resize(p, at, size)
})

const reallocarray = kfunc(STDLIB, function* reallocarray(p: Process, at: bigint, count: bigint, size: bigint) {
  return yield* resize(p, at, count * size)
})

const aligned_alloc = kfunc(STDLIB, function* aligned_alloc(p: Process, alignment: bigint, size: bigint) {
  return BigInt(yield* allocate(p, size, Math.max(16, address(alignment))))
})

const posix_memalign = kfunc(STDLIB, function* posix_memalign(p: Process, to: bigint, alignment: bigint, size: bigint) {
  if (alignment < 8n || (alignment & (alignment - 1n)) !== 0n) return EINVAL
  const at = yield* allocate(p, size, Math.max(16, address(alignment)))
  if (at === 0) return ENOMEM
  yield* store(p, address(to), 8, BigInt(at))
  return 0
})

const malloc_usable_size = kfunc('libc: malloc.h', function* malloc_usable_size(p: Process, at: bigint) {
  yield* []
  return (p.global(heapOf).used.get(address(at)) ?? HEADER) - HEADER
})

const texts = (): Map<string, bigint> => new Map()

/** A text of the library's own, which stays where it is. */
export function* keepText(p: Process, text: string): Generator<Request, bigint, unknown> {
  const kept = p.global(texts)
  const known = kept.get(text)
  if (known !== undefined) return known
  const at = BigInt(yield* allocate(p, BigInt(text.length + 1)))
  for (const [i, byte] of bytesOf(`${text}\0`).entries()) yield* store(p, Number(at) + i, 1, BigInt(byte))
  kept.set(text, at)
  return at
}

export const memory: Readonly<Record<string, LibraryFunction>> = {
  malloc,
  calloc,
  free,
  realloc,
  reallocarray,
  aligned_alloc,
  posix_memalign,
  malloc_usable_size,
}
