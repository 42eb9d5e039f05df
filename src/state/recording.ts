/**
 * From text and interventions to a recording on the screen. A text that is refused leaves the last good recording
 * where it is; so do a cancel and an engine that breaks.
 */

import type { Anchor, Intervention } from '../protocol/interventions.ts'
import type { Summary } from '../protocol/messages.ts'
import type { Core } from './core.ts'
import type { Details } from './details.ts'
import type { Stepping } from './stepping.ts'

/** Idle time after the last key before an edited text is recorded. */
const EDIT_PAUSE_MS = 400

/** Where the focus goes when the recording is there. */
type Goal =
  | { readonly kind: 'start' }
  /** The place where it is now, in the new recording. */
  | { readonly kind: 'stay' }
  | { readonly kind: 'failure' }
  /** The step of a transition that a person made: the index of the intervention, and where it was made. */
  | { readonly kind: 'taken'; readonly index: number; readonly anchor: Anchor }
  | { readonly kind: 'anchor'; readonly anchor: Anchor | undefined }
  /** Where a person was before, if it is still there. */
  | { readonly kind: 'return'; readonly anchor: Anchor | undefined }

export interface Recorder {
  edit(text: string): void
  /** Replaces text and interventions: a link, or a scenario of the gallery. */
  open(text: string, interventions: readonly Intervention[], focus: Anchor | undefined): Promise<void>
  record(interventions: readonly Intervention[], goal: Goal): Promise<void>
  cancel(): void
}

export function createRecorder(core: Core, stepping: Stepping, details: Details): Recorder {
  let turn = 0
  let forgetEdit: (() => void) | undefined

  const load = async (text: string, interventions: readonly Intervention[], goal: Goal): Promise<void> => {
    const mine = ++turn
    stepping.stopPlaying()
    // While something is recorded every question waits, the one for the place to stay at too.
    if (core.get().recording !== undefined) core.client.cancel()
    const anchor = goal.kind === 'stay' ? await anchorHere(core) : 'anchor' in goal ? goal.anchor : undefined
    if (mine !== turn) return
    core.set({ recording: { progress: undefined } })
    const outcome = await core.client.load(text, interventions, (progress) => {
      if (mine === turn) core.set({ recording: { progress } })
    })
    if (mine !== turn) return
    switch (outcome.kind) {
      case 'recorded': {
        const { summary } = outcome
        core.set({ recording: undefined, summary, recordedText: text, interventions, diagnostics: [] })
        core.set({ interventionSteps: await resolveAll(core, interventions, summary) })
        if (mine !== turn) return
        void details.refreshTimeline()
        await stepping.seek(await destination(core, goal, anchor, summary))
        if (summary.problem !== undefined) core.announce(`The program was stopped: ${summary.problem.message}`, true)
        return
      }
      case 'refused': {
        core.set({ recording: undefined, diagnostics: outcome.diagnostics })
        const count = outcome.diagnostics.length
        core.announce(`${count} error${count === 1 ? '' : 's'} in the scenario.`, true)
        return
      }
      case 'cancelled':
        core.set({ recording: undefined })
        core.notify('info', 'Recording was stopped. The picture shows the last finished recording.')
        return
      case 'failed':
        core.set({ recording: undefined })
        core.notify('problem', `The engine could not record this: ${outcome.message}. Your scenario is kept.`)
        return
    }
  }

  return {
    edit(text) {
      if (text === core.get().text) return
      core.set({ text, share: { kind: 'none' } })
      core.env.address.setFragment('')
      core.env.draft.write(text)
      forgetEdit?.()
      const end = core.pending.begin()
      const forget = core.env.later(() => {
        forgetEdit = undefined
        void core.guarded(() => load(text, core.get().interventions, { kind: 'stay' })).finally(end)
      }, EDIT_PAUSE_MS)
      forgetEdit = () => {
        forget()
        end()
      }
    },
    open(text, interventions, focus) {
      core.env.draft.write(null)
      forgetEdit?.()
      forgetEdit = undefined
      core.set({
        text,
        textVersion: core.get().textVersion + 1,
        interventions,
        interventionSteps: [],
        undo: [],
        redo: [],
        breakpoints: [],
        stoppedBy: undefined,
        debug: { ...core.get().debug, thread: undefined, frame: 0, opened: [], seen: undefined, problem: undefined },
        pinnedLine: undefined,
        pinnedByte: undefined,
        diagnostics: [],
        share: { kind: 'none' },
      })
      const goal: Goal = focus === undefined ? { kind: 'start' } : { kind: 'anchor', anchor: focus }
      return core.guarded(() => load(text, interventions, goal))
    },
    record(interventions, goal) {
      const { text, recordedText, diagnostics } = core.get()
      core.env.address.setFragment('')
      core.set({ share: { kind: 'none' } })
      // A text with errors cannot be recorded: act on what the picture shows.
      const source = diagnostics.length > 0 && recordedText !== '' ? recordedText : text
      return core.guarded(() => load(source, interventions, goal))
    },
    cancel() {
      core.client.cancel()
    },
  }
}

async function anchorHere(core: Core): Promise<Anchor | undefined> {
  const { frame } = core.get()
  if (frame === undefined) return undefined
  return core.client.ask<'anchor'>({ ask: 'anchor', step: frame.step }).catch(() => undefined)
}

async function destination(core: Core, goal: Goal, anchor: Anchor | undefined, summary: Summary): Promise<number> {
  if (goal.kind === 'failure' && summary.failedAt !== undefined) return summary.failedAt
  const taken = goal.kind === 'taken' ? summary.taken[goal.index] : undefined
  if (taken !== undefined) return taken
  if (anchor === undefined) return summary.programStart
  const step = await core.client.ask<'resolve'>({ ask: 'resolve', anchor })
  if (step !== null) return step
  if (goal.kind === 'anchor') {
    core.notify('problem', `The place of the link is not in this recording (${anchorName(anchor)}). This is the start.`)
  }
  return summary.programStart
}

async function resolveAll(
  core: Core,
  interventions: readonly Intervention[],
  summary: Summary,
): Promise<readonly (number | undefined)[]> {
  return Promise.all(
    interventions.map(async ({ at }, index) =>
      summary.unresolved.includes(index)
        ? undefined
        : at === undefined
          ? summary.programStart
          : ((await core.client.ask<'resolve'>({ ask: 'resolve', anchor: at })) ?? undefined),
    ),
  )
}

/** "line 17, 2nd time, thread writer": a place for a person. */
export function anchorName(anchor: Anchor): string {
  if (anchor.kind === 'hardware')
    return `${anchor.transition} of line 0x${anchor.line.toString(16)}, number ${anchor.nth}`
  const [kind, name = ''] = anchor.at.split(':')
  const place = kind === 'line' ? `line ${name}` : kind === 'fn' ? `${name}()` : name
  return `${place}, visit ${anchor.visit}, event ${anchor.event}, thread ${anchor.thread}`
}
