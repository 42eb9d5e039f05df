/** How long it takes to look at the variables of a program anywhere in a long computation that records no step. */

import { Debugger } from '../src/engine/debug/debugger.ts'
import { prepareAny } from '../src/engine/prepare.ts'
import { record } from '../src/engine/record.ts'
import { Pasts } from '../src/engine/userspace/past/pasts.ts'
import type { DebugQuestion } from '../src/protocol/messages.ts'
import { parseScenario } from '../src/scenario/parse.ts'

const TEXT = `---
budget: { ticks: 2000000000 }
---
#include <stdint.h>
static uint32_t table[4096];
int main(void) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < 20000000; i++) {
    table[(i * 7) & 4095] += i;
    sum += table[i & 4095] ^ (sum >> 3);
  }
  return sum & 1;
}
`

const parsed = parseScenario(TEXT)
if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
const pasts = new Pasts()
const recording = record(parsed.value, TEXT, { prepare: prepareAny, keeper: pasts })
if (!recording.ok) throw new Error(JSON.stringify(recording.error))
const { machine } = recording.value
const it = new Debugger(recording.value, pasts)

/** The step with the most ticks behind it. */
let step = 0
for (let at = 1; at < recording.value.steps; at++)
  if (machine.trace.ticks.get(at) > machine.trace.ticks.get(step + 1)) step = at - 1
const ticks = machine.trace.ticks.get(step + 1)

const asked = (question: DebugQuestion): number => {
  const began = performance.now()
  const work = it.answer(question)
  while (work.next().done !== true);
  return performance.now() - began
}
const timed = (tick: number): number => asked({ ask: 'locals', step, tick })
/** From one tick to the one before. */
const back = (tick: number): number => {
  timed(tick)
  return timed(tick - 1)
}
const thread = machine.trace.thread.get(step + 1)
const watched = (tick: number): number => {
  const text = `table[(i * 7) & 4095] + sum * ${tick % 100}`
  return asked({ ask: 'evaluate', step, tick, thread, frame: 0, text, path: [], from: 0 })
}
const statementBack = (tick: number): number => {
  timed(tick)
  return asked({ ask: 'statement', step, tick, verb: 'over', direction: 'back', breakpoints: [] })
}
const line = (what: string, value: string, budget: string): void =>
  console.log(`${what.padEnd(34)} ${value.padStart(16)}   budget ${budget}`)
const p95 = (times: readonly number[]): string =>
  `${([...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? 0).toFixed(1)} ms`

let x = 12345
const places = Array.from({ length: 200 }, () => {
  x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff
  return Math.floor((x / 0x80000000) * ticks)
})
line('ticks between two steps', `${(ticks / 1e6).toFixed(1)} M`, '')
line('locals at any tick, p95', p95(places.map(timed)), '≤ 50 ms')
line('one instruction back, p95', p95(places.map(back)), '≤ 50 ms')
line('one statement back, p95', p95(places.map(statementBack)), '≤ 50 ms')
line('an expression at any tick, p95', p95(places.map(watched)), '≤ 50 ms')
const kept = [...pasts.threads.values()]
const bytes = kept.reduce((sum, { checkpoints }) => sum + checkpoints.bytes, 0)
const count = kept.reduce((sum, { checkpoints }) => sum + checkpoints.list.length, 0)
line('memory in checkpoints', `${(bytes / 2 ** 20).toFixed(1)} MiB`, `≤ 256 MiB (${count} of them)`)
