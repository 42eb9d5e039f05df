/** What the editor asks about a text, answered. */

import { looksLikeLitmus } from '../formats/litmus/looks-like.ts'
import type { LanguageAnswers, LanguageQuestion } from '../protocol/language.ts'
import { completeC, explainC } from './c.ts'
import { completeFront, explainFront } from './front.ts'
import { recordsOf } from './records.ts'
import { sourceOf } from './source.ts'

export function answerLanguage(question: LanguageQuestion): LanguageAnswers[LanguageQuestion['ask']] {
  const { text } = question
  if (looksLikeLitmus(text)) return question.ask === 'records' ? [] : null
  if (question.ask === 'records') return recordsOf(text)
  const { at } = question
  const source = sourceOf(text)
  const { yaml } = source
  if (yaml !== undefined && at < source.programOffset) {
    if (at < yaml.from || at > yaml.to) return null
    return (question.ask === 'complete' ? completeFront : explainFront)(text, yaml.from, at)
  }
  return (question.ask === 'complete' ? completeC : explainC)(source, at)
}
