#include <stdio.h>
int x = 1; static int y = 2; struct tag { int a; }; enum { K = 10 }; int f; typedef int name;
static int fx(int x) { int r = x; { int x = r * 2; r += x; { extern int x; x += 100; r += x; } r += x; } return r + x; }
static int loop(void) { int s = 0, i = 50; for (int i = 0; i < 3; i++) { int i = 7; s += i; } while (s < 40) { int s2 = s; int s = s2; s += 5; s2 = s; if (s2 > 100) break; i++; if (i > 55) return i; } return s; }
static int label(int n) { int out = n; if (n) goto out; return -1; out: return out + 1; }
static int size(void) { int s = sizeof(struct tag); { struct tag { char c[20]; }; s = s * 100 + sizeof(struct tag); } return s * 100 + sizeof(struct tag); }
int main(void) { printf("%d ", fx(3)); printf("%d %d\n", x, y); int y = 5; { int z = y, y = z + 1; printf("%d %d\n", z, y); } printf("%d %d %d\n", y, loop(), label(4)); printf("%d\n", size()); enum { K = 20 }; printf("%d\n", K); { int K = 30; printf("%d\n", K); } int f = 3; f++; { int printf_ = f; printf("%d\n", printf_); } { name name = 5; printf("%d\n", name); } name n = 4; printf("%d\n", n); struct { int x; } s = {x}; int main_ = s.x; printf("%d\n", main_); return 0; }
