#include <stdio.h>
#include <limits.h>
static const long values[] = {1, -1, 2, -2, 3, -3, 7, -7, 10, -10, 100, 4096, -4096, 65537, INT_MAX, INT_MIN, INT_MAX - 1L,
  4294967295, 4294967296, -4294967296, 1000000007, -1000000007, 1234567890123456789, LONG_MAX, LONG_MIN + 1, LONG_MIN};
#define N (sizeof values / sizeof *values)
int main(void) {
  for (unsigned i = 0; i < N; i++)
    for (unsigned j = 0; j < N; j++) {
      long a = values[i], b = values[j];
      if (!(a == LONG_MIN && b == -1)) printf("%ld %ld", a / b, a % b);
      printf(" %lu %lu", (unsigned long)a / (unsigned long)b, (unsigned long)a % (unsigned long)b);
      int c = a, d = b;
      if (d != 0 && !(c == INT_MIN && d == -1)) printf(" | %d %d", c / d, c % d);
      if (d != 0) printf(" %u %u", (unsigned)c / (unsigned)d, (unsigned)c % (unsigned)d);
      short e = a, f = b;
      if (f != 0) printf(" | %d %d", e / f, e % f);
      signed char g = a, h = b;
      if (h != 0) printf(" | %d %d %d", g / h, g % h, (unsigned char)g / (unsigned char)h);
      printf("\n");
    }
  printf("%d %d %d %d\n", 7 / 2, -7 / 2, 7 / -2, -7 / -2);
  printf("%d %d %d %d\n", 7 % 2, -7 % 2, 7 % -2, -7 % -2);
  int x = -17; x /= 4; printf("%d\n", x); x = -17; x %= 4; printf("%d\n", x); x >>= 1; printf("%d\n", x);
  return 0;
}
