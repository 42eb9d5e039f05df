#include <stdio.h>
#include <stddef.h>
#include <stdint.h>
#define S(t) printf("%-10s size %zu align %zu\n", #t, sizeof(struct t), _Alignof(struct t))
#define O(t, m) printf("  %s.%s at %zu\n", #t, #m, offsetof(struct t, m))
struct a { char c; int i; char d; long l; char e; };
struct b { char c; short s; char d; double f; float g; };
struct c { char c[3]; short s[3]; int i[3]; char *p; };
struct __attribute__((packed)) d { char c; int i; char d; long l; };
struct e { char c; int i __attribute__((packed)); char d; long l; };
struct __attribute__((aligned(64))) f { int x; };
struct g { char c; int x __attribute__((aligned(16))); char d; };
struct h { _Alignas(32) char c; _Alignas(8) char d; };
struct i { struct a a; char c; struct d d; char e; struct f f; };
struct j { union { char c; long l; short s[5]; } u; char t; };
struct k { int n; char flexible[]; };
struct l { struct { int x, y; }; union { int z; char w[7]; }; char end; };
struct m { _Bool b; wchar_t w; void (*f)(int); char q; uint16_t z; };
struct __attribute__((packed, aligned(4))) n { char c; long l; short s; };
#pragma pack(push, 2)
struct o { char c; int i; char d; long l; };
#pragma pack(pop)
struct p { char c; int i; };
union q { char c[9]; int i; };
union __attribute__((packed)) r { char c[9]; int i; };
int main(void) {
  S(a); O(a, c); O(a, i); O(a, d); O(a, l); O(a, e);
  S(b); O(b, s); O(b, d); O(b, f); O(b, g);
  S(c); O(c, s); O(c, i); O(c, i[2]); O(c, p);
  S(d); O(d, i); O(d, d); O(d, l);
  S(e); O(e, i); O(e, d); O(e, l);
  S(f); S(g); O(g, x); O(g, d); S(h); O(h, d);
  S(i); O(i, c); O(i, d); O(i, d.l); O(i, e); O(i, f); O(i, a.l);
  S(j); O(j, t); O(j, u.s[3]); S(k); O(k, flexible);
  S(l); O(l, y); O(l, z); O(l, w[3]); O(l, end);
  S(m); O(m, w); O(m, f); O(m, q); O(m, z);
  S(n); O(n, l); O(n, s); S(o); O(o, i); O(o, d); O(o, l); S(p); O(p, i);
  printf("%zu %zu %zu %zu\n", sizeof(union q), _Alignof(union q), sizeof(union r), _Alignof(union r));
  static struct f many[3]; printf("%zu %d\n", sizeof many, (int)((uintptr_t)&many[1] % 64));
  struct h local; printf("%d\n", (int)((uintptr_t)&local % 32));
  _Alignas(128) char buffer[5]; printf("%d %zu\n", (int)((uintptr_t)buffer % 128), sizeof buffer);
  printf("%ld\n", (long)((char *)&((struct i *)0)->d - (char *)0));
  return 0;
}
