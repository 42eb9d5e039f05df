/** What a debugger shows of the C program at a place of the recording: threads, frames, variables, values. */

import type { StackFrame } from './frame.ts'

/** A step, and so many ticks (instructions that are no step) of the thread that acts next. */
export interface Place {
  readonly step: number
  readonly tick: number
}

/** Stepping by statement of the program; `continue`: to a breakpoint. */
export type StatementVerb = 'over' | 'into' | 'out' | 'continue'

/** Where `continue` stops. */
export interface Breakpoint {
  /** A line of the program, or a function of program, library or kernel by name. */
  readonly at: { readonly kind: 'line'; readonly line: number } | { readonly kind: 'function'; readonly name: string }
  /** A C expression in the scope of the frame that comes to it; it stops where that is not zero. */
  readonly condition?: string
  /** Stops from this visit on, counted since the program began; 1 if not said. Visits without the condition don't count. */
  readonly hits?: number
}

/** Where a command leads. */
export interface Stop extends Place {
  /** The breakpoint that stopped it, by number. */
  readonly breakpoint?: number
}

export interface PlaceView extends Place {
  /** Whose place it is: of who made the step, if that is a C thread and goes on; else of who acts next. */
  readonly thread?: string
  /** The last tick here of who acts next: 0 where there is none. */
  readonly ticks: number
  /** Line at which that thread stands. */
  readonly line: number
}

/** Where a value is. */
export type ValuePlace =
  | { readonly kind: 'register' }
  | {
      readonly kind: 'memory'
      readonly va: number
      readonly spa?: number
      /** Of a mapped file. */
      readonly file?: string
      readonly offset?: number
      /** Of an NVDIMM. */
      readonly dimm?: number
      readonly dpa?: number
    }

export interface ValueView {
  readonly name: string
  readonly type: string
  /** As a debugger prints it. */
  readonly text: string
  /** Undefined: it is a value, and nowhere. */
  readonly at?: ValuePlace
  /** Of a pointer: what it points to. */
  readonly to?: ValuePlace
  /** Members, elements or what a pointer points to: how many there are, asked for by `path`. */
  readonly parts: number
  /** The parts, where they were asked for. */
  readonly children?: readonly ValueView[]
}

export interface CFrameView {
  readonly function: string
  readonly line: number
  readonly locals: readonly ValueView[]
}

export interface CThreadView {
  readonly thread: number
  readonly name: string
  /** It runs library or kernel code, called from its innermost frame. */
  readonly calls: boolean
  /** Why nothing is known of it here. */
  readonly note?: string
  /** Its calls of the program's functions, innermost first. */
  readonly frames: readonly CFrameView[]
  /** All of its calls, those of library and kernel too, innermost first. */
  readonly stack: readonly StackFrame[]
}

/** What an expression comes to. */
export type EvaluatedView =
  | { readonly kind: 'value'; readonly value: ValueView }
  /** Why there is none; `column`: of the expression, from 1. */
  | { readonly kind: 'error'; readonly message: string; readonly column: number }
