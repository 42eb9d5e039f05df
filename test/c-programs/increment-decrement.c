#include <stdio.h>
#include <stdint.h>
#define ID(t, v, f) do { t x = v; printf(f " ", x++); printf(f " ", x); printf(f " ", ++x); printf(f " ", x--); printf(f " ", --x); printf(f "\n", x); } while (0)
struct s { int a; unsigned b : 3; short c[3]; float f; };
int main(void) {
  ID(int8_t, 126, "%d"); ID(int8_t, -128, "%d"); ID(uint8_t, 255, "%d"); ID(int16_t, 32766, "%d"); ID(uint16_t, 65535, "%d"); ID(int32_t, 2147483645, "%d"); ID(uint32_t, 4294967295u, "%u"); ID(int64_t, 4294967295L, "%ld"); ID(uint64_t, -1ul, "%lu"); ID(float, 1.5f, "%g"); ID(double, -0.5, "%g"); ID(_Bool, 0, "%d"); ID(float, 16777216.0f, "%.1f"); ID(uint64_t, 0xfffffffful, "%lx"); ID(int64_t, -4294967296L, "%lx");
  struct s s = {5, 7, {1, 2, 3}, 2.5f}, *p = &s; p->a++; ++p->b; p->c[1]--; p->f--; printf("%d %d %d %g\n", s.a, s.b, s.c[1], s.f); s.b--; printf("%d\n", s.b); int v[4] = {1, 2, 3, 4}, *q = v; int r = *q++; r = r * 10 + *q; r = r * 10 + ++*q; r = r * 10 + (*q)++; r = r * 10 + *++q; r = r * 10 + *q--; printf("%d %td %d\n", r, q - v, v[1]); char text[] = "abc", *t = text; while (*t) ++*t++; printf("%s\n", text); int i = 0; int a[3]; a[i++] = 5; a[i++] = 6; a[i] = i; printf("%d%d%d %d\n", a[0], a[1], a[2], i); int *pp[2] = {v, v + 1}, **ppp = pp; printf("%d ", **ppp++); printf("%d\n", *--*ppp); return 0;
}
