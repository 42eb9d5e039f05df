/** Which kernel the scenario runs on, what that one has of all that differs between releases, and a choice of another. */

import { useEffect, useState } from 'react'
import type { FeatureView, ReleasesView } from '../../protocol/releases.ts'
import { useApp, useAppState } from '../app-context.ts'
import { Modal } from '../widgets/modal.tsx'

const SURE = { read: 'known from its source', inferred: 'inferred', recalled: 'known from memory' } as const

export function ReleasesDialog({ onClose }: { readonly onClose: () => void }) {
  const app = useApp()
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
  const release = summary?.release ?? ''
  const known = view?.releases ?? [release]
  return (
    <Modal title="Kernel releases" onClose={onClose}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section className="dialog-body" aria-label="Releases" tabIndex={0}>
        <p className="release-choice">
          <label>
            <span>Kernel</span>
            <select
              data-first
              value={release}
              onChange={({ target: { value } }) => void app.releases((releases) => releases.choose(value))}
            >
              {!known.includes(release) && <option value={release}>{release}</option>}
              {known.map((name) => (
                <option key={name} value={name}>
                  {name.replace(/^(.*)\+series:(\d+)$/, '$1 with patches 1 to $2')}
                </option>
              ))}
            </select>
          </label>{' '}
          <span className="muted" role="status">
            {recording ? 'recording …' : 'It is the line “kernel:” of the scenario.'}
          </span>
        </p>
        <p>
          The kernel here has what differs between releases as single features. One can be taken away or added by its
          commit: <code>v4.13-273752c9ff03</code>, <code>v4.12+0aed55af8834</code>. Patches are those of the series
          “pmem: stop abusing __copy_user_nocache(), and other reworks” of June 2017, on top of v4.12.
        </p>
        {view === undefined ? (
          <p className="muted">reading the table …</p>
        ) : (
          <Features features={view.features} release={release} />
        )}
      </section>
    </Modal>
  )
}

function Features({ features, release }: { readonly features: readonly FeatureView[]; readonly release: string }) {
  return (
    <table className="release-table">
      <caption className="visually-hidden">What {release} has of what differs between releases</caption>
      <tbody>
        {features.map(({ name, what, commit, since, series, sure, needs, on }) => (
          <tr key={name} className={on ? '' : 'absent'}>
            <td>
              <b>{on ? '✓' : '–'}</b> {on ? 'yes' : 'no'}
            </td>
            <td>
              {what}
              <br />
              <span className="muted">
                {since ?? 'never merged'}
                {series !== undefined && `, patch ${series}`} · {commit !== undefined && <code>{commit}</code>}
                {commit !== undefined && ' · '}
                {SURE[sure]} · <code>{name}</code>
                {needs !== undefined && `, builds on ${needs.join(', ')}`}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
