/** The schedule that a recording of a litmus test follows: the witness of an outcome. */

import type { AppState } from './app-state.ts'

export const scheduleOf = ({ interventions }: Pick<AppState, 'interventions'>): string | undefined =>
  interventions.find((each) => each.kind === 'schedule')?.choices
