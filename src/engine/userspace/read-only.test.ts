/** Writes to string literals and constant objects end the program as under gcc and Linux, which judge where they are. */

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DebugSession } from '../../../test/debug-session.ts'
import { recorded } from '../../../test/recorded.ts'
import { runReport } from '../inspect/report.ts'
import { summary } from '../inspect/summary.ts'

const HEAD = `#include <immintrin.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static int first = 1;
static char text[] = "abc";
static const int limit = 4, zero;
const char name[16] = "name";
static const int table[2][3] = { { 3, 1, 2 }, { 6, 5, 4 } };
static const struct pair { int a; long b; unsigned c : 4; } pair = { 1, 2, 3 };
static const struct pair pairs[2];
static const char *const words[] = { "one", "two" };
static const _Alignas(64) long aligned = 7;
static struct member { const int fixed; int open; } member = { 1, 2 };
static const volatile int port = 5;
static const int *literal = (const int[]){ 1, 2 };
static int after = 2;
static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
`
const plain = (body: string): string => `${HEAD}int main(void) {\n${body}\nreturn 0;\n}\n`
const threaded = (body: string): string => `${HEAD}static void *run(void *arg) {
${body}
return arg;
}
int main(void) {
  pthread_t t;
  if (pthread_create(&t, NULL, run, NULL)) return 99;
  void *result;
  pthread_join(t, &result);
  return 0;
}
`

const DIES: readonly string[] = [
  `char *s = "hello"; s[0] = 'j';`,
  `char *s = "hello"; s[5] = 'x';`,
  `*(long *)"sixteen bytes, ok" = 1;`,
  `*(short *)"hi" += 1;`,
  `char *s = "x"; *(double *)(s + 0) = 1.5;`,
  '*(int *)&limit = 5;',
  '++*(int *)&zero;',
  `((char *)name)[15] = 'x';`,
  '((int *)table)[5] = 0;',
  '((struct pair *)&pair)->b = 3;',
  '((struct pair *)&pair)->c = 3;',
  'struct pair other = { 0 }; *(struct pair *)&pairs[1] = other;',
  '((const char **)words)[1] = "three";',
  `((char *)words[1])[0] = 'T';`,
  '*(long *)&aligned = 8;',
  '((int *)literal)[1] = 3;',
  'static const int kept = 3; *(int *)&kept = 4;',
  '__atomic_fetch_add((int *)&limit, 1, __ATOMIC_SEQ_CST);',
  '__sync_bool_compare_and_swap((int *)&limit, 77, 1);',
  '__atomic_store_n((int *)&limit, 1, __ATOMIC_RELAXED);',
  '_mm_stream_si32((int *)&limit, 1);',
  'memcpy((char *)name, "other", 6);',
  'memmove((char *)name + 1, name, 4);',
  'memset((char *)name, 0, sizeof name);',
  'strcpy((char *)name, "n");',
  'strncpy((char *)name, "n", 8);',
  'strcat((char *)name, "n");',
  'sprintf((char *)name, "%d", 5);',
  'snprintf((char *)name, 4, "%d", 12345);',
  'sscanf("7", "%d", (int *)&limit);',
  'sscanf("seven", "%4s", (char *)name);',
  'strtok((char *)"a,b", ",");',
  'qsort((int *)table, 3, sizeof(int), compare);',
]

const LIVES: readonly string[] = [
  'const int local = 1; *(int *)&local = 2;',
  `const char local[] = "abc"; ((char *)local)[0] = 'x';`,
  'const struct pair local = { 1 }; ((struct pair *)&local)->b = 2;',
  '((int *)(const int[]){ 1, 2 })[1] = 3;',
  `text[0] = 'x'; first = 2; after = 3; strcpy(text, "no");`,
  'member.open = 3; *(int *)&member.fixed = 3;',
  '*(int *)&port = 6;',
  'memcpy(text, "xyz", 4); return strcmp(text, "xyz");',
  'memset((char *)name, 0, 0); memcpy((char *)name, text, 0); snprintf((char *)name, 0, "%d", 5);',
  '_mm_clflush(name); _mm_clwb(name);',
  'char *copy = strdup(name); copy[0] = 0; free(copy);',
  'return limit + zero + table[1][2] + (int)pair.b + pairs[1].a + (int)aligned + literal[1] - 19;',
  'return strlen(name) + strlen(words[1]) - 7;',
  'return __atomic_load_n(&limit, __ATOMIC_SEQ_CST) - 4;',
  'return (unsigned long)&aligned % 64;',
  'static const char large[2 << 20] = { [1 << 20] = 5 }; return large[1 << 20] - 5 + large[(2 << 20) - 1];',
]

/** Its exit status, and why it was ended. */
function outcome(source: string): { status: number | undefined; message: string | undefined } {
  const recording = recorded(source)
  const { exit } = runReport(recording, undefined)
  return { status: exit['main'], message: summary(recording).problem?.message }
}

describe.each([
  ['one thread', plain],
  ['several threads, which share data', threaded],
])('%s', (_, around) => {
  // A void pointer is what a thread returns.
  const returning = (body: string): string =>
    around === threaded ? body.replace(/return ([^;]+);/, 'if ($1) exit(98);') : body

  test.each(DIES)('%s', (body) => {
    expect(outcome(around(body)).message).toMatch(
      /^SIGSEGV: write to address 0x[34]\w{5}, which is read-only: a string literal or a const object$/,
    )
  })

  test.each(LIVES)('%s', (body) => {
    expect(outcome(around(returning(body)))).toEqual({ status: 0, message: undefined })
  })
})

test('the line is that of the write', () => {
  const recording = recorded(plain(`char *s = "hello";\n\ns[0] = 'j';`))
  expect(summary(recording).problem?.line).toBe(HEAD.split('\n').length + 3)
})

test.each([
  ['one thread', plain],
  ['several threads', threaded],
])('%s: where a program has died its constants are what they were', (_, around) => {
  const session = new DebugSession(around(`const char *s = words[0];\n*(int *)&limit = 5;`))
  const { trace } = session.machine
  const died = { step: trace.length - 1, tick: 0 }
  while (session.threads(died).length < (around === plain ? 1 : 2)) died.step--
  const name = around === plain ? 'main' : session.threads(died).find((thread) => thread.name !== 'main')?.name
  const said = (text: string): string => session.said(died, text, name === undefined ? {} : { name })
  expect(said('limit')).toBe('4')
  expect(said('s')).toMatch(/"one"$/)
  expect(said('pair.b')).toBe('2')
})

// Elsewhere `gcc` may be another compiler, for another machine.
const noGcc =
  process.platform !== 'linux' || process.arch !== 'x64' || spawnSync('gcc', ['--version']).error !== undefined

describe.skipIf(noGcc)('so says gcc', () => {
  const folder = mkdtempSync(`${tmpdir()}/read-only-`)
  afterAll(() => rmSync(folder, { recursive: true }))

  const bodies = [...DIES, ...LIVES].map(
    (body, i) => `case ${i}: {\n${body.replace('_mm_clwb(name);', '')}\n} return 0;`,
  )
  const program = `${HEAD}int main(int count, char **arguments) {\nswitch (atoi(arguments[1])) {\n${bodies.join('\n')}\n}\n}\n`

  beforeAll(() => {
    writeFileSync(`${folder}/p.c`, program)
    execFileSync('gcc', ['-O0', '-w', '-D_GNU_SOURCE', '-o', `${folder}/p`, `${folder}/p.c`])
  })

  /** The signal that ended it, or its exit status. */
  function native(at: number): string | number | null {
    const { status, signal } = spawnSync(`${folder}/p`, [String(at)])
    return signal ?? status
  }

  test.each(DIES.map((body, i) => [body, i] as const))('%s', (_, i) => expect(native(i)).toBe('SIGSEGV'))
  test.each(LIVES.map((body, i) => [body, i] as const))('%s', (_, i) => expect(native(DIES.length + i)).toBe(0))
})
