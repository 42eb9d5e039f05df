/** Verdicts as files spell them, and the options that a second verdict may be for. */

import type { LitmusTest, Verdict } from '../../engine/litmus/test.ts'
import { meant, type Problems, quoted } from './problems.ts'
import type { Word } from './tokens.ts'

type Option = LitmusTest['verdicts'][number]['option']

const OPTIONS: Readonly<Record<string, Option>> = {
  word: 'unit=word',
  'unit=word': 'unit=word',
  'nt=fence': 'movnt=fence',
  'movnt=fence': 'movnt=fence',
  'cas=paper': 'cas=paper',
}
const SPELLED = ['word', 'nt=fence', 'cas=paper']

export class Verdicts {
  plain: Verdict | undefined
  readonly #problems: Problems
  readonly #optional: { option: Option; verdict: Verdict }[] = []
  #given = false

  constructor(problems: Problems) {
    this.#problems = problems
  }

  /** Whether the file gives any, right or wrong. */
  get given(): boolean {
    return this.#given
  }

  get optional(): LitmusTest['verdicts'] {
    return this.#optional
  }

  /** `key`: the word before it; `option`: what stands in brackets between them. */
  read(key: Word, option: Word | undefined, value: Word): void {
    this.#given = true
    const found = value.text === '' ? 'nothing' : quoted(value.text)
    const verdict = (['allowed', 'forbidden'] as const).find((word) => word === value.text.toLowerCase())
    if (verdict === undefined) return this.#problems.at(value, `expected \`allowed\` or \`forbidden\`, found ${found}`)
    if (option === undefined) {
      if (this.plain !== undefined) this.#problems.at(key, 'there are two verdicts')
      this.plain = verdict
      return
    }
    const spelled = option.text.replaceAll(/\s/g, '').toLowerCase()
    const known = Object.hasOwn(OPTIONS, spelled) ? OPTIONS[spelled] : undefined
    if (known === undefined) {
      const hint = meant(option.text, SPELLED) ?? `the options are ${SPELLED.join(', ')}`
      return this.#problems.at(option.text === '' ? key : option, `unknown option ${quoted(option.text)}`, hint)
    }
    if (this.#optional.some((other) => other.option === known)) {
      this.#problems.at(key, 'there are two verdicts for this option')
    }
    this.#optional.push({ option: known, verdict })
  }
}
