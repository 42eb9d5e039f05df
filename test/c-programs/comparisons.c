#include <stdio.h>
#include <stdint.h>
static const uint64_t values[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff,
  0x8000000000000000, 0xffffffff00000000, 0xffffffff7fffffff, 0xffffffff80000000, 0xffffffffffffffff};
#define ALL(a, b) printf("%d%d%d%d%d%d ", (a) < (b), (a) <= (b), (a) > (b), (a) >= (b), (a) == (b), (a) != (b))
static int branch(long a, long b) { if (a < b) return -1; else if (a > b) return 1; return 0; }
static int ubranch(unsigned long a, unsigned long b) { return a < b ? -1 : a > b ? 1 : 0; }
static int branch32(int a, int b) { int n = 0; while (a < b && n < 3) { n++; b--; } if (!(a >= b)) n |= 8; return n; }
int main(void) {
  for (int i = 0; i < 12; i++)
    for (int j = 0; j < 12; j++) {
      uint64_t a = values[i], b = values[j];
      ALL(a, b); ALL((int64_t)a, (int64_t)b); ALL((uint32_t)a, (uint32_t)b); ALL((int32_t)a, (int32_t)b);
      ALL((int8_t)a, (int8_t)b); ALL((uint16_t)a, (int16_t)b); ALL((int32_t)a, b); ALL((int32_t)a, (int64_t)b); ALL((uint32_t)a, (int64_t)b);
      printf("%d %d %d\n", branch(a, b), ubranch(a, b), branch32(a, (int)b > -2147483640 ? b : 5));
    }
  int x = 5;
  printf("%d %d\n", 1 < x < 3, 3 > x > 1);
  printf("%d %d\n", x == 5 == 1, (x & 4) == 4);
  return 0;
}
