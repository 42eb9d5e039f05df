#include <stdio.h>
#include <limits.h>
#include <stdint.h>
#define D(x) printf("%s %ld %zu\n", #x, (long)(x), sizeof(x))
#define U(x) printf("%s %lu %zu\n", #x, (unsigned long)(x), sizeof(x))
int main(void) { D(CHAR_BIT); D(SCHAR_MIN); D(SCHAR_MAX); U(UCHAR_MAX); D(CHAR_MIN); D(CHAR_MAX); D(SHRT_MIN); D(SHRT_MAX); U(USHRT_MAX); D(INT_MIN); D(INT_MAX); U(UINT_MAX); D(LONG_MIN); D(LONG_MAX); U(ULONG_MAX); D(LLONG_MIN); D(LLONG_MAX); U(ULLONG_MAX); D(INT8_MIN); D(INT8_MAX); U(UINT8_MAX); D(INT16_MIN); D(INT16_MAX); U(UINT16_MAX); D(INT32_MIN); D(INT32_MAX); U(UINT32_MAX); D(INT64_MIN); D(INT64_MAX); U(UINT64_MAX); D(INTPTR_MIN); U(UINTPTR_MAX); D(PTRDIFF_MAX); U(SIZE_MAX); D(INTMAX_MIN); U(UINTMAX_MAX); D(INT_FAST8_MAX); D(INT_FAST16_MAX); U(UINT_FAST32_MAX); D(INT_LEAST16_MIN); U(UINT_LEAST32_MAX); D(INT64_C(5)); U(UINT64_C(5)); D(INT8_C(5)); U(UINT32_C(7)); D(WCHAR_MAX); return 0; }
