#include <stdint.h>
#include <stdio.h>

/* uint32_t converted to every other type: by casts, by assignment, by calls, by returning. */
typedef uint32_t T;
static const T values[] = {0, (uint32_t)(0 + 1), 0, 1, 2, 3, 7, 10, 100, UINT32_MAX / 2, UINT32_MAX - 1, UINT32_MAX};
static int8_t i8(T v) { return v; }
static uint8_t u8(T v) { return v; }
static int16_t i16(T v) { return v; }
static uint16_t u16(T v) { return v; }
static int32_t i32(T v) { return v; }
static uint32_t u32(T v) { return v; }
static int64_t i64(T v) { return v; }
static uint64_t u64(T v) { return v; }
static float f32(T v) { return v; }
static double f64(T v) { return v; }
static long through(int8_t a, uint16_t b, int32_t c, uint64_t d, _Bool e) { return (long)((uint64_t)(a + b) + c + (d ^ e)); }

int main(void) {
  for (int i = 0; i < (int)(sizeof values / sizeof *values); i++) {
    T v = values[i];
    printf("%u: %d %d %d %d %d %u %ld %lu %.9g %.17g\n", v, i8(v), u8(v), i16(v), u16(v), i32(v), u32(v), i64(v), u64(v), f32(v), f64(v));
    int8_t a = v; uint8_t b = v; int16_t c = v; uint16_t d = v; int32_t e = v; uint32_t f = v; int64_t g = v; uint64_t h = v;
    float x = v; double y = v; _Bool z = v; char k = v;
    printf("  %d %d %d %d %d %u %ld %lu %.9g %.17g %d %d\n", a, b, c, d, e, f, g, h, x, y, z, k);
    printf("  %u %u %u %u %u %u %u\n", (T)a, (T)b, (T)c, (T)d, (T)e, (T)f, (T)g);
    printf("  %ld %d %d %d\n", through(v >> 1 & 63, v, v & 0xffff, v, v), v == (T)u8(v), v < 5u, v < 5l);
    printf("  %ld %lu %d\n", (int64_t)(v >> 2) + 1l, v + 1ul, (v ^ 1) == (T)(v ^ 1));
    printf("  %.17g %.17g %g\n", v + 0.5, v * 2.0, (double)(v > 3 ? v : 1.5f));
  }
  return 0;
}
