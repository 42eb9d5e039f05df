/** The page without its pixels: state, and everything a person can do to it. */

import type { StoreApi } from 'zustand/vanilla'
import type { AppState, Settings } from './app-state.ts'
import { type Breakpoints, createBreakpoints } from './breakpoints.ts'
import type { Compare } from './compare.ts'
import { createCore } from './core.ts'
import { createDebugging, type Debugging } from './debugging.ts'
import { createDetails, type Details } from './details.ts'
import type { Environment } from './environment.ts'
import type { Files } from './files.ts'
import { createLitmusGate, type LitmusGate } from './litmus-gate.ts'
import type { Pending } from './pending.ts'
import { createPower, type Power } from './power.ts'
import { createRecorder, type Recorder } from './recording.ts'
import type { Releases } from './releases.ts'
import { writeSettings } from './settings.ts'
import { createSharing, type Sharing } from './sharing.ts'
import { createStepping, type Stepping } from './stepping.ts'

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
  readonly debugging: Debugging
  readonly breakpoints: Breakpoints
  readonly power: Power
  readonly sharing: Sharing
  readonly litmus: LitmusGate
  readonly language: Environment['language']
  start(): Promise<void>
  openEntry(entry: GalleryEntry): Promise<void>
  /** Files of the person's: opened, saved, added. */
  files(run: (files: Files) => Promise<void>): Promise<void>
  /** Shows the table of outcomes and gives it the keyboard's focus. */
  askForOutcomes(): void
  /** Shows the console; the line for the next command takes the keyboard's focus. */
  askForConsole(): void
  consoleFocused(): void
  /** Shows the layers of storage below the selected byte, and gives them the keyboard's focus. */
  askForStorage(): void
  storageFocused(): void
  showStorage(open: boolean): void
  deviceShown(): void
  outcomesFocused(): void
  /** The kernel's release, seen and chosen. */
  releases<T>(run: (releases: Releases) => T | Promise<T>): Promise<T>
  /** Another release or scenario beside this one. */
  compare<T>(run: (compare: Compare) => T | Promise<T>): Promise<T>
  /** Draws both of two machines that are compared, or one. */
  showBoth(beside: boolean): void
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
  const debugging = createDebugging(core)
  const stepping = createStepping(core, details, debugging)
  const recorder = createRecorder(core, stepping, details)
  const power = createPower(core, recorder, details)
  const sharing = createSharing(core, recorder, stepping)
  let files: Promise<Files> | undefined
  let releases: Promise<Releases> | undefined
  let compare: Promise<Compare> | undefined
  return {
    store: core.store,
    pending: core.pending,
    gallery,
    stepping,
    details,
    recorder,
    debugging,
    breakpoints: createBreakpoints(core, debugging),
    power,
    sharing,
    litmus: createLitmusGate(core),
    language: env.language,
    openEntry: ({ text, title, kind }) =>
      core.pending.during(
        text().then((all) => {
          const opened = recorder.open(all, [], undefined)
          core.set({ opened: kind === 'litmus' ? { title, textVersion: core.get().textVersion } : undefined })
          return opened
        }),
      ),
    async files(run) {
      files ??= import('./files.ts').then(({ createFiles }) => createFiles(core, recorder))
      try {
        await run(await core.pending.during(files))
      } catch (reason) {
        core.notify('problem', `That could not be done with your files: ${reason}`)
      }
    },
    async releases(run) {
      releases ??= import('./releases.ts').then(({ createReleases }) => createReleases(core, recorder))
      return await run(await core.pending.during(releases))
    },
    async compare(run) {
      compare ??= import('./compare.ts').then(({ createCompare }) => createCompare(core, gallery))
      return await run(await core.pending.during(compare))
    },
    showBoth(beside) {
      const { compare: comparing } = core.get()
      if (comparing !== undefined) core.set({ compare: { ...comparing, beside } })
    },
    askForOutcomes() {
      details.showTab('outcomes')
      core.set({ outcomesAsked: true })
    },
    askForConsole() {
      details.showTab('console')
      core.set({ consoleAsked: true })
    },
    askForStorage() {
      details.showTab('inspect')
      core.set({ storageOpen: true, storageAsked: true })
    },
    storageFocused() {
      core.set({ storageAsked: false })
    },
    showStorage(open) {
      core.set({ storageOpen: open })
    },
    deviceShown() {
      core.set({ deviceAsked: undefined })
    },
    consoleFocused() {
      core.set({ consoleAsked: false })
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
