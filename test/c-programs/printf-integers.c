#include <stdio.h>
#include <stdint.h>
#include <inttypes.h>
#include <limits.h>
static const long values[] = {0, 1, -1, 42, -42, 127, 255, 32768, 65535, 123456, INT_MAX, INT_MIN, UINT_MAX, LONG_MAX, LONG_MIN};
static const char *flags[] = {"", "-", "+", " ", "#", "0", "-+", "+0", "#0", "- ", "-#", " 0"}; static const char *sizes[] = {"", "1", "8", "20", ".0", ".1", ".5", "10.4", "12.12", "."}; static const char *convs[] = {"d", "i", "u", "x", "X", "o", "hd", "hu", "hhd", "hhu", "hhx", "ld", "lu", "lx", "lo", "lld", "llX", "zd", "zu", "jd", "td"};
int main(void) {
  char f[32]; for (unsigned v = 0; v < sizeof values / sizeof *values; v += 1 + (v > 5)) for (unsigned c = 0; c < sizeof convs / sizeof *convs; c++) { for (unsigned g = 0; g < sizeof flags / sizeof *flags; g++) for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++) { if ((v + c + g + s) % 3) continue; snprintf(f, sizeof f, "%%%s%s%s|", flags[g], sizes[s], convs[c]); if (c < 11) printf(f, (int)values[v]); else printf(f, values[v]); } printf("\n"); }
  printf("%" PRId64 " %" PRIu64 " %" PRIx64 " %" PRId32 " %" PRIu8 " %" PRIX16 " %" PRIo32 " %" PRIdPTR " %" PRIuMAX "\n", INT64_MIN, UINT64_MAX, UINT64_MAX, INT32_MIN, (uint8_t)255, (uint16_t)0xabcd, 8u, (intptr_t)-5, UINTMAX_MAX); printf("%*d|%-*d|%*d|%.*d|%.*d\n", 5, 42, 5, 42, -5, 42, 4, 7, -1, 7); printf("%2$d %1$d\n", 1, 2); return 0;
}
