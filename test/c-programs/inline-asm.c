/* Fences, flushes and compiler barriers as real code writes them. */
#include <stdint.h>
#include <stdio.h>

#define barrier() asm volatile("" ::: "memory")
#define mb() __asm__ __volatile__("mfence" : : : "memory")
#define cpu_relax() asm volatile("rep; nop" ::: "memory")

static inline void fence(void) { __asm__ __volatile__("sfence\n\t" ::: "memory"); }
static inline void flush(volatile void *p) { asm volatile("clflush %0" : "+m"(*(volatile char *)p)); }
static inline void flush_named(const void *p) { asm volatile("clflush (%[line])" : : [line] "r"(p) : "memory"); }

static inline void store_nt(uint64_t *p, uint64_t value) {
  asm volatile("movnti %1, %0" : "=m"(*p) : "r"(value));
}

static inline void store_nt32(uint32_t *p, uint32_t value) {
  asm volatile("movntil %1, (%0)" : : "r"(p), "r"(value) : "memory");
}

static struct {
  uint64_t word[8];
  uint32_t half[4];
} __attribute__((aligned(64))) data;

int main(void) {
  for (int i = 0; i < 8; i++) {
    if (i & 1) store_nt(&data.word[i], (uint64_t)i << 40 | i);
    else data.word[i] = i;
    barrier();
  }
  store_nt32(&data.half[2], 0xdeadbeef);
  flush(&data.word[3]);
  flush_named(&data);
  fence();
  mb();
  asm volatile("lock; addl $0,0(%%rsp)" ::: "memory", "cc");
  cpu_relax();
  asm("nop");
  for (int i = 0; i < 8; i++) printf("%lx ", data.word[i]);
  printf("%x %x\n", data.half[1], data.half[2]);
  return 0;
}
