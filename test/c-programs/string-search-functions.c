#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
static long at(const char *s, const void *p) { return p ? (const char *)p - s : -1; }
int main(void) {
  const char *s = "the quick brown fox jumps over the lazy dog"; for (char c = 'a'; c <= 'z'; c++) printf("%c %ld %ld %ld %ld\n", c, at(s, strchr(s, c)), at(s, strrchr(s, c)), at(s, memchr(s, c, 20)), at(s, memrchr(s, c, 30))); printf("%ld %ld %ld %ld\n", at(s, strchr(s, 0)), at(s, strrchr(s, 0)), at(s, strchr(s, 'T')), at(s, strchrnul(s, '!')));
  const char *needles[] = {"", "the", "the l", "fox", "dog", "dogs", "x", "over the lazy dog", "zzz", "q", "aaab"}; for (int i = 0; i < 11; i++) printf("%s: %ld %ld %ld %ld\n", needles[i], at(s, strstr(s, needles[i])), at(s, strpbrk(s, needles[i])), strspn(s, needles[i]), strcspn(s, needles[i])); printf("%ld\n", at("aaaaaaaab", 0)); const char *r = "aaaaabaaaabaaab"; printf("%ld %ld %ld\n", at(r, strstr(r, "aab")), at(r, strstr(r, "baaab")), at(r, memmem(r, 15, "baaaa", 5))); printf("%ld %ld\n", at(s, strcasestr(s, "FOX")), at(s, strcasestr(s, "cat"))); printf("%zu %zu %zu\n", strlen(s), strnlen(s, 10), strnlen(s, 100)); printf("%zu %zu %zu\n", strspn("129abc", "0123456789"), strcspn("key=value", "="), strspn("", "a"));
  unsigned char bytes[256]; for (int i = 0; i < 256; i++) bytes[i] = 255 - i; printf("%ld %ld %d\n", at((char *)bytes, memchr(bytes, 0, 256)), at((char *)bytes, memchr(bytes, 0x1ff, 256)), memchr(bytes, 5, 100) == 0); for (int n = 0; n < 40; n += 3) { char t[50]; memset(t, 'x', 49); t[n] = 0; printf("%zu ", strlen(t)); t[n] = 'y'; printf("%ld ", at(t, memchr(t, 'y', 49))); } printf("\n"); return 0;
}
