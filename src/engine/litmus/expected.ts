/** What a litmus file says the verdict is. */

import type { Model } from '../explore/model.ts'
import type { LitmusTest, Verdict } from './test.ts'

/** Under a model: the verdict of the option that is chosen, else the plain one; undefined when the file says nothing. */
export function expectedUnder(test: LitmusTest, model: Model): Verdict | undefined {
  const chosen = test.verdicts.filter(({ option }) => {
    const [key, value] = option.split('=')
    return model[key as keyof Model] === value
  })
  const [first] = chosen
  if (first === undefined) return test.verdict
  // Two options at once, and the file disagrees with itself about what then holds.
  return chosen.every(({ verdict }) => verdict === first.verdict) ? first.verdict : undefined
}
