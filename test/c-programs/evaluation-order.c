#include <stdio.h>
static int g, h, arr[8]; static int *gp = arr; static unsigned long ul; static double dd; static char ch; static long lo;
struct s { int a, b; }; static struct s gs;
static int f(int x) { printf("f%d ", x); return x; }
static int set(int v) { g = v; return 1; }
static int setu(int v) { ul = v; lo = v; dd = v; ch = v; return 1; }
static int *pp(int k) { printf("p%d ", k); return &arr[k]; }
static int idx(int k) { printf("i%d ", k); return k; }
static int sw(void) { gp = arr + 4; return 9; }
typedef int (*fn)(int, int);
static int two(int a, int b) { return 10 * a + b; }
static fn get(int k) { printf("g%d ", k); return two; }
static struct s mk(int a, int b) { struct s r = { f(a), f(b) }; return r; }
static int take(struct s a, struct s b) { return a.a * 1000 + a.b * 100 + b.a * 10 + b.b; }
static void show(int n, int v) { printf("[%d] %d\n", n, v); }
int main(void) {
  int v;
  printf("%d %d %d\n", f(1), f(2), f(3));
  g = 0; v = g + set(5); show(1, v);
  g = 0; v = set(6) + g; show(2, v);
  g = 0; v = g - set(5); show(3, v);
  g = 0; v = g < set(5); show(4, v);
  g = 0; v = (g == set(1)); show(5, v);
  g = 0; v = g * set(5); show(6, v);
  g = 0; v = (g & set(5)); show(61, v);
  g = 0; g += set(5); show(7, g);
  g = 1; g = g + set(5); show(8, g);
  g = 1; g -= set(5); show(9, g);
  g = 0; v = (g + 1) + set(5); show(10, v);
  ul = 0; v = ul + setu(5); show(12, v);
  lo = 0; v = lo + setu(5); show(13, v);
  lo = 0; v = setu(5) + lo; show(14, v);
  dd = 0; v = dd + setu(5); show(15, v);
  ch = 0; v = ch + setu(5); show(16, v);
  lo = 0; lo += setu(5); show(17, lo);
  ch = 0; ch += setu(5); show(18, ch);
  dd = 0; dd += setu(5); show(19, dd);
  *pp(1) = f(4); *pp(1) += f(5); show(20, arr[1]);
  arr[idx(2)] = idx(3); arr[idx(2)] += idx(3); show(21, arr[2]);
  *pp(idx(1)) = *pp(2) + *pp(3); show(22, arr[1]);
  gp = arr; *gp = sw(); show(23, arr[0] * 10 + arr[4]); arr[0] = arr[4] = 0;
  gp = arr; *gp += sw(); show(24, arr[0] * 10 + arr[4]);
  gp = arr; gp[idx(1)] = sw(); show(25, arr[1] * 10 + arr[5]);
  v = get(1)(f(1), f(2)); show(26, v);
  int a[3] = { f(1), f(2), f(3) }; show(27, a[1]);
  struct s t = { .b = f(1), .a = f(2) }; show(28, t.a);
  v = take(mk(1, 2), mk(3, 4)); show(29, v);
  v = take((struct s){ f(1), f(2) }, (struct s){ f(3), f(4) }); show(30, v);
  v = f(1) + f(2) * f(3) - f(4); show(31, v);
  v = f(1) < f(2); v = f(3) == f(4); show(32, v);
  v = pp(3) - pp(1); show(33, v);
  v = pp(1)[idx(2)]; show(34, v);
  v = two(two(f(1), f(2)), two(f(3), f(4))); show(35, v);
  v = arr[1], f(1); show(56, v);
  g = 0; v = g + (set(3) + g); show(57, v);
  gs.a = 0; g = 2; gs.a = g + set(9); show(58, gs.a);
  g = 0; v = (set(5), 1) ? g : 0; show(59, v);
  g = 1; v = arr[g] + set(4); show(65, v);
  gs.b = 3; struct s *sp = &gs; 
  v = f(1) && f(0) || f(2); show(67, v);
  g = 2; v = g > set(1); show(68, v);
  g = 2; v = g != set(1); show(69, v);
  g = 2; v = g | set(5); show(70, v);
  g = 2; v = g ^ set(5); show(71, v);
  g = 5; v = g % set(4); show(72, v);
  g = 5; if (g > set(0)) show(73, 1); else show(73, 0);
  g = 5; v = !g + set(0); show(75, v);
  g = 5; v = ~g + set(0); show(76, v);
  g = 5; g *= set(3); show(77, g);
  g = 5; g <<= set(3); show(78, g);
  struct s q = mk(8, 9), w; w = q; show(81, w.b);
  return 0; }
