#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* float wherever a value can lie: arrays, members, globals, statics, behind pointers, passed and returned. */
typedef float T;
struct padded { char before; T value; char after; };
struct __attribute__((packed)) tight { char before; T value[2]; char after; };
static T global = 1.25, table[9];
static volatile T watched;
static T third(T v) { return v / 3; }
static T last(T a, int b, T c, long d, T e, char f, T g, T h, T i, T j, T k) { return a + b - c * d + e - f + g - h + i - j + k; }
static void swap(T *a, T *b) { T t = *a; *a = *b; *b = t; }
static T next(void) { static T x = 0.5; x = 3.7 * x * (1 - x); return x; }

int main(void) {
  printf("%zu %zu %zu %zu\n", sizeof(struct padded), offsetof(struct padded, value), sizeof(struct tight), offsetof(struct tight, after));
  for (int i = 0; i < 9; i++) table[i] = next();
  swap(&table[0], &table[8]);
  swap(&global, table + 3);
  for (T *p = table; p < table + 9; p++) printf("%.9g ", *p);
  T *p = table + 2, local[4] = {1, -2.5f};
  *p++ += 1; *p-- *= 2; p[4] -= p[3]; p[5] /= 3; ++*p; p[1]--;
  for (int i = 0; i < 9; i++) printf("%.9g ", table[i]);
  printf("%.9g %.9g %.9g\n", local[1], local[3], global);
  struct tight s = {'a', {table[1], 2}, 'z'};
  s.value[1] += s.value[0]; s.value[0] = -s.value[0];
  struct tight copy = s;
  printf("%c %.9g %.9g %c\n", copy.before, copy.value[0], copy.value[1], copy.after);
  printf("%.9g %.9g\n", third(table[4]), last(1, 2, 3, 4, 5, 'a', 7, 8, 9.5, 10, 11));
  watched = table[5]; watched += watched; watched = -watched;
  unsigned char bytes[sizeof(T)];
  T value = watched;
  memcpy(bytes, &value, sizeof value);
  for (unsigned i = 0; i < sizeof bytes; i++) printf("%02x", bytes[i]);
  int n = 0;
  for (T x = 0; x < 1; x += (T)0.1) n++;
  printf(" %.9g %d %d\n", watched, n, (int)(table[6] * 1000));
  return 0;
}
