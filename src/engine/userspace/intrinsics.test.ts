import { describe, expect, test } from 'vitest'
import { onDax, recorded } from '../../../test/recorded.ts'
import { frame } from '../inspect/frame.ts'
import { runReport } from '../inspect/report.ts'
import { sentence } from '../inspect/sentence.ts'

const report = (body: string, front = '', more = '') => runReport(recorded(onDax(body, front, more)), undefined)
const output = (body: string, front = '', more = ''): string => report(body, front, more).stdout

const WITH_MOVDIR = 'machine: { cpu: { movdir64b: true } }'

describe('atomic builtins', () => {
  test('change persistent memory with one locked instruction each, and give the old or the new contents', () => {
    const { stdout, counts } = report(`
      volatile int *i = (volatile int *)p;
      printf("%d ", __sync_lock_test_and_set(i, -5));
      printf("%d ", __sync_fetch_and_add(i, 2));
      printf("%d ", __sync_add_and_fetch(i, 2));
      printf("%d ", __sync_val_compare_and_swap(i, -1, 7));
      printf("%d ", __sync_bool_compare_and_swap(i, 7, 8));
      printf("%d ", __sync_bool_compare_and_swap(i, 7, 9));
      printf("%lx ", __atomic_fetch_or(&p[1], 0x100000000ul, __ATOMIC_SEQ_CST));
      printf("%lx ", __atomic_exchange_n(&p[1], 1ul, __ATOMIC_ACQ_REL));
      printf("%d %d %lx\\n", i[0], i[1], p[1]);`)
    expect(stdout).toBe('0 -5 -1 -1 1 0 0 100000000 8 0 1\n')
    expect(counts.lock).toBe(8)
    expect(counts.store).toBe(0)
  })

  test('work on memory of any kind, and are fences there too', () => {
    const body = `
      long local = 40; char bytes[3] = {1, 2, 3};
      p[0] = 1; _mm_clwb((void *)p);
      printf("%ld ", __sync_fetch_and_add(&local, 2));
      printf("%d ", __sync_fetch_and_sub(&bytes[1], 3));
      printf("%d ", __sync_val_compare_and_swap(&global, 5, 6));
      printf("%d ", __sync_val_compare_and_swap(&global, 0, 6));
      printf("%ld %d %d %d %d\\n", local, bytes[0], bytes[1], bytes[2], global);`
    const r = recorded(onDax(body, '', 'int global;'))
    const { stdout, counts, crash } = runReport(r, r.machine.end)
    expect(stdout).toBe('40 2 0 0 42 1 -1 3 6\n')
    expect(counts.lock).toBe(4)
    expect(crash?.lostBytes).toBe(0)
  })

  test('let threads count together without losing any', () => {
    const text = (add: string): string => `---
threads: [a, b]
machine: { policy: random, seed: 3 }
---
#include <stdio.h>
int counter, ended;
void work(void) { for (int i = 0; i < 100; i++) ${add}; if (__sync_add_and_fetch(&ended, 1) == 2) printf("%d", counter); }
void a(void) { work(); }
void b(void) { work(); }
`
    expect(runReport(recorded(text('__sync_fetch_and_add(&counter, 1)')), undefined).stdout).toBe('200')
    expect(Number(runReport(recorded(text('counter++')), undefined).stdout)).toBeLessThan(200)
  })

  test('that cross a page are one instruction all the same', () => {
    const body = `uint64_t *q = (uint64_t *)((char *)p + 4093);
      printf("%lx ", __sync_fetch_and_add(q, 0x1122334455667788)); printf("%lx", *q);`
    expect(output(body)).toBe('0 1122334455667788')
    const r = recorded(onDax(body))
    const step =
      Array.from({ length: r.steps }, (_, i) => i).findLast((at) => r.machine.trace.kindOf(at) === 'lock') ?? 0
    expect(sentence(r, step)).toContain('It crosses a line: a split lock.')
    expect(frame(r, step, step - 1).motions).toMatchObject([{ to: { kind: 'l1' }, stage: 'dirty', label: 'lock' }])
  })
})

describe('movdir64b', () => {
  test('copies 64 bytes from wherever they are, past the caches', () => {
    const { stdout, counts } = report(
      `char line[64]; memset(line, 7, 64); p[9] = 0x0909090909090909;
      _movdir64b((void *)p, line); _movdir64b((void *)&p[16], (void *)&p[3]); _mm_sfence();
      printf("%lx %lx %lx", p[7], p[20], p[22]);`,
      WITH_MOVDIR,
    )
    expect(stdout).toBe('707070707070707 707070707070707 909090909090909')
    expect(counts.movdir64b).toBe(2)
  })
  test.each([
    ['_movdir64b((void *)&p[1], (void *)&p[8]);', WITH_MOVDIR, 139, 'movdir64b to address'],
    ['_movdir64b((void *)p, (void *)&p[8]);', '', 132, 'SIGILL: this processor has no movdir64b'],
    ['_mm_clwb((void *)p);', 'machine: { cpu: { clwb: false } }', 132, 'SIGILL: this processor has no clwb'],
  ])('%s kills the program (%s): %i', (body, front, status, message) => {
    const { exit, problem } = report(body, front)
    expect(exit).toEqual({ main: status })
    expect(problem?.message).toContain(message)
  })
})

test('flushes and streaming stores work on the memory of the program itself', () => {
  const body = 'long x = 1; _mm_stream_si64((long long *)&x, 5); _mm_clwb(&x); _mm_sfence(); printf("%ld", x);'
  expect(output(body)).toBe('5')
})

test('a thread waits in a locked instruction for the flushes before it', () => {
  const r = recorded(onDax('p[0] = 1; _mm_clwb((void *)p); __sync_fetch_and_add(&p[8], 1);'))
  const { trace, end } = r.machine
  const kinds = Array.from({ length: end - r.machine.programStart }, (_, i) => trace.kindOf(r.machine.programStart + i))
  expect(kinds.slice(kinds.indexOf('clwb'), kinds.indexOf('lock') + 1)).toEqual([
    'clwb',
    'drain',
    'flush-start',
    'flush',
    'lock',
  ])
})
