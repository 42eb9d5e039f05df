import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { onDax, recorded, refusal } from '../../test/recorded.ts'
import { runs } from '../../test/runs.ts'
import type { Intervention } from '../protocol/interventions.ts'
import { parseScenario } from '../scenario/parse.ts'
import { answer } from './inspect/answer.ts'
import { frame } from './inspect/frame.ts'
import { lossView } from './inspect/loss-view.ts'
import type { Recording } from './inspect/recording.ts'
import { crashStep, runReport } from './inspect/report.ts'
import { summary } from './inspect/summary.ts'
import { prepareAny } from './prepare.ts'
import { record } from './record.ts'
import { Cursor } from './sim/cursor.ts'
import type { EventKind } from './sim/event.ts'

const gallery = (name: string): string => readFileSync(new URL(`../scenarios/${name}.pmem`, import.meta.url), 'utf8')
const early = gallery('flag-before-record')
const late = gallery('flag-after-record')

/** Steps of one kind, from the program's start on. */
const stepsOf = (r: Recording, kind: EventKind): number[] => {
  const steps: number[] = []
  for (let step = r.machine.programStart; step < r.steps; step++)
    if (r.machine.trace.kindOf(step) === kind) steps.push(step)
  return steps
}

describe('the default scenario', () => {
  test('at its end the flag survives and the record is lost, with the lines that wrote it', () => {
    const view = lossView(recorded(early), recorded(early).machine.end)
    expect(view.lost.map(({ file, offset, length, where, source }) => [file, offset, length, where, source])).toEqual([
      ['/dev/dax0.0', 0, 8, 'l1', 'log->record.length = 5;'],
      ['/dev/dax0.0', 8, 6, 'l1', 'strcpy(log->record.text, "hello");'],
    ])
    expect(view.survived.map(({ offset, length, source }) => [offset, length, source])).toEqual([
      [64, 8, 'log->valid = 1;'],
    ])
  })

  test('recover() finds the flag without its record', () => {
    const { recover } = summary(recorded(early, { crashAt: 'end' }))
    expect(recover).toMatchObject({ status: 1, broken: true, message: 'recover() returned 1' })
    expect(recover?.output).toBe('the flag is set, but the record is gone: length 0, text ""\n')
  })

  test('the fixed one survives a power failure at every single step of the program', () => {
    const { programStart, end } = recorded(late).machine
    for (let step = programStart; step <= end; step++)
      expect([step, summary(recorded(late, { crashAt: step })).recover?.broken]).toEqual([step, false])
  })

  test('the broken one is broken from the moment that the flag is accepted', () => {
    const { programStart, end } = recorded(early).machine
    const broken: number[] = []
    for (let step = programStart; step <= end; step++)
      if (summary(recorded(early, { crashAt: step })).recover?.broken) broken.push(step)
    const [flush] = stepsOf(recorded(early), 'flush')
    expect(broken[0]).toBe(flush)
    expect(broken).toHaveLength(end - (flush ?? 0) + 1)
  })
})

describe('a recording', () => {
  test('is the same every time, power failure and random hardware included', () => {
    const text = onDax(
      'p[0] = 1; _mm_stream_si64((long long *)&p[8], 2); _mm_sfence();',
      'machine: { policy: random, seed: 7 }',
    )
    for (const options of [{}, { crashAt: 'end' as const }])
      expect(recorded(text, options).hash()).toBe(recorded(text, options).hash())
    expect(recorded(text).hash()).not.toBe(recorded(text.replace('seed: 7', 'seed: 8')).hash())
  })

  test('up to a power failure is what it would have been without one', () => {
    const whole = recorded(early)
    for (const step of stepsOf(whole, 'drain')) {
      const cut = recorded(early, { crashAt: step })
      expect(cut.machine.failedAt).toBe(step + 1)
      for (const column of ['kind', 'thread', 'frame', 'line', 'a', 'b', 'patchEnd'] as const)
        for (let at = 0; at <= step; at++)
          expect(cut.machine.trace[column].get(at)).toBe(whole.machine.trace[column].get(at))
    }
  })

  test('leads back to its first state from anywhere', () => {
    const { trace } = recorded(early, { crashAt: 'end' }).machine
    const cursor = new Cursor(trace)
    cursor.seek(trace.length - 1)
    expect([...cursor.words]).toEqual([...trace.cells.words.slice(0, trace.cells.size)])
    cursor.seek(-1)
    expect(cursor.words.every((word) => word === 0)).toBe(true)
  })

  test('every step has a screen, a sentence and an anchor that leads back to it', () => {
    const r = recorded(early, { crashAt: 'end' })
    for (let step = r.machine.programStart; step < r.steps; step += 7) {
      expect(answer(r, { ask: 'frame', step, since: step - 1 })).toMatchObject({ step })
      expect(r.stepOf(r.anchorOf(step))).toBe(step)
    }
  })

  test('the screen of a step does not depend on what was asked before', () => {
    const ask = (r: Recording, step: number) => frame(r, step, step - 1)
    const failedAt = recorded(late, { crashAt: 'end' }).machine.failedAt
    const fresh = ask(recorded(late, { crashAt: 'end' }), failedAt)
    const used = recorded(late, { crashAt: 'end' })
    for (const step of [failedAt + 40, failedAt, 3, failedAt]) ask(used, step)
    expect(ask(used, failedAt)).toEqual(fresh)
    expect(fresh.dimms[0]?.tiles.map(({ words }) => words.filter((word) => word === 'media').length)).toEqual([2, 1])
  })

  test('a power failure moves what the queues hold to media', () => {
    const r = recorded(early, { crashAt: 'end' })
    const { motions } = frame(r, r.machine.failedAt, r.machine.failedAt - 1)
    expect(motions.map(({ from, to, words }) => [from.kind, to.kind, words])).toEqual([['wpq', 'media', 1]])
  })

  test('an anchor survives lines that are added above it', () => {
    const before = recorded(early)
    const [clwb = 0] = stepsOf(before, 'clwb')
    const anchor = before.anchorOf(clwb)
    const after = recorded(early.replace('int main(void) {', '/* one\n two\n three */\nint main(void) {'))
    const [moved] = stepsOf(after, 'clwb')
    expect(after.stepOf(anchor)).toBe(moved)
  })

  test('the power may fail again during recovery, at the place that an anchor names', () => {
    const first = recorded(early)
    const [drain = 0] = stepsOf(first, 'drain')
    const once: Intervention = { kind: 'power-failure', at: first.anchorOf(drain) }
    const cut = recorded(early, { interventions: [once] })
    // A second failure at every place of the recovery: each is found, and leads to another reboot.
    for (let step = cut.machine.failedAt + 2; step < cut.steps - 1; step += 41) {
      const again: Intervention = { kind: 'power-failure', at: cut.anchorOf(step) }
      const twice = recorded(early, { interventions: [once, again] })
      expect([twice.machine.unresolved, twice.machine.failedAt]).toEqual([[], step + 1])
    }
  })

  test('an intervention whose line is gone is kept and named', () => {
    const at = { kind: 'code', thread: 'main', at: 'line:31', text: 'no such line', visit: 1, event: 1 } as const
    const interventions: Intervention[] = [{ kind: 'power-failure', at }]
    expect(summary(recorded(early, { interventions }))).toMatchObject({ unresolved: [0] })
  })

  test('a person may evict a dirty line, and then it survives', () => {
    const [store = 0] = stepsOf(recorded(early), 'drain')
    const at = recorded(early).anchorOf(store)
    const line = recorded(early).machine.lineOf(store)
    const transition = { kind: 'write-back', core: 0, line } as const
    const r = recorded(early, { interventions: [{ kind: 'transition', at, transition }] })
    expect(summary(r).unresolved).toEqual([])
    expect(stepsOf(r, 'write-back')).toEqual([store + 1])
    expect(lossView(r, store + 1).lost.some(({ offset }) => offset === 0)).toBe(false)
  })
})

describe('a machine', () => {
  test('with two interleaved DIMMs spreads a file over both', () => {
    const front =
      'machine: { nvdimms: [{ size: 64M }, { size: 64M }], regions: [{ type: pmem, nvdimms: [0, 1], interleave: 4K }] }'
    const r = recorded(onDax('p[0] = 1; p[512] = 2; p[1024] = 3; _mm_clwb((void *)p); _mm_sfence();', front))
    const homes = stepsOf(r, 'store').map((step) => r.machine.hw.lines.home(r.machine.lineIndexOf(step)))
    expect(homes.map(({ dimm, controller, dpa }) => [dimm, controller, dpa])).toEqual([
      [0, 0, 0x10_0000],
      [1, 1, 0x10_0000],
      [0, 0, 0x10_1000],
    ])
  })

  test('with eADR keeps what is in the caches', () => {
    const r = recorded(onDax('p[0] = 1; _mm_mfence(); p[8] = 2;', 'machine: { power_fail: eadr }'))
    const [drain = 0] = stepsOf(r, 'drain')
    expect(lossView(r, drain)).toMatchObject({ lostBytes: 0, survivingBytes: 8 })
  })

  test('without ADR loses even what was fenced, and the kernel was told so by no one', () => {
    const r = recorded(onDax('p[0] = 1; _mm_clwb((void *)p); _mm_sfence();', 'machine: { power_fail: none }'))
    expect(lossView(r, r.machine.end).lost).toMatchObject([{ length: 8, where: 'wpq' }])
  })

  test('with two cores lets threads see each other', () => {
    const more = `
static volatile uint64_t ready;
void writer(void) { volatile uint64_t *p = map(); p[0] = 42; _mm_clwb((void *)p); _mm_sfence(); ready = 1; }
void reader(void) { volatile uint64_t *p = map(); while (!ready) ; printf("%lu\\n", p[0]); }
`
    const r = recorded(onDax('', 'threads: [writer, reader]', more))
    expect(runReport(r, undefined)).toMatchObject({ stdout: '42\n', exit: { writer: 0, reader: 0 } })
    expect(summary(r).cores).toBe(2)
  })

  test('with more threads than cores runs them all', () => {
    const more = `
static volatile uint64_t turns[2];
void a(void) { for (int i = 0; i < 20; i++) turns[0]++; }
void b(void) { for (int i = 0; i < 20; i++) turns[1]++; printf("%lu\\n", turns[1]); }
`
    expect(runReport(recorded(onDax('', 'threads: [a, b]\nmachine: { cores: 1 }', more)), undefined).stdout).toBe(
      '20\n',
    )
  })

  test('makes its own table: the kernel finds what the firmware wrote', () => {
    const r = recorded(
      onDax(
        '',
        'setup: |\n  ndctl create-namespace -e namespace0.0 -f --mode=devdax --map=mem\n  cat /sys/bus/nd/devices/region0/persistence_domain',
      ),
    )
    expect(r.texts('output', r.machine.programStart).map(({ text }) => text)).toContain('memory_controller\n')
  })
})

describe('a program that goes wrong', () => {
  test('is cut off when it never ends, with or without steps', () => {
    const budget = 'budget: { steps: 20000, ticks: 100000 }'
    expect(summary(recorded(onDax('for (;;) p[0]++;', budget))).problem).toMatchObject({ line: 17, budget: true })
    const spin = recorded(onDax('for (volatile int i = 0;;) i++;', budget))
    expect(summary(spin).problem?.message).toBe('cut off after 100,000 instructions: it may never end')
  })

  test('is cut off when it sleeps and sleeps, however long, alone or with another that waits for it', () => {
    const cutOff = { budget: true, message: 'cut off after 20,000 steps: it may never end' }
    for (const call of ['sleep(1000000)', 'sleep(1)', 'usleep(100)', 'sched_yield()']) {
      const body = `static int ready; while (!ready) ${call};`
      const r = recorded(onDax(body, 'budget: { steps: 20000 }', '#include <unistd.h>\n#include <sched.h>'))
      expect(summary(r).problem).toMatchObject(cutOff)
      // Of the time only what it came to by each step is kept.
      expect(r.machine.journal.length).toBeLessThan(30_000)
    }
    const waits = onDax(
      'pthread_t t; pthread_create(&t, 0, wait, 0); pthread_join(t, 0);',
      'budget: { steps: 20000 }',
      `#include <pthread.h>
#include <unistd.h>
static volatile int ready;
static void *wait(void *a) { while (!ready) sleep(1); return a; }`,
    )
    expect(summary(recorded(waits)).problem).toMatchObject(cutOff)
  })

  test('dies of an address where nothing is, and says which', () => {
    const r = recorded(onDax('p = (void *)0x1234560; p[0] = 1;'))
    expect(summary(r).problem).toMatchObject({
      message: 'SIGSEGV: write to address 0x1234560, where nothing is mapped',
      line: 17,
    })
  })

  test('dies of an access past the end of the device that it has mapped, and of one that the mapping forbids', () => {
    const map = (length: string, protection: string): string =>
      `char *q = mmap(0, ${length}, ${protection}, MAP_SHARED, open("/dev/dax0.0", O_RDWR), 0);`
    const past = recorded(onDax(`${map('128 << 20', 'PROT_READ | PROT_WRITE')} q[0] = 1; q[100 << 20] = 1;`))
    expect(summary(past).problem?.message).toMatch(
      /^SIGBUS: write to address 0x7f\w+, which is past the end of what is mapped there$/,
    )
    const read = recorded(onDax(`${map('2 << 20', 'PROT_READ')} if (q[0] == 0) q[1] = 1;`))
    expect(summary(read).problem?.message).toMatch(/^SIGSEGV: write to address 0x7f\w+, whose mapping forbids it$/)
  })

  test('dies of a failed assertion, which names its line', () => {
    const r = recorded(
      onDax('assert(p[0] == 1);').replace('#include <fcntl.h>', '#include <assert.h>\n#include <fcntl.h>'),
    )
    expect(summary(r).problem?.message).toContain("assertion `p[0] == 1' failed at line 18")
  })

  test('whose setup fails says which line of it, in the words of the tool', () => {
    const r = recorded(onDax('', 'setup: |\n  echo 1 > /sys/bus/nd/devices/region0/size'))
    expect(summary(r).problem).toMatchObject({ line: 3 })
  })

  test('is refused before it runs when it does not compile, with the place', () => {
    expect(refusal(onDax('p[0] = unknown;'))).toMatch(/^text:17:\d+: error: .*unknown/)
    expect(refusal('---\nkernel: v5.99\n---\nint main(void) { return 0; }')).toMatch(/^text:2:9: error: .*v5\.99/)
    expect(refusal('---\nthreads: [nobody]\n---\nint main(void) { return 0; }')).toContain('nobody()')
  })

  test('has nothing left to recover when recovery itself fails', () => {
    const text = `${onDax('')}int recover(void) { volatile uint64_t *p = (void *)16; return p[0]; }`
    expect(summary(recorded(text, { crashAt: 'end' })).recover).toMatchObject({
      broken: true,
      message: 'SIGSEGV: read of address 0x10, where nothing is mapped',
    })
  })
})

describe('threads that share a core', () => {
  const more = `
static void work(int first) {
  volatile uint64_t *p = map();
  for (int i = 0; i < 12; i++) { p[first + i * 8] = i + 1; _mm_clwb((void *)&p[first + i * 8]); if (i % 3 == 2) _mm_sfence(); }
}
void a(void) { work(0); }
void b(void) { work(1024); }
void c(void) { work(2048); }
`
  const text = onDax('', 'threads: [a, b, c]\nmachine: { cores: 1, policy: POLICY }', more)

  test.each(['lazy', 'eager', 'random'])('finish, and what they fenced survives: %s', (policy) => {
    const r = recorded(text.replace('POLICY', policy))
    expect(runReport(r, undefined)).toMatchObject({ exit: { a: 0, b: 0, c: 0 }, counts: { sfence: 12, clwb: 36 } })
    expect(lossView(r, r.machine.end)).toMatchObject({ lostBytes: 0, survivingBytes: 288 })
  })

  test('can lose their power at any step, switches included', () => {
    const lazy = text.replace('POLICY', 'lazy')
    const { programStart, end } = recorded(lazy).machine
    for (let step = programStart; step <= end; step += 5)
      expect(recorded(lazy, { crashAt: step }).machine.failedAt).toBe(step + 1)
  })

  test('all end when one of them calls exit()', () => {
    const exits = `
void a(void) { exit(3); }
void b(void) { for (volatile int i = 0; i < 1000; i++) ; printf("b\\n"); }
`
    const r = recorded(
      onDax('', 'threads: [a, b]', exits).replace('#include <fcntl.h>', '#include <fcntl.h>\n#include <stdlib.h>'),
    )
    expect(runReport(r, undefined)).toMatchObject({ stdout: '', exit: { a: 3, b: 3 } })
  })
})

describe('an access that is not aligned', () => {
  test('is one store when it crosses a page, and reads back what it wrote', () => {
    const body =
      '*(volatile uint64_t *)((char *)p + 4093) = 0x1122334455667788; printf("%lx", *(volatile uint64_t *)((char *)p + 4093));'
    const front =
      'machine: { nvdimms: [{ size: 64M }, { size: 64M }], regions: [{ type: pmem, nvdimms: [0, 1], interleave: 4K }] }'
    const report = runReport(recorded(onDax(body, front)), undefined)
    expect(report).toMatchObject({ stdout: '1122334455667788', counts: { store: 1 } })
  })
})

describe('a store that had to wait for room', () => {
  test('is still known by the line that wrote it', () => {
    const r = recorded(onDax('for (int i = 0; i < 100; i++) p[i] = i;'))
    const { lost } = lossView(r, r.machine.end)
    expect(new Set(lost.map(({ sourceLine }) => sourceLine))).toEqual(new Set([17]))
    expect(lost.reduce((sum, { length }) => sum + length, 0)).toBe(800)
  })
})

describe('a real table as hardware', () => {
  const tables = ['a-1nvdimm-nolabel', 'c1-2nvdimm-nolabel', 'h1-numa2-nvdimm-each'].map((name) =>
    readFileSync(new URL(`../../test/fixtures/groundtruth/${name}/NFIT.bin`, import.meta.url)),
  )
  const body = 'for (int i = 0; i < 4000; i += 500) p[i] = i; _mm_clwb((void *)p); _mm_sfence();'

  test('carries a program', () => {
    for (const table of tables) {
      const r = recorded(onDax(body, `machine: { nfit: ${Buffer.from(table).toString('base64')} }`))
      expect(runReport(r, undefined)).toMatchObject({ exit: { main: 0 }, counts: { store: 8 } })
    }
  })

  test('may be damaged in any way: it is refused, or something is recorded', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.constantFrom(...tables), damage, (table, changes) => {
        const bytes = Uint8Array.from(table)
        for (const [at, value] of changes) bytes[36 + (at % (bytes.length - 36))] = value
        const text = onDax(body, `machine: { nfit: ${Buffer.from(bytes).toString('base64')} }`)
        const parsed = parseScenario(text)
        if (!parsed.ok) throw new Error('the front matter is sound')
        const recording = record(parsed.value, text, { crashAt: 'end', prepare: prepareAny })
        if (recording.ok) expect(recording.value.steps).toBeGreaterThan(0)
        else expect(recording.error.length).toBeGreaterThan(0)
      }),
      { numRuns: runs(60) },
    )
  })
})

describe('threads that sleep', () => {
  const during = (body: string, thread: string): string =>
    onDax(
      `begun = now(); pthread_t t; pthread_create(&t, 0, other, 0); ${body} pthread_join(t, 0); printf("end %ld\\n", at());`,
      '',
      `#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
static volatile int ready;
static double begun;
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + 1e-9 * t.tv_nsec; }
static long at(void) { return (long)(now() - begun); }
static void *other(void *a) { ${thread} return a; }`,
    )
  const printed = (text: string): string => {
    const r = recorded(text)
    // Behind what the setup printed.
    return frame(r, r.steps - 1, r.steps - 1).output.replace(/^.*\}\n/s, '')
  }

  test('wake up in the order of their times, which have passed then', () => {
    const body = 'sleep(3); printf("main %ld\\n", at()); sleep(10);'
    const thread = 'for (int i = 0; i < 4; i++) { sleep(2); printf("other %ld\\n", at()); }'
    expect(printed(during(body, thread))).toBe('other 2\nmain 3\nother 4\nother 6\nother 8\nend 13\n')
  })

  test('see what another does meanwhile, whether that sleeps, computes, or waits for them', () => {
    expect(printed(during('sleep(5); ready = 1;', 'while (!ready) sleep(1);'))).toMatch(/^end [56]\n$/)
    const counts = 'for (volatile int i = 0; i < 3000; i++); ready = 1;'
    expect(printed(during(counts, 'while (!ready) usleep(100);'))).toMatch(/^end \d+\n$/)
    expect(printed(during('', 'sleep(100);'))).toBe('end 100\n')
  })
})

describe('library code', () => {
  test('counts as ticks: a program that never ends inside it is cut off too', () => {
    const body = 'static char a[100000]; for (;;) memset(a, 1, sizeof a);'
    const r = recorded(onDax(body, 'budget: { steps: 20000, ticks: 300000 }'))
    expect(summary(r).problem).toMatchObject({ budget: true })
  })
  test('prints no field of any width that a program asks for', () => {
    expect(summary(recorded(onDax('printf("%1000000000d", 1);'))).problem?.message).toContain('1000000000 characters')
  })
  test('is cut off when it prints without end', () => {
    const r = recorded(onDax('for (;;) printf("%1000d", 1);'))
    expect(summary(r).problem).toMatchObject({ budget: true, message: expect.stringContaining('characters of output') })
  })
})

describe('--crash-at', () => {
  test('line:N of a call is behind everything that it called', () => {
    const more = 'static void put(volatile uint64_t *p) {\n  p[0] = 1;\n  p[1] = 2;\n}'
    const r = recorded(onDax('put(p);', '', more))
    expect(lossView(r, crashStep(r, { line: 20 }) ?? 0).lostBytes).toBe(16)
  })
  test('line:N under the eager policy is behind what hardware does at once', () => {
    const r = recorded(onDax('p[0] = 1;', 'machine: { policy: eager }'))
    expect(lossView(r, crashStep(r, { line: 17 }) ?? 0).lost).toMatchObject([{ where: 'l1' }])
  })
})

describe('--crash-at in the default scenario', () => {
  const r = recorded(early)
  test('line:N is right after the line has run for the first time', () => {
    const step = crashStep(r, { line: 32 })
    expect(r.machine.trace.kindOf(step ?? 0)).toBe('clwb')
    expect(crashStep(r, { line: 1 })).toBeUndefined()
  })
  test('a number outside the recording is no step', () => {
    expect(crashStep(r, r.steps)).toBeUndefined()
  })
  test('counts speak of the program, not of its setup', () => {
    expect(runReport(r, undefined)).toMatchObject({
      counts: { store: 8, clwb: 1, sfence: 1, movnt: 0 },
      countsByFunction: { strcpy: { store: 6 }, main: { store: 2, clwb: 1 } },
      setupCounts: { movnt: 512 },
    })
  })
})
