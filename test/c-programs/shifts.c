#include <stdio.h>
#include <stdint.h>
static const uint64_t values[] = {0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
  0x100000000, 0x123456789abcdef0, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff};
int main(void) {
  for (unsigned v = 0; v < sizeof values / sizeof *values; v++) {
    uint64_t x = values[v];
    printf("%016lx\n", x);
    for (int n = 0; n < 64; n += 7) {
      printf("  <<%-2d %016lx >>%-2d %016lx sar %016lx", n, x << n, n, x >> n, (uint64_t)((int64_t)x >> n));
      if (n < 32) printf(" | %08x %08x %08x", (uint32_t)x << n, (uint32_t)x >> n, (uint32_t)((int32_t)x >> n));
      if (n < 16) printf(" | %x %x %d", (uint16_t)x << (n & 15), (uint16_t)x >> n, (int16_t)x >> n);
      if (n < 8) printf(" | %x %x %d", (uint8_t)x << n, (uint8_t)x >> n, (int8_t)x >> n);
      printf("\n");
    }
  }
  for (int n = 31; n < 34; n++) printf("%lx %lx %lx\n", 1ul << n, 0x8000000000000000 >> n, (long)0x8000000000000000 >> n);
  uint64_t a = 1; a <<= 40; a >>= 3; printf("%lx\n", a);
  uint32_t r = 0x12345678;
  for (int n = 1; n < 32; n++) { r = r << n | r >> (32 - n); printf("%08x ", r); }
  printf("\n");
  uint64_t q = 0x123456789abcdef0;
  for (int n = 1; n < 64; n++) { q = q << n | q >> (64 - n); printf("%016lx ", q); }
  printf("\n%d %d %ld\n", -5 >> 1, -1 >> 31, -1L >> 63);
  return 0;
}
