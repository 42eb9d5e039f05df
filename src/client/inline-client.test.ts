/** The client's promises, kept by the real engine in this thread. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Intervention } from '../protocol/interventions.ts'
import type { Summary } from '../protocol/messages.ts'
import { EngineError } from './engine-client.ts'
import { InlineClient } from './inline-client.ts'

const scenario = readFileSync(new URL('../scenarios/flag-before-record.pmem', import.meta.url), 'utf8')
const quiet = (): void => {}

async function record(client: InlineClient, interventions: readonly Intervention[] = []): Promise<Summary> {
  const outcome = await client.load(scenario, interventions, quiet)
  if (outcome.kind !== 'recorded') throw new Error(JSON.stringify(outcome))
  return outcome.summary
}

test('before anything is recorded a question fails and says why', async () => {
  await expect(new InlineClient().ask<'loss'>({ ask: 'loss', step: 0 })).rejects.toThrow(EngineError)
})

test('every step of the program has a picture, an anchor, and the anchor leads back to it', async () => {
  const client = new InlineClient()
  const { programStart, end } = await record(client)
  for (let step = programStart; step <= end; step++) {
    const frame = await client.ask<'frame'>({ ask: 'frame', step, since: step - 1 })
    expect(frame.step).toBe(step)
    expect(frame.event.sentence).not.toBe('')
    const anchor = await client.ask<'anchor'>({ ask: 'anchor', step })
    expect(await client.ask<'resolve'>({ ask: 'resolve', anchor })).toBe(step)
  }
})

test('a text that is refused leaves the recording before it to be asked', async () => {
  const client = new InlineClient()
  const { end } = await record(client)
  const before = await client.ask<'frame'>({ ask: 'frame', step: end, since: end })
  expect(await client.load('---\ntitel: no\n---\n', [], quiet)).toMatchObject({ kind: 'refused' })
  expect(await client.ask<'frame'>({ ask: 'frame', step: end, since: end })).toEqual(before)
})

test('stepping over from the start of the program stays in it and takes a few steps to the end, and back', async () => {
  const client = new InlineClient()
  const { programStart, steps } = await record(client)
  const walk = async (from: number, direction: 'forward' | 'back', stop: number): Promise<readonly number[]> => {
    const path = [from]
    for (let at = from; at !== stop; ) {
      const to = await client.ask<'target'>({ ask: 'target', from: at, verb: 'over', direction, breakpoints: [] })
      if (to === null || path.length > 100) break
      path.push(to)
      at = to
    }
    return path
  }
  const there = await walk(programStart, 'forward', steps - 1)
  expect(there.length).toBeGreaterThan(5)
  const back = await walk(steps - 1, 'back', programStart)
  expect(back.at(-1)).toBeLessThanOrEqual(programStart)
  expect(back.length).toBeGreaterThan(5)
})

test('a power failure at the end loses the record with its lines, and recover() is broken', async () => {
  const client = new InlineClient()
  const { end } = await record(client)
  const at = await client.ask<'anchor'>({ ask: 'anchor', step: end })
  const { failedAt = 0, recover } = await record(client, [{ kind: 'power-failure', at }])
  expect(recover?.broken).toBe(true)
  const loss = await client.ask<'loss'>({ ask: 'loss', step: failedAt - 1 })
  expect(loss.lost.map(({ source }) => source)).toEqual([
    'log->record.length = 5;',
    'strcpy(log->record.text, "hello");',
  ])
  expect(loss.survived.map(({ source }) => source)).toEqual(['log->valid = 1;'])
})

test('the way of a byte through the layers of storage is told at a step', async () => {
  const client = new InlineClient()
  const { end } = await record(client)
  const name = { kind: 'file', file: '/dev/dax0.0', offset: 64 } as const
  const { hops, spa } = await client.ask<'storage'>({ ask: 'storage', step: end, name })
  expect(hops.map(({ kind }) => kind)).toEqual(['dax', 'namespace', 'region', 'dimm'])
  const translated = await client.ask<'translate'>({ ask: 'translate', step: end, name })
  expect(translated).toMatchObject({ spa, dpa: hops.at(-1)?.at })
})
