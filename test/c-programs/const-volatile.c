#include <stdio.h>
#include <stdint.h>
static const int table[] = {5, 4, 3}; static volatile int flag; volatile const unsigned char rom[3] = {0xf1, 0xf2, 0xf3}; typedef const char *text; typedef char *const fixed;
struct reg { volatile uint32_t status; const uint16_t id; uint8_t rest[2]; }; static struct reg device = {1, 0xabcd, {1, 2}};
static int sum(const int *const v, const int n) { int s = 0; for (int i = 0; i < n; i++) s += v[i]; return s; } static inline const char *pick(text a, text b, int w) { return w ? a : b; }
static int spin(volatile int *p) { int n = 0; while (*p < 5) { (*p)++; n += *p; } return n; }
int main(void) {
  printf("%d %d\n", sum(table, 3), rom[1] + rom[2]); flag = 3; flag += flag; flag++; printf("%d\n", flag); flag = 0; printf("%d ", spin(&flag)); printf("%d\n", flag); device.status |= 6; device.status ^= 2; printf("%u %x %d\n", device.status, device.id, device.rest[1]);
  volatile double d = 0.1; d = d * 3; printf("%.17g\n", d); volatile long l = 1L << 40; l = l - 1; printf("%ld %d\n", l, (int)l); volatile char c = 200; printf("%d\n", c); volatile unsigned short s = 65535; s++; printf("%d\n", s);
  char buf[] = "buffer"; fixed p = buf; p[0] = 'B'; *(p + 1) = 'U'; printf("%s\n", p); text t = buf; t++; printf("%s %s\n", t, pick("a", "b", 0)); const volatile int cv = 9; printf("%d\n", cv); int x = 1; const int *pc = &x; x = 2; printf("%d\n", *pc); int *const cp = &x; *cp = 4; printf("%d\n", x); int const *const *ppc = &pc; printf("%d\n", **ppc);
  volatile int arr[4] = {1, 2}; arr[2] = arr[0] + arr[1]; arr[3]--; printf("%d %d\n", arr[2], arr[3]); volatile struct { int a, b : 5; } vs = {3, 7}; vs.a++; vs.b++; printf("%d %d\n", vs.a, vs.b); for (volatile int i = 0; i < 3; i++) printf("%d", i); register int r = 5; auto int q = 6; printf(" %d\n", r * q); return 0;
}
