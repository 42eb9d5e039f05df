#include <stdint.h>
#include <stdio.h>
static uint32_t map[8];
static int take(int n) { for (int i = 0; i + n <= 256; i++) { int k = 0; while (k < n && !(map[(i + k) / 32] >> (i + k) % 32 & 1)) k++; if (k == n) { while (k--) map[(i + k) / 32] |= 1u << (i + k) % 32; return i; } i += k; } return -1; }
static void give(int at, int n) { while (n--) { map[at / 32] &= ~(1u << at % 32); at++; } }
int main(void) {
  int at[40], len[40];
  for (int i = 0; i < 40; i++) { len[i] = i * 7 % 13 + 1; at[i] = take(len[i]); printf("%d+%d ", at[i], len[i]); if (i % 3 == 2 && at[i - 1] >= 0) { give(at[i - 1], len[i - 1]); at[i - 1] = -1; } }
  printf("\n");
  for (int i = 0; i < 8; i++) printf("%08x ", map[i]);
  for (int i = 0; i < 40; i++) if (at[i] >= 0) give(at[i], len[i]);
  uint32_t left = 0;
  for (int i = 0; i < 8; i++) left |= map[i];
  printf("%x\n", left);
  return 0;
}
