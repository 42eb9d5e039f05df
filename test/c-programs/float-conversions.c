#include <stdio.h>
#include <stdint.h>
#include <limits.h>
static const double values[] = {0, -0.0, 0.5, -0.5, 0.99999999999, 1.5, -1.5, 2.5, 126.9, -127.9, 255.9, 32767.5, 65535.9, 2147483647.0, 2147483646.9, -2147483648.0};
static const double wide[] = {4294967295.0, 4294967296.0, 1e15, 9007199254740993.0, 9.2e18, 9223372036854774784.0};
static const uint64_t ints[] = {0, 1, 0xff, 0xffffff, 0x1000001, 0x1ffffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x1fffffffffffff, 0x20000000000001, 0x20000000000003, 0x7fffffffffffffff, 0x8000000000000000, 0x8000000000000401, 0xfffffffffffffbff, 0xfffffffffffffc00, 0xffffffffffffffff};
int main(void) {
  for (int i = 0; i < 16; i++) { double d = values[i]; printf("%g: %d %ld %lld %d", d, (int)d, (long)d, (long long)d, (_Bool)d); if (d > -129 && d < 128) printf(" %d %d", (signed char)d, (char)d); if (d > -1 && d < 256) printf(" %d %u %lu", (unsigned char)d, (unsigned)d, (unsigned long)d); if (d > -32769 && d < 32768) printf(" %d", (short)d); float f = d; printf(" %.9g %ld\n", f, (long)f); }
  for (int i = 0; i < 6; i++) { double d = wide[i]; float f = d; printf("%.17g: %ld %lu %.9g %lu\n", d, (long)d, (unsigned long)d, f, (unsigned long)f); } printf("%lu %lu %lu\n", (unsigned long)9223372036854775808.0, (unsigned long)1.2e19, (unsigned long)18446744073709549568.0); printf("%u %u %u\n", (unsigned)2147483648.0, (unsigned)4294967295.0, (unsigned)3e9f);
  for (unsigned i = 0; i < sizeof ints / sizeof *ints; i++) { uint64_t u = ints[i]; int64_t s = u; printf("%lx: %.17g %.17g %.9g %.9g", u, (double)u, (double)s, (float)u, (float)s); printf(" %.17g %.17g %.9g %.9g", (double)(uint32_t)u, (double)(int32_t)u, (float)(uint32_t)u, (float)(int32_t)u); printf(" %g %g %g\n", (double)(int8_t)u, (float)(uint16_t)u, (double)(_Bool)u); }
  double big = 1e300; float inf = big; printf("%g %g\n", inf, (float)-big); float tiny = 1e-50; printf("%g\n", tiny); printf("%.17g %.17g\n", (double)0.1f, (float)0.1); double third = 1.0 / 3; float ft = third; double dt = ft; printf("%d %.17g\n", dt == third, dt); int i = 3.99; long l = -3.99; unsigned char c = 200.7; printf("%d %ld %d\n", i, l, c); float arr[] = {1, 2L, 3u, 4.5, 'a', -1}; for (int k = 0; k < 6; k++) printf("%g ", arr[k]); printf("\n"); double r = 7 / 2; double q = 7 / 2.0; printf("%g %g %d %g\n", r, q, (int)q * 2, (int)(q * 2) / 2.); return 0;
}
