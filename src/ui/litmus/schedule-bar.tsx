/** That a witness is being played, of which outcome, how far it came, and the way back. */

import type { LitmusView } from '../../protocol/litmus.ts'
import { outcomeText } from '../../state/outcome.ts'
import { scheduleOf } from '../../state/schedule.ts'
import { useAppState } from '../app-context.ts'
import { CommandButton } from '../widgets/command-button.tsx'

export function ScheduleBar({ test }: { readonly test: LitmusView }) {
  const schedule = useAppState(scheduleOf)
  const outcomes = useAppState((state) => state.litmus?.found?.outcomes)
  if (schedule === undefined) return null
  const outcome = outcomes?.find(({ witness }) => witness === schedule)
  const { choices = 0, stuck } = test.schedule ?? {}
  return (
    <section className={stuck === undefined ? 'litmus-schedule' : 'litmus-schedule stuck'} aria-label="Witness">
      <p title={outcome && outcomeText(outcome.values)}>
        {stuck === undefined ? (
          <>
            ▶ Witness{outcome !== undefined && <b className="mono"> {outcomeText(outcome.values)}</b>}
            <span className="muted"> · {choices === 1 ? '1 choice' : `${choices} choices`}</span>
          </>
        ) : (
          <>
            The schedule stops at choice {stuck.choice + 1} of {choices}, <code>{stuck.text}</code>: {stuck.reason}.
          </>
        )}
      </p>
      <CommandButton id="free-run">free run</CommandButton>
    </section>
  )
}
