#include <stdio.h>
struct big { char c[300]; } __attribute__((aligned(256)));
typedef struct { int a, b; } __attribute__((aligned(128))) pair;
static pair make(int a) { pair p = {a, a + 1}; return p; }
static int sum(pair p, int *off) { *off += (unsigned long)&p % 128; p.a++; return p.a + p.b; }
static int deep(int n) { _Alignas(128) char x[10]; x[n % 10] = n; if ((unsigned long)x % 128) return -1000; return n ? deep(n - 1) + x[n % 10] : 0; }
int main(void) {
  _Alignas(128) int x = 5; _Alignas(4096) char page[10] = "page"; struct big b = {"hello"}; int off = 0;
  x++; int *px = &x; *px += 2;
  printf("%d %d %d %s %s\n", (int)((unsigned long)&x % 128), x, (int)((unsigned long)page % 4096), page, b.c);
  pair q = make(3); printf("%d %d %d %d\n", q.a, q.b, sum(q, &off), sum(make(7), &off)); printf("%d %d\n", off, deep(50));
  pair r = q, *pr = &(pair){8, 9}; r.b = 100; printf("%d %d %d\n", r.b, pr->b, (int)((unsigned long)pr % 128));
  for (int i = 0; i < 3; i++) { _Alignas(256) int a[3] = {i, i + 1}; printf("%d %d %d ", a[0], a[1], a[2]); } puts("");
  return 0; }
