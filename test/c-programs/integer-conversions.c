#include <stdio.h>
#include <stdint.h>
static const int64_t values[] = {0, 1, -1, 127, 128, -128, -129, 255, 256, 32767, 32768, -32768, -32769, 65535, 65536,
  INT32_MAX, INT32_MAX + 1L, INT32_MIN, INT32_MIN - 1L, UINT32_MAX, UINT32_MAX + 1L, INT64_MAX, INT64_MIN, 0x1234567890abcdef};
int main(void) {
  for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
    int64_t v = values[i];
    int8_t a = v; uint8_t b = v; int16_t c = v; uint16_t d = v; int32_t e = v; uint32_t f = v; uint64_t g = v; _Bool h = v;
    printf("%ld: %d %d %d %d %d %u %lu %d\n", v, a, b, c, d, e, f, g, h);
    printf("  %ld %ld %ld %ld %ld %ld\n", (int64_t)a, (int64_t)b, (int64_t)c, (int64_t)d, (int64_t)e, (int64_t)f);
    printf("  %lu %lu %lu\n", (uint64_t)a, (uint64_t)c, (uint64_t)e);
    printf("  %u %u %d %d\n", (uint32_t)a, (uint32_t)c, (uint16_t)a, (uint8_t)c);
    printf("  %d %d %d\n", (int8_t)(uint8_t)v, (int16_t)(uint8_t)v, (int32_t)(uint16_t)(int8_t)v);
    printf("  %g %g %g\n", (double)v, (double)g, (double)f);
  }
  int n = 300; char t = n; n = t; printf("%d\n", n);
  long m = t = 1000; printf("%ld\n", m);
  printf("%d %d %d\n", (_Bool)0.5, (_Bool)256, (_Bool)(char)256);
  printf("%d\n", (_Bool)"x" + (_Bool)(void *)0);
  return 0;
}
