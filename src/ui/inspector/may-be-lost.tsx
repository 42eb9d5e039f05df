/** What a power failure may lose by the architecture, whatever this run did; and under which reading of it. */

import { largeNumber } from '../../base/large-number.ts'
import type { SurvivalView } from '../../protocol/survival.ts'
import { modelInWords } from '../../state/model-words.ts'
import { useAppState } from '../app-context.ts'
import { ModelChoice } from '../widgets/model-choice.tsx'
import { MOST_RANGES, More, Place, Source } from './range-parts.tsx'

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
      {survival !== undefined && (
        <fieldset className="model">
          <legend>Model: {modelInWords(survival.model)}</legend>
          <ModelChoice model={survival.model} />
        </fieldset>
      )}
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
            <li className="range may" key={`${range.spa} ${range.file} ${range.offset} ${range.block}`}>
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
