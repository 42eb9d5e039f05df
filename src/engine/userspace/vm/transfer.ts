/** Calls and returns, of the program's own functions and of native ones. They work on the thread, not on the loop's locals. */

import { Op } from '../../../lang/c/opcode.ts'
import type { Program } from '../../../lang/c/program.ts'
import { CALLED, DONE, type VmHost } from './host.ts'
import { pointedFunction } from './pointer.ts'
import { popFrame, pushFrame, type VmThread } from './thread.ts'

/** Why `run` came back. `stopped`: the host said RETRY or CALLED. */
export type RunEnd = 'fuel' | 'stopped' | 'returned' | { readonly trap: string }

/**
 * Carries out the call or return at `thread.pc`; its operands are `a` (a register, absolute), `b` and `count` as written.
 * Undefined: the thread goes on at its new `pc`.
 */
export function transfer(
  program: Program,
  thread: VmThread,
  host: VmHost,
  op: number,
  a: number,
  b: number,
  count: number,
): RunEnd | undefined {
  switch (op) {
    case Op.call:
      return enter(program, thread, host, b, a, count)
    case Op.native:
      return native(thread, host, b, a, count)
    case Op.callPointer: {
      const at = thread.base + b
      const pointed = pointedFunction(program, thread.words[at]! >>> 0, thread.words[at + 1]!)
      if (pointed === undefined) return { trap: 'call through a pointer that points to no function' }
      if (pointed.native) return native(thread, host, pointed.index, a, count)
      const { parameters, name, variadic } = program.functions[pointed.index]!
      if (variadic ? count < parameters : count !== parameters)
        return { trap: `call of ${name}() with ${count} arguments instead of ${parameters}` }
      return enter(program, thread, host, pointed.index, a, count)
    }
    default:
      return leave(thread, host, op === Op.return ? a : undefined)
  }
}

function enter(
  program: Program,
  thread: VmThread,
  host: VmHost,
  index: number,
  base: number,
  given: number,
): RunEnd | undefined {
  const fn = program.functions[index]!
  if (host.enter(index) !== DONE) return 'stopped'
  if (!pushFrame(thread, fn, index, base, thread.pc + 1, given)) return { trap: `stack overflow in ${fn.name}()` }
  return undefined
}

function native(thread: VmThread, host: VmHost, index: number, at: number, count: number): RunEnd | undefined {
  const answer = host.native(index, thread.words, at, count)
  if (answer === DONE) {
    thread.words[at] = host.lo
    thread.words[at + 1] = host.hi
    thread.pc++
    return undefined
  }
  if (answer === CALLED) {
    thread.pc++
    thread.ticks++
    thread.result = at
  }
  return 'stopped'
}

/** `at`: the register with the result. */
function leave(thread: VmThread, host: VmHost, at: number | undefined): RunEnd | undefined {
  if (host.leave() !== DONE) return 'stopped'
  const { words, base } = thread
  if (at !== undefined) {
    words[base] = words[at]!
    words[base + 1] = words[at + 1]!
  }
  if (thread.depth === thread.floor) {
    thread.ticks++
    return 'returned'
  }
  popFrame(thread)
  return undefined
}
