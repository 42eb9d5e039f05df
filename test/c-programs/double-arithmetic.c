#include <stdio.h>
#include <string.h>
#include <stdint.h>
static const double values[] = {0.0, -0.0, 1.0, -1.0, 0.1, 3.141592653589793, 9007199254740992.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e200, -123.456, 1e-200, 1.0 / 0.0, -1.0 / 0.0};
static uint64_t bits(double d) { uint64_t u; memcpy(&u, &d, 8); return u; }
static void say(double d) { if (d != d) printf(" nan"); else printf(" %016lx", bits(d)); }
static double horner(const double *c, int n, double x) { double r = 0; while (n--) r = r * x + c[n]; return r; }
static double root(double x) { double r = x; for (int i = 0; i < 60; i++) r = (r + x / r) / 2; return r; }
int main(void) {
  int n = sizeof values / sizeof *values;
  for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) { double a = values[i], b = values[j]; say(a + b); say(a - b); say(a * b); say(a / b); printf(" %d%d%d%d%d%d\n", a < b, a <= b, a > b, a >= b, a == b, a != b); }
  double s = 0; for (int i = 1; i <= 10000; i++) s += 1.0 / i / i; printf("%.17g\n", s); double c[] = {1, 1, 0.5, 1 / 6.0, 1 / 24.0}; for (double x = -1; x <= 1; x += 0.125) printf("%.17g ", horner(c, 5, x)); printf("\n"); for (int i = 2; i < 12; i++) say(root(i)); printf("\n");
  double d = 10; d += 0.5; d -= 3; d *= 7; d /= 9; printf("%.17g\n", d); d++; --d; d--; printf("%.17g %.17g\n", d, -d); int k = 7; k += 0.9; printf("%d ", k); k *= 1.5; printf("%d ", k); k /= 0.3; printf("%d ", k); k -= 0.1; printf("%d\n", k); char ch = 100; ch *= 1.2; printf("%d\n", ch); unsigned u = 4000000000u; u *= 0.5; printf("%u\n", u); unsigned long ul = 1ul << 63; ul = ul * 1.5; printf("%lu\n", ul); long l = 1; l <<= 53; l += 1.0; printf("%ld\n", l);
  double nan = values[13] - values[13]; printf("%d %d %d %d %d\n", nan == nan, nan != nan, nan < 1, !(nan < 1), nan ? 1 : 0); double lo = 0, hi = 2; while (hi - lo > 1e-15) { double mid = (lo + hi) / 2; if (mid * mid < 2) lo = mid; else hi = mid; } printf("%.15f\n", lo); return 0;
}
