/** Explores in a worker that lives as long as the exploration: to cancel is to end it. */

import type { ExploreReply } from '../protocol/litmus.ts'
import type { ExploreOutcome, Explorer } from './explorer.ts'

export const workerExplorer: Explorer = (request, onProgress) => {
  const worker = new Worker(new URL('../worker/explore.ts', import.meta.url), { type: 'module' })
  let end: (outcome: ExploreOutcome) => void = () => {}
  const outcome = new Promise<ExploreOutcome>((resolve) => {
    end = (how) => {
      worker.terminate()
      resolve(how)
    }
  })
  worker.addEventListener('message', ({ data }: MessageEvent<ExploreReply>) => {
    if (data.kind === 'progress') onProgress(data.states)
    else end(data)
  })
  worker.addEventListener('error', (event) => {
    event.preventDefault()
    end({ kind: 'failed', message: event.message || 'the exploration stopped without saying why' })
  })
  worker.addEventListener('messageerror', () => end({ kind: 'failed', message: 'its answer could not be read' }))
  worker.postMessage(request)
  return { outcome, cancel: () => end({ kind: 'cancelled' }) }
}
