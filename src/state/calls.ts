/**
 * Who called whom at the focus. At a step the recording knows; inside computation, the debugger. A call that both know
 * leads to its step and to its variables.
 */

import type { Frame } from '../protocol/frame.ts'
import type { AppState } from './app-state.ts'
import { seenHere } from './debug-state.ts'

interface CallRow {
  readonly function: string
  readonly kind: Frame['stack'][number]['kind']
  /** "program:12". */
  readonly where: string
  /** Line of the program; undefined: it is elsewhere. */
  readonly line?: number
  /** Step of the call; undefined: no step is recorded of it. */
  readonly step?: number
  /** Number of its variables' frame, 0 the innermost; undefined: its variables are not known. */
  readonly frame?: number
}

interface Calls {
  readonly thread?: string
  /** Innermost first. */
  readonly rows: readonly CallRow[]
}

type Looked = Pick<AppState, 'debug' | 'frame' | 'tick' | 'standing'>

export function callsAt(state: Looked): Calls {
  const { frame, tick, standing, debug } = state
  if (frame === undefined) return { rows: [] }
  // Until the debugger has answered, what it said last: buttons that come and go with every step would flicker.
  const isFresh = seenHere(state) !== undefined
  const seen = debug.seen
  const shown = seen?.threads[seen.thread]
  const acts = frame.event.thread
  const isOfEvent = shown !== undefined && shown.name === acts

  if (tick > 0 && seen !== undefined) {
    const thread = seen.threads.find(({ name }) => name === seen.place.thread)
    if (thread === undefined) return { rows: [] }
    let outer = 0
    const rows = thread.stack.map(({ function: name, kind, file, line, step }): CallRow => {
      return {
        function: name,
        kind,
        where: line === undefined ? file : `${file}:${line}`,
        ...(line === undefined ? {} : { line }),
        step,
        ...(kind === 'program' && thread === shown ? { frame: outer++ } : {}),
      }
    })
    return { thread: thread.name, rows }
  }
  const programs = frame.stack.filter(({ kind }) => kind === 'program')
  const frames = isOfEvent ? matched(programs, shown.frames) : undefined
  const rows = frame.stack.map((call, depth): CallRow => {
    const known = frames?.get(programs.indexOf(call))
    // Of a caller the debugger knows from where it calls; of the innermost, what comes after the event.
    const line = isFresh && known !== undefined && (depth > 0 || standing !== undefined) ? known.line : call.line
    return {
      function: call.function,
      kind: call.kind,
      where: line === undefined ? call.file : `${call.file}:${line}`,
      ...(call.kind === 'program' && line !== undefined ? { line } : {}),
      step: call.step,
      ...(known === undefined || shown === undefined ? {} : { frame: shown.frames.indexOf(known) }),
    }
  })
  return { ...(acts === undefined ? {} : { thread: acts }), rows }
}

/** Of each of `these` (innermost first) the one among `those` that is the same call: the same from the outermost on. */
function matched<T extends { readonly function: string }>(
  these: readonly { readonly function: string }[],
  those: readonly T[],
): ReadonlyMap<number, T> {
  const found = new Map<number, T>()
  for (let depth = 1; depth <= Math.min(these.length, those.length); depth++) {
    const that = those[those.length - depth]
    if (that === undefined || these[these.length - depth]?.function !== that.function) break
    found.set(these.length - depth, that)
  }
  return found
}

/** Lines of the program from which the one that acts was called, and its own. */
export const callerLines = (state: Looked): readonly number[] =>
  callsAt(state).rows.flatMap(({ line }) => (line === undefined ? [] : [line]))
