/**
 * The messages between the page and its worker. Everything is plain data and copied; nothing is transferred.
 *
 * The page sends `Request`s, each with an id that its reply repeats. While recording, the worker pushes `progress`
 * (at most one an animation frame, as long as it has credits) and, at the end, one of `recorded` or `refused`.
 * A second `load` or a `cancel` ends the recording under way: the worker looks for messages every 8 ms.
 */

import type { Diagnostic } from '../base/diagnostic.ts'
import type { Model } from '../engine/explore/model.ts'
import type { StepVerb } from '../engine/sim/targets.ts'
import type { Comparison, RunFacts } from './compare.ts'
import type {
  Breakpoint,
  CThreadView,
  EvaluatedView,
  Place,
  PlaceView,
  StatementVerb,
  Stop,
  ValueView,
} from './debug.ts'
import type { ByteName, DevicesView, TranslationView } from './devices.ts'
import type { Frame, LineView, LogLine, LossView, TimelineView } from './frame.ts'
import type { Anchor, CommandOutcome, Intervention } from './interventions.ts'
import type { LitmusView } from './litmus.ts'
import type { ReleasesView } from './releases.ts'
import type { StorageView } from './storage.ts'
import type { SurvivalView } from './survival.ts'

export type { StepVerb }

export type Direction = 'forward' | 'back'

export type Question =
  /** The screen at `step`, with the motions of the steps after `since`. */
  | { readonly ask: 'frame'; readonly step: number; readonly since: number }
  /** Where a stepping command leads. `breakpoints`: program lines; `line`: the selected line for 'line-event'. */
  | {
      readonly ask: 'target'
      readonly from: number
      readonly verb: StepVerb
      readonly direction: Direction
      readonly breakpoints: readonly number[]
      readonly line?: number
    }
  /** `byte`: 0…63, the byte whose life is told. */
  | { readonly ask: 'line'; readonly step: number; readonly line: number; readonly byte: number }
  | { readonly ask: 'loss'; readonly step: number }
  /** What may survive by the architecture; `line`: one whose stores are told one by one. */
  | { readonly ask: 'survival'; readonly step: number; readonly model: Partial<Model>; readonly line?: number }
  | { readonly ask: 'timeline'; readonly from: number; readonly to: number; readonly width: number }
  | { readonly ask: 'log'; readonly step: number }
  /** What the recording is compared by; `step`: the place of a power failure, null where there is no such place. */
  | { readonly ask: 'facts'; readonly step: number | null }
  /** The recording beside another. */
  | { readonly ask: 'compare'; readonly step: number; readonly with: RunFacts }
  /** What the recording's release has, and what others have. */
  | { readonly ask: 'releases' }
  | { readonly ask: 'devices'; readonly step: number }
  | { readonly ask: 'translate'; readonly step: number; readonly name: ByteName }
  /** The layers of storage that a byte passes. */
  | { readonly ask: 'storage'; readonly step: number; readonly name: ByteName }
  | { readonly ask: 'anchor'; readonly step: number }
  | { readonly ask: 'resolve'; readonly anchor: Anchor }
  | DebugQuestion

/** What is asked of the C threads at a place: a step, and so many ticks of the thread that acts next. */
export type DebugQuestion = Place &
  (
    | { readonly ask: 'place' }
    /** The place one instruction on. */
    | { readonly ask: 'instruction'; readonly direction: Direction }
    /** Where a stepping command of the program leads. */
    | {
        readonly ask: 'statement'
        readonly verb: StatementVerb
        readonly direction: Direction
        readonly breakpoints: readonly Breakpoint[]
      }
    | { readonly ask: 'locals' }
    | { readonly ask: 'globals'; readonly thread: number }
    /** A local of a frame (0: the innermost) or a global, opened: which part of which part, and its parts from `from` on. */
    | {
        readonly ask: 'value'
        readonly thread: number
        readonly frame: number
        readonly name: string
        readonly path: readonly number[]
        readonly from: number
      }
    /** A C expression in the scope of a frame (0: the innermost; without a frame, of the globals), and parts of its value. */
    | {
        readonly ask: 'evaluate'
        readonly thread: number
        readonly frame: number
        readonly text: string
        readonly path: readonly number[]
        readonly from: number
      }
  )

export interface DebugAnswers {
  readonly place: PlaceView
  readonly instruction: Place | null
  /** Of a condition that cannot be evaluated: why. */
  readonly statement: Stop | null | { readonly message: string; readonly breakpoint: number }
  readonly locals: readonly CThreadView[]
  readonly globals: readonly ValueView[]
  readonly value: ValueView | null
  readonly evaluate: EvaluatedView
}

/** The answer to each question, by its `ask`. */
export interface Answers extends DebugAnswers {
  readonly frame: Frame
  readonly target: number | null
  readonly line: LineView
  readonly loss: LossView
  readonly survival: SurvivalView
  readonly timeline: TimelineView
  readonly log: readonly LogLine[]
  readonly facts: RunFacts
  readonly compare: Comparison
  readonly releases: ReleasesView
  readonly devices: DevicesView
  readonly translate: TranslationView
  readonly storage: StorageView
  readonly anchor: Anchor
  readonly resolve: number | null
}

export type Request =
  | {
      readonly kind: 'load'
      readonly id: number
      readonly text: string
      readonly interventions: readonly Intervention[]
      /** `progress` messages that may be sent before the page grants more. */
      readonly credits: number
    }
  | { readonly kind: 'credit'; readonly credits: number }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  /** The answer is not wanted any more. */
  | { readonly kind: 'abandon'; readonly id: number }

export interface RecoverOutcome {
  /** What `recover()` returned; absent when it did not finish. */
  readonly status?: number
  readonly broken: boolean
  readonly output: string
  /** Why it is broken, in words: "recover() returned 1", "assertion `…' failed at line 40". */
  readonly message: string
}

/** What the page knows of a finished recording. */
export interface Summary {
  readonly title: string
  readonly release: string
  readonly steps: number
  readonly ticks: number
  /** First step of the program; everything before is boot and setup. */
  readonly programStart: number
  /** Every thread has finished and store buffers have drained (or the power failed, or the budget ended it). */
  readonly end: number
  readonly threads: readonly { readonly name: string; readonly core: number }[]
  readonly cores: number
  readonly storage: string
  readonly domain: 'none' | 'adr' | 'eadr'
  readonly hash: string
  /** Step of the power failure, when an intervention cut the power. */
  readonly failedAt?: number
  readonly recover?: RecoverOutcome
  /** The program was cut off, trapped, deadlocked …: what happened, and at which line. */
  readonly problem?: { readonly message: string; readonly line: number }
  /** What is legal in the text and most likely not meant; absent when there is nothing. */
  readonly warnings?: readonly Diagnostic[]
  /** What the test is, when the scenario is a litmus test. */
  readonly litmus?: LitmusView
  /** Interventions whose place was not found in this recording (of a schedule: a choice of it), by index. */
  readonly unresolved: readonly number[]
  /** Step at which each transition that a person made was taken, by the intervention's index. */
  readonly taken: Readonly<Record<number, number>>
  /** What came of each command that a person typed, by the intervention's index; absent when nobody did. */
  readonly commands?: Readonly<Record<number, CommandOutcome>>
  /** Who picks among what hardware may do. */
  readonly policy: 'lazy' | 'eager' | 'random' | 'person'
}

export type Push =
  | { readonly kind: 'progress'; readonly id: number; readonly steps: number; readonly ticks: number }
  | { readonly kind: 'recorded'; readonly id: number; readonly summary: Summary }
  | { readonly kind: 'refused'; readonly id: number; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'cancelled'; readonly id: number }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answers[keyof Answers] }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
