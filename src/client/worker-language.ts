/** Answers in a worker of its own, started with the first question and again after it broke. */

import type { LanguageQuestion, LanguageReply, LanguageRequest } from '../protocol/language.ts'
import type { Language } from './language.ts'

export function workerLanguage(): Language {
  let worker: Worker | undefined
  let last = 0
  const waiting = new Map<number, (answer: never) => void>()
  const stop = (): void => {
    worker?.terminate()
    worker = undefined
    for (const tell of waiting.values()) tell(undefined as never)
    waiting.clear()
  }
  const start = (): Worker => {
    const started = new Worker(new URL('../worker/language.ts', import.meta.url), { type: 'module' })
    started.addEventListener('message', ({ data }: MessageEvent<LanguageReply>) => {
      waiting.get(data.id)?.(data.answer as never)
      waiting.delete(data.id)
    })
    started.addEventListener('error', (event) => {
      event.preventDefault()
      if (worker === started) stop()
    })
    return started
  }
  return {
    ask(question: LanguageQuestion) {
      worker ??= start()
      const request: LanguageRequest = { id: ++last, question }
      const asked = worker
      return new Promise((resolve) => {
        waiting.set(request.id, resolve)
        asked.postMessage(request)
      })
    },
  }
}
