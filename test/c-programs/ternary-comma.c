#include <stdio.h>
#define TYPE(e) _Generic((e), int: "int", unsigned: "unsigned", long: "long", double: "double", float: "float", char *: "char *", const char *: "const char *", void *: "void *", int *: "int *", const int *: "const int *", default: "other")
static int n; static int next(void) { return ++n; }
struct s { int a; }; static struct s one = {1}, two = {2};
int main(void) {
  int i = 3; long l = -1; char *p = "p"; const char *q = "q"; void *v = p; int *ip = &i; const int *cip = &i;
  printf("%s %s %s %s %s %s %s\n", TYPE(i ? i : l), TYPE(i ? 1 : 2.0), TYPE(i ? p : q), TYPE(i ? p : 0), TYPE(i ? p : v), TYPE(i ? ip : cip), TYPE(0 ? 0 : ip));
  printf("%s %s\n", TYPE((1, 2.0)), TYPE((i, p))); printf("%ld %u\n", i ? l : 5u, (unsigned)(0 ? 1u : -1)); printf("%d\n", (i ? l : 5u) < 0);
  for (int k = 0; k < 5; k++) printf("%s ", k == 0 ? "zero" : k == 1 ? "one" : k < 4 ? k == 2 ? "two" : "three" : "many"); printf("\n");
  int x = (next(), next(), next()); printf("%d %d\n", x, n); x = next(), next(); printf("%d %d\n", x, n); int y = (x = 5, x += 2, x * x); printf("%d\n", y);
  for (int a = 0, b = 9; a < b; a += 2, b--) printf("%d-%d ", a, b); printf("\n"); printf("%d %d\n", i ? one.a : two.a, (i > 5 ? one : two).a);
  i > 2 ? next() : printf("not evaluated\n"); printf("%d\n", n); *(i ? &x : &y) = 77; printf("%d %d\n", x, y); printf("%g %g\n", i ? 1 : 2.5, 1 ? 3 / 2 : 1.0);
  int r = 0 ? 1 : 0 ? 2 : 3; r += r > 2 ? 10 : 20; printf("%d\n", r); printf("%d ", (i++, i)); printf("%d\n", (i--, i)); printf("%d\n", i ?: 9); printf("%d\n", 0 ?: next());
  (void)(i ? next() : 0); i ? (void)0 : (void)next(); printf("%d\n", n); return 0;
}
