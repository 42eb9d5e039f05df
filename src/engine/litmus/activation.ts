/**
 * A thread of a litmus test as the bottom of a `Thread`: one instruction that touches memory is one recorded step (two
 * for a fence), whatever computes or jumps belongs to the instruction before it and is a tick.
 *
 * Program counter and registers are journaled, so that the screen can show them at any step.
 */

import { assert, ensure } from '../../base/assert.ts'
import type { Spa } from '../../base/brand.ts'
import { cut, holds, modified } from '../explore/arithmetic.ts'
import type { Instruction, Operand, Program, ThreadCode } from '../explore/program.ts'
import type { Hardware } from '../hw/hardware.ts'
import type { Cpu } from '../sim/cpu.ts'
import type { Journal } from '../sim/journal.ts'
import type { Recorder } from '../sim/recorder.ts'
import { struct } from '../sim/struct.ts'
import type { Activation, Thread } from '../sim/thread.ts'
import type { Layout } from './layout.ts'

/** What changes while the thread runs. */
export interface ThreadState {
  /** Index of the next instruction; the length of the code at its end. */
  pc: number
  registers: readonly bigint[]
}

const threadState = struct<ThreadState>('litmus_thread', { pc: 0, registers: [] })

/** Instructions in a row that touch no memory, after which the thread never will again. */
const MOST_LOCAL = 10_000

/** Of an instruction in a loop, the times that are kept. */
const MOST_ISSUES = 64

export class LitmusActivation implements Activation {
  readonly state: ThreadState
  /** Of each instruction, the steps that issued it, the first ones. */
  readonly issued: readonly number[][]
  private readonly code: ThreadCode
  private readonly layout: Layout
  private readonly lines: readonly number[]
  private readonly cpu: Cpu
  private readonly thread: Thread
  private readonly recorder: Recorder
  private readonly journal: Journal
  /** Execute one instruction a turn; the rest waits for the next. */
  private readonly single: boolean
  /** An instruction has begun and is not done: a fence, or one that an intervention interrupted. */
  midway = false
  private entered = false
  private done = 0
  private local = 0

  constructor(o: {
    program: Program
    layout: Layout
    index: number
    /** Line of the text of each instruction. */
    lines: readonly number[]
    cpu: Cpu
    thread: Thread
    recorder: Recorder
    journal: Journal
    single: boolean
  }) {
    this.code = ensure(o.program.threads[o.index], 'the test has this thread')
    this.layout = o.layout
    this.lines = o.lines
    this.cpu = o.cpu
    this.thread = o.thread
    this.recorder = o.recorder
    this.journal = o.journal
    this.single = o.single
    this.issued = this.code.code.map(() => [])
    this.state = threadState.create(o.journal, this.settled(0, this.code.registers, o.recorder.trace.length))
  }

  resume(): ReturnType<Activation['resume']> {
    if (!this.entered) {
      this.thread.enter(this.thread.name, 'litmus', 'program')
      this.entered = true
    }
    for (let executed = 0; ; executed++) {
      if (this.local >= MOST_LOCAL) return { trap: `${this.thread.name} goes round in circles without touching memory` }
      const instruction = this.next()
      if (instruction === undefined) {
        // What is due now belongs before the thread's end.
        if (this.recorder.due) return 'stopped'
        this.thread.leave(undefined)
        return 'returned'
      }
      if (this.recorder.paused || (this.single && executed > 0)) return 'stopped'
      const before = this.recorder.trace.length
      this.midway = !this.attempt(instruction)
      if (this.midway) return 'stopped'
      this.advance(instruction, before)
    }
  }

  /** Its next instruction, which touches memory or orders it; undefined at the end. */
  next(): Instruction | undefined {
    return this.code.code[this.state.pc]
  }

  /** Why it cannot execute its next instruction now; undefined when it can. */
  blocked(hw: Hardware): string | undefined {
    const instruction = this.next()
    if (instruction === undefined) return 'it has executed its last instruction'
    const { core } = this.thread
    const buffer = ensure(hw.storeBuffers[core], 'a thread runs on a core')
    switch (instruction.op) {
      case 'load': {
        const { at } = instruction
        const spa = this.layout.spaOf(at.cell, at.offset)
        const may = hw.mayIssue(core, 'load', hw.lines.find(spa), spa % 64, at.size)
        return may ? undefined : 'its load has to wait for what its store buffer holds'
      }
      case 'rmw':
      case 'cas':
      case 'mfence': {
        if (buffer.count > 0) return `its store buffer is not empty, and ${nameOf(instruction)} waits for that`
        if (!hw.isQuiet(core)) return `what it flushed has not arrived, and ${nameOf(instruction)} waits for that`
        return undefined
      }
      case 'lfence':
        return hw.mayIssue(core, 'lfence', 0, 0, 0) ? undefined : 'lfence has to wait for what its store buffer holds'
      default:
        return buffer.full ? 'its store buffer is full' : undefined
    }
  }

  deliver(): void {
    assert(false, 'a litmus test calls nothing')
  }
  status(): number {
    return 0
  }
  isMain(): boolean {
    return false
  }
  sourceLine(): number {
    return this.lines[Math.min(this.state.pc, this.lines.length - 1)] ?? 0
  }
  ticks(): number {
    return this.done
  }

  private value(operand: Operand): bigint {
    return 'reg' in operand ? this.register(operand.reg) : operand.value
  }

  private register(reg: number): bigint {
    return ensure(this.state.registers[reg], 'an instruction names a register')
  }

  /** Try to execute; false: not yet. */
  private attempt(instruction: Instruction): boolean {
    const { cpu, layout } = this
    switch (instruction.op) {
      case 'store': {
        const { at, value } = instruction
        return cpu.store(layout.spaOf(at.cell, at.offset), at.size, ...words(this.value(value)))
      }
      case 'movnt': {
        const { at, value } = instruction
        assert(at.size === 4 || at.size === 8, 'movnti stores 4 or 8 bytes')
        return cpu.movnti(layout.spaOf(at.cell, at.offset), at.size, ...words(this.value(value)))
      }
      case 'movdir64b':
        return cpu.movdir64b(layout.lineSpa(instruction.line), repeated(this.value(instruction.value)))
      case 'load':
        return cpu.load(layout.spaOf(instruction.at.cell, instruction.at.offset), instruction.at.size)
      case 'rmw': {
        const { at, modify, value } = instruction
        return cpu.locked(layout.spaOf(at.cell, at.offset), at.size, modify, ...words(this.value(value)))
      }
      case 'cas': {
        const { at, expected, desired } = instruction
        const [old, wanted] = [words(cut(this.value(expected), at.size)), words(this.value(desired))]
        return cpu.compareAndSwap(layout.spaOf(at.cell, at.offset), at.size, old, wanted)
      }
      case 'clwb':
      case 'clflushopt':
      case 'clflush':
        return this.flush(instruction.op, layout.lineSpa(instruction.line))
      case 'sfence':
        return cpu.sfence()
      case 'mfence':
        return cpu.mfence()
      case 'lfence':
        return cpu.lfence()
      case 'move':
      case 'compute':
      case 'branch':
      case 'goto':
        assert(false, 'what touches no memory has been executed with the instruction before')
    }
  }

  private flush(op: 'clwb' | 'clflushopt' | 'clflush', line: Spa): boolean {
    if (op === 'clwb') return this.cpu.clwb(line)
    return op === 'clflush' ? this.cpu.clflush(line) : this.cpu.clflushopt(line)
  }

  /** The instruction is done: its result, and whatever can be computed from there on. */
  private advance(instruction: Instruction, before: number): void {
    const registers = [...this.state.registers]
    if ('at' in instruction && 'reg' in instruction && instruction.reg !== undefined)
      registers[instruction.reg] = cut(
        (BigInt(this.cpu.hi >>> 0) << 32n) | BigInt(this.cpu.lo >>> 0),
        instruction.at.size,
      )
    // Hardware may have moved on since: the change belongs to the thread's own last step.
    const { trace } = this.recorder
    let step = trace.length - 1
    while (step > before && trace.thread.get(step) !== this.thread.id) step--
    this.journal.now = step
    this.note(this.state.pc, step)
    const { pc, registers: settled } = this.settled(this.state.pc + 1, registers, step)
    this.state.registers = settled
    this.state.pc = pc
    this.journal.now = trace.length - 1
  }

  private note(pc: number, step: number): void {
    const steps = this.issued[pc]
    if (steps !== undefined && steps.length < MOST_ISSUES && steps.at(-1) !== step) steps.push(step)
  }

  /** Execute what touches no memory, from `pc` on, as part of `step`. */
  private settled(from: number, registers: readonly bigint[], step: number): ThreadState {
    const { code } = this.code
    const own = [...registers]
    const value = (operand: Operand): bigint => ('reg' in operand ? (own[operand.reg] as bigint) : operand.value)
    let pc = from
    for (this.local = 0; this.local < MOST_LOCAL; this.local++) {
      const instruction = code[pc]
      const before = pc
      switch (instruction?.op) {
        case 'move':
          own[instruction.reg] = value(instruction.value)
          pc++
          break
        case 'compute': {
          const { reg, modify, size } = instruction
          own[reg] = cut(modified(modify, own[reg] as bigint, value(instruction.value)), size)
          pc++
          break
        }
        case 'branch': {
          const { when, a, b, size, to } = instruction
          pc = holds(when, value(a), value(b), size) ? to : pc + 1
          break
        }
        case 'goto':
          pc = instruction.to
          break
        default:
          this.done += this.local
          return { pc, registers: own }
      }
      this.note(before, step)
    }
    return { pc, registers: own }
  }
}

/** Low and high word, as the core takes them. */
const words = (value: bigint): [number, number] => [
  Number(BigInt.asIntN(32, value)),
  Number(BigInt.asIntN(32, value >> 32n)),
]

const nameOf = ({ op }: Instruction): string => (op === 'rmw' || op === 'cas' ? 'a locked instruction' : op)

/** 64 bytes: eight times one value. */
function repeated(value: bigint): Uint8Array {
  const bytes = new Uint8Array(64)
  const view = new DataView(bytes.buffer)
  for (let at = 0; at < 64; at += 8) view.setBigUint64(at, value, true)
  return bytes
}
