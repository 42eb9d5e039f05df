/** What is run again is what ran: compared with the machine itself while it records. */

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Hasher } from '../../base/hash.ts'
import type { Place } from '../../protocol/debug.ts'
import { readScenario } from '../../scenario/read.ts'
import type { Machine } from '../machine.ts'
import { prepareAny } from '../prepare.ts'
import { start } from '../record.ts'
import { Recorder } from '../sim/recorder.ts'
import { CActivation } from '../userspace/activation.ts'
import { Pasts } from '../userspace/past/pasts.ts'
import type { VmMemory } from '../userspace/vm/memory.ts'
import type { VmThread } from '../userspace/vm/thread.ts'
import { Threads } from './threads.ts'

/** Registers, frames, stack and data; lengths of arrays aside, which only grow. */
function digest(vm: VmThread, memory: VmMemory, shared: boolean): string {
  const { depth, floor, pc, base, down, function: fn } = vm
  const trimmed = (bytes: Uint8Array): Uint8Array => {
    let end = bytes.length
    while (end > 0 && bytes[end - 1] === 0) end--
    return bytes.slice(0, end)
  }
  const hasher = new Hasher()
  hasher.text([depth, floor, pc, base, down, fn].join())
  hasher.words(trimmed(new Uint8Array(vm.words.buffer)))
  hasher.text(vm.frames.subarray(0, 4 * depth).join())
  hasher.words(trimmed(vm.stack.slice().reverse()))
  if (!shared) hasher.words(memory.data.subarray(0, memory.size))
  return `${pc} ${hasher.digest()}`
}

interface Seen {
  readonly thread: number
  readonly step: number
  readonly ticks: number
  readonly digest: string
}

interface Inside {
  readonly vm: VmThread
  readonly process: { readonly memory: { readonly vm: VmMemory; readonly shared: boolean } }
  readonly thread: { readonly id: number }
  ticks(): number
}

/** Records, with turns of at most `fuel` ticks; `seen`: threads as they were whenever they went on. */
function watched(text: string, fuel: number, crashAt?: number): { machine: Machine; pasts: Pasts; seen: Seen[] } {
  const seen: Seen[] = []
  const begin = Recorder.prototype.begin
  vi.spyOn(Recorder.prototype, 'begin').mockImplementation(function (this: Recorder, instructions, steps, ticks) {
    begin.call(this, instructions, steps, Math.min(ticks, fuel))
  })
  let machine: Machine | undefined
  let turns = 0
  const resume = CActivation.prototype.resume
  vi.spyOn(CActivation.prototype, 'resume').mockImplementation(function (this: CActivation, ticks) {
    const { vm, process, thread } = this as unknown as Inside
    const { memory } = process
    const step = (machine?.trace.length ?? 0) - 1
    if (turns++ % 7 === 0 && seen.length < 4000)
      seen.push({ thread: thread.id, step, ticks: this.ticks(), digest: digest(vm, memory.vm, memory.shared) })
    return resume.call(this, ticks)
  })
  const parsed = readScenario(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  const pasts = new Pasts()
  const run = start(parsed.value, text, {
    prepare: prepareAny,
    keeper: pasts,
    ...(crashAt === undefined ? {} : { crashAt }),
  })
  if (!run.ok) throw new Error(JSON.stringify(run.error))
  machine = run.value.machine
  while (!run.value.advance());
  vi.restoreAllMocks()
  return { machine, pasts, seen: seen.filter(({ step }) => step < run.value.machine.trace.length) }
}

/** Places at which what was seen can be asked for, in random order. */
function compare(
  { machine, pasts, seen }: { machine: Machine; pasts: Pasts; seen: Seen[] },
  order: readonly number[],
): number {
  const threads = new Threads(machine, pasts)
  let compared = 0
  for (const i of order) {
    const at = seen[i % seen.length]
    if (at === undefined) continue
    const stretch = threads.places.stretch(at.step)
    // Within an instruction, or where another thread acts next, what was seen has no place of its own.
    if (stretch?.thread !== at.thread || at.ticks <= stretch.from || at.ticks > stretch.from + stretch.ticks) continue
    const place: Place = { step: at.step, tick: at.ticks - stretch.from }
    const replay = threads.at(at.thread, place)
    if (replay === undefined) throw new Error('a thread of the C machine')
    if (replay.waits) continue
    expect(`${at.step} ${at.ticks} ${digest(replay.vm, replay.memory, replay.sharedData)}`).toBe(
      `${at.step} ${at.ticks} ${at.digest}`,
    )
    compared++
  }
  return compared
}

afterEach(() => void vi.restoreAllMocks())

const folder = new URL('../../../test/c-programs/', import.meta.url).pathname
const order = fc.sample(fc.nat(1 << 20), { numRuns: 150, seed: 4 })

describe('a thread run again to any place is as it was', () => {
  // Callbacks, the heap, strings, atomics on private memory, deep recursion, several threads, mapped memory.
  const programs = [
    'qsort-bsearch',
    'linked-lists',
    'hash-table',
    'flexible-arrays',
    'stdatomic',
    'threads',
    'undo-log-transaction',
  ]
  test.each(programs)('%s', (name) => {
    expect(compare(watched(readFileSync(`${folder}${name}.c`, 'utf8'), 37), order)).toBeGreaterThan(4)
  })

  test('random programs', () => {
    const expression = fc.constantFrom(
      'a += b * i',
      't[i & 7] ^= a',
      'b -= t[b & 7] >> 3',
      'a = f(b & 15)',
      'd = d * 1.5 + a',
      'free(p); p = malloc(8 + (a & 31)); memset(p, a, 8)',
    )
    fc.assert(
      fc.property(
        fc.array(expression, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 99 }),
        (body, fuel) => {
          const text = `#include <stdlib.h>
#include <string.h>
static unsigned t[8];
static unsigned f(unsigned n) { unsigned l[4] = { n, 1, 2, 3 }; return n < 2 ? l[n] : f(n - 1) + l[n & 3]; }
int main(void) {
  unsigned a = 1, b = 2; double d = 1; char *p = malloc(1);
  for (unsigned i = 0; i < 40; i++) { ${body.join('; ')}; }
  return (int)d & a & 1;
}`
          compare(watched(text, fuel), order)
        },
      ),
      { numRuns: 12, seed: 4 },
    )
  })

  test('before and after a power failure', () => {
    const text = `#include <fcntl.h>
#include <immintrin.h>
#include <string.h>
#include <sys/mman.h>
static long sums[4];
static long *open_it(void) { return mmap(0, 2 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, open("/dev/dax0.0", O_RDWR), 0); }
int main(void) {
  long *p = open_it(), copy[8];
  for (int i = 0; i < 200; i++) {
    p[i & 63] += i;
    _mm_clwb(&p[i & 63]);
    if (i % 4 == 3) _mm_sfence();
    memcpy(copy, p, sizeof copy);
    sums[i & 3] += copy[i & 7];
  }
  return 0;
}
int recover(void) { long *p = open_it(), s = 0; for (int i = 0; i < 64; i++) { s += p[i]; sums[i & 3] ^= s; } return s < 0; }
`
    const { machine } = watched(text, 1000)
    const recorded = watched(text, 23, machine.programStart + 900)
    expect(recorded.machine.recovered?.status).toBe(0)
    expect(new Set(recorded.seen.map(({ thread }) => thread)).size).toBe(2)
    expect(compare(recorded, order)).toBeGreaterThan(4)
  })
})
