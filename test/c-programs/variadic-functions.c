#include <stdio.h>
#include <stdarg.h>
#include <string.h>
struct pair { int a, b; }; struct big { long v[5]; };
static long sum(int n, ...) { va_list ap; va_start(ap, n); long s = 0; while (n--) s += va_arg(ap, int); va_end(ap); return s; }
static double mean(const char *types, ...) { va_list ap; va_start(ap, types); double s = 0; int n = 0; for (; *types; types++, n++) switch (*types) { case 'i': s += va_arg(ap, int); break; case 'l': s += va_arg(ap, long); break; case 'd': s += va_arg(ap, double); break; case 'u': s += va_arg(ap, unsigned); break; case 'c': s += (char)va_arg(ap, int); break; case 's': s += strlen(va_arg(ap, const char *)); break; case 'p': s += *va_arg(ap, int *); break; } va_end(ap); return s / n; }
static int vmax(int first, va_list ap) { int m = first, x; while ((x = va_arg(ap, int)) != -1) if (x > m) m = x; return m; }
static int max(int first, ...) { va_list ap; va_start(ap, first); int m = vmax(first, ap); va_end(ap); return m; }
static int twice(int n, ...) { va_list a, b; va_start(a, n); va_copy(b, a); int s = 0; for (int i = 0; i < n; i++) s += va_arg(a, int); for (int i = 0; i < n; i++) s = s * 2 + va_arg(b, int); va_end(a); va_end(b); return s; }
static void emit(const char *f, ...) { va_list ap; va_start(ap, f); for (; *f; f++) { if (*f != '%') { putchar(*f); continue; } switch (*++f) { case 'd': printf("%d", va_arg(ap, int)); break; case 's': printf("%s", va_arg(ap, char *)); break; case 'f': printf("%.2f", va_arg(ap, double)); break; case 'c': putchar(va_arg(ap, int)); break; } } va_end(ap); }
static int structs(int n, ...) { va_list ap; va_start(ap, n); int s = 0; for (int i = 0; i < n; i++) { struct pair p = va_arg(ap, struct pair); s = s * 10 + p.a + p.b; } struct big b = va_arg(ap, struct big); s += b.v[4]; va_end(ap); return s; }
static int (*pick(void))(int, ...) { return twice; } typedef int op(int, int); static int add(int a, int b) { return a + b; } static int call(int n, ...) { va_list ap; va_start(ap, n); op *f = va_arg(ap, op *); int r = f(n, va_arg(ap, int)); va_end(ap); return r; }
int main(void) {
  printf("%ld %ld %ld\n", sum(0), sum(3, 1, 2, 3), sum(12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, -12)); printf("%g\n", mean("ilducs", 1, 2L, 3.5, 4u, 'a', "hello")); float f = 1.5f; short s = -3; unsigned char c = 250; int x = 6; printf("%g\n", mean("dicp", f, s, c, &x)); printf("%g\n", mean("dddddddddddd", 1., 2., 3., 4., 5., 6., 7., 8., 9., 10., 11., 12.)); printf("%d %d\n", max(3, 9, 2, -1), max(7, -1)); printf("%d\n", twice(3, 5, 6, 7)); emit("d=%d s=%s f=%f c=%c\n", 42, "str", 2.5, 'z'); printf("%d\n", structs(2, (struct pair){1, 2}, (struct pair){3, 4}, (struct big){{0, 0, 0, 0, 9}})); printf("%d\n", pick()(2, 8, 9)); printf("%d\n", call(4, add, 5)); return 0;
}
