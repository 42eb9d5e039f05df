/**
 * What the threads of a process share: its program and library, its memory, its output, what the library keeps for it.
 *
 * Left out: what the library keeps is no part of the recording's state; what it stores in memory is.
 */

import type { Program } from '../../lang/c/program.ts'
import type { Intrinsics } from './intrinsics.ts'
import type { LibraryFunction } from './libc/library.ts'
import { Memory, MOST_THREADS } from './memory.ts'
import type { Spawned } from './process.ts'

export type Library = Readonly<Record<string, LibraryFunction | undefined>>

export class CProcess {
  readonly program: Program
  readonly library: Library
  readonly intrinsics: Intrinsics
  readonly memory: Memory
  /** What runs when main() returns, with its status. */
  atEnd: LibraryFunction | undefined
  /** Starts a thread that runs the C function at `pointer`. */
  readonly spawn: (pointer: bigint, argument: bigint) => Spawned | undefined
  private readonly print: (text: string, stream: 1 | 2) => void
  private readonly decoders = [new TextDecoder('utf-8', UNTOUCHED), new TextDecoder('utf-8', UNTOUCHED)]
  private readonly kept = new Map<unknown, unknown>()

  constructor(o: {
    program: Program
    library: Library
    intrinsics: Intrinsics
    threads: number
    print: (text: string, stream: 1 | 2) => void
    spawn: (pointer: bigint, argument: bigint) => Spawned | undefined
  }) {
    this.program = o.program
    this.library = o.library
    this.intrinsics = o.intrinsics
    const threads = o.program.natives.includes('pthread_create') ? MOST_THREADS : o.threads
    this.memory = new Memory(o.program, threads)
    this.print = o.print
    this.spawn = o.spawn
  }

  /** A character of several bytes is printed when its last one comes. */
  write(stream: 1 | 2, bytes: Uint8Array): void {
    const text = this.decoders[stream - 1]?.decode(bytes, { stream: true }) ?? ''
    if (text !== '') this.print(text, stream)
  }

  global<T>(create: () => T): T {
    if (!this.kept.has(create)) this.kept.set(create, create())
    return this.kept.get(create) as T
  }
}

const UNTOUCHED = { ignoreBOM: true }
