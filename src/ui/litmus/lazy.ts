/** The panels of litmus tests, fetched with the first test. */

import { lazy } from 'react'

const panel = () => import('./litmus-panel.tsx')
const tab = () => import('./outcomes-tab.tsx')

export const LitmusPanel = lazy(panel)
export const OutcomesTab = lazy(tab)

export const loadLitmus = (): Promise<unknown> => Promise.all([panel(), tab()])
