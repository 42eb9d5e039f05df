#include <stdio.h>
typedef unsigned char byte;
struct pair { int a, b; };
int add(a, b)
  int a, b;
{
  return a + b;
}
static long mixed(c, p, list, n, f)
  byte c;
  struct pair *p;
  int list[];
  double f;
  int n;
{
  long sum = c + p->a * p->b;
  for (int i = 0; i < n; i++) sum += list[i];
  return sum + (long)f;
}
#pragma pack(1)
struct tight { char c; long l; };
#pragma pack(push, 4)
struct four { char c; double d; short s; };
#pragma pack(pop)
union packed { char c[3]; int i; };
#pragma pack()
struct loose { char c; long l; };
#line 1000
int line = __LINE__;
int main(void) {
  struct pair p = {3, 4};
  int list[] = {1, 2, 3};
  printf("%d %ld\n", add(1, 2), mixed(200, &p, list, 3, 2.5));
  printf("%zu %zu %zu %zu %d\n", sizeof(struct tight), sizeof(struct four), sizeof(union packed), sizeof(struct loose), line);
  return 0;
}
