/** The releases as a scale: v4.12, the patches of the series one by one, and what came after. Moving it records anew. */

import { useEffect, useState } from 'react'
import type { ReleasesView } from '../../protocol/releases.ts'
import { useApp } from '../app-context.ts'

interface Props {
  readonly view: ReleasesView
  readonly release: string
  readonly recording: boolean
}

const patchOf = (release: string): number | undefined => {
  const [, patch] = /\+series:(\d+)$/.exec(release) ?? []
  return patch === undefined ? undefined : Number(patch)
}

export function SeriesSlider({ view: { releases, features }, release, recording }: Props) {
  const app = useApp()
  // A release with commits added or taken away stands where the one without stands.
  const here = Math.max(
    0,
    releases.includes(release) ? releases.indexOf(release) : releases.findLastIndex((each) => release.startsWith(each)),
  )
  const [wanted, setWanted] = useState(here)
  useEffect(() => setWanted(here), [here])
  const shown = releases[wanted] ?? release
  const patch = patchOf(shown)
  const brought = features.filter(({ series, since }) =>
    patch !== undefined ? series === patch : since === shown && series === undefined,
  )
  const name = patch === undefined ? shown : `v4.12 with patches 1 to ${patch}`
  return (
    <section className="series" aria-label="Kernel">
      <h3 className="heading">
        Kernel <b>{name}</b>
        {recording && <span className="muted"> · recording …</span>}
      </h3>
      <div className="series-scale">
        <input
          type="range"
          aria-label="Kernel release"
          aria-valuetext={name}
          min={0}
          max={releases.length - 1}
          value={wanted}
          onChange={({ target }) => {
            const index = Number(target.value)
            setWanted(index)
            const chosen = releases[index]
            if (chosen !== undefined) void app.releases((each) => each.choose(chosen))
          }}
        />
        <div className="series-ticks" aria-hidden="true">
          {releases.map((each, index) => (
            <span key={each} className={index === wanted ? 'now' : undefined}>
              {tickOf(each, index, releases.length - 1)}
            </span>
          ))}
        </div>
      </div>
      <ul className="series-brought">
        {brought.length === 0 && (
          <li className="muted">{patch === undefined ? 'The oldest.' : 'Nothing that shows.'}</li>
        )}
        {brought.map(({ name: feature, what, commit }) => (
          <li key={feature}>
            {what}
            {commit !== undefined && <code className="muted"> {commit}</code>}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Not every release has room for its name; beside the first and the last there is none for a sign. */
function tickOf(release: string, index: number, last: number): string {
  if (index === 0 || index === last) return release
  const patch = patchOf(release)
  if (patch === 5 || patch === 10 || patch === 14) return String(patch)
  return index < 3 || index > last - 3 ? '' : '·'
}
