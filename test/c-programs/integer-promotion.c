#include <stdio.h>
#include <limits.h>
/* Operands narrower than int become int before anything is done with them. */
#define SIZE(e) printf("%-14s %zu\n", #e, sizeof(e))
int main(void) {
  char c = 1; signed char sc = -1; unsigned char uc = 255; short s = -1; unsigned short us = 65535; _Bool b = 1;
  SIZE(c); SIZE(+c); SIZE(-c); SIZE(~c); SIZE(!c); SIZE(c + c); SIZE(uc + uc); SIZE(us * us); SIZE(c << 1L); SIZE(1L << c);
  SIZE(s ? c : s); SIZE(c++); SIZE((c, s)); SIZE('a'); SIZE(b + b); SIZE(b ? 1 : 2L); SIZE(sc | 1u); SIZE(us & 1ul);
  printf("%d %d %d %d\n", uc + 1, us + 1, sc + uc, s + us);
  printf("%d %d %d %d\n", ~uc, ~us, ~sc, ~b);
  printf("%d %d %d %d\n", -uc, -us, -sc, -b);
  printf("%d %d\n", uc << 8, us << 8);
  printf("%d %d %d\n", sc >> 1, s >> 1, uc >> 1);
  printf("%d %d\n", sc == uc, (unsigned char)sc == uc);
  printf("%d %d\n", s == us, (unsigned short)s == us);
  uc = 200; uc += 100; printf("%d\n", uc);
  uc = 200; uc *= 2; printf("%d\n", uc);
  uc = 200; uc <<= 1; printf("%d\n", uc);
  uc = 0; uc--; printf("%d\n", uc);
  us = 0; us--; printf("%d\n", us);
  sc = 127; sc++; printf("%d\n", sc);
  s = SHRT_MAX; s++; printf("%d\n", s);
  b = 0; b--; printf("%d\n", b);
  b = 1; b++; printf("%d\n", b);
  b = 1; b ^= 1; printf("%d\n", b);
  for (int i = -300; i <= 300; i += 37) {
    char a = i; unsigned char d = i; short e = i * 300; unsigned short f = i * 300;
    printf("%d: %d %d %d %d | %d %d %d | %d\n", i, a, d, e, f, a + d, a - d, a * d, (a + d) / 2);
    printf("  %d %d %d %d\n", a < d, a == d, e < f, (unsigned)a < d);
  }
  return 0;
}
