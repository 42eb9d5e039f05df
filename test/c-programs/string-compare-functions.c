#include <stdio.h>
#include <string.h>
#include <strings.h>
static int sign(int n) { return (n > 0) - (n < 0); }
int main(void) {
  const char *w[] = {"", "a", "A", "ab", "abc", "abd", "aBc", "b", "\x80", "\xff", "abcdefghijklmnopq", "abcdefghijklmnopr", "10", "9"}; int n = sizeof w / sizeof *w;
  for (int i = 0; i < n; i++) { for (int j = 0; j < n; j++) printf("%d,%d,%d,%d,%d ", sign(strcmp(w[i], w[j])), sign(strncmp(w[i], w[j], 2)), sign(strcasecmp(w[i], w[j])), sign(strncasecmp(w[i], w[j], 3)), sign(strcoll(w[i], w[j]))); printf("\n"); } printf("%d %d\n", strncmp("x", "y", 0), memcmp("x", "y", 0));
  char a[100], b[100]; for (int i = 0; i < 100; i++) a[i] = b[i] = i * 3; for (int i = 0; i < 100; i += 9) { b[i] ^= 0x80; printf("%d %d %d\n", sign(memcmp(a, b, 100)), sign(memcmp(a, b, i)), sign(memcmp(b + i, a + i, 1))); b[i] ^= 0x80; } printf("%d\n", sign(memcmp("\0a", "\0b", 2))); char x[8]; printf("%zu %s\n", strxfrm(x, "abc", 8), "done"); return 0;
}
