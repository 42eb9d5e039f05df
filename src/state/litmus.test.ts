/** Litmus tests on the page, with the real engine and the real exploration, in the test's own thread. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { ExploreOutcome, Explorer } from '../client/explorer.ts'
import { InlineClient } from '../client/inline-client.ts'
import type { ExploreReply } from '../protocol/litmus.ts'
import { explore } from '../worker/exploration.ts'
import { createApp } from './app.ts'
import { commandById, isPossible } from './commands.ts'
import { fakeEnvironment } from './fake-engine.test-data.ts'
import { outcomeHere } from './outcome.ts'

const fixture = (name: string): string =>
  readFileSync(new URL(`../../test/fixtures/litmus/${name}.litmus`, import.meta.url), 'utf8')

const realExplorer: Explorer = (request) => {
  const replies: ExploreReply[] = []
  explore(request, (reply) => replies.push(reply))
  return { outcome: Promise.resolve(replies.at(-1) as ExploreOutcome), cancel() {} }
}

async function open(text: string, explorer = realExplorer) {
  const { env, clock } = fakeEnvironment(new InlineClient())
  const app = createApp({ ...env, explorer: () => Promise.resolve(explorer) }, text, [])
  await app.start()
  const settled = async () => {
    for (let i = 0; i < 3; i++) {
      await app.pending.idle()
      await new Promise((later) => setTimeout(later))
    }
  }
  await settled()
  const state = () => app.store.getState()
  const outcome = (key: string) =>
    state().litmus?.found?.outcomes.find(({ values }) => Object.values(values).join('') === key)
  const run = async (id: string) => {
    commandById(id).run(app)
    await settled()
  }
  return { app, clock, state, settled, outcome, run }
}

test('a litmus text is explored as soon as it is recorded, and its outcomes are in front', async () => {
  const { state } = await open(fixture('PX-A07-flushopt-sfence'))
  expect(state().litmus).toMatchObject({
    search: { kind: 'done' },
    found: { verdict: 'forbidden', expected: 'forbidden', images: '3', complete: true },
    seen: [],
  })
  expect(state().tab).toBe('outcomes')
  expect(state().announcement.text).toContain('Forbidden, as the file says: exists x=0 y=1.')
})

test('a witness is played from the start, ends in its outcome, and Escape leaves it', async () => {
  const { app, state, outcome, run, settled } = await open(fixture('PX-A07-flushopt-sfence'))
  await app.power.follow(outcome('10')?.witness)
  await settled()
  expect(state().frame?.step).toBe(state().summary?.programStart)
  expect(state().summary?.failedAt).toBe((state().summary?.steps ?? 0) - 1)
  expect(state().litmus).toMatchObject({ seen: ['x=1 y=0'], ended: 'x=1 y=0' })
  expect(outcomeHere(state())).toBe('x=0 y=0')
  await run('last')
  expect(outcomeHere(state())).toBe('x=1 y=0')
  await run('free-run')
  expect(state().interventions).toEqual([])
  expect(state().litmus).toMatchObject({ seen: ['x=1 y=0'], ended: undefined })
  await run('undo')
  expect(state().interventions).toMatchObject([{ kind: 'schedule' }])
})

test('a test of final states ends in registers, in a free run, too', async () => {
  const { app, state, outcome, settled, run } = await open(fixture('TSO-SB'))
  const [first] = state().litmus?.seen ?? []
  expect(first).toContain('0:a=')
  await app.power.follow(outcome('1100')?.witness)
  await settled()
  expect(state().litmus?.seen).toContain('0:a=0 1:a=0 x=1 y=1')
  expect(outcomeHere(state())).toBeUndefined()
  await run('last')
  expect(outcomeHere(state())).toBe('0:a=0 1:a=0 x=1 y=1')
})

test('another model explores again; the outcomes that were seen stay seen', async () => {
  const { app, state, settled } = await open(fixture('PX-B04-line-aba'))
  expect(state().litmus?.found?.verdict).toBe('forbidden')
  await app.power.follow(state().litmus?.found?.outcomes[0]?.witness)
  await settled()
  app.details.chooseModel({ unit: 'word' })
  await settled()
  expect(state().litmus).toMatchObject({ found: { verdict: 'allowed', expected: 'allowed' }, model: { unit: 'word' } })
  expect(state().litmus?.seen).toHaveLength(1)
})

test('another text of the test forgets what was seen, a scenario in its place forgets the test', async () => {
  const text = fixture('PX-A07-flushopt-sfence')
  const { app, clock, state, outcome, settled } = await open(text)
  await app.power.follow(outcome('10')?.witness)
  await settled()
  app.details.showTab('inspect')
  app.recorder.edit(text.replace('sfence; ', ''))
  clock.run()
  await settled()
  expect(state().litmus).toMatchObject({ found: { verdict: 'allowed' } })
  expect(state().tab).toBe('inspect')
  app.details.showTab('outcomes')
  await app.recorder.open('---\nsetup: ""\n---\nint main(void) { return 0; }\n', [], undefined)
  await settled()
  expect([state().litmus, state().tab]).toEqual([undefined, 'inspect'])
})

test('a search can be stopped and is then undecided; with ten times the budget it begins again', async () => {
  const asked: number[] = []
  const endless: Explorer = ({ maxStates }, onProgress) => {
    asked.push(maxStates)
    let end: (outcome: ExploreOutcome) => void = () => {}
    const outcome = new Promise<ExploreOutcome>((resolve) => {
      end = resolve
    })
    setTimeout(() => onProgress(12_345))
    return { outcome, cancel: () => end({ kind: 'cancelled' }) }
  }
  const { env } = fakeEnvironment(new InlineClient())
  const app = createApp({ ...env, explorer: () => Promise.resolve(endless) }, fixture('TSO-SB'), [])
  const state = () => app.store.getState()
  await app.start()
  await expect.poll(() => state().litmus?.search).toEqual({ kind: 'running', states: 12_345 })
  expect(isPossible(commandById('explore-further'), state())).toBe(false)
  commandById('explore-stop').run(app)
  await app.pending.idle()
  expect(state().litmus).toMatchObject({ search: { kind: 'stopped', states: 12_345 }, found: undefined })
  commandById('explore-further').run(app)
  await expect.poll(() => state().litmus?.search.kind).toBe('running')
  expect(asked[1]).toBe(10 * (asked[0] ?? 0))
})

test('a search that breaks says so and leaves the page as it is', async () => {
  const broken: Explorer = () => ({
    outcome: Promise.resolve({ kind: 'failed', message: 'out of memory' }),
    cancel() {},
  })
  const { state } = await open(fixture('TSO-SB'), broken)
  expect(state().litmus?.search).toEqual({ kind: 'failed', message: 'out of memory' })
  expect(state().summary?.litmus?.name).toBe('TSO-SB')
})
