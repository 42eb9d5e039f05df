#include <stdio.h>
#include <string.h>
struct point { int x, y; };
static struct point origin = (struct point){7, 8};
static int *fixed = (int[]){10, 20, 30};
static const struct point *list[] = {&(struct point){1, 2}, &(struct point){.y = 4}};
static int dot(const struct point *a, const struct point *b) { return a->x * b->x + a->y * b->y; }
static int total(const int *v, int n) { int s = 0; for (int i = 0; i < n; i++) s += v[i]; return s; }
int main(void) {
  printf("%d %d %d %d\n", origin.x, origin.y, fixed[1], list[0]->y + list[1]->y);
  printf("%d\n", dot(&(struct point){1, 2}, &(struct point){.y = 5, .x = 3}));
  printf("%d %zu\n", total((int[]){1, 2, 3, 4}, 4), sizeof(int[]){1, 2, 3});
  struct point *p = &(struct point){5, 6}; p->x++; printf("%d %d\n", p->x, p->y);
  for (int i = 0; i < 3; i++) { struct point *q = &(struct point){i, i * i}; q->x += 10; printf("%d,%d ", q->x, q->y); }
  printf("\n%s\n", (char[]){"text"}); char *w = (char[10]){"ab"}; w[2] = 'c'; printf("%s %zu\n", w, strlen(w));
  printf("%d\n", (int){42}); int *n = &(int){5}; (*n)++; printf("%d\n", *n);
  struct { struct point a, b; int c[3]; } big = {{1, 2}, (struct point){3, 4}, {5, [2] = 7}}; printf("%d %d %d\n", big.b.x, big.c[1], big.c[2]);
  printf("%d\n", ((struct point[]){{1, 2}, {3, 4}, {5, 6}})[2].x);
  struct point arr[2]; arr[0] = (struct point){9}; arr[1] = (struct point){.y = arr[0].x}; printf("%d %d %d %d\n", arr[0].x, arr[0].y, arr[1].x, arr[1].y);
  const char **names = (const char *[]){"zero", "one", 0}; for (; *names; names++) printf("%s ", *names);
  printf("\n%d\n", (union { int i; char c[4]; }){.i = 0x41424344}.c[1]);
  return 0;
}
