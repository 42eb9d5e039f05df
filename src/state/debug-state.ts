/** What the page knows of the C program at the focus, and what a person wants to see of it. Plain data. */

import type { Breakpoint, CThreadView, EvaluatedView, Place, PlaceView, ValueView } from '../protocol/debug.ts'
import type { AppState } from './app-state.ts'

export type Granularity = 'event' | 'statement' | 'instruction'
/** `stack`: where there is no room for it beside the others. */
export type DebugTab = 'stack' | 'locals' | 'watches' | 'breakpoints'

export interface BreakpointSetting extends Breakpoint {
  readonly enabled: boolean
  /** Why its condition could not be told when it was last asked. */
  readonly problem?: string
}

/** What a value is the value of: a local of a frame (0: the outermost, so that calls leave it alone), a global, a watch. */
export type Root =
  | { readonly kind: 'local'; readonly frame: number; readonly function: string; readonly name: string }
  | { readonly kind: 'global'; readonly name: string }
  | { readonly kind: 'watch'; readonly text: string }

/** A value whose parts are shown: which part of which part of it. */
export interface Opened {
  readonly root: Root
  readonly path: readonly number[]
  /** Of a long array: how many times more parts were asked for. */
  readonly more?: number
}

export const keyOf = ({ root, path }: Pick<Opened, 'root' | 'path'>): string => {
  const of =
    root.kind === 'local'
      ? `${root.frame} ${root.function} ${root.name}`
      : root.kind === 'global'
        ? root.name
        : root.text.trim()
  return `${root.kind} ${of}/${path.join('/')}`
}

/** What the debugger said of one place. */
export interface Seen {
  readonly at: Place
  readonly place: PlaceView
  readonly threads: readonly CThreadView[]
  /** Index in `threads` of the one that is shown. */
  readonly thread: number
  readonly globals: readonly ValueView[]
  /** Of each watch, by its text. */
  readonly watches: ReadonlyMap<string, EvaluatedView>
  /** Of each opened value, by `keyOf`. */
  readonly parts: ReadonlyMap<string, readonly ValueView[]>
  /** Every value that is shown, by `keyOf`. */
  readonly texts: ReadonlyMap<string, string>
  /** Those that were another at the place before. */
  readonly changed: ReadonlySet<string>
}

export interface DebugState {
  readonly tab: DebugTab
  /** A thread that a person chose, by its number in the recording; undefined follows the event. */
  readonly thread: number | undefined
  /** 0: the innermost. */
  readonly frame: number
  readonly globals: boolean
  readonly opened: readonly Opened[]
  readonly watches: readonly string[]
  readonly seen: Seen | undefined
  /** What is new takes its time. */
  readonly waiting: boolean
  /** Why nothing is known. */
  readonly problem: string | undefined
  /** A field that a person asked for, which has yet to take the keyboard's focus: a new watch's, a breakpoint's. */
  readonly asked: 'watch' | BreakpointSetting['at'] | undefined
}

/** What the debugger said of the place on the screen. */
export const seenHere = ({ debug, frame, tick }: Pick<AppState, 'debug' | 'frame' | 'tick'>): Seen | undefined =>
  debug.seen?.at.step === frame?.step && debug.seen?.at.tick === tick ? debug.seen : undefined

export const initialDebug: DebugState = {
  tab: 'locals',
  thread: undefined,
  frame: 0,
  globals: false,
  opened: [],
  watches: [],
  seen: undefined,
  waiting: false,
  problem: undefined,
  asked: undefined,
}
