/// <reference lib="webworker" />
/** The worker of the editor's questions about a text: it never waits for a recording, and no recording waits for it. */

import { answerLanguage } from '../language/answer.ts'
import type { LanguageReply, LanguageRequest } from '../protocol/language.ts'

declare const self: DedicatedWorkerGlobalScope

self.onmessage = ({ data: { id, question } }: MessageEvent<LanguageRequest>) => {
  let reply: LanguageReply = { id }
  try {
    reply = { id, answer: answerLanguage(question) }
  } finally {
    // What was thrown still reaches the page as the worker's `error` event.
    self.postMessage(reply)
  }
}
