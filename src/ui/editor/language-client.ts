/** How the editor's parts ask about the text: one worker for all, and no trouble when there is none. */

import type { LanguageAnswers, LanguageQuestion } from '../../protocol/language.ts'
import type { App } from '../../state/app.ts'

export interface LanguageClient {
  /** Undefined when there is no answer to be had. */
  ask<K extends LanguageQuestion['ask']>(
    question: Extract<LanguageQuestion, { ask: K }>,
  ): Promise<LanguageAnswers[K] | undefined>
}

export function languageClient(app: App): LanguageClient {
  let language: ReturnType<App['language']> | undefined
  return {
    ask(question) {
      language ??= app.language()
      const answer = language.then((each) => each.ask(question)).catch(() => undefined)
      return app.pending.during(answer)
    },
  }
}
