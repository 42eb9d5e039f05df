/** How fast a scenario is recorded, how large a step is, and how long a seek takes. */

import { answer } from '../src/engine/inspect/answer.ts'
import type { Recording } from '../src/engine/inspect/recording.ts'
import { prepareAny } from '../src/engine/prepare.ts'
import { record } from '../src/engine/record.ts'
import { Cursor } from '../src/engine/sim/cursor.ts'
import { parseScenario } from '../src/scenario/parse.ts'

const HEAD = `---
budget: { steps: 3000000, ticks: 400000000 }
---
#include <fcntl.h>
#include <immintrin.h>
#include <stdint.h>
#include <sys/mman.h>
`

/** A log of 4,096 lines written over and over: two stores, a clwb, and a fence every fourth record. */
const STEPS = `${HEAD}
int main(void) {
  int fd = open("/dev/dax0.0", O_RDWR);
  volatile uint64_t *log = mmap(0, 2 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  for (int i = 0; i < 125000; i++) {
    volatile uint64_t *entry = log + 8 * (i % 4096);
    entry[0] = i;
    entry[1] = i;
    _mm_clwb((void *)entry);
    if (i % 4 == 3) _mm_sfence();
  }
  return 0;
}
`

const TICKS = `${HEAD}
int main(void) {
  uint64_t sum = 0;
  for (int i = 0; i < 20000000; i++) sum += i ^ (sum >> 3);
  return sum & 1;
}
`

function timed<T>(action: () => T): [T, number] {
  const began = performance.now()
  return [action(), performance.now() - began]
}

function recorded(text: string): [Recording, number] {
  const parsed = parseScenario(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  const [recording, ms] = timed(() => record(parsed.value, text, { prepare: prepareAny }))
  if (!recording.ok) throw new Error(JSON.stringify(recording.error))
  return [recording.value, ms]
}

const line = (what: string, value: string, budget: string): void =>
  console.log(`${what.padEnd(34)} ${value.padStart(16)}   budget ${budget}`)
const million = (n: number): string => `${(n / 1e6).toFixed(2)} M`
const percentile = (times: readonly number[], p: number): number =>
  [...times].sort((a, b) => a - b)[Math.floor((times.length - 1) * p)] ?? 0

/** Deterministic places to seek to, all over the recording. */
function places(recording: Recording, count: number): number[] {
  let x = 12345
  return Array.from({ length: count }, () => {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff
    return x % recording.steps
  })
}

recorded(STEPS.replace('125000', '12500'))
const [steps, stepsMs] = recorded(STEPS)
line('steps recorded', String(steps.steps), '1,000,000 to seek in')
line('steps per second', million((steps.steps / stepsMs) * 1000), '≥ 1 M')
const { machine } = steps
line('bytes per step', ((machine.trace.bytes + machine.hw.history.bytes) / steps.steps).toFixed(1), '≤ 64')

const cursor = new Cursor(machine.trace)
const seeks = places(steps, 500).map((step) => timed(() => cursor.seek(step))[1])
line('seek to state, p95', `${percentile(seeks, 0.95).toFixed(2)} ms`, '≤ 8 ms')
const frames = places(steps, 100).map((step) => timed(() => answer(steps, { ask: 'frame', step, since: step - 1 }))[1])
line('the whole screen at a step, p95', `${percentile(frames, 0.95).toFixed(2)} ms`, '≤ 50 ms with pixels')

const [ticks, ticksMs] = recorded(TICKS)
line('ticks', million(ticks.machine.ticks), '')
line('ticks per second', million((ticks.machine.ticks / ticksMs) * 1000), '≥ 20 M')
