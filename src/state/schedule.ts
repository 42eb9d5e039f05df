/** The schedule that a recording of a litmus test follows: the witness of an outcome. */

import type { AppState } from './app-state.ts'

export const scheduleOf = ({ interventions }: Pick<AppState, 'interventions'>): string | undefined =>
  interventions.find((each) => each.kind === 'schedule')?.choices

/** The schedule on the screen is the witness that was chosen: nobody has done anything besides. */
export const followsSchedule = ({ interventions }: Pick<AppState, 'interventions'>): boolean =>
  interventions.every((each) => each.kind === 'schedule')
