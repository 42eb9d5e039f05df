/** Control flow and functions: the expected texts were printed by gcc-compiled twins. */

import { expect, test } from 'vitest'
import { execute } from './fake-host.ts'

/** What a program prints whose `main` is `body`. */
const printed = (prelude: string, body: string): string =>
  execute(`#include <stdio.h>\n#include <stddef.h>\n${prelude}\nint main(void) {\n${body}\nreturn 0; }`).output

test('loops break, continue and nest', () => {
  const output = printed(
    '',
    String.raw`for (int i = 0, j = 10; i < j; i += 3, j--) { if (i == 3) continue; if (i == 9) break; printf("%d,%d ", i, j); }
int n = 3; do { n--; if (n == 1) continue; printf("%d ", n); } while (n > 0); while (1) { if (++n > 5) break; switch (n) { case 2: continue; case 3: n = 4; break; } } printf("%d\n", n);`,
  )
  expect(output).toBe('0,10 6,8 2 0 6\n')
})

test('a switch falls through, has ranges, and may be jumped into', () => {
  const output = printed(
    `static long pick(int x) { switch (x) { case -1: return -10; case 1 ... 3: return 13; case 2147483647: return 99; case 'a': { int q = 5; return q; } default: break; } return 0; }`,
    String.raw`printf("%ld %ld %ld %ld %ld\n", pick(-1), pick(2), pick(2147483647), pick('a'), pick(4)); int x = 3;
switch (x) { case 1: puts("1"); case 3: puts("3"); case 4: puts("4"); break; default: puts("d"); }
int n = 5, c = 0; switch (n % 4) { case 0: do { c += 100; case 1: c++; } while (--n > 0); } printf("%d\n", c); switch (5u) { case 4294967295u: puts("no"); } `,
  )
  expect(output).toBe('-10 13 99 5 0\n3\n4\n405\n')
})

test('goto leaves loops and goes back', () => {
  const output = printed(
    '',
    String.raw`int k = 0; again: if (k++ < 3) goto again; for (int i = 0; ; i++) for (;;) { if (i == 2) goto out; if (k++ > 5) break; } out: printf("%d\n", k);`,
  )
  expect(output).toBe('8\n')
})

test('&&, || and ?: evaluate only what they need', () => {
  const output = printed(
    `static int say(int x) { printf("%d", x); return x; }`,
    String.raw`say(0) && say(1); say(1) || say(2); int a = say(3) ? say(4) : say(5); int b = (say(0) || say(6)) && !say(0); printf(" %d %d\n", a, b);
int x = 0; x = x || (x = 5, x == 5); printf("%d %d\n", x, (1, 2, x) + 1);`,
  )
  expect(output).toBe('0134060 4 1\n1 2\n')
})

test('functions recurse and are called through pointers', () => {
  const output = printed(
    `static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); } static int depth(int n) { char pad[100]; pad[n % 100] = 1; return n == 0 ? 0 : pad[n % 100] + depth(n - 1); } typedef int op(int, int); static int add(int a, int b) { return a + b; } static int mul(int a, int b) { return a * b; } static int twice(op *f, int x) { return f(f(x, x), x); } static op *choose(int k) { return k ? &mul : add; }`,
    String.raw`op *ops[] = { add, mul }; for (int i = 0; i < 2; i++) printf("%d %d ", ops[i](6, 7), (*ops[i])(2, 3)); printf("%d %d %d\n", twice(choose(1), 3), fib(15), depth(5000));`,
  )
  expect(output).toBe('13 5 42 6 27 610 5000\n')
})

test('narrow parameters and results are converted', () => {
  const output = printed(
    `static unsigned char low(int x) { return x; } static int neg(signed char c) { return c; } static void swap(int *a, int *b) { int t = *a; *a = *b; *b = t; }`,
    String.raw`int a = 1, b = 2; swap(&a, &b); printf("%d %d %d %d\n", low(0x1ff), neg(200), a, b);`,
  )
  expect(output).toBe('255 -56 2 1\n')
})

test('macros paste, stringize, count lines and take any number of arguments', () => {
  const output = printed(
    String.raw`#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define STR(x) #x
#define XSTR(x) STR(x)
#define CAT(a, b) a##b
#define LIST X(one) X(two)
#define X(n) #n,
static const char *xs[] = { LIST };
#undef X
#define X(n) x_##n,
enum { LIST x_count };
#define PR(fmt, ...) printf(fmt "\n", __VA_ARGS__)
#define f(x) x + f(x)
static int (f)(int x) { return x; }
#if defined(FOO) || (1 > 2) || 0x7fffffffffffffff + 1u < 5
#error no
#elif defined __x86_64__ && !defined BAR
#define OK 1
#else
#define OK 0
#endif`,
    String.raw`PR("%s %s %s|%s|%d", STR(a + "b\n"), XSTR(MAX(1, 2)), xs[1], STR( p   q ), CAT(1, 2) + x_count); printf("%d %d %d\n", f(3), OK, MAX(3, \
4)); /* a comment */ PR("%s %d", __func__, /* inside */ 1); // gone`,
  )
  expect(output).toBe('a + "b\\n" ((1) > (2) ? (1) : (2)) two|p q|14\n6 1 4\nmain 1\n')
})

test('what C leaves undefined comes out as with gcc -O0', () => {
  const output = printed(
    'static int arr[4], g; static int two(int a, int b) { return 10 * a + b; } static int set(int v) { g = v; return 1; }',
    String.raw`int i = 1; printf("%d ", i + i++); i = 1; printf("%d ", two(i, i++)); i = 1; printf("%d ", two(i++, i)); i = 1; printf("%d ", two(++i, ++i));
i = 1; printf("%d ", ++i + ++i); i = 1; printf("%d ", two(i = 4, i = 5)); i = 1; arr[i] = i++; printf("%d ", arr[1] * 10 + arr[2]); i = 1; i += i++; printf("%d ", i);
char c = 1; printf("%d ", two(c++, c)); g = 1; printf("%d ", two(++g, ++g)); g = 1; printf("%d ", g++ + g); i = 1; printf("%d ", i - i++); g = 3; printf("%d ", g << set(5));
g = 0; arr[0] = 100; arr[2] = 200; arr[g] += (g = 2, 1); printf("%d\n", arr[0] * 10 + arr[2]);
struct { int a, b; } s = { 1, 2 }; printf("%d %d %d\n", two(i = 3, i), i, s.b);`,
  )
  expect(output).toBe('3 21 12 33 6 44 1 3 11 32 3 1 6 1201\n33 3 2\n')
})
