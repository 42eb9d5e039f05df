/**
 * A C function as the bottom of a thread: the C machine with the world it needs.
 *
 * Instructions of the intrinsics go straight to the core; library functions are called by name. An access to an address
 * that is not private goes through the page table; where no page is, the page fault runs on this thread first and the
 * instruction is tried again.
 */

import { ensure } from '../../base/assert.ts'
import type { Spa } from '../../base/brand.ts'
import { Op } from '../../lang/c/opcode.ts'
import type { CFunction, Program } from '../../lang/c/program.ts'
import { asm_exc_page_fault, translate } from '../linux/arch/x86/mm/fault.ts'
import type { Kernel } from '../linux/kernel.ts'
import type { AccessSize, Cpu } from '../sim/cpu.ts'
import type { CallRecord } from '../sim/kfunc.ts'
import type { Activation, Thread } from '../sim/thread.ts'
import { type Executor, type Intrinsic, intrinsicsFor } from './intrinsics.ts'
import { library } from './libc/functions.ts'
import type { Memory } from './memory.ts'
import { type Process, segv } from './process.ts'
import { CALLED, DONE, RETRY, type VmHost } from './vm/host.ts'
import { createThread, currentLine, deliver, type VmThread } from './vm/thread.ts'
import { run } from './vm/vm.ts'

const PAGE = 4096
const TWO_32 = 0x1_0000_0000

const crosses = (va: number, size: number): boolean => (va % PAGE) + size > PAGE
const nextPage = (va: number): number => va - (va % PAGE) + PAGE

export class CActivation implements Activation, VmHost, Process, Executor {
  lo = 0
  hi = 0
  readonly sharedData: boolean
  readonly kernel: Kernel
  readonly cpu: Cpu
  readonly errno: number
  private readonly program: Program
  private readonly memory: Memory
  private readonly thread: Thread
  private readonly entry: CFunction
  private readonly vm: VmThread
  private readonly print: (text: string) => void
  private readonly intrinsics: Readonly<Record<string, Intrinsic>>
  /** The page fault that runs above this activation, if one does: where, and whether it was a write. */
  private fault: { readonly va: number; readonly write: boolean } | undefined

  constructor(o: {
    program: Program
    memory: Memory
    thread: Thread
    /** Number of the thread in its process: where its stack is. */
    index: number
    entry: CFunction
    kernel: Kernel
    print: (text: string) => void
  }) {
    this.program = o.program
    this.memory = o.memory
    this.thread = o.thread
    this.entry = o.entry
    this.kernel = o.kernel
    this.cpu = o.kernel.cpu
    this.print = o.print
    this.sharedData = o.memory.shared
    this.vm = createThread(o.program, o.index, o.entry)
    this.errno = o.memory.addThread(this.vm)
    this.intrinsics = intrinsicsFor(this)
  }

  // Activation: the thread's view

  resume(fuel: number): ReturnType<Activation['resume']> {
    const before = this.vm.ticks
    const outcome = run(this.program, this.memory.vm, this.vm, this, fuel)
    this.thread.burn(this.vm.ticks - before)
    return outcome
  }

  deliver(value: unknown): void {
    if (this.fault !== undefined) {
      const { va, write } = this.fault
      this.fault = undefined
      if (value !== true) throw segv(va, write)
      return
    }
    const word = typeof value === 'bigint' ? value : BigInt(typeof value === 'number' ? value : 0)
    deliver(this.vm, Number(BigInt.asIntN(32, word)), Number(BigInt.asIntN(32, word >> 32n)))
  }

  /** What the function returned, as an int; of main() a process's exit status. */
  status(): number {
    if (!this.entry.returnsValue) return 0
    const status = this.vm.words[0] as number
    return this.entry.name === 'main' ? status & 0xff : status
  }

  sourceLine(): number {
    return currentLine(this.program, this.vm)
  }

  isMain(): boolean {
    return this.entry.name === 'main'
  }

  ticks(): number {
    return this.vm.ticks + this.libraryTicks
  }

  private libraryTicks = 0

  tick(accesses: number): boolean {
    if (!this.thread.spend(accesses)) return false
    this.libraryTicks += accesses
    return true
  }

  // VmHost: the C machine's view

  load(vaLo: number, vaHi: number, size: AccessSize): typeof DONE | typeof RETRY {
    const va = (vaHi >>> 0) * TWO_32 + (vaLo >>> 0)
    const where = this.where(va, false)
    if (where === undefined) return RETRY
    const rest = crosses(va, size) ? this.where(nextPage(va), false) : where
    if (rest === undefined || !this.cpu.load(where, size, rest === where ? undefined : rest)) return RETRY
    this.lo = this.cpu.lo
    this.hi = this.cpu.hi
    return DONE
  }

  store(vaLo: number, vaHi: number, size: AccessSize, lo: number, hi: number): typeof DONE | typeof RETRY {
    const va = (vaHi >>> 0) * TWO_32 + (vaLo >>> 0)
    const where = this.where(va, true)
    if (where === undefined) return RETRY
    const rest = crosses(va, size) ? this.where(nextPage(va), true) : where
    if (rest === undefined) return RETRY
    return this.cpu.store(where, size, lo, hi, rest === where ? undefined : rest) ? DONE : RETRY
  }

  native(index: number, words: Int32Array, at: number, count: number): typeof DONE | typeof RETRY | typeof CALLED {
    const name = ensure(this.program.natives[index], 'a native call names a native function')
    const intrinsic = this.intrinsics[name]
    if (intrinsic !== undefined) return intrinsic(words, at) ? DONE : RETRY
    const fn = ensure(library[name], `the library has ${name}`)
    const args: bigint[] = []
    for (let i = 0; i < count; i++)
      args.push((BigInt((words[at + 2 * i + 1] as number) >>> 0) << 32n) | BigInt((words[at + 2 * i] as number) >>> 0))
    this.thread.push(fn(this, ...args) as unknown as CallRecord)
    return CALLED
  }

  enter(functionIndex: number): typeof DONE | typeof RETRY {
    if (this.thread.mustPause()) return RETRY
    const fn = ensure(this.program.functions[functionIndex], 'a call names a function')
    this.thread.enter(fn.name, 'program', 'program')
    return DONE
  }

  leave(): typeof DONE | typeof RETRY {
    if (this.thread.mustPause()) return RETRY
    this.thread.leave(this.result())
    return DONE
  }

  // Process: the library's view

  /** What the return instruction that the thread stands at hands back; undefined for a void function. */
  private result(): bigint | undefined {
    const { code } = this.program
    const at = 4 * this.vm.pc
    if (code[at] !== Op.return) return undefined
    const word = this.vm.base + (code[at + 1] as number)
    const { words } = this.vm
    return (BigInt(words[word + 1] as number) << 32n) | BigInt((words[word] as number) >>> 0)
  }

  direct(va: number, length: number): Uint8Array | undefined {
    return this.memory.direct(va, length)
  }

  dram(va: number): Spa | undefined {
    return this.memory.spaOf(va)
  }

  output(text: string): void {
    this.print(text)
  }

  /** Where `va` is, private memory included. */
  physical(va: number, write: boolean): Spa | undefined {
    return this.memory.physicalOf(va) ?? this.where(va, write)
  }

  /** Where `va` is; undefined when a page fault has been put on the thread's stack and must run first. */
  private where(va: number, write: boolean): Spa | undefined {
    const at = this.memory.spaOf(va) ?? translate(this.kernel, va, write)
    if (at === undefined) {
      this.fault = { va, write }
      this.thread.push(asm_exc_page_fault(this.kernel, va, write) as unknown as CallRecord)
    }
    return at
  }
}
