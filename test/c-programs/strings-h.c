#define _GNU_SOURCE
#include <ctype.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
int main(void) {
  char b[32] = "hello, world";
  printf("%td %td %td\n", index(b, 'o') - b, rindex(b, 'o') - b, (char *)rawmemchr(b, 'w') - b);
  printf("%d %d\n", index(b, 'z') == 0, bcmp("abc", "abc", 3));
  bcopy(b, b + 2, 12); printf("%.14s\n", b);
  bzero(b, 4); printf("%d %d %d\n", b[0], b[3], b[4]);
  explicit_bzero(b, sizeof b); printf("%zu\n", strlen(b));
  for (int i = 0; i < 64; i += 7) printf("%d %d %d ", ffs((int)(1u << i % 32)), ffsl((long)(1UL << i)), ffsll((long long)(3ULL << i)));
  printf("%d %d\n", ffs(0), ffsl(0));
  printf("%d %d %d %d\n", isascii(65) != 0, isascii(200) != 0, toascii(200), toascii('a'));
  char *end; printf("%jd", strtoimax("-9223372036854775808x", &end, 10)); printf(" %s\n", end);
  printf("%ju", strtoumax("ffffffffffffffff", &end, 16)); printf(" %d %jd\n", *end, imaxabs(-5));
  int *p = reallocarray(0, 10, sizeof *p); for (int i = 0; i < 10; i++) p[i] = i;
  p = reallocarray(p, 1000, sizeof *p); int s = 0; for (int i = 0; i < 10; i++) s += p[i];
  printf("%d %d\n", s, malloc_usable_size(p) >= 4000); free(p);
  fflush(stdout);
  quick_exit(3);
}
