#include <stdio.h>
static int next(int *v, int n) {
  int i = n - 2, j = n - 1;
  while (i >= 0 && v[i] >= v[i + 1]) i--;
  if (i < 0) return 0;
  while (v[j] <= v[i]) j--;
  int t = v[i]; v[i] = v[j]; v[j] = t;
  for (i++, j = n - 1; i < j; i++, j--) { t = v[i]; v[i] = v[j]; v[j] = t; }
  return 1;
}
int main(void) {
  for (unsigned i = 0; i < 64; i++) { unsigned g = i ^ i >> 1, b = g; for (int s = 1; s < 32; s *= 2) b ^= b >> s; printf("%u:%x:%u ", i, g, b); }
  int v[] = {1, 2, 2, 3, 4}, count = 0;
  do { for (int i = 0; i < 5; i++) printf("%d", v[i]); printf(++count % 10 ? " " : "\n"); } while (next(v, 5));
  printf("%d\n", count);
  return 0;
}
