#include <stdio.h>
enum day { MON = 1, TUE, WED, SAT = 6, SUN }; enum flags { NONE = 0, READ = 1 << 0, WRITE = 1 << 1, EXEC = 1 << 2, ALL = READ | WRITE | EXEC }; enum neg { LOW = -5, MID, HIGH = LOW + 10 }; typedef enum { RED, GREEN = 'g', BLUE, } color; enum big { B1 = 0x7fffffff, B2 = -0x7fffffff - 1 }; enum u { U1 = 0xffffffff };
enum { WIDTH = 4, HEIGHT = 3, AREA = WIDTH * HEIGHT, S = sizeof(long) }; static int grid[HEIGHT][WIDTH]; enum fwd { F = AREA }; struct with { enum { INNER = 42 } kind; enum day d : 4; };
#define TYPE(e) _Generic((e), int: "int", unsigned: "unsigned", long: "long", default: "other")
static enum day next(enum day d) { return d == SUN ? MON : d == WED ? SAT : d + 1; }
int main(void) {
  enum day d = MON; for (int i = 0; i < 6; i++) { printf("%d ", d); d = next(d); } printf("\n%d %d %d %d\n", NONE, READ, WRITE, ALL); printf("%d %d %d\n", LOW, MID, HIGH); printf("%d %d %d\n", RED, GREEN, BLUE); printf("%d %d %zu\n", AREA, S, sizeof grid); printf("%d %d %u\n", B1, B2, U1);
  printf("%zu %zu %zu %zu\n", sizeof(enum day), sizeof(color), sizeof(enum neg), sizeof MON); printf("%s %s %s\n", TYPE(MON), TYPE(LOW), TYPE(B1)); enum day v = TUE; enum neg n = LOW; printf("%s %s\n", TYPE(v), TYPE(n)); printf("%d %d\n", v - 5 < 0, n < 0); enum flags f = READ | EXEC; f |= WRITE; f &= ~READ; printf("%d %d\n", f, f & EXEC ? 1 : 0); int arr[SUN + 1] = {[MON] = 5, [SUN] = 9}; printf("%d %d %zu\n", arr[MON], arr[SUN], sizeof arr / sizeof *arr);
  struct with w = {INNER, SAT}; printf("%d %d\n", w.kind, w.d); v = 99; printf("%d\n", v); { enum day { MON = 77 }; printf("%d %d\n", MON, TUE); } printf("%d\n", MON); d++; d += 2; printf("%d\n", d); color c = 'h'; printf("%d %d\n", c == BLUE, (color)103 == GREEN); return 0;
}
