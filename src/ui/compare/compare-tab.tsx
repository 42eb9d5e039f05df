/** The kernel's release as a slider, what this recording is compared with, and what differs. */

import { useEffect, useState } from 'react'
import type { ReleasesView } from '../../protocol/releases.ts'
import type { Baseline, CompareState } from '../../state/app-state.ts'
import { useApp, useAppState } from '../app-context.ts'
import { ComparisonTable } from './comparison-table.tsx'
import { SeriesSlider } from './series-slider.tsx'
import './compare.css'

export function CompareTab() {
  const app = useApp()
  const compare = useAppState((state) => state.compare)
  const summary = useAppState((state) => state.summary)
  const recording = useAppState((state) => state.recording !== undefined)
  const [view, setView] = useState<ReleasesView>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: every recording has its own answer
  useEffect(() => {
    let stale = false
    void app
      .releases((releases) => releases.view())
      .then((answer) => {
        if (!stale && answer !== undefined) setView(answer)
      })
    return () => {
      stale = true
    }
  }, [app, summary])
  // Who comes here by the tab itself compares too.
  useEffect(() => {
    void app.compare((each) => each.begin())
  }, [app])
  if (summary === undefined || compare === undefined) return <p className="empty">Nothing is recorded yet.</p>
  return (
    <>
      {view !== undefined && <SeriesSlider view={view} release={summary.release} recording={recording} />}
      <With compare={compare} releases={view?.releases ?? []} />
      <Result compare={compare} />
    </>
  )
}

/** A baseline as the value of an option, and back. */
const optionOf = (baseline: Baseline): string =>
  baseline.kind === 'before'
    ? 'before'
    : `${baseline.kind} ${baseline.kind === 'entry' ? baseline.name : baseline.release}`

function baselineOf(value: string): Baseline {
  const [kind, name] = [value.slice(0, value.indexOf(' ')), value.slice(value.indexOf(' ') + 1)]
  if (kind === 'entry') return { kind, name }
  return kind === 'release' ? { kind, release: name } : { kind: 'before' }
}

function With({ compare, releases }: { readonly compare: CompareState; readonly releases: readonly string[] }) {
  const app = useApp()
  const scenarios = app.gallery.filter(({ kind }) => kind === 'scenario')
  return (
    <div className="compare-with">
      <label>
        <span>Compared with</span>
        <select
          value={optionOf(compare.with)}
          onChange={({ target: { value } }) => void app.compare((each) => each.with(baselineOf(value)))}
        >
          <option value="before">the release before this one</option>
          <optgroup label="The same scenario on another kernel">
            {releases.map((release) => (
              <option key={release} value={optionOf({ kind: 'release', release })}>
                {release}
              </option>
            ))}
          </optgroup>
          <optgroup label="Another scenario">
            {scenarios.map(({ name, title }) => (
              <option key={name} value={optionOf({ kind: 'entry', name })}>
                {title}
              </option>
            ))}
          </optgroup>
        </select>
      </label>
      <label className="compare-both">
        <input type="checkbox" checked={compare.beside} onChange={({ target }) => app.showBoth(target.checked)} /> Draw
        both machines
      </label>
      <button
        type="button"
        className="quiet"
        onClick={() => {
          app.details.showTab('inspect')
          void app.compare((each) => each.end())
        }}
      >
        Stop comparing
      </button>
    </div>
  )
}

function Result({ compare: { status, comparison, other } }: { readonly compare: CompareState }) {
  if (status.kind === 'refused') return <p className="empty">{status.message}</p>
  if (comparison === undefined) return <p className="empty">Recording the other one …</p>
  return (
    <>
      <p className="compare-state" role="status">
        {status.kind === 'recording'
          ? 'Recording the other one …'
          : comparison.same
            ? 'The same recording, step by step.'
            : other?.here === false
              ? 'The other one has no such place: it stands at the last place that both have.'
              : 'Both stand at the same place.'}
      </p>
      <ComparisonTable comparison={comparison} />
    </>
  )
}
