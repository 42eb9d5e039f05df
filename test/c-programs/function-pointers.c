#include <stdio.h>
typedef int (*op)(int, int);
static int add(int a, int b) { return a + b; }
static int sub(int a, int b) { return a - b; }
static int mul(int a, int b) { return a * b; }
static int quo(int a, int b) { return b ? a / b : 0; }
static op table[] = {add, &sub, mul, quo};
struct shape { const char *name; double (*area)(const struct shape *); double a, b; };
static double rectangle(const struct shape *s) { return s->a * s->b; }
static double triangle(const struct shape *s) { return s->a * s->b / 2; }
static op choose(char c) { switch (c) { case '+': return add; case '-': return sub; case '*': return mul; default: return quo; } }
static int (*plain(char c))(int, int) { return choose(c); }
static int apply(int f(int, int), int a, int b) { return f(a, b); }
static int fold(op f, const int *v, int n, int start) { for (int i = 0; i < n; i++) start = f(start, v[i]); return start; }
static void each(int n, void (*f)(int, void *), void *arg) { for (int i = 0; i < n; i++) f(i, arg); }
static void collect(int i, void *arg) { *(long *)arg = *(long *)arg * 3 + i; }
static void nothing(void) { printf("nothing\n"); }
int main(void) {
  for (int i = 0; i < 4; i++) printf("%d %d\n", table[i](20, 6), (*table[i])(-20, 6));
  for (const char *c = "+-*/"; *c; c++) printf("%d %d %d\n", choose(*c)(9, 4), plain(*c)(9, 4), (**choose(*c))(9, 4));
  int v[] = {1, 2, 3, 4, 5}; printf("%d %d %d\n", fold(add, v, 5, 0), fold(mul, v, 5, 1), fold(sub, v, 5, 100));
  struct shape shapes[] = {{"rectangle", rectangle, 3, 4}, {.name = "triangle", .b = 5, .a = 6, .area = triangle}};
  for (int i = 0; i < 2; i++) printf("%s %g\n", shapes[i].name, shapes[i].area(&shapes[i]));
  long sum = 0; each(10, collect, &sum); printf("%ld\n", sum);
  void (*f)(void) = nothing; f(); (*f)(); (&nothing)(); if (f) printf("set\n"); f = 0; if (!f) printf("not set\n");
  printf("%d %d %d\n", table[0] == add, table[1] == add, choose('*') != mul);
  op (*chooser)(char) = choose; printf("%d\n", chooser('-')(1, 2));
  op *end = table + 4; int n = 0; for (op *t = table; t < end; t++) n = n * 10 + (*t)(1, 1); printf("%d\n", n);
  printf("%d %zu %zu\n", apply(mul, 6, 7), sizeof(op), sizeof table);
  int (*other)(int, int) = 1 ? add : sub; printf("%d\n", other(2, 2));
  void *erased = (void *)mul; printf("%d\n", ((op)erased)(5, 5));
  return 0;
}
