/** What the editor asks about a text, wherever it is answered. */

import type { LanguageAnswers, LanguageQuestion } from '../protocol/language.ts'

export interface Language {
  /** Never rejects; undefined when there is no answer to be had. */
  ask<K extends LanguageQuestion['ask']>(
    question: Extract<LanguageQuestion, { ask: K }>,
  ): Promise<LanguageAnswers[K] | undefined>
}
