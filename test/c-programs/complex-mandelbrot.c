#include <stdio.h>
typedef struct { double re, im; } complex;
static complex add(complex a, complex b) { return (complex){a.re + b.re, a.im + b.im}; }
static complex mul(complex a, complex b) { return (complex){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
static double norm(complex a) { return a.re * a.re + a.im * a.im; }
int main(void) {
  for (int y = -8; y <= 8; y++) {
    for (int x = -30; x <= 15; x++) { complex c = {x / 16.0, y / 8.0}, z = {0}; int n = 0; while (n < 40 && norm(z) < 4) { z = add(mul(z, z), c); n++; } putchar(" .:-=+*#%@"[n / 4 % 10]); }
    putchar('\n');
  }
  complex p = {1, 0}, r = {0.6, 0.8};
  for (int i = 0; i < 20; i++) p = mul(p, r);
  printf("%.15g %.15g %.15g\n", p.re, p.im, norm(p));
  return 0;
}
