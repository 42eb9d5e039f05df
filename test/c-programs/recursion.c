#include <stdio.h>
static int depth(int n) { char pad[64]; pad[n % 64] = n; return n == 0 ? 0 : depth(n - 1) + 1 + pad[n % 64] - (char)n; }
static unsigned ackermann(unsigned m, unsigned n) { return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1)); }
static int even(int n); static int odd(int n) { return n == 0 ? 0 : even(n - 1); } static int even(int n) { return n == 0 ? 1 : odd(n - 1); }
static void hanoi(int n, int from, int to, int by, unsigned *h) { if (n == 0) return; hanoi(n - 1, from, by, to, h); *h = *h * 31 + from * 3 + to; hanoi(n - 1, by, to, from, h); }
static void permute(char *s, int k, int n, int *count) { if (k == n) { (*count)++; if (n < 4) printf("%s ", s); return; } for (int i = k; i < n; i++) { char t = s[k]; s[k] = s[i]; s[i] = t; permute(s, k + 1, n, count); t = s[k]; s[k] = s[i]; s[i] = t; } }
static unsigned long binomial(int n, int k) { return k == 0 || k == n ? 1 : binomial(n - 1, k - 1) + binomial(n - 1, k); }
static long gcd(long a, long b) { return b ? gcd(b, a % b) : a; }
static void print(unsigned long n, int base) { if (n >= base) print(n / base, base); putchar("0123456789abcdef"[n % base]); }
static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
static double power(double x, int n) { return n == 0 ? 1 : n < 0 ? 1 / power(x, -n) : n % 2 ? x * power(x, n - 1) : power(x * x, n / 2); }
int main(void) {
  printf("%d %u %u %d %d\n", depth(1000), ackermann(2, 3), ackermann(1, 20), even(100), odd(7)); unsigned h = 0; hanoi(10, 0, 2, 1, &h); printf("%u\n", h);
  int c = 0; char s[] = "abc", t[] = "abcdef"; permute(s, 0, 3, &c); permute(t, 0, 6, &c); printf("%d\n", c); printf("%lu %ld\n", binomial(14, 6), gcd(1071 * 997, 462 * 997L));
  for (int b = 2; b <= 16; b += 7) { print(0xdeadbeef12345, b); printf("\n"); } printf("%d %g %g\n", fib(18), power(1.5, 13), power(2, -20)); return main == 0;
}
