#include <stdio.h>
struct small { char a, b, c; };
struct pair { long x, y; };
struct big { int v[20]; char name[13]; };
struct mixed { float f; double d; short s; };
struct nest { struct pair p; struct small s[2]; };
static struct small swap(struct small s) { char t = s.a; s.a = s.c; s.c = t; return s; }
static struct pair add(struct pair a, struct pair b) { a.x += b.x; a.y += b.y; return a; }
static struct big make(int n) { struct big b; for (int i = 0; i < 20; i++) b.v[i] = n * i; for (int i = 0; i < 12; i++) b.name[i] = 'a' + (n + i) % 26; b.name[12] = 0; return b; }
static int sum(struct big b) { int s = 0; for (int i = 0; i < 20; i++) { s += b.v[i]; b.v[i] = 0; } return s; }
static struct mixed mix(struct mixed m, int k) { m.f *= k; m.d /= k; m.s -= k; return m; }
static struct nest deep(struct nest n, int level) { n.p.x++; n.s[level & 1].a++; return level == 0 ? n : deep(n, level - 1); }
static struct pair fib(int n) { if (n == 0) return (struct pair){0, 1}; struct pair p = fib(n - 1); return (struct pair){p.y, p.x + p.y}; }
int main(void) {
  struct small s = {1, 2, 3}, t = swap(s); printf("%d%d%d %d%d%d\n", s.a, s.b, s.c, t.a, t.b, t.c);
  struct pair p = add((struct pair){1, 2}, (struct pair){.y = 20, .x = 10}); printf("%ld %ld %ld\n", p.x, p.y, add(p, p).y);
  struct big b = make(3), c; printf("%s %d %d %d\n", b.name, sum(b), sum(b), make(5).v[7]); c = b; c.v[3] = -1; printf("%d %d %s\n", b.v[3], c.v[3], c.name);
  struct mixed m = mix((struct mixed){1.5f, 7, 10}, 2); m = mix(m, 3); printf("%g %g %d\n", m.f, m.d, m.s);
  struct nest n = deep((struct nest){{5, 6}, {{1}, {2}}}, 9); printf("%ld %ld %d %d\n", n.p.x, n.p.y, n.s[0].a, n.s[1].a);
  printf("%ld %ld\n", fib(50).x, fib(90).x);
  struct big arr[3] = {make(1), make(2)}; arr[2] = arr[0]; arr[0] = arr[1]; printf("%d %d %d\n", sum(arr[0]), sum(arr[1]), sum(arr[2]));
  struct pair *q = &p; struct pair r = *q; q->x = 99; printf("%ld %ld\n", r.x, (*q).x);
  struct { struct pair a; int z; } an = {{1, 2}, 3}, an2 = an; an2.a = p; printf("%ld %ld %d\n", an.a.x, an2.a.x, an2.z);
  p = p.x > 5 ? (struct pair){7, 8} : p; printf("%ld\n", p.x);
  struct pair chain1, chain2; chain1 = chain2 = p; printf("%ld %ld\n", chain1.y, chain2.y);
  struct pair (*f)(struct pair, struct pair) = add; printf("%ld\n", f(p, r).x);
  return 0;
}
