/** Where the sources differ (persistency.md §6): what a choice is about, and each choice in words. */

import type { SurvivalView } from '../../protocol/survival.ts'
import { CHOICES } from '../../state/model-words.ts'
import { useApp } from '../app-context.ts'

type Model = SurvivalView['model']

/** The choice holds for everything on the page that asks what the architecture allows. */
export function ModelChoice({ model }: { readonly model: Model }) {
  const app = useApp()
  return (Object.keys(CHOICES) as readonly (keyof Model)[]).map((key) => (
    <label key={key}>
      <span>{CHOICES[key].label}</span>
      <select value={model[key]} onChange={(event) => app.details.chooseModel({ [key]: event.target.value })}>
        {Object.entries(CHOICES[key].options).map(([value, { text, file }]) => (
          <option key={value} value={value}>
            {text}
            {file !== undefined && ` · ${file}`}
          </option>
        ))}
      </select>
    </label>
  ))
}
