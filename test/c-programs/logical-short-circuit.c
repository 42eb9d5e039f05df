#include <stdio.h>
static int calls;
static int say(const char *name, int value) { calls++; printf("%s ", name); return value; }
int main(void) {
  for (int m = 0; m < 8; m++) {
    int a = m & 1, b = m >> 1 & 1, c = m >> 2;
    printf("%d%d%d: ", a, b, c);
    printf("= %d; ", say("a", a) && say("b", b) && say("c", c));
    printf("= %d; ", say("a", a) || say("b", b) || say("c", c));
    printf("= %d; ", say("a", a) && say("b", b) || say("c", c));
    printf("= %d; ", say("a", a) || say("b", b) && say("c", c));
    printf("= %d; ", !(say("a", a) && !say("b", b)) || say("c", c));
    printf("= %d\n", say("a", a) ? say("b", b) : say("c", c));
    if (say("if", a) && (say("x", b), say("y", c))) printf("yes"); else printf("no");
    while (say("while", a) || say("z", b)) { a = 0; if (calls % 3) b = 0; }
    printf("\n");
  }
  double d = 0.0, e = -0.0, f = 0.1; char *p = 0, *q = "q"; unsigned long big = 0x100000000;
  printf("%d %d %d %d %d %d\n", !d, !e, !f, !p, !q, !big);
  printf("%d %d %d\n", d || e, f && q, big && 1);
  if (big) printf("big\n");
  if (p) printf("p\n"); else printf("not p\n");
  printf("%d\n", p && *p);
  printf("%d calls\n", calls);
  return 0;
}
