#include <stdio.h>
static int search(int n, const int m[4][4]) { int i, j; for (i = 0; i < 4; i++) for (j = 0; j < 4; j++) if (m[i][j] == n) goto found; return -1; found: return i * 10 + j; }
static int resources(int fail) { int held = 0, r = -1; held |= 1; if (fail == 1) goto out; held |= 2; if (fail == 2) goto first; held |= 4; if (fail == 3) goto second; r = 0; printf("held %d ", held); second: held &= ~2; first: held &= ~1; out: printf("%d left %d\n", r, held); return r; }
static unsigned machine(const char *s) { unsigned n = 0; start: switch (*s++) { case 'a': goto a; case 'b': goto b; case 0: goto end; default: goto start; } a: n = n * 3 + 1; if (*s == 'a') { s++; goto a; } goto start; b: n = n * 5 + 2; goto start; end: return n; }
static int collatz(long n) { int steps = 0; again: if (n == 1) return steps; steps++; if (n & 1) goto odd; n /= 2; goto again; odd: n = 3 * n + 1; goto again; }
static int into(int skip) { int i = 0, s = 0; if (skip) { i = 5; goto middle; } for (i = 0; i < 10; i++) { s += 100; middle: s += i; } return s; }
int main(void) {
  static const int m[4][4] = {{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}, {13, 14, 15, 16}};
  for (int i = 0; i < 18; i += 3) printf("%d ", search(i, m)); printf("\n");
  for (int i = 0; i < 4; i++) resources(i);
  printf("%u %u %u\n", machine("abc"), machine("aaabba"), machine("xbxaax"));
  for (int i = 1; i < 30; i++) printf("%d ", collatz(i)); printf("\n%d %d\n", into(0), into(1));
  int n = 0; { again: n++; { int x = n * 2; if (x < 10) goto again; } } printf("%d\n", n); goto last; printf("never\n"); last:; printf("end\n"); 
  int label = 3; label: if (label-- > 0) goto label; printf("%d\n", label);
  return 0;
}
