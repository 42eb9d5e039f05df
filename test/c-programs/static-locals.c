#include <stdio.h>
static int counter(void) { static int n = 10; return n++; }
static int *address(int i) { static int a[4] = {1, 2, 3}; return &a[i]; }
static const char *remember(const char *s) { static const char *last = "none"; const char *r = last; last = s; return r; }
static int nested(int k) { static int depth; depth++; int r = k > 0 ? nested(k - 1) : depth; { static int depth = 100; depth += k; r += depth; } return r; }
static int two(int w) { if (w) { static int n = 1; return n *= 2; } else { static int n = 1; return n *= 3; } }
static unsigned random_(void) { static unsigned seed = 12345; return seed = seed * 1103515245 + 12345; }
static int global; extern int later; static int tentative; static int tentative; int later = 5; static int tentative = 8;
static double mean(double x) { static double sum; static int n; sum += x; return sum / ++n; }
struct state { int a; struct state *self; }; static struct state *get(void) { static struct state s = {7, &s}; s.a++; return s.self; }
int shared; static void bump(void) { extern int shared; shared += 3; { int shared = 9; shared++; { extern int shared; shared++; } } }
int main(void) {
  for (int i = 0; i < 5; i++) printf("%d ", counter()); *address(3) = 9; (*address(0))++; for (int i = 0; i < 4; i++) printf("%d ", *address(i)); printf("\n");
  printf("%s ", remember("a")); printf("%s ", remember("b")); printf("%s\n", remember("c")); printf("%d ", nested(3)); printf("%d\n", nested(2)); for (int i = 0; i < 6; i++) printf("%d ", two(i & 1)); printf("\n");
  for (int i = 0; i < 10; i++) printf("%u ", random_() >> 16); printf("\n%d %d %d\n", global, later, tentative); for (int i = 1; i < 6; i++) printf("%g ", mean(i * i)); printf("\n%d ", get()->a); printf("%d\n", get()->self->a); bump(); bump(); printf("%d\n", shared);
  for (int i = 0; i < 3; i++) { static int kept; int fresh = 0; kept++; fresh++; printf("%d%d ", kept, fresh); } printf("\n"); return 0;
}
