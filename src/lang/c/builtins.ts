/**
 * What gcc on x86-64 Linux knows before the first line: macros that say what it is, and atomic read-modify-write.
 *
 * Every one of them is a locked instruction, so its memory order makes no difference; `__lock_…` are natives that take
 * the size of the object. The rarer ones are in `compiler-headers.ts`.
 */

/** In the order of `Modify` in sim/cpu. */
const MODIFY = ['xchg', 'add', 'sub', 'and', 'or', 'xor']

const modify = (native: string, op: number): string =>
  `((__typeof__(*(p)))${native}((void *)(p), sizeof(*(p)), ${op}, (unsigned long)(value)))`

export const builtins = `
#define __STDC__ 1
#define __STDC_VERSION__ 201112L
#define __STDC_HOSTED__ 1
#define __x86_64__ 1
#define __linux__ 1
#define __LP64__ 1
#define __CHAR_BIT__ 8
#define __builtin_expect(value, likely) (value)
#define __ATOMIC_RELAXED 0
#define __ATOMIC_CONSUME 1
#define __ATOMIC_ACQUIRE 2
#define __ATOMIC_RELEASE 3
#define __ATOMIC_ACQ_REL 4
#define __ATOMIC_SEQ_CST 5
unsigned long __lock_rmw(void *p, unsigned long size, int op, unsigned long value);
unsigned long __lock_rmw_new(void *p, unsigned long size, int op, unsigned long value);
unsigned long __lock_cas(void *p, unsigned long size, unsigned long expected, unsigned long wanted);
_Bool __lock_cas_ok(void *p, unsigned long size, unsigned long expected, unsigned long wanted);
void __lock_fence(void);
#define __sync_synchronize() __lock_fence()
#define __sync_val_compare_and_swap(p, expected, wanted) ((__typeof__(*(p)))__lock_cas((void *)(p), sizeof(*(p)), (unsigned long)(expected), (unsigned long)(wanted)))
#define __sync_bool_compare_and_swap(p, expected, wanted) __lock_cas_ok((void *)(p), sizeof(*(p)), (unsigned long)(expected), (unsigned long)(wanted))
#define __sync_lock_test_and_set(p, value) ${modify('__lock_rmw', 0)}
#define __atomic_exchange_n(p, value, order) ${modify('__lock_rmw', 0)}
${MODIFY.slice(1)
  .map(
    (name, i) => `#define __sync_fetch_and_${name}(p, value) ${modify('__lock_rmw', i + 1)}
#define __sync_${name}_and_fetch(p, value) ${modify('__lock_rmw_new', i + 1)}
#define __atomic_fetch_${name}(p, value, order) ${modify('__lock_rmw', i + 1)}
#define __atomic_${name}_fetch(p, value, order) ${modify('__lock_rmw_new', i + 1)}`,
  )
  .join('\n')}
`
