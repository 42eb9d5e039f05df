/** Arithmetic as x86-64 and gcc do it: the expected texts were printed by gcc-compiled twins. */

import { expect, test } from 'vitest'
import { execute } from './fake-host.ts'

/** What a program prints whose `main` is `body`. */
const printed = (prelude: string, body: string): string =>
  execute(`#include <stdio.h>\n#include <stddef.h>\n${prelude}\nint main(void) {\n${body}\nreturn 0; }`).output

test('narrow integers wrap at their size and are promoted to int first', () => {
  const output = printed(
    '',
    String.raw`signed char c = -128; unsigned char u = 255; short s = -32768; unsigned short t = 65535;
printf("%d %d %d %d\n", c - 1, u + 1, s - 1, t + 1);
c--; u++; s--; t++;
printf("%d %d %d %d %d\n", c, u, s, t, (char)200 < 0);`,
  )
  expect(output).toBe('-129 256 -32769 65536\n127 0 32767 0 1\n')
})

test('a comparison with an unsigned operand is unsigned', () => {
  const output = printed(
    '',
    String.raw`unsigned u = 0; u--; long l = -1;
printf("%d %d %d %d %d\n", -1 < 1u, -1 < 1L, u > 0, l < u, l < 1ul);
printf("%u %ld %lx %d\n", u, (long)u, (unsigned long)-1, sizeof(int) - 5 < 0);`,
  )
  expect(output).toBe('0 1 1 1 0\n4294967295 4294967295 ffffffffffffffff 0\n')
})

test('division rounds towards zero and the remainder has the sign of the dividend', () => {
  const output = printed(
    '',
    String.raw`int a = -7; long b = -7, big = 1L << 62; unsigned long m = -7ul;
printf("%d %d %ld %ld\n", a / 2, a % 2, b / -2, b % -2);
printf("%ld %ld %lu %lu\n", big / 1000000007, big % 1000000007, m / 3, m % 1000000007);
printf("%lu %lu\n", 0xfedcba9876543210ul / 0x12345678901ul, m % (m - 5));`,
  )
  expect(output).toBe('-3 -1 3 -1\n4611685986 145586002 6148914691236517203 582344001\n14680064 5\n')
})

test('64-bit products and sums carry between the words', () => {
  const output = printed(
    '',
    String.raw`unsigned long a = 0xfedcba9876543210, b = 0x123456789abcdef; long c = -123456789012;
printf("%lx %lx %lx %ld %ld\n", a * b, a + b, b - a, c * -77, c * c);
printf("%x %ld\n", 0xffffffffu * 3u, 0x7fffffffL + 1);`,
  )
  expect(output).toBe(
    '2236d88fe5618cf0 ffffffffffffffff 2468acf13579bdf 9506172753924 4568148269394301328\nfffffffd 2147483648\n',
  )
})

test('shifts fill with the sign for signed types and with zeros for unsigned ones', () => {
  const output = printed(
    '',
    String.raw`int i = -1000; unsigned u = -1000; long l = -1000L << 32; unsigned long m = l; int by = 35;
printf("%d %x %ld %lx %lx\n", i >> 3, u >> 3, l >> by, m >> by, m << by);
printf("%ld %lx %x\n", l >> 1, 1ul << 63, 1u << 31);`,
  )
  expect(output).toBe('-125 1fffff83 -125 1fffff83 0\n-2147483648000 8000000000000000 80000000\n')
})

test('bitwise operators, not and minus', () => {
  const output = printed(
    '',
    String.raw`unsigned char c = 0x0f; unsigned u = 5; long l = 5; int z = 0;
printf("%d %u %ld %d %d %ld\n", ~c, ~u, ~l, -c, !z, -l);
printf("%x %x %x %d\n", u & 6, u | 10, u ^ 0xff, !l);`,
  )
  expect(output).toBe('-16 4294967290 -6 -15 1 -5\n4 f fa 0\n')
})

test('compound assignment computes in the common type and stores in its own', () => {
  const output = printed(
    '',
    String.raw`unsigned char c = 200; c += 100; short s = 1; s *= 70000; int i = 7; i <<= 3; i ^= 5; i %= 50; i -= -2; i /= 3;
long l = 3; l *= 1.5; l |= 1 << 4; unsigned u = 10; u >>= 1; u &= 4;
printf("%d %d %d %ld %u\n", c, s, i, l, u);`,
  )
  expect(output).toBe('44 4464 4 20 4\n')
})

test('the value of i++ is the old one and of ++i the new one', () => {
  const output = printed(
    '',
    String.raw`int i = 5; long l = 7; unsigned char c = 255; int a[3] = {1, 2, 3}; int *p = a;
printf("%d", i++); printf(" %d", ++i); printf(" %ld", l--); printf(" %d", c++); printf(" %d", c);
printf(" %d", *p++); printf(" %d", *++p); printf(" %d\n", (*p)++); printf("%d %ld\n", a[2], (long)(p - a));`,
  )
  expect(output).toBe('5 7 7 255 0 1 3 3\n4 2\n')
})

test('floating point numbers round like SSE', () => {
  const output = printed(
    '',
    String.raw`double d = 10; float f = 0.1f; d = d / 3 + 0.25f;
printf("%f %f %d %d %d\n", d, f * 3, f == 0.1, (int)-1.9, (int)(unsigned char)250.7);
double n = -0.0; printf("%d %d %u %lu\n", !n, n ? 1 : 0, (unsigned)3e9, (unsigned long)1.5e19);
d++; d *= 2.5; printf("%f %f %d %f\n", d, -d, 3 < 2.5, (double)(float)16777217 + 18446744073709551615ul);`,
  )
  expect(output).toBe(
    '3.583333 0.300000 0 -1 250\n1 0 3000000000 15000000000000000000\n11.458333 -11.458333 0 18446744073726328832.000000\n',
  )
})

test('a _Bool holds 0 or 1', () => {
  const output = printed(
    '',
    String.raw`_Bool b = 256; int x = 3; _Bool p = &x; b += 5; printf("%d %d %zu %d\n", b, p, sizeof b, (_Bool)0.5);`,
  )
  expect(output).toBe('1 1 1 1\n')
})

test('the types of constants follow their size and suffix', () => {
  const output = printed(
    '',
    String.raw`printf("%zu %zu %zu %zu %zu\n", sizeof 2147483647, sizeof 2147483648, sizeof 0x80000000, sizeof 1L, sizeof 'a');
printf("%d %d %d %d\n", 0x80000000 > 0, -2147483648 < 0, 017, 0b101); printf("%d %d\n", '\x41', '\377');`,
  )
  expect(output).toBe('4 8 4 8 4\n1 1 15 5\n65 -1\n')
})
