#include <stdint.h>
#include <stdio.h>

/* Every operator on int8_t, boundary values against each other; results that would overflow are told as such. */
typedef int8_t T;
static const T values[] = {INT8_MIN, (int8_t)(INT8_MIN + 1), 0, 1, 2, 3, 7, 10, 100, INT8_MAX / 2, INT8_MAX - 1, INT8_MAX, -1, -2, -7, -100};
#define COUNT (int)(sizeof values / sizeof *values)
#define CHECKED(name, op) if (!__builtin_##name##_overflow(a, b, &r)) printf(" %d", (T)(a op b)); else printf(" (%d)", r)

int main(void) {
  for (int i = 0; i < COUNT; i++)
    for (int j = 0; j < COUNT; j++) {
      T a = values[i], b = values[j], r;
      printf("%d %d:", a, b);
      CHECKED(add, +);
      CHECKED(sub, -);
      CHECKED(mul, *);
      if (b != 0 && !__builtin_sub_overflow((T)0, a, &r)) printf(" %d %d", (T)(a / b), (T)(a % b));
      printf(" %d %d %d %d %d %d", (T)(a & b), (T)(a | b), (T)(a ^ b), (T)~a, !a, a && b);
      printf(" %d%d%d%d%d%d", a < b, a <= b, a > b, a >= b, a == b, a != b);
      T c = a;
      c &= b; c |= 3; c ^= a;
      printf(" %d %d\n", c, a < b ? a : b);
    }
  for (int i = 0; i < COUNT; i++) {
    T a = values[i];
    for (unsigned n = 0; n < 8 * sizeof(T); n += sizeof(T) + 1)
      printf("%d %d ", (T)((uint64_t)a << n), (T)(a >> n));
    printf("%g %g %d\n", (double)a, (float)a, (_Bool)a);
  }
  return 0;
}
