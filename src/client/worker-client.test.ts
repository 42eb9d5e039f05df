import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Push, Request, Summary } from '../protocol/messages.ts'
import { EngineError } from './engine-client.ts'
import { WorkerClient } from './worker-client.ts'

const summary = { title: 'a recording' } as Summary
const workers: StubWorker[] = []

/** Records texts at once, dies of "poison", never answers "deaf". */
class StubWorker extends EventTarget {
  readonly heard: Request[] = []
  terminated = false

  constructor() {
    super()
    workers.push(this)
  }

  postMessage(request: Request): void {
    this.heard.push(request)
    if (request.kind === 'load' && request.text === 'poison') queueMicrotask(() => this.die('it was poisoned'))
    else if (request.kind === 'load' && request.text !== 'deaf') this.say({ kind: 'recorded', id: request.id, summary })
    else if (request.kind === 'ask' && request.question.ask === 'loss') queueMicrotask(() => this.die('a bad question'))
    else if (request.kind === 'ask') this.say({ kind: 'answer', id: request.id, answer: 42 })
  }

  terminate(): void {
    this.terminated = true
  }

  die(message: string): void {
    this.dispatchEvent(Object.assign(new Event('error'), { message }))
  }

  private say(data: Push): void {
    queueMicrotask(() => this.dispatchEvent(Object.assign(new Event('message'), { data })))
  }
}

beforeEach(() => {
  workers.length = 0
  vi.stubGlobal('Worker', StubWorker)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const target = { ask: 'target', from: 0, verb: 'over', direction: 'forward', breakpoints: [] } as const
const quiet = (): void => {}

test('a worker that dies of a question is replaced and has recorded the same again', async () => {
  const reasons: string[] = []
  const client = new WorkerClient((reason) => reasons.push(reason))
  await client.load('good', [], quiet)
  await expect(client.ask<'loss'>({ ask: 'loss', step: 3 })).rejects.toThrow(EngineError)
  expect(await client.ask<'target'>(target)).toBe(42)
  expect(reasons).toEqual(['a bad question'])
  expect(workers.map(({ terminated }) => terminated)).toEqual([true, false])
  expect(workers[1]?.heard[0]).toMatchObject({ kind: 'load', text: 'good' })
})

test('a text that kills the worker is not tried again; the recording before it comes back', async () => {
  const client = new WorkerClient(quiet)
  await client.load('good', [], quiet)
  expect(await client.load('poison', [], quiet)).toEqual({ kind: 'failed', message: 'it was poisoned' })
  expect(await client.ask<'target'>(target)).toBe(42)
  expect(workers[1]?.heard.flatMap((one) => (one.kind === 'load' ? [one.text] : []))).toEqual(['good'])
})

test('a worker that does not hear “cancel” is ended after a second', async () => {
  vi.useFakeTimers()
  const client = new WorkerClient(quiet)
  const load = client.load('deaf', [], quiet)
  await vi.advanceTimersByTimeAsync(0)
  client.cancel()
  await vi.advanceTimersByTimeAsync(999)
  expect(workers[0]?.terminated).toBe(false)
  await vi.advanceTimersByTimeAsync(2)
  expect(workers[0]?.terminated).toBe(true)
  expect(await load).toEqual({ kind: 'cancelled' })
})
