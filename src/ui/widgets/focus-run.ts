/** Gives the keyboard back to the run: where nothing takes keys itself, all of them act on it. */

export const focusRun = (): void => document.getElementById('board')?.focus({ preventScroll: true })
