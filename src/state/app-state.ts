/** Everything the page knows. Plain data: panels read it, actions replace parts of it. */

import type { Diagnostic } from '../base/diagnostic.ts'
import type { Progress } from '../client/engine-client.ts'
import type { Explored } from '../client/explorer.ts'
import type { Comparison } from '../protocol/compare.ts'
import type { DevicesView } from '../protocol/devices.ts'
import type { Frame, LineView, LogLine, LossView, Motion, TimelineView } from '../protocol/frame.ts'
import type { Anchor, Intervention } from '../protocol/interventions.ts'
import type { Model } from '../protocol/litmus.ts'
import type { Summary } from '../protocol/messages.ts'
import type { StorageHop, StorageView } from '../protocol/storage.ts'
import type { SurvivalView } from '../protocol/survival.ts'
import { type BreakpointSetting, type DebugState, type Granularity, initialDebug } from './debug-state.ts'

export type { Explored }

export type Tab = 'outcomes' | 'inspect' | 'failure' | 'devices' | 'dmesg' | 'output' | 'console' | 'compare'
export type Theme = 'system' | 'light' | 'dark'

export interface Settings {
  readonly theme: Theme
  /** Bytes jump instead of travelling, whatever the system says. */
  readonly still: boolean
  /** Single letters and signs act as commands (WCAG 2.1.4: they can be switched off). */
  readonly letterKeys: boolean
  /** What one step of a C program is. */
  readonly granularity: Granularity
}

/** What travels on the board between the last picture and this one. */
interface Transit {
  /** Changes with every move, also with one that has nothing to show. */
  readonly id: number
  readonly motions: readonly Motion[]
  readonly direction: 'forward' | 'back'
}

/** A place to come back to, and what was done there. */
interface Undo {
  readonly interventions: readonly Intervention[]
  readonly returnTo: Anchor | undefined
}

type ShareStatus =
  | { readonly kind: 'none' }
  | { readonly kind: 'ready'; readonly url: string; readonly copied: boolean; readonly warning: string | undefined }
  | { readonly kind: 'refused'; readonly message: string }

/** The exploration of the litmus test on the screen. */
export interface LitmusWork {
  /** What is explored: a text that was recorded. */
  readonly text: string
  readonly model: Model
  /** States after which it is undecided. */
  readonly maxStates: number
  readonly search:
    | { readonly kind: 'running' | 'stopped'; readonly states: number }
    | { readonly kind: 'done' }
    | { readonly kind: 'failed'; readonly message: string }
  /** What was found last: while another search runs, under the model or the text before. */
  readonly found: Explored | undefined
  /** Keys of the outcomes whose end the screen has shown, with this text. */
  readonly seen: readonly string[]
  /** The one that the recording on the screen ended in. */
  readonly ended: string | undefined
}

/** What a recording is compared with. */
export type Baseline =
  /** The release, or the patch of the series, before this one; of `v4.13-COMMIT` v4.13. */
  | { readonly kind: 'before' }
  | { readonly kind: 'release'; readonly release: string }
  /** A scenario of the gallery, by its name. */
  | { readonly kind: 'entry'; readonly name: string }

export interface CompareState {
  readonly with: Baseline
  readonly status:
    | { readonly kind: 'recording' }
    | { readonly kind: 'ready' }
    /** Why there is nothing to compare with. */
    | { readonly kind: 'refused'; readonly message: string }
  /** The other machine, at the same place; `here`: or, where it has no such place, at the last one that both had. */
  readonly other: { readonly name: string; readonly frame: Frame; readonly here: boolean } | undefined
  readonly comparison: Comparison | undefined
  /** Both machines are drawn. */
  readonly beside: boolean
}

export interface Notice {
  readonly kind: 'info' | 'problem'
  readonly message: string
}

export interface AppState {
  /** What the editor holds. */
  readonly text: string
  /** Changes when the text was replaced from outside the editor. */
  readonly textVersion: number
  /** What the gallery calls the litmus test that was opened from it, as text number `textVersion`. */
  readonly opened: { readonly title: string; readonly textVersion: number } | undefined
  /** What the recording on the screen was made from. */
  readonly recordedText: string
  readonly diagnostics: readonly Diagnostic[]

  readonly phase: 'empty' | 'ready'
  readonly recording: { readonly progress: Progress | undefined } | undefined
  readonly summary: Summary | undefined
  readonly notices: readonly Notice[]

  readonly frame: Frame | undefined
  /** Instructions of the thread that acts next since the frame's step: where inside a computation the focus is. */
  readonly tick: number
  /** The line at which that thread stands, where one got by statement or instruction; undefined: the event's. */
  readonly standing: number | undefined
  /** How many instructions there are before the next step, where `tick` is not 0. */
  readonly ticks: number
  /** A stepping command takes its time. */
  readonly searching: boolean
  readonly debug: DebugState
  readonly transit: Transit
  /** Motions that the picture keeps as arrows: those since the statement before. */
  readonly resting: readonly Motion[]
  /** SPA of the line that a person chose; undefined follows the event. */
  readonly pinnedLine: number | undefined
  /** 0…63; undefined follows the newest byte of the line. */
  readonly pinnedByte: number | undefined
  readonly line: LineView | undefined
  /** The byte of `line` whose life it tells. */
  readonly byte: number
  readonly log: readonly LogLine[]
  /** Undefined until somebody looks. */
  readonly devices: DevicesView | undefined
  /** The layers of storage below byte `byte` of `line`; undefined until they are known. */
  readonly storage: StorageView | undefined
  /** Whether a person wants to see them drawn; undefined: where bytes take turns. */
  readonly storageOpen: boolean | undefined
  /** A person asked for them: they have yet to take the keyboard's focus. */
  readonly storageAsked: boolean
  /** What the devices' page is to show and to give the focus. */
  readonly deviceAsked: StorageHop['leads'] | undefined
  /** What a power failure loses: the one that happened, or one that would happen here. */
  readonly loss: LossView | undefined
  /** What may survive by the architecture: at the step of `loss`, or at this one with the stores to `line`. */
  readonly survival: SurvivalView | undefined
  /** Which reading of the architecture a person chose, where it is not the scenario's. */
  readonly model: Partial<SurvivalView['model']>
  /** Undefined while the scenario on the screen is no litmus test. */
  readonly litmus: LitmusWork | undefined
  /** A person asked for the table of outcomes, which has yet to take the keyboard's focus. */
  readonly outcomesAsked: boolean
  /** A person asked for the console by keyboard: its line has yet to take the focus. */
  readonly consoleAsked: boolean
  /** Undefined until somebody compares. */
  readonly compare: CompareState | undefined
  readonly timeline: TimelineView | undefined
  readonly timelineWidth: number
  /** The timeline shows boot and setup too. */
  readonly wholeTimeline: boolean

  readonly breakpoints: readonly BreakpointSetting[]
  /** The breakpoint at which the program has just stopped, by index. */
  readonly stoppedBy: number | undefined
  readonly interventions: readonly Intervention[]
  /** Step of each intervention in this recording, by index; undefined when its place was not found. */
  readonly interventionSteps: readonly (number | undefined)[]
  readonly undo: readonly Undo[]
  /** What was undone, newest last; gone with the next intervention. */
  readonly redo: readonly Undo[]

  readonly playing: boolean
  readonly share: ShareStatus
  readonly settings: Settings
  readonly tab: Tab
  readonly dialog: 'palette' | 'help' | 'share' | 'releases' | undefined
  /** Line of the cursor while the editor has focus. */
  readonly editorLine: number | undefined
  /** Line of the text that a person asked to see; `id` changes with every wish. */
  readonly shownSource: { readonly id: number; readonly line: number } | undefined
  /** What the screen reader hears next; `id` changes when it is to be said. */
  readonly announcement: { readonly id: number; readonly text: string; readonly urgent: boolean }
}

export const initialState = (text: string, settings: Settings): AppState => ({
  text,
  textVersion: 0,
  opened: undefined,
  recordedText: '',
  diagnostics: [],
  phase: 'empty',
  recording: undefined,
  summary: undefined,
  notices: [],
  frame: undefined,
  tick: 0,
  standing: undefined,
  ticks: 0,
  searching: false,
  debug: initialDebug,
  transit: { id: 0, motions: [], direction: 'forward' },
  resting: [],
  pinnedLine: undefined,
  pinnedByte: undefined,
  line: undefined,
  byte: 0,
  log: [],
  devices: undefined,
  storage: undefined,
  storageOpen: undefined,
  storageAsked: false,
  deviceAsked: undefined,
  loss: undefined,
  survival: undefined,
  model: {},
  litmus: undefined,
  outcomesAsked: false,
  consoleAsked: false,
  compare: undefined,
  timeline: undefined,
  timelineWidth: 0,
  wholeTimeline: false,
  breakpoints: [],
  stoppedBy: undefined,
  interventions: [],
  interventionSteps: [],
  undo: [],
  redo: [],
  playing: false,
  share: { kind: 'none' },
  settings,
  tab: 'inspect',
  dialog: undefined,
  editorLine: undefined,
  shownSource: undefined,
  announcement: { id: 0, text: '', urgent: false },
})
