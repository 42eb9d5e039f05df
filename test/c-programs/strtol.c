#include <stdio.h>
#include <stdlib.h>
#include <errno.h>
#include <limits.h>
static const char *texts[] = {"0", "42", "-42", "+7", "  \t\n 12abc", "0x1F", "0X1fg", "0x", "0xg", "017", "08", "0b11", "", " ", "abc", "-", "+-3", "- 5", "zz", "Zz9", "2147483647", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "-1", "-18446744073709551615", "99999999999999999999999999", "-99999999999999999999999", "1e5", "3.9", "0000000000000000000000000012", "7fffffffffffffff", "1777777777777777777777"};
static const int bases[] = {0, 2, 8, 10, 16, 36, 7};
int main(void) {
  for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) { for (int b = 0; b < 7; b++) { char *e; errno = 0; long l = strtol(texts[i], &e, bases[b]); int x = errno; printf("%ld/%td/%d ", l, e - texts[i], x); errno = 0; unsigned long u = strtoul(texts[i], &e, bases[b]); printf("%lu/%td/%d ", u, e - texts[i], errno); } errno = 0; long long ll = strtoll(texts[i], 0, 10); unsigned long long ull = strtoull(texts[i], 0, 0); printf("%lld %llu\n", ll, ull); } printf("%d %d %d %d %ld %lld\n", atoi("123"), atoi("-77x"), atoi(""), atoi("  9"), atol("12345678901"), atoll("-5")); errno = 0; char *e = 0; const char *t = "5"; long l = strtol(t, &e, 1); printf("%ld %d\n", l, errno == EINVAL); return 0;
}
