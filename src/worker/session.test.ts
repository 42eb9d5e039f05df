/** Some scenarios need a part of the engine that is fetched first: what is said meanwhile must not be lost. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Push, Request } from '../protocol/messages.ts'
import { Session } from './session.ts'

const litmus = readFileSync(
  new URL('../../test/fixtures/litmus/PX-A07-flushopt-sfence.litmus', import.meta.url),
  'utf8',
)
const program = '---\nsetup: ""\n---\nint main(void) { return 0; }\n'

const load = (id: number, text: string, choices?: string): Request => ({
  kind: 'load',
  id,
  text,
  interventions: choices === undefined ? [] : [{ kind: 'schedule', choices }],
  credits: 0,
})

/** What a session says to some requests, until it has said as much as that. */
async function said(requests: readonly Request[], count: number): Promise<readonly Push[]> {
  const pushes: Push[] = []
  await new Promise<void>((resolve) => {
    const session = new Session((push) => {
      if (pushes.push(push) === count) resolve()
    })
    for (const request of requests) session.handle(request)
  })
  return pushes
}

const kinds = (pushes: readonly Push[]): readonly string[] => pushes.map(({ kind, id }) => `${kind} ${id}`)

test('a litmus test is recorded as any scenario is, and a question that comes meanwhile is answered after', async () => {
  const pushes = await said([load(1, litmus), { kind: 'ask', id: 2, question: { ask: 'log', step: 0 } }], 2)
  expect(kinds(pushes)).toEqual(['recorded 1', 'answer 2'])
  expect(pushes[0]).toMatchObject({
    summary: { litmus: { name: 'PX-A07-flushopt-sfence', condition: 'exists x=0 y=1' } },
  })
})

test('of each instruction the summary tells the steps that issued it', async () => {
  const [recorded] = await said([load(1, litmus, 'P0 drain:P0:x write-back:x P0 power-off')], 1)
  const summary = recorded?.kind === 'recorded' ? recorded.summary : undefined
  const start = summary?.programStart ?? 0
  // In front of the first: the thread starts and is called; behind it: the store drains and is written back.
  const issued = summary?.litmus?.threads[0]?.instructions.map(({ issued: steps }) => steps.map((step) => step - start))
  expect(issued).toEqual([[2], [5], [], []])
})

test('a schedule is played, and how far it came is in the summary', async () => {
  const [recorded] = await said([load(1, litmus, 'P0 drain:P0:x write-back:x power-off')], 1)
  expect(recorded).toMatchObject({ summary: { unresolved: [], litmus: { schedule: { choices: 4 } } } })
})

test('a litmus test with mistakes is refused with their places', async () => {
  const [refused] = await said([load(1, litmus.replace('sfence;', 'sfense;'))], 1)
  expect(refused).toMatchObject({ kind: 'refused', diagnostics: [{ line: 6, column: 36 }] })
})

test('a cancel or a newer scenario that comes before its part of the engine ends it', async () => {
  expect(kinds(await said([load(1, litmus), { kind: 'cancel' }], 1))).toEqual(['cancelled 1'])
  const overtaken = await said([load(1, litmus), load(2, program)], 2)
  expect(kinds(overtaken)).toEqual(['cancelled 1', 'recorded 2'])
  const twice = await said([load(1, litmus), load(2, litmus)], 2)
  expect(kinds(twice)).toEqual(['cancelled 1', 'recorded 2'])
})

test('a setup that asks for more than ndctl is run by the whole shell, when that has come', async () => {
  const text = program.replace('""', 'ls /dev | grep -c pmem')
  const [recorded] = await said([load(1, text)], 1)
  expect(recorded).toMatchObject({ kind: 'recorded', summary: { unresolved: [] } })
  const [refused] = await said([load(1, text.replace('| grep', '| | grep'))], 1)
  expect(refused).toMatchObject({ kind: 'refused', diagnostics: [{ line: 2, column: 18 }] })
})

test('a command that somebody typed is run, and the summary tells what came of it', async () => {
  const at = { kind: 'code', thread: 'main', at: 'line:4', visit: 1, event: 1 } as const
  const interventions = [{ kind: 'command', at, text: 'echo typed' }] as const
  const [recorded] = await said([{ ...load(1, program), interventions } as Request], 1)
  expect(recorded).toMatchObject({ summary: { unresolved: [], commands: { 0: { output: 'typed\n', status: 0 } } } })
  const [test] = await said([{ ...load(1, litmus), interventions } as Request], 1)
  expect(test).toMatchObject({ kind: 'recorded', summary: { unresolved: [0] } })
})

test('a program that asks for more than the usual part of the C library is recorded when the rest has come', async () => {
  const text = `---
setup: ""
---
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
int main(void) {
  int *p = malloc(sizeof *p);
  *p = 81;
  printf("root %g\\n", sqrt(*p));
  free(p);
  return 0;
}
`
  const pushes = await said(
    [load(1, text), { kind: 'ask', id: 2, question: { ask: 'frame', step: 1e6, since: 1e6 } }],
    2,
  )
  expect(kinds(pushes)).toEqual(['recorded 1', 'answer 2'])
  expect(JSON.stringify(pushes[1])).toContain('root 9')
})

test('what the whole library does not have is refused with its place', async () => {
  const [refused] = await said([load(1, program.replace('return 0', 'return fork()'))], 1)
  expect(refused).toMatchObject({ kind: 'refused', diagnostics: [{ line: 4, column: 25 }] })
})

const counting = `---
setup: ""
---
int main(void) {
  int sum = 0;
  for (int i = 0; i < 1000; i++) sum += i;
  return sum & 1;
}
`

test('who looks into a thread for the first time waits until it is recorded again, to the same recording', async () => {
  const pushes: Push[] = []
  let wake = (): void => {}
  const session = new Session((push) => {
    pushes.push(push)
    wake()
  })
  const until = async (count: number): Promise<void> => {
    while (pushes.length < count)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
  }
  session.handle(load(1, counting))
  await until(1)
  const step = pushes[0]?.kind === 'recorded' ? pushes[0].summary.programStart + 1 : 0
  const frame = (id: number): Request => ({ kind: 'ask', id, question: { ask: 'frame', step, since: step } })
  session.handle(frame(2))
  session.handle({ kind: 'ask', id: 3, question: { ask: 'locals', step, tick: 500 } })
  session.handle({ kind: 'ask', id: 4, question: { ask: 'place', step, tick: 500 } })
  await until(4)
  session.handle(frame(5))
  session.handle(load(6, counting))
  await until(6)
  const answers = new Map(pushes.flatMap((push) => (push.kind === 'answer' ? [[push.id, push.answer]] : [])))
  expect(answers.get(3)).toMatchObject([{ name: 'main', frames: [{ locals: [{ name: 'i' }, { name: 'sum' }] }] }])
  expect(answers.get(4)).toMatchObject({ thread: 'main', line: 6 })
  expect(answers.get(5)).toEqual(answers.get(2))
  // The second is kept from the start.
  const [first, second] = pushes.flatMap((push) => (push.kind === 'recorded' ? [push.summary] : []))
  expect(second).toEqual(first)
})

test('an answer that is not wanted any more does not come', async () => {
  const pushes = await said(
    [
      load(1, counting),
      { kind: 'ask', id: 2, question: { ask: 'locals', step: 2, tick: 0 } },
      { kind: 'ask', id: 3, question: { ask: 'log', step: 0 } },
      { kind: 'abandon', id: 2 },
    ],
    2,
  )
  expect(kinds(pushes)).toEqual(['recorded 1', 'answer 3'])
})
