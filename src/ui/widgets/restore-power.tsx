/** The way back from a power failure: the person's own is taken back, a witness that cut the power is left. */

import { useAppState } from '../app-context.ts'
import { CommandButton } from './command-button.tsx'

export function RestorePower() {
  const mine = useAppState((state) => state.interventions.some(({ kind }) => kind === 'power-failure'))
  return mine ? (
    <CommandButton id="restore">Restore power</CommandButton>
  ) : (
    <CommandButton id="free-run">Leave the witness</CommandButton>
  )
}
