#include <stdio.h>
#include <stddef.h>
typedef int wide_int __attribute__((aligned(32)));
typedef long low __attribute__((aligned(2)));
typedef struct { int a; } boxed __attribute__((aligned(16)));
struct s { char c; wide_int w; char d; low l; boxed b; };
static wide_int g;
static const char *cond = sizeof(int) == 4 ? "yes" : "no";
static const char *cond2 = sizeof(int) != 4 ? "yes" : "no";
static int arr[3]; static int *pp = 1 ? arr + 1 : 0; static double dd = 0 ? 1 : 2.5;
int main(void) { wide_int w = 3; char flag = 0;
printf("%zu %zu %zu %zu %zu %zu %zu\n", _Alignof(wide_int), sizeof(wide_int), _Alignof(low), sizeof(struct s), offsetof(struct s, w), offsetof(struct s, l), offsetof(struct s, b));
printf("%d %d %s %s %d %f\n", (int)((unsigned long)&g % 32), (int)((unsigned long)&w % 32), cond, cond2, (int)(pp - arr), dd);
flag = 0; _Bool o = __atomic_test_and_set(&flag, 5); printf("%d %d\n", o, flag);
return 0; }
