#include <stdio.h>
/* The common type of two operands, told by _Generic. */
#define TYPE(e) _Generic((e), int: "int", unsigned: "unsigned", long: "long", unsigned long: "unsigned long", \
  long long: "long long", unsigned long long: "unsigned long long", float: "float", double: "double", \
  char: "char", signed char: "signed char", unsigned char: "unsigned char", short: "short", \
  unsigned short: "unsigned short", _Bool: "_Bool", default: "other")
#define BOTH(a, b) printf("%-18s + %-18s = %s\n", #a, #b, TYPE((a)0 + (b)0));
typedef unsigned char uc; typedef unsigned short us; typedef unsigned u; typedef unsigned long ul;
typedef long long ll; typedef unsigned long long ull;
#define ROW(a) BOTH(a, _Bool) BOTH(a, char) BOTH(a, uc) BOTH(a, short) BOTH(a, us) BOTH(a, int) BOTH(a, u) BOTH(a, long) \
  BOTH(a, ul) BOTH(a, ll) BOTH(a, ull) BOTH(a, float) BOTH(a, double)
int main(void) {
  ROW(_Bool) ROW(char) ROW(uc) ROW(short) ROW(us) ROW(int) ROW(u) ROW(long) ROW(ul) ROW(ll) ROW(ull) ROW(float) ROW(double)
  printf("%s %s %s %s\n", TYPE(1 << 2L), TYPE(1L << 2), TYPE((char)1 << (char)1), TYPE(1u >> 1ul));
  printf("%s %s %s\n", TYPE(1 < 2L), TYPE(1.0 < 2), TYPE(!1.0));
  printf("%s %s %s %s\n", TYPE(1 ? 1 : 2u), TYPE(1 ? 1L : 2u), TYPE(0 ? 1.0f : 2), TYPE(0 ? (char)1 : (char)2));
  printf("%s %s %s %s %s %s\n", TYPE('a'), TYPE(1u), TYPE(1l), TYPE(1ul), TYPE(1ll), TYPE(1ull));
  printf("%s %s %s %s\n", TYPE(2147483647), TYPE(2147483648), TYPE(0x80000000), TYPE(0x7fffffffffffffff));
  printf("%s %s %s %s\n", TYPE(0xffffffffffffffff), TYPE(4294967295), TYPE(4294967296), TYPE(037777777777));
  printf("%s %s %s\n", TYPE(1.0), TYPE(1.0f), TYPE(sizeof 1));
  int minus = -1; unsigned one = 1; long lminus = -1; unsigned long lone = 1;
  printf("%d %d %d %d\n", minus < one, lminus < one, minus < lone, lminus < lone);
  printf("%u %lu %ld\n", minus + one, minus + lone, lminus + one);
  printf("%d %d\n", minus == 0xffffffff, minus == 0xffffffffL);
  printf("%lu %lu\n", lone + minus * 2, lone * minus);
  printf("%g %g\n", one + 0.5, minus * one * 1.0);
  return 0;
}
