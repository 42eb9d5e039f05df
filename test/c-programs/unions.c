#include <stdio.h>
#include <stdint.h>
#include <string.h>
union word { uint64_t q; uint32_t d[2]; uint16_t w[4]; uint8_t b[8]; double f; struct { uint32_t lo, hi; } half; };
union number { float f; uint32_t u; struct { uint32_t mantissa : 23, exponent : 8, sign : 1; } parts; };
struct value { enum { INT, REAL, TEXT, LIST } kind; union { long i; double r; const char *t; struct { int n; const struct value *v; } list; }; };
static void show(const struct value *v) { switch (v->kind) { case INT: printf("%ld", v->i); break; case REAL: printf("%g", v->r); break; case TEXT: printf("'%s'", v->t); break; case LIST: printf("["); for (int i = 0; i < v->list.n; i++) { if (i) printf(", "); show(&v->list.v[i]); } printf("]"); } }
static union word add(union word a, union word b) { a.q += b.q; return a; }
int main(void) {
  union word w = {0x1122334455667788}; printf("%x %x %x %x %x %x\n", w.d[0], w.d[1], w.w[1], w.b[0], w.b[7], w.half.hi); w.b[3] = 0xff; printf("%lx\n", w.q); w.f = 1.5; printf("%lx\n", w.q); w.half.lo++; printf("%.17g\n", w.f); w.w[2] ^= 0x0f0f; printf("%lx\n", w.q); printf("%lx\n", add((union word){.q = 5}, (union word){.d = {1, 2}}).q);
  union number n; for (float f = -4; f < 5; f += 1.375f) { n.f = f; printf("%u %u %06x %08x\n", n.parts.sign, n.parts.exponent, n.parts.mantissa, n.u); } n.u = 0; n.parts.exponent = 130; n.parts.sign = 1; printf("%g\n", n.f); struct value items[] = {{INT, .i = 5}, {REAL, .r = 2.5}, {TEXT, .t = "x"}}, list = {LIST, .list = {3, items}}, outer[] = {{LIST, .list = {2, items}}, {.kind = INT, .i = -1}}; show(&list); printf("\n"); struct value o = {LIST, .list = {2, outer}}; show(&o); printf("\n%zu %zu %zu\n", sizeof(union word), sizeof(struct value), sizeof(union number)); union word arr[2] = {{1}, {.f = 2}}; arr[0] = arr[1]; printf("%lx\n", arr[0].q); union { char c; int i; } z = {0}; z.i = -1; z.c = 0; printf("%x\n", z.i); return 0;
}
