/**
 * The simplest machine that kernel code can run on: memory that every store reaches at once, one core, no waiting.
 * It counts instructions, and it can boot a kernel over an NFIT.
 */

import { type Spa, spa } from '../src/base/brand.ts'
import { start_kernel } from '../src/engine/linux/init/main.ts'
import { newProcess } from '../src/engine/linux/kernel/fork.ts'
import { contextFor, createKernel, type Kernel, type KernelOptions } from '../src/engine/linux/kernel.ts'
import { parseRelease } from '../src/engine/linux/releases.ts'
import type { AccessSize, Cpu } from '../src/engine/sim/cpu.ts'
import { Journal } from '../src/engine/sim/journal.ts'
import { CallRecord, type Op, type Request, WAIT } from '../src/engine/sim/kfunc.ts'

const PAGE = 4096

export class FlatMemory {
  private readonly pages = new Map<number, Uint8Array>()

  read(at: number): number {
    return this.pages.get(Math.floor(at / PAGE))?.[at % PAGE] ?? 0
  }

  write(at: number, byte: number): void {
    const number = Math.floor(at / PAGE)
    const page = this.pages.get(number) ?? new Uint8Array(PAGE)
    this.pages.set(number, page)
    page[at % PAGE] = byte
  }

  /** The same with many bytes; zeros need no page. `at` is the start of one. */
  fill(at: number, bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i += PAGE) {
      const page = new Uint8Array(bytes.subarray(i, i + PAGE))
      if (page.length < PAGE || page.some((byte) => byte !== 0)) this.pages.set((at + i) / PAGE, page)
    }
  }

  bytes(at: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; ) {
      const from = (at + i) % PAGE
      const piece = Math.min(PAGE - from, length - i)
      const page = this.pages.get(Math.floor((at + i) / PAGE))
      if (page !== undefined) bytes.set(page.subarray(from, from + piece), i)
      i += piece
    }
    return bytes
  }

  /** Every page that was ever written. */
  *used(): Generator<{ readonly at: number; readonly bytes: Uint8Array }> {
    for (const [number, bytes] of this.pages) yield { at: number * PAGE, bytes }
  }

  copy(): FlatMemory {
    const other = new FlatMemory()
    for (const [number, page] of this.pages) other.pages.set(number, page.slice())
    return other
  }
}

class FlatCpu implements Cpu {
  lo = 0
  hi = 0
  /** Each instruction by name and address, in order: `movnti 0x100001000`. */
  readonly issued: string[] = []
  readonly memory: FlatMemory

  constructor(memory: FlatMemory) {
    this.memory = memory
  }

  load(at: Spa, size: AccessSize): boolean {
    const bytes = this.memory.bytes(at, size)
    const word = (from: number): number => {
      let value = 0
      for (let i = 0; i < 4; i++) value |= (bytes[from + i] ?? 0) << (8 * i)
      return value
    }
    this.lo = word(0)
    this.hi = word(4)
    return this.log('load', at)
  }

  loadBytes(at: Spa, into: Uint8Array, offset: number, length: number): boolean {
    into.set(this.memory.bytes(at, length), offset)
    return this.log('load', at)
  }

  store(at: Spa, size: AccessSize, lo: number, hi: number): boolean {
    this.put(at, size, lo, hi)
    return this.log('store', at)
  }

  movnti(at: Spa, size: 4 | 8, lo: number, hi: number): boolean {
    this.put(at, size, lo, hi)
    return this.log(size === 8 ? 'movnti' : 'movnti4', at)
  }

  /** Instructions that kernel code does not use. */
  private unused(): boolean {
    throw new Error('the kernel has no such instruction')
  }
  movntdq(): boolean {
    return this.unused()
  }
  movdir64b(): boolean {
    return this.unused()
  }
  locked(): boolean {
    return this.unused()
  }
  compareAndSwap(): boolean {
    return this.unused()
  }
  need(): void {}

  clwb(at: Spa): boolean {
    return this.log('clwb', at)
  }

  clflushopt(at: Spa): boolean {
    return this.log('clflushopt', at)
  }

  clflush(at: Spa): boolean {
    return this.log('clflush', at)
  }

  sfence(): boolean {
    return this.log('sfence')
  }

  mfence(): boolean {
    return this.log('mfence')
  }

  lfence(): boolean {
    return this.log('lfence')
  }

  writeq(at: Spa): boolean {
    return this.log('writeq', at)
  }

  /** Instructions of each kind so far. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const line of this.issued) {
      const name = line.split(' ')[0] ?? ''
      counts[name] = (counts[name] ?? 0) + 1
    }
    return counts
  }

  private put(at: Spa, size: number, lo: number, hi: number): void {
    for (let i = 0; i < size; i++) this.memory.write(at + i, ((i < 4 ? lo : hi) >>> (8 * (i % 4))) & 0xff)
  }

  private log(name: string, at?: Spa): boolean {
    this.issued.push(at === undefined ? name : `${name} 0x${at.toString(16)}`)
    return true
  }
}

/** An operation in slices: a call, a return, or a wait each. */
export function* slices<R>(
  op: Op<R>,
  called?: (name: string, record: CallRecord) => void,
): Generator<'went on' | 'waits', R> {
  const frames: Generator<Request, unknown, unknown>[] = [
    (function* () {
      return yield* op
    })(),
  ]
  let value: unknown
  for (;;) {
    const frame = frames[frames.length - 1]
    if (frame === undefined) return value as R
    const next = frame.next(value)
    value = undefined
    if (next.done === true) {
      frames.pop()
      value = next.value
    } else if (next.value instanceof CallRecord) {
      const { fn, context, args } = next.value
      called?.(fn.name, next.value)
      frames.push(fn.body(context as never, ...(args as never[])))
    }
    yield next.done !== true && next.value === WAIT ? 'waits' : 'went on'
  }
}

/** Run an operation to its end; `called` hears the name of each function. */
export function run<R>(op: Op<R>, called?: (name: string, record: CallRecord) => void): R {
  const running = slices(op, called)
  for (;;) {
    const next = running.next()
    if (next.done === true) return next.value
    if (next.value === 'waits') throw new Error('nothing waits on a flat machine')
  }
}

export interface Booted {
  /** Context of a process that has been started. */
  readonly k: Kernel
  readonly cpu: FlatCpu
  /** `level: text`, in order. */
  readonly dmesg: readonly string[]
  /** Names of kernel functions in the order in which boot called them. */
  readonly calls: readonly string[]
}

export function boot(
  nfit: Uint8Array | undefined,
  {
    release = 'v6.1',
    memory = new FlatMemory(),
    ...options
  }: Partial<Omit<KernelOptions, 'release'>> & {
    release?: string
    memory?: FlatMemory
  } = {},
): Booted {
  const cpu = new FlatCpu(memory)
  const dmesg: string[] = []
  const calls: string[] = []
  const parsed = parseRelease(release)
  if (!parsed.ok) throw new Error(parsed.error)
  const kernel = createKernel({
    journal: new Journal(),
    cpu,
    release: parsed.value,
    cmdline: '',
    nfit,
    seed: 1,
    ram: { spa: spa(0x100_0000), length: 0x100_0000 },
    onPrintk: (level, text) => dmesg.push(`${level}: ${text}`),
    onSysfs: () => {},
    ...options,
  })
  run(start_kernel(kernel), (name) => calls.push(name))
  const k = contextFor(kernel, cpu, newProcess(kernel, 'program'), 0)
  return { k, cpu, dmesg, calls }
}
