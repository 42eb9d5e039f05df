#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

/* C11 atomics, __atomic and __sync on uint16_t: old values, new values, what is left; neighbours must stay. */
typedef uint16_t T;
struct around { unsigned char before[8]; _Atomic T shared; unsigned char after[8]; };
static struct around s;
static T plain;
static const T values[] = {0, (uint16_t)(0 + 1), 0, 1, 2, 3, 7, 10, 100, UINT16_MAX / 2, UINT16_MAX - 1, UINT16_MAX};

int main(void) {
  for (int i = 0; i < 8; i++) s.before[i] = s.after[i] = 0xa0 + i;
  for (int i = 0; i < (int)(sizeof values / sizeof *values); i++) {
    T v = values[i], old = 0, wanted = v ^ 5;
    atomic_store(&s.shared, v);
    printf("%d ", atomic_fetch_add(&s.shared, 3));
    printf("%d ", atomic_fetch_sub_explicit(&s.shared, v, memory_order_release));
    printf("%d ", atomic_fetch_or(&s.shared, v));
    printf("%d ", atomic_fetch_xor_explicit(&s.shared, 0x7b, memory_order_acq_rel));
    printf("%d ", atomic_fetch_and(&s.shared, 0x6e));
    printf("%d ", atomic_exchange(&s.shared, v));
    printf("%d ", atomic_compare_exchange_strong(&s.shared, &old, wanted));
    printf("%d ", old);
    printf("%d ", atomic_compare_exchange_strong_explicit(&s.shared, &old, wanted, memory_order_seq_cst, memory_order_relaxed));
    printf("%d %d | ", old, atomic_load_explicit(&s.shared, memory_order_acquire));
    plain = v;
    printf("%d ", __atomic_add_fetch(&plain, v, __ATOMIC_SEQ_CST));
    printf("%d ", __atomic_sub_fetch(&plain, 9, __ATOMIC_RELAXED));
    printf("%d ", __atomic_fetch_nand(&plain, 0x35, __ATOMIC_ACQ_REL));
    printf("%d ", __sync_fetch_and_or(&plain, 0x41));
    printf("%d ", __sync_xor_and_fetch(&plain, v));
    printf("%d ", __sync_val_compare_and_swap(&plain, plain, v));
    printf("%d ", __sync_bool_compare_and_swap(&plain, (T)(v + 1ul), 0));
    printf("%d %d\n", __sync_lock_test_and_set(&plain, 1), __atomic_load_n(&plain, __ATOMIC_SEQ_CST) == 1 ? (T)1 : (T)1);
  }
  s.shared++; s.shared += 100; --s.shared; s.shared |= 1; s.shared ^= 0x7f;
  printf("%d", s.shared);
  for (int i = 0; i < 8; i++) printf(" %x %x", s.before[i], s.after[i]);
  printf("\n");
  return 0;
}
