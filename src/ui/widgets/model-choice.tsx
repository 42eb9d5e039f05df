/** Where the sources differ (persistency.md §6): what a choice is about, and each choice in words. */

import type { SurvivalView } from '../../protocol/survival.ts'
import { useApp } from '../app-context.ts'

type Model = SurvivalView['model']

const CHOICES = [
  { key: 'unit', label: 'persists as one', options: { line: 'a line (64 B)', word: 'a word (8 B)' } },
  { key: 'movnt', label: 'movnt durable', options: { visible: 'when visible', fence: 'at the next fence' } },
  { key: 'cas', label: 'failed cas', options: { sdm: 'fences', paper: 'is a plain load' } },
] as const

export const modelInWords = ({ unit, movnt, cas }: Model): string =>
  `${unit} snapshots; movnt durable ${movnt === 'visible' ? 'when visible' : 'at the next fence'}; ` +
  (cas === 'sdm' ? 'failed cas fences' : 'failed cas is a plain load')

/** The choice holds for everything on the page that asks what the architecture allows. */
export function ModelChoice({ model }: { readonly model: Model }) {
  const app = useApp()
  return CHOICES.map(({ key, label, options }) => (
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
  ))
}
