/** What a power failure may lose by the architecture, whatever this run did; and under which reading of it. */

import { largeNumber } from '../../base/large-number.ts'
import type { SurvivalView } from '../../protocol/survival.ts'
import { useApp, useAppState } from '../app-context.ts'
import { MOST_RANGES, More, Place, Source } from './range-parts.tsx'

type Model = SurvivalView['model']

/** Where the sources differ (persistency.md §6): what a choice is about, and each choice in words. */
const CHOICES = [
  { key: 'unit', label: 'persists as one', options: { line: 'a line (64 B)', word: 'a word (8 B)' } },
  { key: 'movnt', label: 'movnt durable', options: { visible: 'when visible', fence: 'at the next fence' } },
  { key: 'cas', label: 'failed cas', options: { sdm: 'fences', paper: 'is a plain load' } },
] as const

const inWords = ({ unit, movnt, cas }: Model): string =>
  `${unit} snapshots; movnt durable ${movnt === 'visible' ? 'when visible' : 'at the next fence'}; ` +
  (cas === 'sdm' ? 'failed cas fences' : 'failed cas is a plain load')

export function MayBeLost({ step }: { readonly step: number }) {
  const survival = useAppState((state) => state.survival)
  const here = survival?.step === step ? survival : undefined
  return (
    <section aria-label="May be lost">
      <h3 className="heading">May be lost, by the architecture</h3>
      <p className="muted explains">
        The same instructions and the same values loaded, but stores, flushes and evictions happen whenever the hardware
        likes.
      </p>
      {here === undefined ? <p className="empty">Working it out…</p> : <Possible survival={here} />}
      {survival !== undefined && <ModelChoice model={survival.model} />}
    </section>
  )
}

function Possible({ survival }: { readonly survival: SurvivalView }) {
  const { images, mayLose, mayLoseBytes } = survival
  return (
    <>
      <dl className="facts">
        <dt>bytes</dt>
        <dd className="mono">
          {images === undefined && 'at most '}
          {mayLoseBytes.toLocaleString('en')}
        </dd>
        <dt>images</dt>
        <dd>
          {images === undefined ? (
            'undecided: too many cases to try'
          ) : (
            <>
              <span className="mono">{largeNumber(images)}</span> possible
            </>
          )}
        </dd>
      </dl>
      {mayLose.length === 0 ? (
        <p className="empty">No byte: whatever was stored must survive.</p>
      ) : (
        <ul className="ranges" aria-label="Bytes that may be lost">
          {mayLose.slice(0, MOST_RANGES).map((range) => (
            <li className="range may" key={range.spa}>
              <div className="range-head">
                <Place range={range} />
                <span className="muted">{range.length} B</span>
              </div>
              <Source range={range} />
            </li>
          ))}
        </ul>
      )}
      <More count={mayLose.length - MOST_RANGES} />
    </>
  )
}

function ModelChoice({ model }: { readonly model: Model }) {
  const app = useApp()
  return (
    <fieldset className="model">
      <legend>Model: {inWords(model)}</legend>
      {CHOICES.map(({ key, label, options }) => (
        <label key={key}>
          <span>{label}</span>
          <select value={model[key]} onChange={(event) => app.details.chooseModel({ [key]: event.target.value })}>
            {Object.entries(options).map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </label>
      ))}
    </fieldset>
  )
}
