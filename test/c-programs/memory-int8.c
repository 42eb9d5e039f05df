#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* int8_t wherever a value can lie: arrays, members, globals, statics, behind pointers, passed and returned. */
typedef int8_t T;
struct padded { char before; T value; char after; };
struct __attribute__((packed)) tight { char before; T value; T more[3]; char after; };
union seen { T value; unsigned char bytes[sizeof(T)]; };
static T global = (int8_t)0x5a5a5a5a5a5a5a5a, table[17];
static volatile T watched;
static T twice(T v) { return v + (uint64_t)v; }
static T ninth(int a, int b, int c, int d, int e, int f, int g, int h, T v) { return v ^ (a + b + c + d + e + f + g + h); }
static void swap(T *a, T *b) { T t = *a; *a = *b; *b = t; }
static struct padded step(struct padded p) { p.value -= 3; p.before++; return p; }
static T next(void) { static T state = 1; state = (T)(state * 5ul + 3); return state; }

int main(void) {
  printf("%zu %zu %zu %zu\n", sizeof(struct padded), offsetof(struct padded, value), offsetof(struct padded, after), _Alignof(T));
  printf("%zu %zu %zu\n", sizeof(struct tight), offsetof(struct tight, more[1]), offsetof(struct tight, after));
  for (int i = 0; i < 17; i++) table[i] = next();
  for (int i = 0; i < 17; i++) printf("%d ", table[i]);
  swap(&table[0], &table[16]);
  swap(&table[1], &global);
  printf("\n%d %d %d %d\n", table[0], table[16], table[1], global);
  T *p = table + 4, local[5] = {1, (T)-1};
  *p++ = 9; *++p |= 0x55; --*p; p[-2] += 7; p[1] <<= 1; p[2] >>= 1;
  for (int i = 3; i < 10; i++) printf("%d ", table[i]);
  printf("%td %td %d %d\n", p - table, (char *)(p + 1) - (char *)p, local[1], local[4]);
  union seen u = {table[12]};
  for (unsigned i = 0; i < sizeof(T); i++) printf("%02x", u.bytes[i]);
  u.bytes[sizeof(T) - 1] ^= 0x80;
  printf(" %d\n", u.value);
  struct tight s = {'a', table[5], {1, table[6]}, 'z'};
  s.value++; s.more[2] = s.value; s.more[1] = ~s.more[1];
  printf("%c %d %d %d %c\n", s.before, s.value, s.more[1], s.more[2], s.after);
  struct padded q = step(step((struct padded){'b', 2, 'y'}));
  printf("%c %d %c %d %d\n", q.before, q.value, q.after, twice(table[7]), ninth(1, 2, 3, 4, 5, 6, 7, 8, table[8]));
  watched = table[9]; watched ^= 1; watched = watched + watched * 0ul;
  T copy[17], sum = 0;
  memcpy(copy, table, sizeof table);
  memmove(copy + 1, copy, 16 * sizeof(T));
  for (T *c = copy + 17; c-- > copy;) sum = (T)(sum * 3ul + *c);
  printf("%d %d %d\n", watched, sum, memcmp(copy + 1, table, 16 * sizeof(T)));
  return 0;
}
