/** A thread's code with what the ordering table says about each two of its instructions worked out. */

import { assert, ensure } from '../../base/assert.ts'
import { CLASSES, type InstructionClass, type OrderTable, takesEffectAtIssue } from '../hw/cpu/isa.ts'
import { type Footprint, footprintOf, overlap, waits } from './footprint.ts'
import type { Instruction, Operand, Program } from './program.ts'

export interface CodePoint {
  readonly instruction: Instruction
  /** undefined: local. */
  readonly footprint: Footprint | undefined
  /** It has no entry in the window: it happens when it issues, or not yet. */
  readonly atIssue: boolean
  /** Reduction: it may take effect the moment it is allowed to, and nothing is lost (persistency.md §3). */
  readonly early: boolean
  /** By place of an older instruction: this one may not take effect before it. */
  readonly waitsFor: readonly boolean[]
  /** By place of an older instruction: a locked one to bytes that this one reads. */
  readonly locks: readonly boolean[]
  /** As waitsFor and locks together, if this instruction were a plain load: a failed cas of the papers is one. */
  readonly waitsAsLoad: readonly boolean[]
  readonly reads: readonly number[]
  /** Register that it fills, or -1. */
  readonly fills: number
}

const registers = (...operands: readonly Operand[]): number[] =>
  operands.flatMap((operand) => ('reg' in operand ? [operand.reg] : []))

function readsOf(instruction: Instruction): number[] {
  switch (instruction.op) {
    case 'store':
    case 'movnt':
    case 'movdir64b':
    case 'rmw':
    case 'move':
      return registers(instruction.value)
    case 'compute':
      return [instruction.reg, ...registers(instruction.value)]
    case 'cas':
      return registers(instruction.expected, instruction.desired)
    case 'branch':
      return registers(instruction.a, instruction.b)
    default:
      return []
  }
}

/**
 * An early clwb, clflushopt, clflush or sfence only guarantees less. But the fences that complete a clwb must not pass
 * it, and what is younger than a clflush or an sfence must not write before it: so it is in the real table; a changed
 * one may differ.
 */
function mayLeaveEarly(table: OrderTable, kind: InstructionClass): boolean {
  const keeps = (...younger: readonly InstructionClass[]): boolean =>
    younger.every((each) => table[kind][each] === 'always')
  if (kind === 'flushopt') return keeps('sfence', 'mfence', 'locked')
  return (kind === 'clflush' || kind === 'sfence') && keeps('store', 'movnt', 'locked')
}

export function threadCode(program: Program, thread: number, table: OrderTable): readonly CodePoint[] {
  const { code } = ensure(program.threads[thread], 'a program has its threads')
  const footprints = code.map((instruction) => footprintOf(program, instruction))
  const atIssue = new Set(CLASSES.filter((kind) => takesEffectAtIssue(table, kind)))
  return code.map((instruction, i) => {
    const own = footprints[i]
    const asLoad: Footprint | undefined = own && { ...own, class: 'load' }
    const among = (test: (older: Footprint, younger: Footprint) => boolean, younger = own): boolean[] =>
      footprints.map((older) => older !== undefined && younger !== undefined && test(older, younger))
    const isLock = (older: Footprint, younger: Footprint): boolean =>
      older.class === 'locked' && younger.class === 'load' && overlap(older, younger)
    const target = 'to' in instruction ? instruction.to : 0
    assert(target >= 0 && target <= code.length, 'a jump stays in its thread')
    return {
      instruction,
      footprint: own,
      atIssue: own !== undefined && atIssue.has(own.class),
      early: own !== undefined && mayLeaveEarly(table, own.class),
      waitsFor: among((older, younger) => waits(table, older, younger)),
      locks: among(isLock),
      waitsAsLoad: among((older, younger) => waits(table, older, younger) || isLock(older, younger), asLoad),
      reads: readsOf(instruction),
      fills: 'reg' in instruction ? (instruction.reg ?? -1) : -1,
    }
  })
}
