#include <stdio.h>
#include <assert.h>
static int calls; static int side(void) { return ++calls; } static_assert(sizeof(int) == 4, "int"); _Static_assert(1, "yes");
int main(void) { assert(1); assert(side() == 1); int x = 5; assert(x > 3 && "with text"); if (x) assert(x == 5); else assert(0); printf("%d\n", calls); static_assert(sizeof(long) == 8, "long");
#undef assert
#define NDEBUG
#include <assert.h>
  assert(side() == 100); assert(0); printf("%d\n", calls);
  return 0; }
