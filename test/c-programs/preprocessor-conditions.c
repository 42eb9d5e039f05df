#include <stdio.h>
#define YES 1
#define NO 0
#define EMPTY
#define ADD(a, b) ((a) + (b))
#define T(n) printf("%d ", n)
int main(void) {
#if YES
  T(1);
#else
  T(-1);
#endif
#if NO
  T(-2);
#elif defined(YES) && !defined(UNKNOWN)
  T(2);
#if UNKNOWN
  T(-3);
#elif NO
  T(-3);
#else
  T(3);
# if 1 == 1 && 2 > 1 || 0
  T(4);
#  ifdef EMPTY
  T(5);
#  endif
#  ifndef EMPTY
  T(-5);
#  else
  T(6);
#  endif
# endif
#endif
#elif 1
  T(-2);
#else
  T(-2);
#endif
#if 0
#if 1
  T(-7);
#else
  T(-7);
#endif
  ' unbalanced " in skipped text is fine
#elif ADD(1, 2) == 3 && (5 & 3) == 1 && (1 ? 2 : 3) == 2
  T(7);
#endif
#if -1 < 0u
  T(-8);
#else
  T(8);
#endif
#if 'a' == 97 && '\n' == 10 && 0x10 == 16 && 010 == 8 && 1L << 40 > 0 && ~0 == -1
  T(9);
#endif
#if defined YES && defined(NO) && !defined NOPE && (defined ADD)
  T(10);
#endif
#if (3 - 2 - 1) || (7 / 2 * 2 != 6) || (1 << 2 + 1) != 8 || -7 % 3 != -1 || !(5 >= 5) || (2 ^ 3) != 1 || (4 | 1) != 5
  T(-11);
#else
  T(11);
#endif
#if 18446744073709551615 == 0xffffffffffffffff && 9223372036854775807 > 0
  T(12);
#endif
#if __STDC__ && __STDC_VERSION__ >= 201112L && defined(__GNUC__) && defined __x86_64__ && defined __linux__ && __LP64__
  T(13);
#endif
#ifdef __cplusplus
  T(-14);
#else
  T(14);
#endif
#if 0 && (1 / 0)
#else
  T(15);
#endif
#undef YES
#ifndef YES
#define YES 5
#endif
  T(YES + 11); /* comment
  over lines */ T(17); // line comment \
  T(-18);
  T(18); /**/ T(/* inside */ 19);
  printf("%s\n", "/* not a comment */ // nor this");
#line 100 "other.c"
  printf("%d %s\n", __LINE__, __FILE__);
  printf("%d\n", __LINE__); printf("%d %d\n", __LINE__, __COUNTER__ + __COUNTER__ >= 0);
#pragma nothing here
#
  int sp\
lit = 5; pr\
intf("%d\n", split); printf("%d %d\n", __INT_MAX__ == 2147483647, __CHAR_BIT__); printf("%s\n", __func__);
#if 1
#endif
  return 0;
}
