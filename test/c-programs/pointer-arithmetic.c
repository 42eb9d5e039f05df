#include <stdio.h>
#include <stddef.h>
#include <stdint.h>
struct r { int a; char b; double c; };
int main(void) {
  int a[10]; for (int i = 0; i < 10; i++) a[i] = i * i; int *p = a, *end = a + 10;
  printf("%td %td %ld\n", end - p, p - end, (long)((char *)end - (char *)p)); printf("%d ", *p++); printf("%d ", *++p); printf("%d ", (*p)++); printf("%d ", *p--); printf("%td\n", p - a);
  p += 5; printf("%d ", *p); p -= 2; printf("%d ", *p); printf("%d %d %d\n", p[-1], p[1], *(p + 2)); printf("%d %d %d %d\n", p < end, p > end, p == a + 4, &a[3] <= p);
  struct r rs[5] = {{1, 'a', 1.5}, {2, 'b', 2.5}, {3, 'c', 3.5}}; struct r *q = rs; q++; printf("%d %c %g %td\n", q->a, q->b, q->c, (char *)(q + 1) - (char *)q); printf("%d ", (q + 1)->a); printf("%d\n", (--q)->a);
  char *c = (char *)&rs[1]; printf("%d %c\n", *(int *)c, *(c + offsetof(struct r, b))); struct r *back = (struct r *)((char *)&rs[2].c - offsetof(struct r, c)); printf("%d %td\n", back->a, back - rs);
  char text[] = "pointer"; char *s = text + 6; while (s >= text + 1) putchar(*s--); putchar(*s); putchar('\n'); const char *t = text; int len = 0; while (*t++) len++; printf("%d %td\n", len, t - text);
  int m[3][5]; for (int i = 0; i < 15; i++) ((int *)m)[i] = i; int (*row)[5] = m; row++; printf("%d %td\n", (*row)[2], (int *)(row + 1) - (int *)row); int **pp, *ps[3] = {a, a + 3, a + 6}; pp = ps; printf("%d %d %d\n", **pp, **(pp + 1), *pp[2]); pp++; *pp += 1; printf("%d\n", **pp);
  void *v = a; v = (char *)v + 8; printf("%d\n", *(int *)v); v += 4; printf("%d %td\n", *(int *)v, (char *)v - (char *)a); uintptr_t u = (uintptr_t)a; printf("%d\n", *(int *)(u + 16)); int *null = 0; printf("%d %d %d\n", null == NULL, !null, (int *)0 == null);
  long l[4] = {1, 2, 3, 4}; long *lp = &l[3]; unsigned back1 = 2; lp -= back1; printf("%ld %ld\n", *lp, lp[-1]); int neg = -1; printf("%ld %ld\n", lp[neg], *(lp + neg * 1)); short sh = 2; printf("%ld\n", *(lp + sh)); for (int *x = a, *y = a + 9; x < y; x++, y--) { int z = *x; *x = *y; *y = z; } for (p = a; p != end; p++) printf("%d ", *p); printf("\n");
  return 0;
}
