#include <stdio.h>
#define MAX(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ > b_ ? a_ : b_; })
#define CONTAINER(p, t, m) ({ const __typeof__(((t *)0)->m) *m_ = (p); (t *)((char *)m_ - __builtin_offsetof(t, m)); })
#define SUM(v) ({ long s_ = 0; for (unsigned i_ = 0; i_ < sizeof(v) / sizeof *(v); i_++) s_ += (v)[i_]; s_; })
struct item { int a; struct link { int n; } link; }; typedef struct { int x, y; } point;
static int early(int n) { int r = ({ if (n > 3) return 100; n * 2; }); return r + 1; }
int main(void) {
  int i = 5, j = 7; printf("%d ", MAX(i++, j--)); printf("%d\n", MAX(i, j)); printf("%d %d %g\n", i, j, MAX(1, 2.5)); struct item it = {9, {3}}; printf("%d\n", CONTAINER(&it.link, struct item, link)->a); int v[] = {1, 2, 3, 4}; printf("%ld\n", SUM(v)); printf("%d %d\n", early(2), early(9)); int k = ({ int s = 0; for (int q = 0; q < 10; q++) { if (q == 3) continue; if (q == 7) break; s += q; } s; }); printf("%d\n", k); point p = ({ point t = {1, 2}; t.x += 10; t; }); printf("%d %d\n", p.x, p.y); printf("%d\n", ({ ; ; 5; }) + ({ 6; })); ({ printf("void\n"); }); printf("%d\n", MAX(MAX(1, 4), MAX(3, 2))); __typeof__(i) t = 4; __typeof__(v) w = {9}; __typeof__(&v[0]) pt = w; typeof(1.5 + i) d = 2; printf("%d %zu %d %g\n", t, sizeof w, *pt, d); while (({ i--; i > 3; })) printf("%d ", i); printf("\n"); __auto_type aut = 3.5; printf("%g\n", aut); return 0;
}
