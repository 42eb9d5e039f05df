#include <stdio.h>
#include <string.h>
static void kmp(const char *t, const char *p) {
  int fail[32] = {0}, m = strlen(p);
  for (int i = 1, k = 0; i < m; i++) { while (k && p[i] != p[k]) k = fail[k - 1]; if (p[i] == p[k]) k++; fail[i] = k; }
  for (int i = 0, k = 0; t[i]; i++) { while (k && t[i] != p[k]) k = fail[k - 1]; if (t[i] == p[k]) k++; if (k == m) { printf("%d ", i - m + 1); k = fail[k - 1]; } }
  printf("%s\n", p);
}
static int match(const char *p, const char *s) {
  if (!*p) return !*s;
  if (*p == '*') return match(p + 1, s) || (*s && match(p, s + 1));
  return *s && (*p == '?' || *p == *s) && match(p + 1, s + 1);
}
int main(void) {
  const char *t = "abababcabababdabab", *p[] = {"abab", "ababd", "c", "babab", "zz"}, *g[] = {"*", "a*b", "?bab*", "*c*d*", "abc", "*abab"};
  for (int i = 0; i < 5; i++) kmp(t, p[i]);
  for (int i = 0; i < 6; i++) printf("%s %d %d\n", g[i], match(g[i], t), match(g[i], "aab"));
  return 0;
}
