#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
static void dump(const char *what, const char *b, int n) { printf("%s: ", what); for (int i = 0; i < n; i++) printf("%c", b[i] ? b[i] : '.'); printf("\n"); }
int main(void) {
  char b[40]; for (int n = 0; n < 12; n++) { memset(b, '#', sizeof b); strncpy(b, "hello", n); dump("strncpy", b, 16); } memset(b, '#', sizeof b); printf("%td\n", stpcpy(b, "abc") - b); dump("stpcpy", b, 8); printf("%td\n", stpncpy(b, "wxyz", 6) - b); dump("stpncpy", b, 8); strcpy(b, "one"); strcat(b, "two"); strcat(b, ""); dump("strcat", b, 10); for (int n = 0; n < 6; n++) { strcpy(b, "ab"); memset(b + 3, '#', 10); strncat(b, "cdef", n); dump("strncat", b, 10); }
  for (int d = -8; d <= 8; d++) { char m[32]; for (int i = 0; i < 32; i++) m[i] = 'a' + i % 26; memmove(m + 10 + d, m + 10, 12); dump("memmove", m, 32); } for (int n = 0; n < 33; n += 3) { char m[36]; memset(m, '-', 36); memcpy(m + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", n); dump("memcpy", m, 36); memset(m + n, '0' + n % 10, 36 - n); dump("memset", m, 36); } memset(b, 0, sizeof b); memset(b, 0x141, 3); dump("memset", b, 5); printf("%td\n", (char *)mempcpy(b, "12345", 5) - b); char *end = memccpy(b, "hello world", 'o', 11); printf("%td %d\n", end - b, memccpy(b, "xyz", 'q', 3) == 0); dump("memccpy", b, 10); char *dup = strdup("duplicate"), *dupn = strndup("duplicate", 3); printf("%s %s %zu\n", dup, dupn, strlen(dupn)); free(dup); free(dupn); bzero(b, 4); dump("bzero", b, 8); 
  char big[5000], copy[5000]; for (int i = 0; i < 5000; i++) big[i] = i * 7; memcpy(copy, big, 5000); printf("%d\n", memcmp(big, copy, 5000)); memmove(copy + 1, copy, 4999); printf("%d %d\n", copy[4999] == big[4998], memcmp(copy + 1, big, 4999)); return 0;
}
