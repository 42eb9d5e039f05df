#include <stdio.h>
#define STR(x) #x
#define XSTR(x) STR(x)
#define CAT(a, b) a##b
#define XCAT(a, b) CAT(a, b)
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define SQUARE(x) ((x) * (x))
#define BAD(x) x * x
#define EMPTY
#define LOG(fmt, ...) printf("log: " fmt "\n", ##__VA_ARGS__)
#define COUNT_(a, b, c, d, e, n, ...) n
#define COUNT(...) COUNT_(__VA_ARGS__, 5, 4, 3, 2, 1)
#define SHOW(...) printf("%s\n", #__VA_ARGS__)
#define NAMED(args...) printf(args)
#define FOO foo
#define foo 42
#define SELF SELF_
#define SELF_ 7
#define f(x) x + f(x - 1)
#define OBJ(x) (x)
#define LPAREN (
#define COLORS(X) X(red) X(green) X(blue)
#define AS_ENUM(n) COLOR_##n,
#define AS_NAME(n) #n,
#define SWAP(t, a, b) do { t tmp_ = a; a = b; b = tmp_; } while (0)
#define VERSION 3
#define VNAME XCAT(v, VERSION)
#define LONG_MACRO(a, b) \
  do { \
    printf("%d ", a); \
    printf("%d\n", b); \
  } while (0)
#define DEFER(m) m EMPTY ()
#define A() 123
enum { COLORS(AS_ENUM) COLOR_COUNT };
static const char *names[] = {COLORS(AS_NAME)};
static int (f)(int x) { return x < 0 ? 0 : x; }
int main(void) {
  int v3 = 33, ab = 5, x = 2, y = 3;
  printf("%s %s %s\n", STR(foo), XSTR(foo), XSTR(FOO)); printf("%s\n", STR( a  +   "b\n" 'c' '\\' )); printf("%d %d\n", CAT(a, b), VNAME); printf("%d ", MAX(x++, y)); printf("%d %d\n", x, SQUARE(x + 1)); printf("%d %d\n", BAD(1 + 2), SQUARE(1 + 2));
  LOG("plain"); LOG("%d %s", 5, "five"); printf("%d %d %d\n", COUNT(a), COUNT(a, b, c), COUNT(1, (2, 3), 4, 5, 6)); SHOW(a, b , (c, d), "e"); SHOW(); NAMED("%d%d\n", 1, 2); printf("%d %d\n", SELF, FOO); printf("%d\n", f(3)); printf("%d\n", (f)(-3)); for (int i = 0; i < COLOR_COUNT; i++) printf("%s ", names[i]); printf("%d\n", COLOR_blue);
  if (x) SWAP(int, x, y); else printf("no"); printf("%d %d\n", x, y); LONG_MACRO(x, y); printf("%s\n", XSTR(VNAME)); printf("%s\n", XSTR(DEFER(A))); printf("%d\n", OBJ (5)); printf("%s\n", XSTR(MAX(1, foo))); printf("%d EMPTY\n", EMPTY 1 EMPTY); printf("[%s] [%s]\n", STR(), XSTR(EMPTY)); printf("%d\n", CAT(1, 2) + CAT(0x, ff) + CAT(, 3)); printf("%g\n", CAT(1., 5)); int CAT(var, 1) = 6; printf("%d\n", var1);
#undef foo
  int foo = 9; printf("%d %d\n", FOO, foo);
#define foo(x) ((x) * 100)
  printf("%d %d\n", foo(2), foo); printf("%d\n", foo
    (3)); printf("%s\n", XSTR(foo (4)));
  return 0;
}
