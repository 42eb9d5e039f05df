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
import { followsSchedule } from './schedule.ts'

const fixture = (name: string): string =>
  readFileSync(new URL(`../../test/fixtures/litmus/${name}.litmus`, import.meta.url), 'utf8')

const realExplorer: Explorer = (request) => {
  const replies: ExploreReply[] = []
  explore(request, (reply) => replies.push(reply))
  return { outcome: Promise.resolve(replies.at(-1) as ExploreOutcome), cancel() {} }
}

async function open(text: string, explorer = realExplorer, link = '') {
  const { env, clock, bar } = fakeEnvironment(new InlineClient(), link)
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
  return { app, clock, bar, state, settled, outcome, run }
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
  expect(state().litmus).toMatchObject({ seen: [], ended: 'x=1 y=0' })
  expect(outcomeHere(state())).toBe('x=0 y=0')
  await run('last')
  expect(state().litmus?.seen).toEqual(['x=1 y=0'])
  expect(outcomeHere(state())).toBe('x=1 y=0')
  await run('free-run')
  expect(state().interventions).toEqual([])
  expect(state().litmus).toMatchObject({ seen: ['x=1 y=0'], ended: undefined })
  await run('undo')
  expect(state().interventions).toMatchObject([{ kind: 'schedule' }])
})

test('a test of final states ends in registers, in a free run, too', async () => {
  const { app, state, outcome, settled, run } = await open(fixture('TSO-SB'))
  expect(state().litmus?.seen).toEqual([])
  await run('last')
  expect(state().litmus?.seen).toMatchObject([expect.stringContaining('0:a=')])
  await app.power.follow(outcome('1100')?.witness)
  await settled()
  expect(state().litmus?.seen).not.toContain('0:a=0 1:a=0 x=1 y=1')
  expect(outcomeHere(state())).toBeUndefined()
  await run('last')
  expect(state().litmus?.seen).toContain('0:a=0 1:a=0 x=1 y=1')
  expect(outcomeHere(state())).toBe('0:a=0 1:a=0 x=1 y=1')
})

test('another model explores again; the outcomes that were seen stay seen', async () => {
  const { app, state, settled, run } = await open(fixture('PX-B04-line-aba'))
  expect(state().litmus?.found?.verdict).toBe('forbidden')
  await app.power.follow(state().litmus?.found?.outcomes[0]?.witness)
  await settled()
  await run('last')
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

test('whoever leaves a witness is where they left the free run, and has what they did there', async () => {
  const { app, state, outcome, run, settled } = await open(fixture('PX-A07-flushopt-sfence'))
  await run('over')
  await run('over')
  const [choice] = state().frame?.choices ?? []
  if (choice === undefined) throw new Error('hardware may do something here')
  await app.power.take(choice.transition)
  await settled()
  const { interventions, frame } = state()
  expect(frame?.step).toBeGreaterThan((state().summary?.programStart ?? 0) + 1)
  for (const key of ['10', '11']) {
    await app.power.follow(outcome(key)?.witness)
    await settled()
    await run('last')
  }
  await run('free-run')
  expect(state().interventions).toEqual(interventions)
  expect(state().frame?.step).toBe(frame?.step)
  expect(state().notices).toEqual([])
})

test('a move by hand, or a power failure, takes a run off its witness', async () => {
  const { app, state, outcome, run, settled } = await open(fixture('PX-A07-flushopt-sfence'))
  await app.power.follow(outcome('10')?.witness)
  await settled()
  expect(followsSchedule(state())).toBe(true)
  await run('power')
  expect(followsSchedule(state())).toBe(false)
  await run('undo')
  expect(followsSchedule(state())).toBe(true)
})

test('a link brings the chosen model along, and one without a model the default', async () => {
  const { app, bar, state, settled } = await open(fixture('PX-B04-line-aba'))
  await app.sharing.share()
  const plain = bar.fragment
  expect(plain).not.toContain('%22model%22')
  app.details.chooseModel({ unit: 'word', cas: 'sdm' })
  await settled()
  expect([bar.fragment, state().share.kind]).toEqual(['', 'none'])
  await app.sharing.share()
  const link = bar.fragment
  const other = await open('', realExplorer, link)
  expect(other.state()).toMatchObject({ model: { unit: 'word' }, litmus: { found: { verdict: 'allowed' } } })
  expect(other.state().model).toEqual({ unit: 'word' })
  other.bar.fragment = plain
  await other.app.sharing.open()
  await other.settled()
  expect(other.state()).toMatchObject({ model: {}, litmus: { found: { verdict: 'forbidden' } } })
})

test('a verdict under another model than the default names it, in words and as files do', async () => {
  const { app, state, settled } = await open(fixture('PX-B04-line-aba'))
  app.details.chooseModel({ unit: 'word', movnt: 'fence', cas: 'paper' })
  await settled()
  const said = state().announcement.text
  expect(said).toContain('Not the default model: word snapshots (word); movnt durable at the next fence (nt=fence);')
  expect(said).toContain('failed cas is a plain load (cas=paper). Allowed')
})

test('operands that are the wrong way round are a warning, and the test is decided all the same', async () => {
  const swapped = fixture('TSO-SB').replace('load a y', 'load y r1')
  const { state } = await open(swapped.replaceAll('0:a', '0:y'))
  expect(state().summary?.warnings).toMatchObject([
    { severity: 'warning', hint: 'load takes the register first: `load r1 y`', length: 'y r1'.length },
  ])
  expect([state().diagnostics, state().litmus?.search.kind]).toEqual([[], 'done'])
})
