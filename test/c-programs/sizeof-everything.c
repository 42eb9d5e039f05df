#include <stdio.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#define T(t) printf("%-24s %zu %zu\n", #t, sizeof(t), _Alignof(t))
#define E(e) printf("%-24s %zu\n", #e, sizeof(e))
struct s { char a; long b; }; union u { char a[5]; short b; }; enum e { X }; typedef int matrix[3][4]; typedef struct s *ps;
static int calls; static int f(void) { calls++; return 1; }
static size_t decay(int a[100]) { return sizeof a; }
int main(void) {
  T(char); T(signed char); T(unsigned char); T(short); T(short int); T(unsigned short); T(int); T(unsigned); T(long); T(unsigned long); T(long long); T(long long int); T(unsigned long long); T(float); T(double); T(_Bool); T(bool); T(void *); T(char **); T(int (*)(void)); T(int (*)[7]); T(struct s); T(union u); T(enum e); T(matrix); T(ps); T(size_t); T(ptrdiff_t); T(wchar_t); T(int8_t); T(int16_t); T(int32_t); T(int64_t); T(intptr_t); T(uintmax_t); T(int_fast16_t); T(int_least16_t); T(int[3]); T(struct s[2][3]); T(char[0]); T(max_align_t);
  int a[10], *p = a; char c = 0; matrix m; struct s s; E(a); E(p); E(*p); E(a[0]); E(&a); E(*&a); E(a + 0); E(c); E(+c); E((char)1); E(c + 1L); E(m); E(m[0]); E(m[0][0]); E(*m); E(s.a); E(s.b); E(&s); E(f()); E(f); E("string"); E('c'); E(1.0); E(1.0f); E(1 == 1); E(a[20]); E(((struct s *)0)->b); E((p++, a)); E(sizeof(int)); E(c ? 1 : 1.0); E(c = 1); E(1 ? c : c); E((short)1 << 1L); E(-(unsigned char)1); E(!1.0); E(a == 0); E(L"ab"); E(__func__);
  printf("%zu %d %zu\n", decay(a), calls, sizeof a / sizeof a[0]); printf("%zu\n", sizeof sizeof a); printf("%zu\n", sizeof(int) * 2); printf("%zu\n", sizeof (char)+1); printf("%zu\n", sizeof -1L); int n = sizeof p; printf("%d %d\n", n, c); return -1 < sizeof a; 
}
