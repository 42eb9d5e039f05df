/** What the exhaustive search says of the litmus test: verdict, model, and every outcome. */

import { largeNumber } from '../../base/large-number.ts'
import type { LitmusView } from '../../protocol/litmus.ts'
import type { Explored, LitmusWork } from '../../state/app-state.ts'
import { ASKED, headline, plural, standing } from '../../state/litmus-words.ts'
import { modelInWords, otherChoices } from '../../state/model-words.ts'
import { useApp, useAppState } from '../app-context.ts'
import { CommandButton } from '../widgets/command-button.tsx'
import { focusRun } from '../widgets/focus-run.ts'
import { ModelChoice } from '../widgets/model-choice.tsx'
import { OutcomeTable } from './outcome-table.tsx'
import './outcomes.css'

export default function OutcomesTab() {
  const test = useAppState((state) => state.summary?.litmus)
  const work = useAppState((state) => state.litmus)
  const wrong = useAppState((state) => state.diagnostics.length)
  if (test === undefined || work === undefined) return <p className="empty">This scenario is no litmus test.</p>
  const { found, search } = work
  const current = search.kind === 'done' && wrong === 0
  return (
    <div className="outcomes">
      {test.shows !== '' && (
        <p className="litmus-shows" title={test.source}>
          {test.shows}
        </p>
      )}
      <Search work={work} />
      {found !== undefined && (
        <div className={current ? 'litmus-found' : 'litmus-found stale'}>
          {wrong > 0 && (
            <p className="litmus-old">
              Of the last good text: the text beside has {plural(wrong, 'mistake')}, and nothing is known of it.
            </p>
          )}
          <Verdict explored={found} test={test} />
          <OtherModel work={work} test={test} />
          <Model work={work} />
          <OutcomeTable explored={found} test={test} />
        </div>
      )}
      {found === undefined && <Model work={work} />}
    </div>
  )
}

/** Chosen for another test, perhaps, and with it another verdict. */
function OtherModel({ work, test }: { readonly work: LitmusWork; readonly test: LitmusView }) {
  const app = useApp()
  const other = otherChoices(work.model, test.model)
  if (other.length === 0) return null
  return (
    <p className="litmus-other">
      <span>
        Under <b>{other.join('; ')}</b>: not the default
      </span>
      <button
        type="button"
        onClick={() => {
          focusRun()
          app.details.chooseModel(test.model)
        }}
      >
        Reset
      </button>
    </p>
  )
}

/** What keeps the table from being there. */
function Search({ work }: { readonly work: LitmusWork }) {
  const { search, maxStates } = work
  const states = (count: number): string => plural(count, 'state')
  switch (search.kind) {
    case 'done':
      return null
    case 'running':
      return (
        <section className="litmus-search" aria-label="Exploration">
          <p>Exploring{search.states > 0 && `: ${states(search.states)} so far`}…</p>
          <progress
            aria-label="States, of those that may be looked at"
            value={search.states === 0 ? undefined : search.states}
            max={maxStates}
          />
          <CommandButton id="explore-stop">Stop</CommandButton>
        </section>
      )
    case 'stopped':
      return (
        <section className="litmus-search" aria-label="Exploration">
          <p>
            <strong>Undecided.</strong> Exploring was stopped after {states(search.states)}.
          </p>
          <CommandButton id="explore-further">Explore again</CommandButton>
        </section>
      )
    case 'failed':
      return (
        <section className="litmus-search" aria-label="Exploration">
          <p>
            <strong>Undecided.</strong> Exploring broke off: {search.message}.
          </p>
          <CommandButton id="explore-further">Explore again</CommandButton>
        </section>
      )
  }
}

const SIGN = { agrees: '✓', differs: '✗', open: '?' } as const

function Verdict({ explored, test }: { readonly explored: Explored; readonly test: LitmusView }) {
  const { states, complete, images, expectedImages, verdict } = explored
  const how = standing(explored)
  return (
    <section className={`litmus-verdict ${how}`} aria-label="Verdict">
      <h3>
        <span aria-hidden="true">{SIGN[how]} </span>
        {headline(explored, test.quantifier)}
      </h3>
      <p className="mono litmus-condition">{test.condition}</p>
      <p className="muted">{ASKED[test.when]}</p>
      <p>
        {images !== undefined && <Images images={images} expected={expectedImages} />}
        {complete && 'all '}
        {plural(states, 'state')} explored
      </p>
      {!complete && (
        <p className="litmus-cut">
          {verdict === 'undecided'
            ? 'The budget ended the search before everything was tried: no verdict.'
            : 'The budget ended the search: there may be more outcomes than these.'}{' '}
          <CommandButton id="explore-further">Explore further</CommandButton>
        </p>
      )}
    </section>
  )
}

function Images({ images, expected }: { readonly images: string; readonly expected: number | undefined }) {
  const differs = expected !== undefined && images !== String(expected)
  return (
    <>
      {largeNumber(images)} image{images === '1' ? '' : 's'}
      {differs && <strong className="differs"> (the file says {expected})</strong>} ·{' '}
    </>
  )
}

function Model({ work }: { readonly work: LitmusWork }) {
  return (
    <details className="litmus-model">
      <summary>Model: {modelInWords(work.model)}</summary>
      <div className="model">
        <ModelChoice model={work.model} />
      </div>
    </details>
  )
}
