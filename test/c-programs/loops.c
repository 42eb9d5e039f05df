#include <stdio.h>
int main(void) {
  int n = 0; do { printf("%d ", n); n += 3; } while (n < 10); do printf("once "); while (0); while (n-- > 5) printf("%d ", n); printf("| %d\n", n);
  for (int i = 0, j = 10; i < j; i++, j--) printf("%d%d ", i, j); for (;;) { if (++n > 8) break; if (n & 1) continue; printf("<%d> ", n); } printf("\n");
  for (unsigned i = 5; i-- > 0;) printf("%u ", i); for (unsigned char c = 250; c >= 250; c++) printf("%d ", c); for (signed char c = 125; c > 0; c++) printf("%d ", c); printf("\n");
  int i = 0; for (int i = 100; i < 102; i++) { int i = 7; printf("%d ", i); } printf("%d\n", i);
  for (i = 0; i < 5; i++) { if (i == 1) continue; for (int j = 0; j < 5; j++) { if (j == 3) break; if (j == i) continue; printf("%d,%d ", i, j); } } printf("%d\n", i);
  do { if (i == 3) continue; printf("%d ", i); } while (--i > 0); printf("\n");
  for (double d = 0; d < 1; d += 0.25) printf("%g ", d); for (char *p = "abc"; *p; ++p) printf("%c ", *p); for (long l = 1; l > 0 && l < 1L << 57; l <<= 5) printf("%ld ", l); printf("\n");
  unsigned long s = 0; for (unsigned a = 0; a < 50; a++) for (unsigned b = a; b < 50; b++) { if ((a ^ b) % 7 == 0) continue; if (a * b > 1500) break; s = s * 31 + a * b; } printf("%lu\n", s);
  while (1) { while (1) { n++; if (n % 10 == 0) break; } if (n > 50) break; } printf("%d\n", n);
  int k = 10; while (k --> 0) if (k % 2) { } else printf("%d ", k); printf("\n"); for (; k < 3; ) k++; printf("%d\n", k);
  return 0;
}
