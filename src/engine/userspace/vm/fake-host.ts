/** A world for tests of the machine: memory in a Map, and the few library functions that print and end programs. */

import { assert, ensure } from '../../../base/assert.ts'
import { renderDiagnostic } from '../../../base/diagnostic.ts'
import { rare } from '../../../lang/c/check-rare.ts'
import { compile } from '../../../lang/c/compile.ts'
import { allHeaders } from '../../../lang/c/more-headers.ts'
import { DATA_BASE, type Program } from '../../../lang/c/program.ts'
import { DONE, RETRY, type VmHost } from './host.ts'
import { createMemory, hostView } from './memory.ts'
import { createThread, type VmThread } from './thread.ts'
import type { RunEnd } from './transfer.ts'
import { run } from './vm.ts'

export interface Outcome {
  readonly output: string
  readonly end: RunEnd
  /** What `main` returned, or `exit` was given. */
  readonly status: number
  /** `load 7fff00000000 8`, `store …`, `_mm_clwb …`: what reached the host, in order. */
  readonly events: readonly string[]
  readonly thread: VmThread
  readonly program: Program
}

/** Addresses from here on are mapped, as persistent memory would be. */
export const MAPPED = 0x1000_0000_0000

export function compiled(text: string): Program {
  const result = compile(text, { headers: allHeaders, rare })
  assert(
    result.ok,
    `the program compiles, but:\n${result.ok ? '' : result.error.map((d) => renderDiagnostic(d, text, 'test.c')).join('\n')}`,
  )
  return result.value
}

/** Runs `main`; `fuel` is given in slices, to see that pauses change nothing. */
export function execute(text: string, { slice = 1_000_000, limit = 100_000_000, sharedData = false } = {}): Outcome {
  const program = compiled(text)
  const memory = createMemory(program)
  const entry = ensure(
    program.functions.find((f) => f.name === 'main'),
    'the test program has a main',
  )
  const thread = createThread(program, 0, entry)
  const mapped = new Map<number, number>()
  const events: string[] = []
  let output = ''
  let exited: number | undefined

  const bytes = (va: number, length: number): Uint8Array =>
    ensure(hostView(memory, [thread], va, length), `${va.toString(16)} is memory of the program`)
  const text8 = (va: number): string => {
    let end = va
    while (bytes(end, 1)[0] !== 0) end++
    return new TextDecoder().decode(bytes(va, end - va))
  }
  const printf = (words: Int32Array, at: number): string => {
    let next = at
    const argument = (): bigint => {
      next += 2
      return (BigInt(words[next + 1]!) << 32n) | BigInt(words[next]! >>> 0)
    }
    const format = text8((words[at + 1]! >>> 0) * 2 ** 32 + (words[at]! >>> 0))
    return format.replace(/%(hh|h|ll|l|z)?([diuxcspfg%])/g, (_, length: string | undefined, kind: string) => {
      if (kind === '%') return '%'
      const value = argument()
      const bits = length === 'hh' ? 8 : length === 'h' ? 16 : length === undefined ? 32 : 64
      if (kind === 'd' || kind === 'i') return String(BigInt.asIntN(bits, value))
      if (kind === 'u') return String(BigInt.asUintN(bits, value))
      if (kind === 'x') return BigInt.asUintN(bits, value).toString(16)
      if (kind === 'c') return String.fromCharCode(Number(value & 255n))
      if (kind === 's') return text8(Number(value))
      if (kind === 'p') return `0x${BigInt.asUintN(64, value).toString(16)}`
      const view = new DataView(new ArrayBuffer(8))
      view.setBigInt64(0, value)
      return kind === 'f' ? view.getFloat64(0).toFixed(6) : String(view.getFloat64(0))
    })
  }

  const host: VmHost = {
    lo: 0,
    hi: 0,
    sharedData,
    load(vaLo, vaHi, size) {
      const va = vaHi * 2 ** 32 + vaLo
      events.push(`load ${va.toString(16)} ${size}`)
      const own = hostView(memory, [thread], va, size)
      if (own === undefined && va < MAPPED) {
        output += `SIGSEGV at ${va.toString(16)}`
        exited = 139
        return RETRY
      }
      const word = (from: number): number => {
        let value = 0
        for (let i = from + 3; i >= from; i--) {
          const byte = i >= size ? 0 : own === undefined ? (mapped.get(va + i) ?? 0) : own[i]!
          value = (value << 8) | byte
        }
        return value
      }
      host.lo = word(0)
      host.hi = word(4)
      return DONE
    },
    store(vaLo, vaHi, size, lo, hi) {
      const va = vaHi * 2 ** 32 + vaLo
      events.push(`store ${va.toString(16)} ${size}`)
      const own = hostView(memory, [thread], va, size)
      if (va < DATA_BASE || (own === undefined && va < MAPPED)) {
        output += `SIGSEGV at ${va.toString(16)}`
        exited = 139
        return RETRY
      }
      for (let i = 0; i < size; i++) {
        const byte = ((i < 4 ? lo : hi) >> (8 * (i % 4))) & 255
        if (own === undefined) mapped.set(va + i, byte)
        else own[i] = byte
      }
      return DONE
    },
    native(index, words, at) {
      const name = program.natives[index]
      host.lo = 0
      host.hi = 0
      if (name === 'printf') output += printf(words, at)
      else if (name === 'putchar') output += String.fromCharCode(words[at]!)
      else if (name === 'puts') output += `${text8((words[at + 1]! >>> 0) * 2 ** 32 + (words[at]! >>> 0))}\n`
      else if (name === 'mmap') host.hi = MAPPED / 2 ** 32
      else if (name === 'exit' || name === '__assert_fail' || name === 'abort') {
        if (name === '__assert_fail') output += `assertion failed in line ${words[at + 4]}`
        exited = name === 'exit' ? words[at]! : 134
        return RETRY
      } else events.push(`${name} ${(words[at + 1]! * 2 ** 32 + (words[at]! >>> 0)).toString(16)}`)
      return DONE
    },
    enter(index) {
      events.push(`enter ${program.functions[index]?.name}`)
      return DONE
    },
    leave() {
      events.push('leave')
      return DONE
    },
  }
  let end: RunEnd = 'fuel'
  while (end === 'fuel' && thread.ticks < limit) end = run(program, memory, thread, host, slice)
  return { output, end, status: exited ?? thread.words[0]!, events, thread, program }
}
