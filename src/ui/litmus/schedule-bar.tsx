/** That a witness is being played, of which outcome, how far it came, what a person did besides, and the way back. */

import type { ReactNode } from 'react'
import type { Intervention } from '../../protocol/interventions.ts'
import type { LitmusView } from '../../protocol/litmus.ts'
import { outcomeText } from '../../state/outcome.ts'
import { scheduleOf } from '../../state/schedule.ts'
import { namesOf } from '../../views/address.ts'
import { useApp, useAppState } from '../app-context.ts'
import { movement } from '../inspector/movement.ts'
import { CommandButton } from '../widgets/command-button.tsx'
import { focusRun } from '../widgets/focus-run.ts'

export function ScheduleBar({ test }: { readonly test: LitmusView }) {
  const schedule = useAppState(scheduleOf)
  const outcomes = useAppState((state) => state.litmus?.found?.outcomes)
  const interventions = useAppState((state) => state.interventions)
  if (schedule === undefined) return null
  const outcome = outcomes?.find(({ witness }) => witness === schedule)
  const values = outcome && outcomeText(outcome.values)
  const { choices = 0, stuck } = test.schedule ?? {}
  const last = interventions.findLastIndex(({ kind }) => kind !== 'schedule')
  const mine = interventions[last]
  const stops = stuck !== undefined && (
    <>
      choice {stuck.choice + 1} of {choices}, <code>{stuck.text}</code>: {stuck.reason}.
    </>
  )
  if (mine !== undefined) {
    return (
      <Bar off action={<TakeBack index={last} />}>
        Off the witness{values !== undefined && <b className="mono"> {values}</b>}: {said(mine, test)}.{' '}
        {stops !== false && mine.kind !== 'power-failure' && <>The witness cannot go on at {stops}</>}
      </Bar>
    )
  }
  if (stops !== false) return <Bar off>The schedule stops at {stops}</Bar>
  return (
    <Bar title={values}>
      ▶ Witness{values !== undefined && <b className="mono"> {values}</b>}
      <span className="muted"> · {choices === 1 ? '1 choice' : `${choices} choices`}</span>
    </Bar>
  )
}

interface BarProps {
  /** What the screen shows is not the witness. */
  readonly off?: boolean
  readonly title?: string | undefined
  readonly action?: ReactNode
  readonly children: ReactNode
}

const Bar = ({ off = false, title, action, children }: BarProps) => (
  <section className={off ? 'litmus-schedule off' : 'litmus-schedule'} aria-label="Witness">
    <p title={title}>{children}</p>
    <div className="litmus-ways">
      {action}
      <CommandButton id="free-run">Leave the witness</CommandButton>
    </div>
  </section>
)

function said(mine: Intervention, { locations }: LitmusView): string {
  if (mine.kind === 'power-failure') return 'you cut the power, and what survived is not its outcome'
  const { onLine } = namesOf(locations)
  return mine.kind === 'transition' ? `you made a move (${movement(mine.transition, onLine)})` : ''
}

/** Undoes what was done last; in the middle of others it is taken out. */
function TakeBack({ index }: { readonly index: number }) {
  const app = useApp()
  return (
    <button
      type="button"
      onClick={() => {
        const { undo, interventions } = app.store.getState()
        const before = undo.at(-1)?.interventions
        const lastDone =
          before?.length === interventions.length - 1 && before.every((each) => interventions.includes(each))
        focusRun()
        void (lastDone ? app.power.undo() : app.power.remove(index))
      }}
    >
      Undo
    </button>
  )
}
