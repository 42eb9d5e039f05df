/** Pointers, arrays, records and their initial values: the expected texts were printed by gcc-compiled twins. */

import { expect, test } from 'vitest'
import { execute } from './fake-host.ts'

/** What a program prints whose `main` is `body`. */
const printed = (prelude: string, body: string): string =>
  execute(`#include <stdio.h>\n#include <stddef.h>\n${prelude}\nint main(void) {\n${body}\nreturn 0; }`).output

test('System V lays out structs and unions', () => {
  const output = printed(
    `struct P { char a; int b; short c; long d; };
struct Q { char c; struct P p; char t[3]; } __attribute__((packed));
union U { int i; char c[9]; double d; };
struct L { char c; _Alignas(64) int x; struct { char y; short z; }; int rest[]; };
struct B { unsigned a : 3; int b : 5; unsigned long c : 40; char d; int : 0; int e : 2; };
struct E { char x; } __attribute__((aligned(16)));`,
    String.raw`printf("%zu %zu %zu %zu %zu %zu\n", sizeof(struct P), sizeof(struct Q), sizeof(union U), sizeof(struct L), sizeof(struct B), sizeof(struct E));
printf("%zu %zu %zu %zu\n", offsetof(struct P, d), offsetof(struct Q, p.c), offsetof(struct L, z), offsetof(struct L, rest));
printf("%zu %zu %zu\n", _Alignof(struct L), _Alignof(struct Q), offsetof(struct Q, t[2]));`,
  )
  expect(output).toBe('24 28 16 128 16 16\n16 9 70 72\n64 1 27\n')
})

test('bit-fields keep their width and leave their neighbours alone', () => {
  const output = printed(
    `struct B { unsigned a : 3; int b : 5; unsigned long c : 40; char d; };`,
    String.raw`struct B b = {5, -3, 0x123456789a, 'x'}; struct B *p = &b;
p->a += 5; b.b--; b.c <<= 4; printf("%d %d %lx %c\n", b.a, b.b, (unsigned long)b.c, b.d);
printf("%d %d\n", (b.a = 9), (b.b = 31)); printf("%d\n", p->a++ + p->a);`,
  )
  expect(output).toBe('2 -4 23456789a0 x\n1 -1\n3\n')
})

test('designators, elided braces and open arrays initialise what they name', () => {
  const output = printed(
    `struct rec { int n; char name[8]; struct { int x, y; } pos; union { int i; char b[4]; }; };
struct rec table[] = { [1] = { .name = "bob", .pos.y = 4, .b = {1, 2} }, [0] = { 7, "alice", 1, 2, {0x01020304} }, { .n = 3 }, [2] = { 1 } };
int g[3][4] = { {1, 2}, {3}, {[2] = 9} }; int flat[2][2] = {1, 2, 3}; char text[] = "abc"; char cut[2] = "xy"; const char *names[] = {"zero", [2] = "two"};`,
    String.raw`for (int i = 0; i < 3; i++) printf("%d %s %d %d %x\n", table[i].n, table[i].name, table[i].pos.x, table[i].pos.y, table[i].i);
printf("%zu %zu %zu %d %d %d\n", sizeof table / sizeof *table, sizeof text, sizeof names, g[2][2], flat[1][0], flat[1][1]);
printf("%c%c %s %d\n", cut[0], cut[1], names[2], names[1] == 0);
struct rec l = { .pos = {5, 6}, .n = 1 }, m[2] = { l, { 2 } }; int v[5] = {[1] = 1, 2, [4] = 9};
printf("%d %d %d %s%d %d %d %d\n", l.n, l.pos.y, m[0].pos.x, m[1].name, m[1].n, v[2], v[3], v[4]);`,
  )
  expect(output).toBe('7 alice 1 2 1020304\n3  0 0 0\n1  0 0 0\n3 4 24 9 3 0\nxy two 1\n1 6 5 2 2 0 9\n')
})

test('globals start with addresses of other globals', () => {
  const output = printed(
    `extern int later; int *p = &later, a[3][4], *q = &a[1][2], **pp = &p; int later = 42; char *s = "hello" + 1;
static int f(void) { return 7; } int (*fp)(void) = f; long size = sizeof a + 1; char *end = (char *)&a[3];`,
    String.raw`printf("%d %d %d %s %d %ld %ld\n", *p, (int)(q - &a[0][0]), **pp, s, fp(), size, (long)(end - (char *)a));`,
  )
  expect(output).toBe('42 6 42 ello 7 49 48\n')
})

test('structs are copied by assignment, as arguments and as results', () => {
  const output = printed(
    `struct P { char a; int b; short c; long d; }; typedef struct { int a[2][3]; } M; struct big { char c[300]; int last; };
static struct P mk(int x) { struct P p = {1, x, 3, 4}; p.d = x * 2L; return p; }
static int sum(struct P p) { p.b++; return p.a + p.b + p.c + (int)p.d; }
static M fill(int s) { M m; for (int i = 0; i < 2; i++) for (int j = 0; j < 3; j++) m.a[i][j] = s + i * 3 + j; return m; }
static struct big both(struct big a, struct big b) { a.last += b.last; a.c[299] = b.c[1]; return a; }`,
    String.raw`struct P p = mk(21), r; r = p; r.b++; int k = 1; printf("%d %ld %d %d %d %d\n", p.b, p.d, sum(p), p.b, r.b, (k ? p : r).b);
printf("%d %ld %d\n", fill(10).a[1][2], mk(4).d, (struct P){ .c = 9 }.c); struct big x = { "ab", 5 }, y = both(x, x);
printf("%d %c %s\n", y.last, y.c[299], x.c); struct P a[2] = {{1, 2, 3, 4}, {5, 6, 7, 8}}, *q = a; *++q = a[0]; printf("%d %ld\n", a[1].c, (long)(q - a));`,
  )
  expect(output).toBe('21 42 68 21 22 21\n15 8 9\n10 b ab\n3 1\n')
})

test('pointer arithmetic counts elements', () => {
  const output = printed(
    `struct node { struct node *next; int v; }; static struct node pool[4];`,
    String.raw`int a[3][4] = {{0}}, (*row)[4] = a; row[2][3] = 8; a[1][0] = 5; void *v = a; printf("%d %d %ld %d\n", a[2][3], **(row + 1), (long)(&a[2][3] - &a[0][0]), *(int *)((char *)v + 16));
struct node *l = 0; for (int i = 0; i < 4; i++) { struct node *n = &pool[i]; n->next = l; n->v = i * i; l = n; } for (struct node *n = l; n; n = n->next) printf("%d ", n->v);
char b[] = "hello", *s = b; while (*s) { *s -= 32; s++; } printf("%s %ld %d %d\n", b, (long)(s - b), s > b, 2[b]);`,
  )
  expect(output).toBe('8 5 11 5\n9 4 1 0 HELLO 5 1 76\n')
})

test('static locals keep their values and inner names hide outer ones', () => {
  const output = printed(
    `static int count(void) { static int n = 10; return n++; } int x = 1;`,
    String.raw`count(); count(); int x = 2; { int x = 3; { extern int x; printf("%d", x); } printf("%d", x); } printf("%d %d\n", x, count());`,
  )
  expect(output).toBe('132 12\n')
})

test('a union shows the bytes of a double', () => {
  const output = printed(
    `union u { double d; int i[2]; unsigned char c[8]; };`,
    String.raw`union u u = { .d = 1.5 }; printf("%x %x %d\n", u.i[0], u.i[1], u.c[7]);`,
  )
  expect(output).toBe('0 3ff80000 63\n')
})
