/**
 * A schedule: what happens in a litmus test, choice by choice, instead of policy and round-robin. Words, separated by
 * spaces; names of threads and locations, so that a schedule survives edits of the test.
 *
 * | word | what happens |
 * | --- | --- |
 * | `P0` | the thread executes its next instruction; stores, flushes and sfence enter its store buffer |
 * | `drain:P0:x` | the oldest store or movnt to x that may leaves the store buffer: for L1, or a write-combining buffer |
 * | `begin-flush:P0:x` | the clwb or clflushopt of x's line leaves the store buffer and is under way |
 * | `flush:P0:x` | a flush of x's line does its work: one under way, else one that the store buffer lets go |
 * | `wc-drain:P0:x`, `wc-cell:P0:x` | the write-combining buffer of x's line is handed over: all of it, the cell of x |
 * | `fence:P0` | the sfence at the head of the store buffer is done |
 * | `evict:P0:x` | x's line, modified, leaves the L1 for L3 |
 * | `write-back:x` | x's line, dirty, leaves the caches for the memory controller |
 * | `wpq-drain:x` | x's line leaves the write-pending queue for media |
 * | `power-off` | the power fails; nothing comes after it |
 */

import { err, ok, type Result } from '../../base/result.ts'

const OF_THREAD_AND_PLACE = ['drain', 'begin-flush', 'flush', 'wc-drain', 'wc-cell', 'evict'] as const
const OF_PLACE = ['write-back', 'wpq-drain'] as const

export type Choice =
  | { readonly kind: 'execute'; readonly thread: number }
  | { readonly kind: 'fence'; readonly thread: number }
  | { readonly kind: (typeof OF_THREAD_AND_PLACE)[number]; readonly thread: number; readonly place: string }
  | { readonly kind: (typeof OF_PLACE)[number]; readonly place: string }
  | { readonly kind: 'power-off' }

export function printChoice(choice: Choice): string {
  switch (choice.kind) {
    case 'execute':
      return `P${choice.thread}`
    case 'fence':
      return `fence:P${choice.thread}`
    case 'power-off':
      return choice.kind
    case 'write-back':
    case 'wpq-drain':
      return `${choice.kind}:${choice.place}`
    default:
      return `${choice.kind}:P${choice.thread}:${choice.place}`
  }
}

const member = <T extends string>(words: readonly T[], word: string): T | undefined =>
  words.find((each) => each === word)

/** The words of a schedule; what is between them does not matter. */
export const wordsOf = (choices: string): readonly string[] => choices.split(/\s+/).filter((word) => word !== '')

const threadOf = (word: string | undefined): number | undefined => {
  const number = /^P(\d{1,3})$/.exec(word ?? '')?.[1]
  return number === undefined ? undefined : Number(number)
}

export function readChoice(word: string): Result<Choice, string> {
  const [kind = '', ...operands] = word.split(':')
  const [first, second] = operands
  const thread = threadOf(first)
  const executes = threadOf(word)
  if (executes !== undefined) return ok({ kind: 'execute', thread: executes })
  if (kind === 'power-off' && operands.length === 0) return ok({ kind })
  if (kind === 'fence' && operands.length === 1 && thread !== undefined) return ok({ kind, thread })
  const ofPlace = member(OF_PLACE, kind)
  if (ofPlace !== undefined && operands.length === 1 && first) return ok({ kind: ofPlace, place: first })
  const ofBoth = member(OF_THREAD_AND_PLACE, kind)
  if (ofBoth !== undefined && operands.length === 2 && thread !== undefined && second)
    return ok({ kind: ofBoth, thread, place: second })
  return err(`\`${word}\` is no choice of a schedule`)
}
