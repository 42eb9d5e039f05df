import { expect, test } from 'vitest'
import { recorded } from '../../../../test/recorded.ts'
import { runReport } from '../../inspect/report.ts'

/** What a program prints, and why it stops early. */
function ran(text: string): { stdout: string; problem: string | undefined } {
  const { stdout, problem } = runReport(recorded(`#include <stdio.h>\n#include <stdlib.h>\n${text}`), undefined)
  return { stdout, problem: problem && `${problem.line}: ${problem.message}` }
}

test('a read of a local variable in which nothing was stored stops the thread', () => {
  expect(ran('int main(void) { int sum;\nfor (int i = 0; i < 3; i++)\nsum += i;\nreturn sum; }').problem).toMatch(
    /^5: local variable 'sum' is read before anything was stored in it/,
  )
  const maybe = 'static int f(int n) { long value; if (n) value = n; return value; }'
  expect(ran(`${maybe}\nint main(void) { printf("%d ", f(2)); fflush(stdout); return f(0); }`)).toEqual({
    stdout: '2 ',
    problem: expect.stringMatching(/^3: local variable 'value' is read/),
  })
})

test('each turn of a loop declares its variables anew', () => {
  const text = 'int main(void) { for (int i = 0; i < 2; i++) { int kept; if (i == 0) kept = 1; printf("%d", kept); } }'
  expect(ran(text)).toEqual({ stdout: '1', problem: expect.stringMatching(/^3: local variable 'kept'/) })
})

test('so does one of an element or a member, of those alone in which nothing was stored', () => {
  const sum = `static int sum(int n) { int a[4]; for (int i = 0; i < n; i++) a[i] = i;
int all = 0; for (int i = 0; i < 4; i++) all += a[i]; return all; }`
  expect(ran(`${sum}\nint main(void) { printf("%d ", sum(4)); fflush(stdout); return sum(3); }`)).toEqual({
    stdout: '6 ',
    problem: expect.stringMatching(/^4: local variable 'a\[\.\.\.\]' is read/),
  })
  const record = 'struct r { int a; union { long l; char c[8]; } u; struct { short s[3]; } in[2]; unsigned b : 3; };'
  const read = (stores: string, what: string) =>
    ran(`${record}\nint main(void) { struct r x; ${stores} printf("%d", (int)(${what})); }`)
  expect(read('x.a = 7; x.in[1].s[2] = 8; x.u.c[3] = 1;', 'x.a + x.in[1].s[2]')).toEqual({
    stdout: '15',
    problem: undefined,
  })
  expect(read('x.in[1].s[2] = 8;', 'x.in[1].s[1]').problem).toMatch(/'x\.in\[1\]\.s\[1\]' is read/)
  expect(read('x.u.c[3] = 8;', 'x.u.l').problem).toMatch(/'x\.u' is read/)
  expect(read('x.a = 1;', 'x.b').problem).toMatch(/'x' is read/)
  expect(read('x.b = 1;', '++x.b').stdout).toBe('2')
  expect(read('int i = 0, m[2][2]; m[i++][i++] = 5; m[0][0] = i;', 'm[0][1] * 10 + m[0][0]').stdout).toBe('52')
  expect(read('struct r y; y.a = 3; x = y;', 'x.a').stdout).toBe('3')
})

test('an index beyond an array is no question of what was stored', () => {
  const text = 'int main(int argc, char **argv) { struct { int a[2], b; } x; x.b = 3; printf("%d", x.a[argc + 1]); }'
  expect(ran(text).stdout).toBe('3')
  expect(
    ran('int main(int argc, char **argv) { int a[2]; int i = argc * 5000; a[i] = 1; return a[i] - 1; }').problem,
  ).toMatch(/Segmentation|mapped|stack/)
})

test('who stores through a pointer, in a condition or behind a jump has stored', () => {
  const text = `static void set(int *p) { *p = 4; }
int main(void) { int a, b, c; set(&a); if ((b = 2) && a) c = b; else c = 0; goto end; end: printf("%d %d %d", a, b, c); }`
  expect(ran(text)).toEqual({ stdout: '4 2 2', problem: undefined })
})

test('an array that no stack has room for is a stack overflow', () => {
  const text = 'int main(int argc, char **argv) { long n = argc * 1000000000l; char a[n]; a[0] = 1; return a[0]; }'
  expect(ran(text).problem).toMatch(/stack overflow: no room for an array of 1000000000 bytes/)
  expect(ran('int main(int argc, char **argv) { int n = -argc; int a[n]; return a[0]; }').problem).toMatch(
    /stack overflow: no room for an array of -4 bytes/,
  )
})

test('memory of arrays and of alloca comes back with every return', () => {
  const text = `static long f(int n) { char a[n], *p = alloca(n); a[n - 1] = p[n - 1] = 1; if (n % 2) return a[n - 1]; return p[n - 1]; }
int main(void) { long sum = 0; for (int i = 0; i < 300; i++) sum += f(1000000 + i); printf("%ld", sum); }`
  expect(ran(text)).toEqual({ stdout: '300', problem: undefined })
})
