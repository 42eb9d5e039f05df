/** Each step in one sentence, for the screen and for the screen reader. */

import { address } from '../../base/bytes.ts'
import type { Hardware } from '../hw/hardware.ts'
import type { PowerConfig } from '../hw/power.ts'
import { LOCKED } from '../sim/arithmetic.ts'
import { RETURNS_NUMBER, RETURNS_TEXT } from '../sim/thread.ts'
import type { Recording } from './recording.ts'

/** Assembly-like text of an instruction step; undefined for anything else. */
export function instruction(recording: Recording, step: number): string | undefined {
  const { trace, hw } = recording.machine
  const a = trace.a.get(step)
  const { history } = hw
  const at = (op: number): string => address(hw.lines.spa(history.line(op)) + history.offset(op))
  const kind = trace.kindOf(step)
  switch (kind) {
    case 'load': {
      const b = trace.b.get(step)
      const size = b >> 8
      return size > 8
        ? `rep movsb ← [${address(hw.lines.spa(a) + (b & 63))}]`
        : `mov ← [${address(hw.lines.spa(a) + (b & 63))}]`
    }
    case 'store':
    case 'movnt': {
      const pieces = trace.b.get(step)
      const name = kind === 'store' ? 'mov' : storesPast(hw, a, pieces)
      return `${name} [${at(a)}] ← ${value(recording, a, pieces)}`
    }
    case 'hint':
      return `mov [${at(a)}] ← 1 (flush hint)`
    case 'movdir64b':
      return `movdir64b [${at(a)}] ← 64 bytes`
    case 'lock':
      return `${lockedName(trace.b.get(step))} [${at(a)}]${history.isWrite(a) ? ` ← ${value(recording, a, trace.b.get(step) & 0xff)}` : ''}`
    case 'clwb':
    case 'clflushopt':
    case 'clflush':
      return `${kind} [${at(a)}]`
    case 'sfence':
    case 'mfence':
    case 'lfence':
      return kind
    case 'fence-done':
      return 'fence done'
    default:
      return undefined
  }
}

/** movntdq writes 16, 32 or 64 bytes, movnti at most eight. */
const storesPast = (hw: Hardware, op: number, pieces: number): string =>
  pieces > 1 && hw.history.size(op) === 8 ? 'movntdq' : 'movnti'

/** `b`: of a `lock` step. xchg locks without being told. */
function lockedName(b: number): string {
  const name = LOCKED[b >> 8] ?? ''
  return name === 'xchg' ? name : `lock ${name}`
}

function value(recording: Recording, first: number, pieces: number): string {
  const { history } = recording.machine.hw
  let digits = ''
  for (let op = first + Math.max(1, pieces) - 1; op >= first; op--)
    for (let i = history.size(op) - 1; i >= 0; i--) digits += history.byte(op, i).toString(16).padStart(2, '0')
  return `0x${digits.replace(/^0+(?=.)/, '')}`
}

export function sentence(recording: Recording, step: number): string {
  const { machine } = recording
  const { trace, hw } = machine
  const { history } = hw
  const a = trace.a.get(step)
  const b = trace.b.get(step)
  const thread = recording.threadAt(step)?.name ?? ''
  const core = trace.core.get(step)
  const lineIndex = machine.lineIndexOf(step)
  const line = lineIndex === 0 ? '' : address(hw.lines.spa(lineIndex))
  const code = instruction(recording, step)
  switch (trace.kindOf(step)) {
    case 'load':
      return `${thread} reads ${b >> 8 === 1 ? 'a byte' : `${b >> 8} bytes`}: ${code}.`
    case 'store':
      return `${thread} stores: ${code}. It waits in core ${core}'s store buffer.`
    case 'movnt':
    case 'movdir64b':
      return `${thread} stores past the caches: ${code}. It waits in core ${core}'s store buffer.`
    case 'clwb':
    case 'clflushopt':
    case 'clflush':
      return `${thread} asks for line ${line} to be written back: ${code}. Nothing waits for it yet.`
    case 'lock':
      return `Everything before it has arrived: ${thread} reads and writes at once: ${code}.${lockNote(recording, step)}`
    case 'hint':
      return `${thread} writes to a flush hint: the DIMM is asked to empty its write-pending queue.`
    case 'sfence':
    case 'mfence':
      return `${thread} issues ${code} and waits until everything before it has arrived.`
    case 'lfence':
      return `${thread} executes lfence: loads are ordered, stores and flushes are not.`
    case 'fence-done':
      return `The fence of ${thread || `core ${core}`} is done: what was flushed before it has reached the memory controller.`
    case 'drain':
      return `The store to ${address(hw.lines.spa(lineIndex) + history.offset(a))} leaves the store buffer; line ${line} is dirty in L1 of core ${core}.`
    case 'wc-fill':
      return `The ${history.kind(a)} leaves the store buffer for a write-combining buffer of core ${core}.`
    case 'flush-start':
      return `The ${history.kind(a)} of line ${line} is under way; only a fence waits for it.`
    case 'flush':
      return b === 0
        ? `Line ${line} was clean: there was nothing to write back.`
        : `Line ${line} is accepted by the memory controller's write-pending queue.`
    case 'wc-drain':
      return `${
        recording
          .at(step)
          .wc(core)
          .some((open) => open.line === lineIndex)
          ? 'Part of the'
          : 'The'
      } write-combining buffer of line ${line} goes to the write-pending queue.`
    case 'evict':
      return `Line ${line} leaves L1 of core ${core} for L3.`
    case 'write-back':
      return b === 0
        ? `Line ${line} leaves the caches; it was clean.`
        : `Line ${line} is written back to the write-pending queue.`
    case 'wpq-drain':
      return `Line ${line} leaves the write-pending queue and is on media.`
    case 'call': {
      const fn = trace.functionOf(a)
      return `${thread} calls ${fn.name}()${fn.kind === 'kernel' ? `, ${fn.file}` : ''}.`
    }
    case 'return':
      return `${trace.functionOf(trace.frame.get(step)).name}() returns${returned(recording, a, b)}.`
    case 'log':
      return `The kernel logs: ${(trace.texts[a] ?? '').replace(/^\w+ /, '')}`
    case 'output':
      return `${thread} prints: ${(trace.texts[a] ?? '').trimEnd()}`
    case 'sysfs':
      return `${thread} writes to sysfs: ${trace.texts[a] ?? ''}`
    case 'bio': {
      const [disk, letters, sector, count] = (trace.texts[a] ?? '').split(' ')
      const what = count === '0' ? 'without data' : `of ${count} sectors from ${sector} on`
      const dropped = ' Its queue says "write through": what is asked of flushes goes no further.'
      return `${thread} hands ${disk} a bio (${letters}) ${what}.${b === 1 ? dropped : ''}`
    }
    case 'label': {
      const at = `0x${b.toString(16)}`
      return `The firmware of ${trace.texts[a] ?? 'a DIMM'} stores 8 bytes of its label area at ${at}.`
    }
    case 'thread-start':
      return `${thread} starts on core ${core}.`
    case 'thread-end':
      return `${thread} ends with status ${b}.`
    case 'power-failure':
      return `The power fails. ${DOMAIN[machine.power.power_fail]}${failures(machine.power)}`
    case 'boot':
      return 'Power is back; the machine boots again.'
    case 'end':
      return 'Every thread has finished and the store buffers are empty.'
    case 'stopped':
      return `Stopped: ${machine.problem?.message ?? 'the run was cut off'}.`
  }
}

/** What is special about a locked instruction. */
function lockNote(recording: Recording, step: number): string {
  const { trace, hw } = recording.machine
  const { history } = hw
  const op = trace.a.get(step)
  if (!history.isWrite(op)) return ' The comparison failed: nothing is written.'
  if ((trace.b.get(step) & 0xff) === 1) return ''
  return ` It crosses ${history.line(op) === history.line(op + 1) ? 'eight bytes' : 'a line'}: a split lock.`
}

/** DIMMs whose ADR failed. */
function failures({ power_fail, adr_fails }: PowerConfig): string {
  if (power_fail === 'none' || adr_fails.size === 0) return ''
  const dimms = [...adr_fails].map((dimm) => `NVDIMM ${dimm}`).join(', ')
  return ` The ADR of ${dimms} fails: its queue is lost, a dirty shutdown counted.`
}

function returned(recording: Recording, form: number, word: number): string {
  if (form === RETURNS_NUMBER) return ` ${word}`
  return form === RETURNS_TEXT ? ` ${recording.machine.trace.texts[word] ?? ''}` : ''
}

const DOMAIN = {
  none: 'Only what is on media survives.',
  adr: 'What the write-pending queues hold reaches media; caches and buffers are lost.',
  eadr: 'What the caches and the write-pending queues hold reaches media; store buffers and write-combining buffers are lost.',
} as const
