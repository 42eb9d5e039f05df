#include <stdio.h>
#include <float.h>
#define V(x) printf("%s: %zu %.17g %a\n", #x, sizeof(x), (double)(x), (double)(x))
int main(void) { V(1.0); V(1.); V(.5); V(1e3); V(1E-3); V(1.5e+2); V(1.f); V(.1f); V(0.1); V(1e10f); V(3.14159265358979323846); V(0x1p4); V(0x1.8p1); V(0x.8p0); V(0xap-2f); V(1e308); V(1e-320); V(4.9406564584124654e-324); V(123456789.125f); V(0.0); V(-0.0); V(00.5); V(08.5); V(1e0); V(2.5e-1f); V(9007199254740993.0); V(1.7976931348623157e308); V(DBL_MAX); V(DBL_MIN); V(DBL_EPSILON); V(FLT_MAX); V(FLT_MIN); V(FLT_EPSILON); V(DBL_TRUE_MIN); printf("%d %d %d %d %d %d\n", FLT_DIG, DBL_DIG, FLT_MANT_DIG, DBL_MANT_DIG, DBL_MAX_EXP, DBL_MIN_10_EXP); return 0; }
