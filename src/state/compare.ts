/**
 * Another recording beside the one on the screen, in a worker of its own: the same text under another release, or another
 * scenario. Wherever the focus goes, it goes to the same place. Fetched when somebody compares.
 */

import { err, ok, type Result } from '../base/result.ts'
import type { EngineClient } from '../client/engine-client.ts'
import type { Intervention } from '../protocol/interventions.ts'
import { rewriteScenario } from '../scenario/rewrite.ts'
import type { GalleryEntry } from './app.ts'
import type { Baseline, CompareState } from './app-state.ts'
import type { Core } from './core.ts'
import { Latest } from './latest.ts'

export interface Compare {
  /** With the release before this one, unless something is compared already. */
  begin(): void
  with(baseline: Baseline): void
  end(): void
}

interface Loaded {
  readonly text: string
  readonly interventions: readonly Intervention[]
  readonly name: string
  /** Where it stands: the last place that both recordings had. */
  step: number
}

export function createCompare(core: Core, gallery: readonly GalleryEntry[]): Compare {
  const jobs = new Latest()
  let other: EngineClient | undefined
  let loaded: Loaded | undefined

  const set = (part: Partial<CompareState>): void => {
    const { compare } = core.get()
    if (compare !== undefined) core.set({ compare: { ...compare, ...part } })
  }
  const refuse = (message: string): void => {
    set({ status: { kind: 'refused', message }, other: undefined, comparison: undefined })
  }

  const baselineText = async (baseline: Baseline): Promise<Result<string, string>> => {
    const { recordedText, summary } = core.get()
    if (baseline.kind === 'entry') {
      const entry = gallery.find(({ name }) => name === baseline.name)
      return entry === undefined ? err(`There is no scenario ${baseline.name}.`) : ok(await entry.text())
    }
    const release = baseline.kind === 'release' ? baseline.release : await releaseBefore(core, summary?.release ?? '')
    if (release === undefined) return err(`${summary?.release} is the oldest release that there is.`)
    const changed = rewriteScenario(recordedText, [{ path: 'kernel', value: release, spelled: `kernel ${release}` }])
    return changed.ok ? changed : err(`The release can not be changed: ${changed.error[0]?.message}.`)
  }

  /** False: it cannot be recorded, which has been said. */
  const load = async (client: EngineClient, text: string, interventions: readonly Intervention[]): Promise<boolean> => {
    if (loaded?.text === text && loaded.interventions === interventions) return true
    loaded = undefined
    set({ status: { kind: 'recording' } })
    const outcome = await client.load(text, interventions, () => {})
    if (outcome.kind === 'recorded') {
      const { title, release, programStart } = outcome.summary
      const name = title === core.get().summary?.title ? release : `${title} (${release})`
      loaded = { text, interventions, name, step: programStart }
      return true
    }
    if (outcome.kind === 'refused') refuse(`It is refused: ${outcome.diagnostics[0]?.message}.`)
    if (outcome.kind === 'failed') refuse(`The engine could not record it: ${outcome.message}.`)
    return false
  }

  const work = async (): Promise<void> => {
    const { compare, frame, summary, interventions, recording } = core.get()
    if (compare === undefined || frame === undefined || summary === undefined || recording !== undefined) return
    if (summary.litmus !== undefined) return refuse('A litmus test is not compared: its outcomes are all there are.')
    const text = await baselineText(compare.with)
    if (!text.ok) return refuse(text.error)
    other ??= core.env.connect(() => {
      loaded = undefined
    })
    // What a person did in this program is nothing that can be done in another one.
    const done = compare.with.kind === 'entry' ? NOTHING : interventions
    if (!(await load(other, text.value, done)) || loaded === undefined) return
    const { step } = frame
    const place = await other.ask<'resolve'>({
      ask: 'resolve',
      anchor: await core.client.ask<'anchor'>({ ask: 'anchor', step }),
    })
    if (place !== null) loaded.step = place
    const facts = await other.ask<'facts'>({ ask: 'facts', step: place })
    const there = await other.ask<'frame'>({ ask: 'frame', step: loaded.step, since: loaded.step })
    const comparison = await core.client.ask<'compare'>({ ask: 'compare', step, with: facts })
    if (core.get().compare?.with !== compare.with || core.get().summary !== summary) return
    set({
      status: { kind: 'ready' },
      other: { name: loaded.name, frame: there, here: place !== null },
      comparison,
    })
  }

  const refresh = (): void => void core.guarded(() => jobs.run(work))
  core.store.subscribe((now, before) => {
    if (now.compare === undefined) return
    const moved = now.frame !== before.frame || now.summary !== before.summary || now.recording !== before.recording
    if (moved || now.compare.with !== before.compare?.with) refresh()
  })

  const withBaseline = (baseline: Baseline): void => {
    const { compare } = core.get()
    core.set({
      compare: {
        status: { kind: 'recording' },
        other: undefined,
        comparison: undefined,
        beside: compare?.beside ?? false,
        with: baseline,
      },
    })
  }

  return {
    begin() {
      if (core.get().compare === undefined) withBaseline({ kind: 'before' })
    },
    with: withBaseline,
    end() {
      core.set({ compare: undefined })
      other?.dispose()
      other = undefined
      loaded = undefined
    },
  }
}

const NOTHING: readonly Intervention[] = []

/** Of `v4.13-273752c9ff03` v4.13; undefined: there is none. */
async function releaseBefore(core: Core, release: string): Promise<string | undefined> {
  const { releases } = await core.client.ask<'releases'>({ ask: 'releases' })
  const at = releases.indexOf(release)
  if (at > 0) return releases[at - 1]
  if (at === 0) return undefined
  return releases.findLast((each) => release.startsWith(each))
}
