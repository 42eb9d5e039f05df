#include <stdio.h>
#include <stdint.h>
typedef int32_t fix; 
#define ONE (1 << 16)
#define FIX(x) ((fix)((x) * ONE + ((x) < 0 ? -0.5 : 0.5)))
static fix mul(fix a, fix b) { return (int64_t)a * b >> 16; } static fix quo(fix a, fix b) { return (int64_t)a * 65536 / b; } static fix root(fix v) { if (v <= 0) return 0; fix r = v > ONE ? v : ONE; for (int i = 0; i < 30; i++) r = (r + quo(v, r)) / 2; return r; } static fix sine(fix x) { fix t = x, s = x, x2 = mul(x, x); for (int i = 1; i < 8; i++) { t = -mul(t, x2) / (2 * i * (2 * i + 1)); s += t; } return s; } static void show(fix v) { uint32_t u = v < 0 ? -(uint32_t)v : v; printf("%s%u.%05u ", v < 0 ? "-" : "", u >> 16, (unsigned)((u & 0xffff) * 100000ull >> 16)); } static int16_t sat(int32_t v) { return v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v; }
int main(void) { fix v[] = {0, 1, ONE, -ONE, FIX(3.14159), FIX(-2.71828), FIX(100.5), FIX(0.001), FIX(-0.5)}; for (int i = 0; i < 9; i++) { for (int j = 0; j < 9; j++) { show(mul(v[i], v[j])); if (v[j] > 100 || v[j] < -100) show(quo(v[i], v[j])); } printf("\n"); } for (int i = 0; i < 12; i++) { show(root(i * ONE)); show(sine(i * ONE / 4)); } printf("\n"); for (int i = -50000; i < 50000; i += 9999) printf("%d ", sat(i)); fix sum = 0; for (int i = 1; i < 100; i++) sum += quo(ONE, i * ONE); show(sum); printf("\n"); return 0; }
