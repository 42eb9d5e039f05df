#include <stdio.h>
#include <string.h>
#include <stdint.h>
static const float values[] = {0.0f, -0.0f, 1.0f, -1.0f, 0.1f, 3.14159265f, 16777216.0f, 1e-45f, 1.17549435e-38f, 3.4028235e38f, 1e20f, -123.456f, 0.333333343f, 1.0f / 0.0f, -1.0f / 0.0f};
static uint32_t bits(float f) { uint32_t u; memcpy(&u, &f, 4); return u; }
static void say(float f) { if (f != f) printf(" nan"); else printf(" %08x", bits(f)); }
int main(void) {
  int n = sizeof values / sizeof *values;
  for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) { float a = values[i], b = values[j]; say(a + b); say(a - b); say(a * b); say(a / b); printf(" %d%d%d%d%d%d\n", a < b, a <= b, a > b, a >= b, a == b, a != b); }
  float s = 0; for (int i = 1; i <= 1000; i++) s += 1.0f / i; printf("%.9g\n", s); float p = 1; for (int i = 0; i < 30; i++) { p *= 1.1f; say(p); } printf("\n");
  float x = 1; while (1 + x != 1) x /= 2; printf("%g\n", x); float f = 16777216; f++; printf("%.1f\n", f); f -= 2; printf("%.1f\n", f); f /= 3; printf("%.9g\n", f); f *= 0.1; printf("%.9g\n", f); f = f + 0.1; printf("%.9g\n", f);
  printf("%d %d %d\n", 0.1f == 0.1, 0.5f == 0.5, (float)0.1 == 0.1f); printf("%zu %zu %zu\n", sizeof(1.0f + 1), sizeof(1.0f + 1.0), sizeof(1.0f * 1L)); int i = 16777217; float g = i; printf("%.1f %d\n", g, (int)g); printf("%d %d\n", (float)i == i, (double)i == i);
  for (int e = -140; e < 128; e += 9) { float z = 1; for (int k = 0; k < e; k++) z *= 2; for (int k = 0; k > e; k--) z /= 2; say(z * 1.3f); } printf("\n"); f = -f; say(f); say(-0.0f); say(+f); printf(" %d\n", !f); return 0;
}
