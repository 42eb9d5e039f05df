#include <stdio.h>
#include <string.h>
#define HEX(x) do { unsigned char hex_[sizeof(x)]; memcpy(hex_, &(x), sizeof hex_); for (unsigned at_ = 0; at_ < sizeof hex_; at_++) printf("%02x", hex_[at_]); printf(" (%zu)\n", sizeof hex_); } while (0)
struct a { unsigned a : 3, b : 5, c : 8, d : 16; };
struct b { int a : 3; int b : 29; int c : 1; };
struct c { unsigned char a : 4, b : 4; unsigned short c : 9; };
struct d { unsigned long a : 40; unsigned long b : 24; unsigned c : 7; };
struct e { unsigned a : 3; unsigned : 0; unsigned b : 3; };
struct f { char c; int a : 9; char d; };
struct g { _Bool flag : 1; unsigned : 4; unsigned x : 3; };
struct h { unsigned a : 20; unsigned b : 20; };
struct i { long long a : 33; int b : 31; };
struct __attribute__((packed)) j { unsigned a : 20; unsigned b : 20; unsigned long c : 50; };
enum color { red, green, blue };
struct k { enum color c : 2; signed int s : 2; unsigned u : 2; };
union u { struct a fields; unsigned word; };
int main(void) {
  struct a a; memset(&a, 0, sizeof a); a.a = 9; a.b = 33; a.c = 0x1ab; a.d = -1; HEX(a); printf("%u %u %u %u\n", a.a, a.b, a.c, a.d);
  struct b b; memset(&b, 0, sizeof b); b.a = 3; b.a++; b.b = -5; b.c = 1; HEX(b); printf("%d %d %d\n", b.a, b.b, b.c);
  struct c c; memset(&c, 0, sizeof c); c.a = 15; c.a += 2; c.b = ~c.a; c.c = 300; HEX(c); printf("%d %d %d\n", c.a, c.b, c.c);
  struct d d; memset(&d, 0, sizeof d); d.a = 0x123456789abcul; d.b = 0xffeedd; d.c = 100; HEX(d); printf("%lx %lx %u\n", (unsigned long)d.a, (unsigned long)d.b, d.c);
  struct e e; memset(&e, 0, sizeof e); e.a = 5; e.b = 6; HEX(e);
  struct f f; memset(&f, 0, sizeof f); f.c = 1; f.a = -200; f.d = 2; HEX(f); printf("%d\n", f.a);
  struct g g; memset(&g, 0, sizeof g); g.flag = 4; g.x = 5; HEX(g); printf("%d %d\n", g.flag, g.x);
  struct h h; memset(&h, 0, sizeof h); h.a = 0xabcde; h.b = 0x12345; HEX(h);
  struct i i; memset(&i, 0, sizeof i); i.a = -1; i.b = 1 << 29; HEX(i); printf("%lld %d\n", (long long)i.a, i.b);
  struct j j; memset(&j, 0, sizeof j); j.a = 0xabcde; j.b = 0x12345; j.c = 0x2aaaaaaaaaaaa; HEX(j); printf("%x %x %lx\n", j.a, j.b, (unsigned long)j.c);
  struct k k; memset(&k, 0, sizeof k); k.c = blue; k.s = 1; k.s--; k.s--; k.u = -1; HEX(k); printf("%d %d %d\n", k.c, k.s, k.u);
  struct a lit = {1, 2, 3, 4}, des = {.d = 9, .a = 7}; HEX(lit); HEX(des);
  union u u = {.word = 0xdeadbeef}; printf("%x %x %x %x\n", u.fields.a, u.fields.b, u.fields.c, u.fields.d);
  u.fields.c ^= 0xff; printf("%x\n", u.word); u.fields.b <<= 2; printf("%x\n", u.word); u.fields.d /= 3; printf("%x\n", u.word);
  printf("%d ", a.a++); printf("%d ", ++a.a); printf("%d\n", a.a--);
  printf("%d\n", (a.a = 12)); printf("%d\n", (b.a = 7)); printf("%d\n", b.a += 6);
  printf("%d %d\n", a.a - 8 < 0, a.d * 65535u > 0);
  struct a *p = &a; p->b = 17; p->b |= 4; printf("%d\n", p->b); struct a copy = *p; printf("%d %d\n", copy.b, copy.d);
  return 0;
}
