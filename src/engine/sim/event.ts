/** What can be seen to happen: the kinds of steps, and what their two operands mean. */

/**
 * Order is part of the recording's format. Operands a, b:
 *
 * | kind | a | b |
 * | --- | --- | --- |
 * | load | line | offset, size << 8 |
 * | store, movnt, movdir64b | first operation | number of pieces |
 * | lock | first operation (of kind `locked`, or `locked-load` when a comparison failed) | number of pieces, index in `LOCKED` << 8 |
 * | clwb, clflushopt, clflush, hint | operation | |
 * | sfence, mfence, lfence, fence-done | operation (0: none) | |
 * | drain | operation | version made |
 * | wc-fill, flush-start | operation | |
 * | flush | line | version written back, 0 if the line was clean |
 * | wc-drain, evict, write-back, wpq-drain | line | version that moved |
 * | call | frame | |
 * | return | form of the result | the result, or the index of its text |
 * | log, output, sysfs | index of the text | |
 * | label | index of the DIMM's name | offset in its label area |
 * | bio | index of disk, letters, sector, sectors | 1: PREFLUSH and FUA go no further |
 * | thread-start, thread-end | thread | exit status |
 * | power-failure, boot, end, stopped | | |
 *
 * A fence-done that no thread makes is of an sfence that has let its thread go on: it speaks of what is older than its
 * own operation, not of what the thread has issued since. A wc-drain may be of part of a buffer: what became visible is
 * what its version has and the one before has not.
 */
export const EVENT_KINDS = [
  'load',
  'store',
  'movnt',
  'clwb',
  'clflushopt',
  'clflush',
  'sfence',
  'mfence',
  'lfence',
  'fence-done',
  'hint',
  'movdir64b',
  'lock',
  'drain',
  'wc-fill',
  'flush-start',
  'flush',
  'wc-drain',
  'evict',
  'write-back',
  'wpq-drain',
  'call',
  'return',
  'log',
  'output',
  'sysfs',
  'thread-start',
  'thread-end',
  'power-failure',
  'boot',
  'end',
  'stopped',
  'label',
  'bio',
] as const

export type EventKind = (typeof EVENT_KINDS)[number]

const codes = new Map<EventKind, number>(EVENT_KINDS.map((kind, code) => [kind, code]))

export const eventCode = (kind: EventKind): number => codes.get(kind) as number
