#include <stdio.h>
static int classify(int n) { int r = 0; switch (n) { case 0: r += 1; case 1: r += 10; break; case 2: case 3: r += 100; default: r += 1000; case -1: r += 10000; break; case 'a' ... 'f': r = 5; } return r; }
static const char *wide(unsigned long n) { switch (n) { case 0x100000000: return "2^32"; case 0: return "0"; case 0xffffffffffffffff: return "max"; case 0x80000000: return "2^31"; default: return "other"; } }
static int nested(int a, int b) { switch (a) { case 1: switch (b) { case 1: return 11; case 2: break; default: return 19; } case 2: return 20 + b; default: switch (b) default: return 99; } return -1; }
static int inside(int n) { int count = 0; switch (n) { if (0) { case 1: count += 1; } for (;;) { case 2: count += 2; if (count > 6) break; case 3: count += 3; if (count > 8) goto out; } } out: return count; }
static int chars(signed char c) { switch (c) { case -128: return 1; case 127: return 2; case 0: return 3; } return 4; }
static void duff(char *to, const char *from, int count) { int n = (count + 7) / 8; switch (count % 8) { case 0: do { *to++ = *from++; case 7: *to++ = *from++; case 6: *to++ = *from++; case 5: *to++ = *from++; case 4: *to++ = *from++; case 3: *to++ = *from++; case 2: *to++ = *from++; case 1: *to++ = *from++; } while (--n > 0); } }
enum kind { A, B = 5, C }; static const char *name(enum kind k) { switch (k) { case A: return "A"; case B: return "B"; case C: return "C"; } return "?"; }
int main(void) {
  for (int i = -3; i < 6; i++) printf("%d:%d ", i, classify(i)); printf("%d %d\n", classify('c'), classify('g'));
  unsigned long w[] = {0, 1, 0x80000000, 0xffffffff80000000, 0x100000000, -1ul, 0xffffffff}; for (int i = 0; i < 7; i++) printf("%s ", wide(w[i])); printf("\n");
  for (int a = 0; a < 4; a++) for (int b = 0; b < 4; b++) printf("%d ", nested(a, b)); printf("\n");
  for (int i = 0; i < 5; i++) printf("%d ", inside(i)); printf("\n%d %d %d %d\n", chars(-128), chars(127), chars(0), chars(5));
  char from[40] = "the quick brown fox jumps over it", to[40] = {0}; for (int n = 1; n < 30; n += 3) { duff(to, from, n); to[n] = 0; printf("%s\n", to); }
  for (int k = 0; k < 8; k++) printf("%s", name(k)); printf("\n");
  for (int i = 0; i < 10; i++) { switch (i % 4) { case 0: continue; case 2: printf("two "); break; default: printf("%d ", i); } printf("after "); } printf("\n");
  switch (3) ; switch (1) { int hidden; case 1: hidden = 5; printf("%d\n", hidden); } switch (sizeof(int)) { case 4: printf("four\n"); }
  return 0;
}
