#include <stdio.h>
#include <stdlib.h>
#include <limits.h>
#include <inttypes.h>
int main(void) { int v[] = {0, 1, -1, 17, -17, INT_MAX, -INT_MAX}; for (int i = 0; i < 7; i++) { printf("%d %ld %lld %jd\n", abs(v[i]), labs(v[i] * 4L), llabs(v[i] * 5LL), imaxabs(v[i])); for (int j = 1; j < 7; j++) { div_t d = div(v[i], v[j]); ldiv_t l = ldiv(v[i] * 3L, v[j]); lldiv_t q = lldiv(v[i] * 7LL, v[j]); printf("%d %d %ld %ld %lld %lld\n", d.quot, d.rem, l.quot, l.rem, q.quot, q.rem); } } printf("%zu %zu %d %d %d\n", sizeof(div_t), sizeof(ldiv_t), EXIT_SUCCESS, EXIT_FAILURE, RAND_MAX == INT_MAX); return EXIT_FAILURE; }
