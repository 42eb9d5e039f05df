#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <alloca.h>
static int sum(int n, int m, int a[n][m]) { int s = 0; for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) s += a[i][j]; return s + (int)sizeof(a[0]); }
static int proto(int, int m, int a[][m]);
static long fill(int n) { if (n == 0) return 0; long v[n]; for (int i = 0; i < n; i++) v[i] = i * n; long below = fill(n - 1); for (int i = 0; i < n; i++) if (v[i] != i * n) return -1; return below + v[n - 1] + (long)sizeof v; }
static int proto(int k, int m, int a[][m]) { int (*p)[m] = a + 1; p += k; p--; return (*p)[0] + (int)(p - a) * 100 + (int)sizeof *p; }
struct r { int a[5]; }; static struct r rec(int n) { int v[n]; for (int i = 0; i < n; i++) v[i] = i; struct r r; memcpy(r.a, v, sizeof r.a); return r; }
static char *join(int n) { char *all = alloca(n * 4 + 1); all[0] = 0; for (int i = 0; i < n; i++) { char *p = alloca(8); snprintf(p, 8, "%d,", i); strcat(all, p); } return strdup(all); }
int main(void) {
  int n = 3, m = 4, g[n][m]; int k = 0;
  for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) g[i][j] = k++;
  printf("%d %zu %zu %zu\n", sum(n, m, g), sizeof g, sizeof g[1], sizeof(int[n + 1]));
  printf("%d %ld %d\n", proto(1, m, g), fill(30), rec(7).a[4]); char *joined = join(12); puts(joined); free(joined);
  typedef int row[m]; m = 9; row x; printf("%zu %zu\n", sizeof x, sizeof(row)); x[3] = 4;
  for (int i = 1; i < 2000; i++) { int t[i]; t[i - 1] = i; if (i % 7 == 0) continue; if (i == 1999) printf("%d\n", t[i - 1]); }
  char s[strlen("hello") + 1]; strcpy(s, "hello"); printf("%s %zu\n", s, sizeof s);
  { int j = 0; again:; int q[j + 1]; q[j] = j; if (++j < 5) goto again; printf("%d %zu\n", q[0 + j - 1], sizeof q); }
  _Alignas(64) char al[n]; printf("%d\n", (int)((unsigned long)al % 64));
  double d3[2][n][2]; d3[1][2][1] = 2.5; double (*pd)[n][2] = d3; printf("%g %zu %zu %ld\n", pd[1][2][1], sizeof d3, sizeof *pd, (long)(&pd[1] - pd));
  int (*heap)[m] = malloc(sizeof(int[n][m])); heap[2][8] = 5; printf("%d %zu\n", heap[2][8], sizeof *heap); free(heap);
  switch (n) { case 3: { int w[n]; w[2] = 3; printf("%d\n", w[2]); break; } default: break; }
  return 0; }
