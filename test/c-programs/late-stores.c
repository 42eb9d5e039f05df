#include <stdio.h>
static int pick(int n) { int x; if (n > 2) x = 5; for (int i = 0; i < n; i++) if (i == 7) x = 9; if (n > 2) return x; return 0; }
static int sw(int n) { int r; switch (n) { case 0: r = 1; break; case 1: r = 2; break; default: return -1; } return r; }
static int lp(int n) { int a, b; do { a = n; n--; b = a; } while (n > 0); return a + b; }
static int self(void) { int x; x = 3; return x; }
static int gt(int n) { int x; if (n) goto set; x = 4; goto out; set: x = 5; out: return x; }
static int both(int n) { int x; return n && (x = n) > 2 ? x : 0; }
static int lazy(int n) { int x, y; x = y = n; x += y++; int z; for (;;) { z = x; if (z) break; } return x + y + z; }
static int in(int n) { int s = 0; for (int i = 0; i < n; i++) { int t; if (i % 2) t = i; else t = -i; s += t; } return s; }
int main(void) { printf("%d %d %d %d %d %d %d %d %d %d\n", pick(3), pick(9), sw(0), sw(5), lp(3), self(), gt(0) + gt(1), both(3), lazy(2), in(5)); double d; long *p; d = 1; p = (long *)&d; printf("%d\n", *p > 0); return 0; }
