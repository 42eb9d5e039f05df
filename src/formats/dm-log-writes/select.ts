/** Which entries of a log, by the options of replay-log. Source: josefbacik/log-writes (replay-log.c). */

import { err, ok, type Result } from '../../base/result.ts'
import { FLUSH, FUA, type Log, type LogEntry, markOf } from './log.ts'

export interface Selection {
  readonly startEntry?: number | undefined
  readonly startMark?: string | undefined
  readonly endMark?: string | undefined
  readonly nextFlush?: boolean
  readonly nextFua?: boolean
  /** How many at most; 0: all. */
  readonly limit?: number | undefined
}

export interface Selected {
  /** The first entry, and the one behind the last. */
  readonly from: number
  readonly to: number
  /** The last is there because it was asked for, not because the log ends. */
  readonly found: boolean
}

/** With a mark to stop at nothing else stops it, but for the limit. */
function shouldStop(entry: LogEntry, { endMark, nextFlush, nextFua }: Selection): boolean {
  const { flags } = entry
  if (endMark !== undefined) return markOf(entry) === endMark
  return (nextFlush === true && (flags & FLUSH) !== 0n) || (nextFua === true && (flags & FUA) !== 0n)
}

/** The error is what replay-log says. */
export function selectEntries({ entries }: Log, selection: Selection): Result<Selected, string> {
  const { startEntry = 0, startMark, limit = 0 } = selection
  let from = startEntry
  if (startMark !== undefined) {
    from = entries.findIndex((entry) => markOf(entry) === startMark) + 1
    if (from === 0) return err("Couldn't find starting mark")
  } else if (startEntry >= entries.length) return err('Invalid entry number')
  for (let at = from; at < entries.length; at++)
    if (at - from + 1 === limit || shouldStop(entries[at] as LogEntry, selection))
      return ok({ from, to: at + 1, found: true })
  return ok({ from, to: entries.length, found: false })
}
