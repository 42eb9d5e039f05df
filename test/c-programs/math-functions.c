#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
/* Only what IEEE 754 defines bit for bit, or what is exact. */
static const double v[] = {0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 3.7, -3.2, 1e300, -1e-300, 5e-324, 4503599627370497.5, INFINITY, -INFINITY};
#define N (int)(sizeof v / sizeof *v)
int main(void) {
  for (int i = 0; i < N; i++) {
    volatile double x = v[i];
    volatile float f = (float)x;
    printf("%a: %a %a %a %a %a %a %a\n", x, fabs(x), floor(x), ceil(x), trunc(x), round(x), rint(x), nearbyint(x));
    printf("  %a %a %a %a %a %a %a\n", fabsf(f), floorf(f), ceilf(f), truncf(f), roundf(f), rintf(f), nearbyintf(f));
    if (x >= 0) printf("  sqrt %a %a\n", sqrt(x), sqrtf(f));
    printf("  logb %a %a %d\n", logb(x), logbf(f), ilogb(x));
    printf("  class %d %d %d %d %d %d\n", fpclassify(x), !!isnan(x), !!isinf(x), !!isfinite(x), !!isnormal(x), !!signbit(x));
    if (fabs(x) < 1e9) printf("  %ld %lld %ld %lld %ld %ld\n", lround(x), llround(x), lrint(x), llrint(x), lroundf(f), lrintf(f));
    int e; float wf; double w;
    if (isfinite(x)) { double m = frexp(x, &e); printf("  frexp %a %d", m, e); m = frexpf(f, &e); printf(" %a %d\n", m, e); }
    double r = modf(x, &w); float rf = modff(f, &wf);
    printf("  modf %a %a %a %a\n", r, w, rf, wf);
    printf("  scale %a %a %a\n", ldexp(x, 3), scalbn(x, -1060), ldexpf(f, -3));
    for (int j = 0; j < N; j++) {
      volatile double y = v[j];
      volatile float g = (float)y;
      printf("  %a %a %a %a %a %a", fmax(x, y) + 0.0, fmin(x, y) + 0.0, fdim(x, y), copysign(x, y), nextafter(x, y), copysignf(f, g));
      printf(" %a %a %a\n", fmaxf(f, g) + 0.0f, fminf(f, g) + 0.0f, fdimf(f, g));
      if (y != 0 && isfinite(f)) printf("   %a %a %a %a\n", fmod(x, y), remainder(x, y), g == 0 ? 0 : fmodf(f, g), g == 0 ? 0 : remainderf(f, g));
    }
  }
  printf("%g %g %g %g\n", pow(2, 10), pow(-3, 3), pow(9, 0.5), pow(10, -2));
  printf("%g %g %g %g\n", exp(0), exp2(7), log(1), log2(1024));
  printf("%g %g %g %g\n", log10(1000), cbrt(-27), hypot(3, 4), hypotf(5, 12));
  printf("%g %g %g %g %g %g %g\n", powf(2, 5), expf(0), exp2f(3), logf(1), log2f(8), log10f(100), cbrtf(8));
  printf("%.12g %.12g %.12g %.12g\n", exp(1), log(10), pow(1.1, 10.5), sqrt(2) * M_PI);
  printf("%d %g\n", isnan(NAN), HUGE_VAL);
  return 0;
}
