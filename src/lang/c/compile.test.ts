import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rare } from './check-rare.ts'
import { compile } from './compile.ts'
import { headers } from './headers.ts'

/** Milliseconds; a busy machine is no failure. */
const PATIENCE = 120_000

const program = `#include <stdio.h>
#include <stdint.h>
#include <immintrin.h>
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define CAT(a, b) a##b
struct rec { uint64_t seq; char name[16]; struct { int x, y; }; union { int i; char b[4]; }; unsigned bits : 3; };
static struct rec table[] = { [1] = { .name = "bob", .y = 4, .b = {1, 2} }, [0] = { 7, "alice" } };
typedef int (*op)(int, int);
enum color { RED, GREEN = 5 };
static int add(int a, int b) { return a + b; }
int main(int argc, char **argv) {
  op f = add; int total = 0; double d = 1.5;
  for (int i = 0; i < 3; i++) { if (i == 1) continue; total += f(i, MAX(i, CAT(1, 2))); }
  switch (total) { case RED: break; case 1 ... 4: total--; default: goto out; }
  do { total <<= 1; } while (total < 100 && !(total & 8));
out:
  table[0] = (struct rec){ .seq = sizeof table, .bits = 3 };
  _mm_clwb(&table[0].i); _mm_sfence();
  printf("%d %s %f\\n", total, table[1].name, d * 2);
  return argv[0] != 0 && argc ? (int)d : -1;
}
`
const pieces = program.match(/\w+|"[^"\n]*"|\s+|[^\w\s]/g) ?? []

/** Every answer is a program or places and reasons. */
function survives(text: string): void {
  const result = compile(text, { headers, rare })
  if (result.ok) return
  expect(result.error.length).toBeGreaterThan(0)
  const lines = text.split('\n').length
  for (const { line, column, length, message } of result.error) {
    expect(message).not.toBe('')
    expect(line >= 1 && line <= lines && column >= 1 && length >= 1).toBe(true)
  }
}

test('the program that is mutated here compiles', () => {
  expect(compile(program, { headers, rare }).ok).toBe(true)
})

test('any sequence of tokens is a program or a list of mistakes', { timeout: PATIENCE }, () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 120 }), (words) => survives(words.join(' '))),
    {
      numRuns: 500,
    },
  )
})

test('any text is a program or a list of mistakes', { timeout: PATIENCE }, () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), survives), { numRuns: 300 })
})

test('a program with pieces removed, doubled, replaced or inserted is a program or a list of mistakes', {
  timeout: PATIENCE,
}, () => {
  const edit = fc.record({
    at: fc.nat(pieces.length - 1),
    drop: fc.integer({ min: 0, max: 8 }),
    insert: fc.array(fc.constantFrom(...pieces), { maxLength: 4 }),
  })
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      const words = [...pieces]
      for (const { at, drop, insert } of edits) words.splice(at, drop, ...insert)
      survives(words.join(''))
    }),
    { numRuns: 400 },
  )
})

test('hostile depth and size end in a message', { timeout: PATIENCE }, () => {
  const many = (text: string, n = 60_000): string => text.repeat(n)
  const hostile = [
    `int x = ${many('(')}1${many(')')};`,
    `int f(int a) { return ${many('a+')}a; }`,
    `int f(int a) { return ${many('- ')}a; }`,
    `int f(int *a) { return a${many('[0]')}; }`,
    `void f(void) { ${many('{')} }`,
    `void f(int a) { ${many('if (a) ; else ', 20_000)} ; }`,
    `int ${many('*')}p;`,
    `int x[] = ${many('{')}`,
    `${many('struct {', 20_000)}`,
    `${Array.from({ length: 5000 }, (_, i) => `typedef t${i} *t${i + 1};`)
      .join('')
      .replace('t0', 'int')}`,
    `${Array.from({ length: 60 }, (_, i) => `#define a${i + 1} a${i} a${i}\n`).join('')}int x = a60;`,
    `#define f(x) x x\nint x = ${many('f(', 2000)}1${many(')', 2000)};`,
    `#if ${many('(')}1\n#endif`,
    'char x[1 << 30];',
    'char x[1 << 30][1 << 30];',
    'int f(void) { char a[10000000]; return a[0]; }',
    ' '.repeat((1 << 20) + 1),
    `int x = ${'b'.repeat(90_000)};`,
    `#define twice(a) paste(a, a)\n#define paste(a, b) a##b\nint x = ${many('twice(', 150)}a${many(')', 150)};`,
    `#define text(x) #x\n#define both(x) text(x)\nchar *x = ${many('both(', 100)}"\\\\"${many(')', 100)};`,
    `int f(void) { ${Array.from({ length: 90_000 }, (_, i) => `x${i};`).join('')} }`,
    `void f(int n) { goto in; { int a[n]; in: a[0] = 1; } }`,
    `void f(int n) { switch (n) { int a[n]; case 1: a[0] = 1; } }`,
  ]
  for (const text of hostile) expect(compile(text, { headers, rare }).ok, text.slice(0, 40)).toBe(false)
})

test('the same text compiles to the same program', () => {
  expect(compile(program, { headers, rare })).toEqual(compile(program, { headers, rare }))
})
