#include <stdio.h>
#include <string.h>
static int g[3][4] = {{1, 2, 3, 4}, {5, 6}, {9}};
static int flat[2][2][2] = {1, 2, 3, 4, 5, 6, 7};
static char names[][8] = {"one", "two", "three", ""};
static const char *words[] = {"alpha", "beta", [4] = "epsilon", "zeta"};
static int sum(int n, const int (*m)[4]) { int s = 0; for (int i = 0; i < n; i++) for (int j = 0; j < 4; j++) s += m[i][j]; return s; }
static int total(int a[], int n) { int s = 0; while (n--) s += *a++; return s; }
static void transpose(int in[3][4], int out[4][3]) { for (int i = 0; i < 3; i++) for (int j = 0; j < 4; j++) out[j][i] = in[i][j]; }
int main(void) {
  for (int i = 0; i < 3; i++) { for (int j = 0; j < 4; j++) printf("%d ", g[i][j]); printf("\n"); }
  for (int i = 0; i < 8; i++) printf("%d ", (&flat[0][0][0])[i]); printf("\n");
  printf("%zu %zu %zu %zu\n", sizeof g, sizeof g[0], sizeof g[0][0], sizeof names);
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++) printf("[%s] %zu\n", names[i], strlen(names[i]));
  for (unsigned i = 0; i < sizeof words / sizeof *words; i++) printf("%s\n", words[i] ? words[i] : "(none)");
  printf("%d %d\n", sum(3, g), total(g[1], 4));
  int t[4][3]; transpose(g, t);
  for (int i = 0; i < 4; i++) { for (int j = 0; j < 3; j++) printf("%d ", t[i][j]); printf("\n"); }
  int local[5] = {[3] = 7, 8}, all[] = {1, 2, 3}, zero[100] = {0};
  printf("%d %d %d %zu %d\n", local[0], local[3], local[4], sizeof all, total(zero, 100));
  int (*row)[4] = g + 1; printf("%d %d %d\n", (*row)[1], row[1][0], (int)((char *)(row + 1) - (char *)row));
  int *p = &g[0][0]; printf("%d %d\n", p[5], *(p + 8));
  printf("%d %d %d\n", 2[all], *(1 + all), *(*(g + 1) + 1));
  int three[3][3][3]; int n = 0;
  for (int i = 0; i < 3; i++) for (int j = 0; j < 3; j++) for (int k = 0; k < 3; k++) three[i][j][k] = n++;
  int s = 0; for (int i = 0; i < 3; i++) s += three[i][i][i] * (i + 1); printf("%d %d\n", s, (*(*(three + 1) + 2))[1]);
  char text[] = "hello", *q = "hello", exact[5] = "hello"; printf("%zu %zu %zu %.5s\n", sizeof text, sizeof q, sizeof exact, exact);
  text[0] = 'j'; printf("%s\n", text);
  long big[300]; for (int i = 0; i < 300; i++) big[i] = (long)i * i * i; long x = 0; for (int i = 299; i >= 0; i -= 7) x ^= big[i]; printf("%ld\n", x);
  short matrix[10][20]; memset(matrix, 0xff, sizeof matrix); matrix[9][19]++; printf("%d %d\n", matrix[9][18], matrix[9][19]);
  int *ptrs[3] = {g[2], g[1], g[0]}; for (int i = 0; i < 3; i++) printf("%d ", *ptrs[i]); printf("\n");
  return 0;
}
