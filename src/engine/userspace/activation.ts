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
import { closesFiles, do_group_exit } from '../linux/kernel/exit.ts'
import type { Kernel } from '../linux/kernel.ts'
import type { AccessSize, Cpu } from '../sim/cpu.ts'
import { type CallRecord, type Request, WAIT } from '../sim/kfunc.ts'
import { type Activation, Killed, type Thread } from '../sim/thread.ts'
import type { CProcess } from './c-process.ts'
import type { Executor, Intrinsic } from './intrinsics.ts'
import type { LibraryFunction } from './libc/library.ts'
import type { Keeper, ThreadKeeper } from './past/keeper.ts'
import { killed, type Process, readOnly, type Spawned } from './process.ts'
import { CALLED, DONE, RETRY, type VmHost } from './vm/host.ts'
import { pointedFunction } from './vm/pointer.ts'
import { createThread, currentLine, deliver, popFrame, pushFrame, type VmThread } from './vm/thread.ts'
import { run } from './vm/vm.ts'

const PAGE = 4096
const TWO_32 = 0x1_0000_0000

/** A word as two halves, low first. */
const wordsOf = (word: bigint): [number, number] => [
  Number(BigInt.asIntN(32, word)),
  Number(BigInt.asIntN(32, word >> 32n)),
]
const pairOf = (words: Int32Array, at: number): bigint =>
  (BigInt(words[at + 1] as number) << 32n) | BigInt((words[at] as number) >>> 0)
/** What a library or kernel function has returned. */
const wordOf = (value: unknown): bigint =>
  typeof value === 'bigint' ? value : BigInt(typeof value === 'number' ? value : 0)

const crosses = (va: number, size: number): boolean => (va % PAGE) + size > PAGE
const nextPage = (va: number): number => va - (va % PAGE) + PAGE

export class CActivation implements Activation, VmHost, Process, Executor {
  lo = 0
  hi = 0
  readonly sharedData: boolean
  readonly kernel: Kernel
  readonly cpu: Cpu
  readonly errno: number
  readonly index: number
  private readonly process: CProcess
  private readonly program: Program
  private readonly thread: Thread
  private readonly entry: CFunction
  private readonly vm: VmThread
  /** By number of the native function. */
  private readonly intrinsics: readonly (Intrinsic | undefined)[]
  /** Keeps what it takes to run the thread again. */
  private readonly past: ThreadKeeper | undefined
  /** The page fault that runs above this activation, if one does: where, and whether it was a write. */
  private fault: { readonly va: number; readonly write: boolean } | undefined

  constructor(o: {
    process: CProcess
    thread: Thread
    /** Number of the thread in its process: where its stack is. */
    index: number
    entry: CFunction
    kernel: Kernel
    keeper: Keeper | undefined
  }) {
    const { program, memory } = o.process
    this.process = o.process
    this.program = program
    this.thread = o.thread
    this.index = o.index
    this.entry = o.entry
    this.kernel = o.kernel
    this.cpu = o.kernel.cpu
    this.sharedData = memory.shared
    this.vm = createThread(program, o.index, o.entry)
    this.errno = memory.addThread(o.index, this.vm)
    this.intrinsics = program.natives.map((name) => o.process.intrinsics[name]?.(this))
    const { id, name } = o.thread
    this.past = o.keeper?.begin({
      ...{ program, memory, thread: id, name, index: o.index, entry: o.entry, kernel: o.kernel },
      steps: () => this.thread.steps(),
      ticks: () => this.ticks(),
    })
    const { argv } = memory
    if (this.isMain())
      for (const [i, word] of [1, argv, argv + 16].slice(0, o.entry.parameters).entries()) this.vm.words[2 * i] = word
  }

  // Activation: the thread's view

  resume(fuel: number): ReturnType<Activation['resume']> {
    const before = this.vm.ticks
    this.past?.runs(this.vm)
    const outcome = run(this.program, this.process.memory.vm, this.vm, this, fuel)
    this.thread.burn(this.vm.ticks - before)
    const { atEnd } = this.process
    if (outcome !== 'returned' || !this.isMain() || this.vm.floor > 0) return outcome
    if (atEnd === undefined) {
      if (!closesFiles(this.kernel)) return outcome
      this.thread.push(do_group_exit(this.kernel, this.status()) as unknown as CallRecord)
      return 'stopped'
    }
    // What the program wants to be done at its end, which then ends it.
    this.process.atEnd = undefined
    this.thread.push(atEnd(this, BigInt(this.status())) as unknown as CallRecord)
    return 'stopped'
  }

  deliver(value: unknown): void {
    if (this.fault !== undefined) {
      const { va, write } = this.fault
      this.fault = undefined
      if (value !== 0) throw killed(this.kernel, Number(value), va, write)
      return
    }
    const words = wordsOf(wordOf(value))
    this.past?.returned(...words)
    deliver(this.vm, ...words)
  }

  /** What library code does to call back: the function runs on this thread's stack, above the call under way. */
  *call(pointer: bigint, ...args: bigint[]): Generator<Request, bigint, unknown> {
    const { vm, program } = this
    const [lo, hi] = wordsOf(pointer)
    const pointed = pointedFunction(program, lo >>> 0, hi)
    if (pointed === undefined) throw new Killed(139, 'call through a pointer that points to no function')
    if (pointed.native) return wordOf(yield* this.library(pointed.index)(this, ...args))
    const fn = ensure(program.functions[pointed.index], 'a function pointer names a function')
    const { result, floor } = vm
    const { called } = this
    this.called = false
    const at = vm.base + 2 * ensure(program.functions[vm.function], 'a function runs').registers
    while (this.enter(pointed.index) !== DONE) yield WAIT
    if (!pushFrame(vm, fn, pointed.index, at, vm.pc)) throw new Killed(139, `stack overflow in ${fn.name}()`)
    const given = args.flatMap(wordsOf)
    vm.words.set(given, at)
    this.past?.calls(pointed.index, at, given, { result, floor })
    vm.floor = vm.depth
    for (;;) {
      const outcome = this.resume(this.thread.fuel())
      if (typeof outcome === 'object') throw new Killed(139, outcome.trap)
      if (outcome === 'returned') break
      const value = yield WAIT
      // A page fault or a library function has run above; its result came back here.
      if (this.called) {
        this.called = false
        this.deliver(value)
      }
    }
    const word = pairOf(vm.words, at)
    popFrame(vm)
    vm.floor = floor
    vm.result = result
    this.past?.calledBack()
    this.called = called
    return fn.returnsValue ? word : 0n
  }

  /** Something has been put on the thread's stack by the C machine. */
  private called = false

  private push(record: CallRecord): void {
    this.called = this.vm.floor > 0
    this.thread.push(record)
  }

  private library(index: number): LibraryFunction {
    const name = ensure(this.program.natives[index], 'a native call names a native function')
    return ensure(this.process.library[name], `the library has ${name}`)
  }

  /** What the function returned, as an int; of main() a process's exit status. */
  status(): number {
    if (!this.entry.returnsValue || (this.entry.parameters > 0 && !this.isMain())) return 0
    const status = this.vm.words[0] as number
    return this.entry.name === 'main' ? status & 0xff : status
  }

  /** What the function is called with. */
  argument(word: bigint): void {
    this.vm.words.set(wordsOf(word))
  }

  returned(): bigint {
    return this.exitValue ?? pairOf(this.vm.words, 0)
  }

  /** What pthread_exit() was given. */
  exitValue: bigint | undefined

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
    const other = this.direct(va, size)
    if (other !== undefined) {
      if (!this.tick(1)) return RETRY
      let word = 0n
      for (let i = size - 1; i >= 0; i--) word = (word << 8n) | BigInt(other[i] as number)
      ;[this.lo, this.hi] = wordsOf(word)
      return this.loaded(size)
    }
    const where = this.where(va, false)
    if (where === undefined) return RETRY
    const rest = crosses(va, size) ? this.where(nextPage(va), false) : where
    if (rest === undefined || !this.cpu.load(where, size, rest === where ? undefined : rest)) return RETRY
    this.lo = this.cpu.lo
    this.hi = this.cpu.hi
    return this.loaded(size)
  }

  private loaded(size: AccessSize): typeof DONE {
    this.past?.loaded(this.lo, this.hi, size)
    return DONE
  }

  store(vaLo: number, vaHi: number, size: AccessSize, lo: number, hi: number): typeof DONE | typeof RETRY {
    const va = (vaHi >>> 0) * TWO_32 + (vaLo >>> 0)
    const other = this.direct(va, size)
    if (other !== undefined) {
      if (!this.tick(1)) return RETRY
      this.put(va, size, (BigInt(hi) << 32n) | BigInt(lo >>> 0))
      return DONE
    }
    const where = this.where(va, true)
    if (where === undefined) return RETRY
    const rest = crosses(va, size) ? this.where(nextPage(va), true) : where
    if (rest === undefined) return RETRY
    return this.cpu.store(where, size, lo, hi, rest === where ? undefined : rest) ? DONE : RETRY
  }

  native(index: number, words: Int32Array, at: number, count: number): typeof DONE | typeof RETRY | typeof CALLED {
    const intrinsic = this.intrinsics[index]
    this.lo = 0
    this.hi = 0
    if (intrinsic !== undefined) return intrinsic(words, at) ? DONE : RETRY
    const args: bigint[] = []
    for (let i = 0; i < count; i++) args.push(BigInt.asUintN(64, pairOf(words, at + 2 * i)))
    this.push(this.library(index)(this, ...args) as unknown as CallRecord)
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
    return pairOf(this.vm.words, this.vm.base + (code[at + 1] as number))
  }

  direct(va: number, length: number): Uint8Array | undefined {
    return this.process.memory.direct(va, length)
  }

  isConstant(va: number): boolean {
    return this.process.memory.isConstant(va)
  }

  private changes(va: number): void {
    if (this.isConstant(va)) throw readOnly(va)
  }

  put(va: number, size: AccessSize, value: bigint): void {
    this.changes(va)
    this.past?.stores(va, size, ...wordsOf(value))
    const bytes = this.direct(va, size)
    for (let i = 0; i < size; i++) if (bytes !== undefined) bytes[i] = Number((value >> BigInt(8 * i)) & 0xffn)
  }

  copy(to: number, from: number, length: number): void {
    this.changes(to)
    const source = ensure(this.direct(from, length), 'what is copied at once is private')
    this.past?.copies(to, from, source)
    this.direct(to, length)?.set(source)
  }

  fill(to: number, byte: number, length: number): void {
    this.changes(to)
    this.past?.fills(to, byte, length)
    this.direct(to, length)?.fill(byte)
  }

  keep(va: number, bytes: Uint8Array): void {
    this.past?.keeps(va, bytes)
    this.direct(va, bytes.length)?.set(bytes)
  }

  noted(va: number, bytes: Uint8Array): void {
    this.past?.read(va, bytes)
  }

  dram(va: number): Spa | undefined {
    return this.process.memory.spaOf(va)
  }

  write(stream: 1 | 2, bytes: Uint8Array): void {
    this.process.write(stream, bytes)
  }

  brk(end: number): boolean {
    this.past?.brk(end)
    return this.process.memory.brk(end)
  }

  get heapStart(): number {
    return this.process.memory.heapStart
  }

  global<T>(create: () => T): T {
    return this.process.global(create)
  }

  spawn(pointer: bigint, argument: bigint): Spawned | undefined {
    return this.process.spawn(pointer, argument)
  }

  get atEnd(): LibraryFunction | undefined {
    return this.process.atEnd
  }

  set atEnd(handler: LibraryFunction | undefined) {
    this.process.atEnd = handler
  }

  /** Where `va` is, private memory included. */
  physical(va: number, write: boolean): Spa | undefined {
    if (write) this.changes(va)
    return this.process.memory.physicalOf(va) ?? this.where(va, write)
  }

  /** Where `va` is; undefined when a page fault has been put on the thread's stack and must run first. */
  private where(va: number, write: boolean): Spa | undefined {
    if (write) this.changes(va)
    const at = this.process.memory.spaOf(va) ?? translate(this.kernel, va, write)
    if (at === undefined) {
      this.fault = { va, write }
      this.push(asm_exc_page_fault(this.kernel, va, write) as unknown as CallRecord)
    }
    return at
  }
}
