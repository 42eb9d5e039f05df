/** The page begins with a part of the compiler and its headers: what that part accepts means the same in the whole. */

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cProgram } from '../src/engine/c-program.ts'
import { record } from '../src/engine/record.ts'
import { wholeCProgram } from '../src/engine/whole-c-program.ts'
import { rare } from '../src/lang/c/check-rare.ts'
import { compile } from '../src/lang/c/compile.ts'
import { headers } from '../src/lang/c/headers.ts'
import { allHeaders } from '../src/lang/c/more-headers.ts'
import type { Program } from '../src/lang/c/program.ts'
import { parseScenario } from '../src/scenario/parse.ts'
import { readScenario } from '../src/scenario/read.ts'
import { runs } from './runs.ts'

/** Of a program only what runs; types of variables are no data to compare. */
function running({ code, data, functions, natives, globals }: Program): unknown {
  return {
    code: [...code],
    data: [...data],
    functions: functions.map(({ locals, ...fn }) => [fn, locals.length]),
    natives,
    globals: globals.map(({ name, address, size }) => [name, address, size]),
  }
}

/** Whether the small part took it; if so, the whole does, with the same instructions. */
function agreed(text: string): boolean {
  const small = compile(text, { headers })
  if (!small.ok) return false
  const whole = compile(text, { headers: allHeaders, rare })
  expect(whole.ok ? [] : whole.error, text).toEqual([])
  if (whole.ok) expect(running(small.value), text).toEqual(running(whole.value))
  return true
}

const read = (folder: string, ending: string): readonly string[] => {
  const path = fileURLToPath(new URL(folder, import.meta.url))
  return readdirSync(path)
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(`${path}${name}`, 'utf8'))
}

test('whole programs', { timeout: 60_000 }, () => {
  for (const text of read('c-programs/', '.c')) agreed(text)
  const scenarios = read('../src/scenarios/', '.pmem').map((text) => readScenario(text))
  const programs = scenarios.flatMap((o) => (o.ok && o.value.what.kind === 'c' ? [o.value.what.text] : []))
  expect(programs.filter((text) => !agreed(text))).toEqual([])
})

test('what the small part takes is recorded step by step as with the whole kernel', () => {
  for (const text of read('../src/scenarios/', '.pmem')) {
    const parsed = parseScenario(text)
    if (!parsed.ok) throw new Error(text)
    const hashes = [cProgram, wholeCProgram].map((prepare) => {
      const recorded = record(parsed.value, text, { prepare })
      return recorded.ok ? recorded.value.hash() : recorded.error
    })
    expect(hashes[0]).toEqual(hashes[1])
  }
})

const HEADERS = Object.keys(headers).filter((name) => name !== 'builtins')
const TOP = [
  'static int table[4];',
  'struct pair { int a; long b; };',
  'static struct pair one;',
  'typedef unsigned char byte;',
  'static int twice(int x) { return 2 * x; }',
  '#define SIZE 4',
  '#define LEAST(a, b) ((a) < (b) ? (a) : (b))',
  '#ifdef SIZE\nstatic int has_size = 1;\n#endif',
  '#ifndef __x86_64__\nstatic int other;\n#endif',
  '#if __STDC_VERSION__ >= 201112L\nstatic int modern = 1;\n#else\nstatic int old = 2;\n#endif',
  'static const char *text = "abc";',
  'static int listed[] = {1, 2, 3};',
  '_Atomic int shared;',
  'static double half = 0.5;',
  'enum kind { FIRST, SECOND = 7 };',
  'int printf(const char *format, ...);',
]
const INSIDE = [
  'n += table[n & 3];',
  'n = twice(n);',
  'one.a = n; n += one.b;',
  'n = LEAST(n, 3);',
  'for (int i = 0; i < 3; i++) n ^= i;',
  'printf("%d %s %5.3lu\\n", n, "x", (unsigned long)n);',
  'printf("%f\\n", 1.5);',
  'printf("%n", &n);',
  'printf(text, n);',
  'printf("%hhd %llx %c %p %%", 1, 2ll, 3, (void *)0);',
  'printf("%zd %jd %td", (long)n, (long)n, (long)n);',
  'memset(&n, 0, sizeof n);',
  'n += strlen("four");',
  'n = sizeof(struct pair) + _Alignof(long);',
  'assert(n >= 0);',
  'if (n > 3) exit(1); else abort();',
  'switch (n) { case 1: n++; break; default: n--; }',
  'n = ({ int m = n; m + 1; });',
  'n = n ?: 4;',
  'n = _Generic(n, int: 1, default: 2);',
  'n = (int)__LINE__ + __builtin_expect(n, 1);',
  'n += __builtin_popcount(n);',
  'n = __sync_fetch_and_add(&n, 1);',
  'shared++;',
  'int a[3] = {1, 2}; n += a[1];',
  'struct pair p = {1, 2}; n += p.a;',
  'n += (int)offsetof(struct pair, b);',
  'puts(__func__);',
  'unsigned u = n; u >>= 3; n = u % 7;',
  'long l = -n; l /= 3; n = (int)(l * 2);',
  'goto end; end: n++;',
  'char *s = (char *)&n; s[1] = 2;',
]
const program = fc
  .record({
    includes: fc.subarray(HEADERS),
    top: fc.subarray(TOP),
    inside: fc.array(fc.constantFrom(...INSIDE), { maxLength: 6 }),
  })
  .map(
    ({ includes, top, inside }) =>
      `${includes.map((name) => `#include <${name}>\n`).join('')}${top.join('\n')}
int main(void) { int n = 1; ${inside.map((s) => `{ ${s} }`).join('\n')} return n; }\n`,
  )

test('random programs', () => {
  fc.assert(
    fc.property(program, (text) => void agreed(text)),
    { numRuns: runs(100) },
  )
  expect(fc.sample(program, { numRuns: 200, seed: 1 }).some(agreed)).toBe(true)
})
