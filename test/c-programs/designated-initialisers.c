#include <stdio.h>
struct in { int a, b[3]; char c; };
struct out { struct in one, two[2]; union { int i; double d; char s[8]; } u; const char *name; };
static struct out g = {.two[1].b[2] = 9, .one = {.c = 'x', .a = 4}, .name = "global", .u.d = 2.5};
static int sparse[] = {[5] = 1, 2, [0] = 7, [9] = 3};
static int range[12] = {[2 ... 5] = 4, [8 ... 9] = 6};
static struct in list[] = {[2] = {1, {2, 3, 4}, 'c'}, {.b = {[1] = 5}}, [0].a = 6, [0].c = 'z'};
static void in(const struct in *i) { printf("{%d {%d %d %d} %d} ", i->a, i->b[0], i->b[1], i->b[2], i->c); }
static void show(const struct out *o) { in(&o->one); in(&o->two[0]); in(&o->two[1]); printf("%g %s\n", o->u.d, o->name ? o->name : "-"); }
int main(void) {
  show(&g);
  for (unsigned i = 0; i < sizeof sparse / sizeof *sparse; i++) printf("%d ", sparse[i]); printf("\n");
  for (int i = 0; i < 12; i++) printf("%d ", range[i]); printf("\n");
  for (unsigned i = 0; i < sizeof list / sizeof *list; i++) in(&list[i]); printf("\n");
  int n = 3; struct out l = {.one.a = n++, .one.b = {n, n * 2}, .two = {{1, 2, 3, 4, 5}, [1].c = n}, .name = "local"}; l.u.d = n; show(&l);
  struct out brace = {1, {2, 3, 4}, 5, {{6, {7}, 8}, 9, 10, 11, 12, 13}, {14}, "elided"}; printf("%d %d %d %d %d\n", brace.one.b[2], brace.two[0].c, brace.two[1].b[0], brace.two[1].c, brace.u.i);
  struct out over = {.one.a = 1, .one.a = 2, .one = {.a = 3}}; printf("%d\n", over.one.a);
  int m[3][3] = {[1] = {1, 2, 3}, [0][2] = 8, [2][0] = 9, 10}; for (int i = 0; i < 9; i++) printf("%d ", m[i / 3][i % 3]); printf("\n");
  char s[8] = {'a', 'b', [5] = 'f'}; for (int i = 0; i < 8; i++) printf("%d ", s[i]); printf("\n");
  struct { unsigned a : 4, b : 4; struct { int x, y; }; } anon = {.b = 5, .y = 7}; printf("%d %d %d %d\n", anon.a, anon.b, anon.x, anon.y);
  struct in empty = {}, zero = {0}; in(&empty); in(&zero); printf("\n");
  enum { A, B, C, COUNT }; const char *names[COUNT] = {[C] = "c", [A] = "a"}; printf("%s %d %s\n", names[A], names[B] == 0, names[C]);
  return 0;
}
