/** A process's private DRAM: constants up to DATA_BASE, globals, the heap; and how library code reaches it and the stacks. */

import { DATA_BASE, DATA_LIMIT, type Program, STACK_SIZE } from '../../../lang/c/program.ts'
import { growStack, STACK_HIGH, type VmThread, viewOf } from './thread.ts'

export interface VmMemory {
  /** From `constants` bytes below DATA_BASE on; may be longer than `size`. */
  data: Uint8Array
  /** The same bytes. */
  view: DataView
  /** Bytes up to the program break. */
  size: number
  /** Bytes at the beginning that nobody may write. */
  readonly constants: number
}

const PAGE = 4096

/** Globals as the program starts with them; the break is at the end of their last page. */
export function createMemory(program: Program): VmMemory {
  const size = Math.ceil(program.data.length / PAGE) * PAGE
  const data = new Uint8Array(size)
  data.set(program.data)
  return { data, view: viewOf(data), size, constants: program.constants }
}

/** Moves the program break to `end` (an address); false when that is no place for it. */
export function brk(memory: VmMemory, end: number): boolean {
  const size = end - DATA_BASE + memory.constants
  if (end < DATA_BASE || end > DATA_LIMIT) return false
  if (size > memory.data.length) {
    const larger = new Uint8Array(
      Math.min(DATA_LIMIT - DATA_BASE + memory.constants, Math.max(size, 2 * memory.data.length)),
    )
    larger.set(memory.data)
    memory.data = larger
    memory.view = viewOf(larger)
  }
  // What is given back reads as zeros when it is taken again.
  if (size < memory.size) memory.data.fill(0, size, memory.size)
  memory.size = size
  return true
}

/** `length` bytes at `va` of the data or of some thread's stack, to read and write; undefined for other addresses. */
export function hostView(
  memory: VmMemory,
  threads: readonly VmThread[],
  va: number,
  length: number,
): Uint8Array | undefined {
  const at = va - DATA_BASE + memory.constants
  if (at >= 0 && at + length <= memory.size) return memory.data.subarray(at, at + length)
  const low = va - STACK_HIGH * 0x1_0000_0000
  if (low < 0) return undefined
  for (const thread of threads) {
    const down = thread.stackTop - low
    if (down < length || down > STACK_SIZE) continue
    growStack(thread, down)
    const start = thread.stack.length - down
    return thread.stack.subarray(start, start + length)
  }
  return undefined
}
