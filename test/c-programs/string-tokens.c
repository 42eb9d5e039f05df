#include <stdio.h>
#include <string.h>
int main(void) {
  char a[] = "  one, two,,three ;four  "; for (char *t = strtok(a, " ,;"); t; t = strtok(0, " ,;")) printf("[%s]", t); printf("\n"); char b[] = "a=1;b=22;;c=333"; char *outer; for (char *p = strtok_r(b, ";", &outer); p; p = strtok_r(0, ";", &outer)) { char *inner; char *k = strtok_r(p, "=", &inner), *v = strtok_r(0, "=", &inner); printf("%s -> %s\n", k, v); } char c[] = "x::y:z:"; char *rest = c, *f; while ((f = strsep(&rest, ":"))) printf("<%s>", f); printf("\n"); char d[] = ""; printf("%d\n", strtok(d, " ") == 0); char e[] = ",,,"; printf("%d\n", strtok(e, ",") == 0); char g[] = "change sets"; printf("%s ", strtok(g, " ")); printf("%s\n", strtok(0, "t")); char h[] = "/usr/local/bin/tool"; int depth = 0; for (char *t = strtok(h, "/"); t; t = strtok(NULL, "/")) printf("%*s%s\n", 2 * depth++, "", t); return 0;
}
