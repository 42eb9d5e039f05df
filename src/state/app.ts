/** The page without its pixels: state, and everything a person can do to it. */

import type { StoreApi } from 'zustand/vanilla'
import type { AppState, Settings } from './app-state.ts'
import { createCore } from './core.ts'
import { createDetails, type Details } from './details.ts'
import type { Environment, TextFile } from './environment.ts'
import { createLitmusGate, type LitmusGate } from './litmus-gate.ts'
import type { Pending } from './pending.ts'
import { createPower, type Power } from './power.ts'
import { createRecorder, type Recorder } from './recording.ts'
import { writeSettings } from './settings.ts'
import { createSharing, type Sharing } from './sharing.ts'
import { createStepping, type Stepping } from './stepping.ts'

/** No reader takes more. */
const MOST_BYTES = 2_000_000

export interface GalleryEntry {
  readonly name: string
  readonly title: string
  readonly kind: 'scenario' | 'litmus'
  text(): Promise<string>
}

export interface App {
  readonly store: StoreApi<AppState>
  readonly pending: Pending
  readonly gallery: readonly GalleryEntry[]
  readonly stepping: Stepping
  readonly details: Details
  readonly recorder: Recorder
  readonly power: Power
  readonly sharing: Sharing
  readonly litmus: LitmusGate
  start(): Promise<void>
  openEntry(entry: GalleryEntry): Promise<void>
  /** A file, in place of the scenario: one that was dropped, or else one that the person chooses. */
  openFile(dropped?: TextFile): Promise<void>
  /** Shows the table of outcomes and gives it the keyboard's focus. */
  askForOutcomes(): void
  outcomesFocused(): void
  toggleBreakpoint(line: number): void
  changeSettings(part: Partial<Settings>): void
  openDialog(dialog: AppState['dialog']): void
  dismiss(message: string): void
  setEditorLine(line: number | undefined): void
  /** Brings a line of the text into view. */
  showLine(line: number): void
  announce(text: string): void
}

export function createApp(env: Environment, defaultText: string, gallery: readonly GalleryEntry[]): App {
  const core = createCore(env, defaultText)
  const details = createDetails(core)
  const stepping = createStepping(core, details)
  const recorder = createRecorder(core, stepping, details)
  const power = createPower(core, recorder, details)
  const sharing = createSharing(core, recorder)
  return {
    store: core.store,
    pending: core.pending,
    gallery,
    stepping,
    details,
    recorder,
    power,
    sharing,
    litmus: createLitmusGate(core),
    openEntry: ({ text, title, kind }) =>
      core.pending.during(
        text().then((all) => {
          const opened = recorder.open(all, [], undefined)
          core.set({ opened: kind === 'litmus' ? { title, textVersion: core.get().textVersion } : undefined })
          return opened
        }),
      ),
    async openFile(dropped) {
      const file = dropped ?? (await env.pickFile())
      if (file === undefined) return
      if (file.size > MOST_BYTES) {
        core.notify('problem', `${file.name} is too large: a scenario has at most ${MOST_BYTES / 1e6} MB.`)
        return
      }
      await core.pending.during(file.text().then((text) => recorder.open(text, [], undefined)))
    },
    askForOutcomes() {
      details.showTab('outcomes')
      core.set({ outcomesAsked: true })
    },
    outcomesFocused() {
      core.set({ outcomesAsked: false })
    },
    async start() {
      const draft = env.draft.read()
      if (await sharing.open()) return
      const opened = recorder.open(draft ?? core.get().text, [], undefined)
      env.draft.write(draft)
      await opened
    },
    toggleBreakpoint(line) {
      const { breakpoints } = core.get()
      const on = !breakpoints.includes(line)
      core.set({
        breakpoints: on ? [...breakpoints, line].sort((a, b) => a - b) : breakpoints.filter((old) => old !== line),
      })
      core.announce(`Breakpoint ${on ? 'set' : 'removed'} at line ${line}.`)
    },
    changeSettings(part) {
      const settings = { ...core.get().settings, ...part }
      core.set({ settings })
      writeSettings(env.storage, settings)
    },
    openDialog(dialog) {
      stepping.stopPlaying()
      core.set({ dialog })
    },
    dismiss(message) {
      core.set({ notices: core.get().notices.filter((notice) => notice.message !== message) })
    },
    setEditorLine(line) {
      core.set({ editorLine: line })
    },
    showLine(line) {
      core.set({ shownSource: { id: (core.get().shownSource?.id ?? 0) + 1, line } })
    },
    announce: (text) => core.announce(text),
  }
}
