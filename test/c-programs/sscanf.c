#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int take(const char *text, const char *format, ...) {
  va_list list;
  va_start(list, format);
  int n = vsscanf(text, format, list);
  va_end(list);
  return n;
}

int main(void) {
  int n;
  int a = -1, b = -1, c = -1, at = -1;
  unsigned u = 0;
  char w[32] = "", v[32] = "";
  n = sscanf("12 abc 0x1f", "%d %31s %x", &a, w, &u);
  printf("%d %d %s %d\n", n, a, w, (int)u);
  n = sscanf("-7,+8", "%d,%d", &a, &b);
  printf("%d %d %d\n", n, a, b);
  n = sscanf("010 010 0x10", "%i %d %i", &a, &b, &c);
  printf("%d %d %d %d\n", n, a, b, c);
  n = sscanf("x", "%d", &a);
  printf("%d %d\n", n, a);
  n = sscanf("", "%d", &a);
  printf("%d\n", n);
  n = sscanf("   ", "%d", &a);
  printf("%d\n", n);
  n = sscanf("5", "%d %d", &a, &b);
  printf("%d %d\n", n, a);
  n = sscanf("12345", "%2d%3d", &a, &b);
  printf("%d %d %d\n", n, a, b);
  n = sscanf("key = some value", "%[^ =] = %[^\n]", w, v);
  printf("%d %s|%s\n", n, w, v);
  n = sscanf("abc123", "%[a-c]%[0-9]", w, v);
  printf("%d %s %s\n", n, w, v);
  n = sscanf("skip 9", "%*s %d", &a);
  printf("%d %d\n", n, a);
  n = sscanf("1 2 rest", "%d %d%n", &a, &b, &at);
  printf("%d %d %d\n", n, at, b);
  char one = 0, three[4] = "";
  n = sscanf(" x yz", "%*c%c%3c", &one, three);
  printf("%d %c %.3s\n", n, one, three);
  long l = 0;
  long long ll = 0;
  short s = 0;
  signed char hh = 0;
  uint64_t big = 0;
  size_t z = 0;
  n = sscanf("-5000000000 77 70000 300", "%ld %lld %hd %hhd", &l, &ll, &s, &hh);
  printf("%d %ld %lld %d %d\n", n, l, ll, s, hh);
  n = sscanf("deadbeefcafe 42", "%lx %zu", &big, &z);
  printf("%d %lx %zu\n", n, big, z);
  n = sscanf("99999999999999999999", "%d", &a);
  printf("%d %d\n", n, a);
  float f = 0;
  double d = 0;
  n = sscanf("1.5e3 -0.25", "%f %lf", &f, &d);
  printf("%d %g %g\n", n, f, d);
  n = sscanf("50%", "%d%%", &a);
  printf("%d %d\n", n, a);
  n = sscanf("a b", "a c%d", &a);
  printf("%d\n", n);
  void *p = 0;
  n = sscanf("0x1000", "%p", &p);
  printf("%d %d\n", n, p == (void *)4096);
  n = take("3 w", "%d %s", &a, w);
  printf("%d %d %s\n", n, a, w);
  n = sscanf("3]4", "%d%*[]]%d", &a, &b);
  printf("%d %d %d\n", n, a, b);
  n = sscanf("10:20", "%d :%d", &a, &b);
  printf("%d %d %d\n", n, a, b);
  memset(w, 'q', sizeof w);
  n = sscanf("ab", "%4s", w);
  printf("%d %d\n", n, w[2] == 0 && w[3] == 'q');
}
