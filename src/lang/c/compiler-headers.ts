/**
 * What fewer programs need of gcc: its builtins beyond `builtins.ts`, and the headers that belong to the compiler.
 *
 * Memory orders are what gcc makes of them on x86-64: a sequentially consistent store is an xchg, such a fence an
 * mfence; every other load, store and fence is plain or nothing. `va_list` has System V's layout; only its overflow area
 * is used. Left out: `__builtin_return_address`, objects of 16 bytes, vectors.
 */

import { BITS } from './bits.ts'
import { builtins as common } from './builtins.ts'
import { headers } from './headers.ts'

/** The pointer without `_Atomic`, so that what is behind it is read and written plainly. */
const PLAIN = '((__typeof__((__typeof__(*(p)))0) *)(p))'
const VALUE = `(__typeof__(*${PLAIN}))`
const KEEP = '__typeof__((__typeof__(*(p)))0)'

const bits = (name: string, native: keyof typeof BITS, before = '(int)', narrow = '', wide = narrow): string =>
  ['', 'l', 'll']
    .map((suffix) => {
      const type = suffix === '' ? 'unsigned int' : 'unsigned long'
      const after = suffix === '' ? narrow : wide
      return `#define __builtin_${name}${suffix}(x) (${before}__bits(${BITS[native]}, (${type})(x))${after})`
    })
    .join('\n')

const swap = (size: 16 | 32 | 64): string =>
  `#define __builtin_bswap${size}(x) ((__UINT${size}_TYPE__)(__bits(${BITS.bswap}, (__UINT${size}_TYPE__)(x)) >> ${64 - size}))`

const overflow = (name: string, operator: string, code: number): string => {
  const check = `__overflow(${code}, (unsigned long)__x, __x < 0, (unsigned long)__y, __y < 0, (unsigned long)*__r, *__r < 0)`
  const body = `__typeof__(+(a)) __x = (a); __typeof__(+(b)) __y = (b); __typeof__(&*(r)) __r = (r); *__r = (__typeof__(*__r))((unsigned long)__x ${operator} (unsigned long)__y); ${check};`
  return [name, ...['s', 'u'].flatMap((sign) => ['', 'l', 'll'].map((length) => sign + name + length))]
    .map((full) => `#define __builtin_${full}_overflow(a, b, r) ({ ${body} })`)
    .join('\n')
}

const nand = (name: string, result: string, parameters: string): string =>
  `#define ${name}(${parameters}) ({ ${KEEP} *__n = (void *)(p), __w = ${VALUE}(value), __o; do __o = *__n; while (!__lock_cas_ok((void *)__n, sizeof(*__n), (unsigned long)__o, (unsigned long)(${KEEP})~(__o & __w))); ${result}; })`

const builtins = `
#define __GNUC__ 12
#define __GNUC_MINOR__ 2
#define __GNUC_PATCHLEVEL__ 0
#define __GNUC_STDC_INLINE__ 1
#define __VERSION__ "12.2.0"
#define __DATE__ "Jan  1 1970"
#define __TIME__ "00:00:00"
#define __x86_64 1
#define __amd64__ 1
#define __amd64 1
#define __linux 1
#define __gnu_linux__ 1
#define __unix__ 1
#define __unix 1
#define __ELF__ 1
#define __SSE__ 1
#define __SSE2__ 1
#define _LP64 1
#define __SIZEOF_SHORT__ 2
#define __SIZEOF_LONG_LONG__ 8
#define __SIZEOF_FLOAT__ 4
#define __SIZEOF_DOUBLE__ 8
#define __SIZEOF_SIZE_T__ 8
#define __SIZEOF_PTRDIFF_T__ 8
#define __SIZEOF_WCHAR_T__ 4
#define __SCHAR_MAX__ 127
#define __SHRT_MAX__ 32767
#define __LONG_LONG_MAX__ 9223372036854775807LL
#define __SIZE_MAX__ 18446744073709551615UL
#define __BIGGEST_ALIGNMENT__ 16
#define __WCHAR_TYPE__ int
#define __INTMAX_TYPE__ long
#define __UINTMAX_TYPE__ unsigned long
#define __INTPTR_TYPE__ long
#define __INT8_TYPE__ signed char
#define __INT16_TYPE__ short
#define __UINT8_TYPE__ unsigned char
#define __BYTE_ORDER__ 1234
#define __ORDER_LITTLE_ENDIAN__ 1234
#define __ORDER_BIG_ENDIAN__ 4321
#define __SIZEOF_POINTER__ 8
#define __SIZEOF_LONG__ 8
#define __SIZEOF_INT__ 4
#define __INT_MAX__ 2147483647
#define __LONG_MAX__ 9223372036854775807L
#define __SIZE_TYPE__ unsigned long
#define __PTRDIFF_TYPE__ long
#define __UINT16_TYPE__ unsigned short
#define __UINT32_TYPE__ unsigned int
#define __UINT64_TYPE__ unsigned long
#define __INT32_TYPE__ int
#define __INT64_TYPE__ long
#define __UINTPTR_TYPE__ unsigned long
unsigned long __bits(int what, unsigned long value);
_Bool __overflow(int what, unsigned long a, _Bool a_negative, unsigned long b, _Bool b_negative, unsigned long result, _Bool negative);
_Noreturn void __trap(int unreachable);
int __unset(const char *name);
void *__chain(void *before, unsigned long size); void __unchain(void *last);
void *__builtin_alloca(unsigned long size); unsigned long __builtin_object_size(const void *p, int kind);
void __aligned(const void *p, int bytes);
void __asm_sfence(void); void __asm_mfence(void); void __asm_lfence(void);
void __asm_clflush(const void *p); void __asm_clflushopt(const void *p); void __asm_clwb(const void *p);
void __asm_movnti32(void *p, int value); void __asm_movnti64(void *p, long value);
void _mm_sfence(void); void _mm_mfence(void); void _mm_lfence(void); void _mm_clflush(const void *p);
#define __builtin_ia32_pause() ((void)0)
#define __builtin_ia32_sfence() _mm_sfence()
#define __builtin_ia32_mfence() _mm_mfence()
#define __builtin_ia32_lfence() _mm_lfence()
#define __builtin_ia32_clflush(p) _mm_clflush(p)
#define __builtin_clrsb(x) ({ int __x = (x); (int)__bits(1, (unsigned int)(__x ^ __x >> 31)) - 33; })
#define __builtin_clrsbl(x) ({ long __x = (x); (int)__bits(1, (unsigned long)(__x ^ __x >> 63)) - 1; })
#define __builtin_clrsbll(x) __builtin_clrsbl(x)
#define __builtin_isinf(x) ({ double __x = (x); __x == 1e999 || __x == -1e999; })
#define __builtin_isfinite(x) ({ double __x = (x); __x - __x == 0; })
#define __builtin_signbit(x) ({ union { double d; long l; } __x = { (x) }; __x.l < 0; })
#define __builtin_trap() __trap(0)
#define __builtin_unreachable() __trap(1)
#define __builtin_expect_with_probability(value, likely, probability) (value)
#define __builtin_prefetch(p, ...) ((void)(p))
#define __builtin_assume_aligned(p, ...) ((void *)(p))
#define __builtin_inf() 1e999
#define __builtin_inff() ((float)1e999)
#define __builtin_huge_val() 1e999
#define __builtin_huge_valf() ((float)1e999)
#define __builtin_nan(text) (0.0 / 0.0)
#define __builtin_nanf(text) ((float)(0.0 / 0.0))
#define __builtin_isnan(x) ({ __typeof__(x) __x = (x); __x != __x; })
#define __builtin_choose_expr(which, a, b) _Generic((char (*)[(which) ? 1 : 2])0, char (*)[1]: (a), default: (b))
${bits('popcount', 'popcount')}
${bits('parity', 'popcount', '1 & (int)')}
${bits('clz', 'clz', '(int)', ' - 32', '')}
${bits('ctz', 'ctz')}
${bits('ffs', 'ffs')}
${swap(16)}
${swap(32)}
${swap(64)}
${overflow('add', '+', 0)}
${overflow('sub', '-', 1)}
${overflow('mul', '*', 2)}
typedef struct __va_list_tag {
  unsigned int gp_offset; unsigned int fp_offset; void *overflow_arg_area; void *reg_save_area;
} __builtin_va_list[1];
typedef __builtin_va_list __gnuc_va_list;
#define __builtin_va_start(ap, ...) ((void)((ap)->gp_offset = 48, (ap)->fp_offset = 304, (ap)->overflow_arg_area = __va_area))
#define __builtin_va_arg(ap, type) (*(__typeof__(type) *)(((ap)->overflow_arg_area += (sizeof(type) + 7) / 8 * 8) - (sizeof(type) + 7) / 8 * 8))
#define __builtin_va_copy(to, from) ((void)(*(to) = *(from)))
#define __builtin_va_end(ap) ((void)(ap))
#define __atomic_load_n(p, order) (0, *${PLAIN})
#define __atomic_store_n(p, value, order) ((order) == 5 ? (void)__lock_rmw((void *)(p), sizeof(*(p)), 0, (unsigned long)${VALUE}(value)) : (void)(*${PLAIN} = ${VALUE}(value)))
#define __atomic_compare_exchange_n(p, expected, wanted, weak, success, failure) ({ ${KEEP} *__e = (void *)(expected), __o = (${KEEP})__lock_cas((void *)(p), sizeof(*(p)), (unsigned long)*__e, (unsigned long)${VALUE}(wanted)); _Bool __k = __o == *__e; if (!__k) *__e = __o; __k; })
#define __atomic_load(p, result, order) ((void)(*(result) = __atomic_load_n(p, order)))
#define __atomic_store(p, value, order) __atomic_store_n(p, *(value), order)
#define __atomic_exchange(p, value, result, order) ((void)(*(result) = __atomic_exchange_n(p, *(value), order)))
#define __atomic_compare_exchange(p, expected, wanted, weak, success, failure) __atomic_compare_exchange_n(p, expected, *(wanted), weak, success, failure)
#define __atomic_test_and_set(p, order) ((_Bool)__lock_rmw((void *)(p), 1, 0, 1))
#define __atomic_clear(p, order) __atomic_store_n((char *)(p), 0, order)
#define __atomic_thread_fence(order) ((order) == 5 ? __lock_fence() : (void)0)
#define __atomic_signal_fence(order) ((void)(order))
#define __atomic_is_lock_free(size, p) ((size) <= 8)
#define __atomic_always_lock_free(size, p) ((size) <= 8)
#define __sync_lock_release(p) ((void)(*${PLAIN} = 0))
${nand('__atomic_fetch_nand', '__o', 'p, value, order')}
${nand('__atomic_nand_fetch', `(${KEEP})~(__o & __w)`, 'p, value, order')}
${nand('__sync_fetch_and_nand', '__o', 'p, value')}
${nand('__sync_nand_and_fetch', `(${KEEP})~(__o & __w)`, 'p, value')}
`

const integers =
  `bool:_Bool char schar:signed$char uchar:unsigned$char short ushort:unsigned$short int uint:unsigned$int long
ulong:unsigned$long llong:long$long ullong:unsigned$long$long wchar_t:int size_t:unsigned$long ptrdiff_t:long
intptr_t:long uintptr_t:unsigned$long intmax_t:long uintmax_t:unsigned$long
int_least8_t:signed$char uint_least8_t:unsigned$char int_least16_t:short uint_least16_t:unsigned$short
int_least32_t:int uint_least32_t:unsigned$int int_least64_t:long uint_least64_t:unsigned$long
int_fast8_t:signed$char uint_fast8_t:unsigned$char int_fast16_t:long uint_fast16_t:unsigned$long
int_fast32_t:long uint_fast32_t:unsigned$long int_fast64_t:long uint_fast64_t:unsigned$long`
    .split(/\s+/)
    .map((entry) => entry.split(':'))
    .map(([name = '', type = name]) => `typedef _Atomic ${type.replaceAll('$', ' ')} atomic_${name};`)
    .join('\n')

/** `name` with sequential consistency, and `name_explicit` with orders of the program's choice. */
const both = (name: string, parameters: string, builtin: string, orders = 1): string => {
  const given = orders === 2 ? 'success, failure' : 'order'
  const strict = orders === 2 ? '5, 5' : '5'
  return `#define atomic_${name}(${parameters}) ${builtin}(${parameters}${builtin.endsWith('_n') && orders === 2 ? ', 0' : ''}, ${strict})
#define atomic_${name}_explicit(${parameters}, ${given}) ${builtin}(${parameters}${orders === 2 ? ', 0' : ''}, ${given})`
}

/** Vector types are records of 64-bit words, aligned as vectors are; a load or store of one is one for each word. */
const vector = (bits: 128 | 256 | 512): string => {
  const words = bits / 64
  const prefix = bits === 128 ? '_mm' : `_mm${bits}`
  const type = `__m${bits}i`
  const all = (word: (i: number) => string): string => Array.from({ length: words }, (_, i) => word(i)).join(', ')
  const aligned = (name: string): string => (name.endsWith('u') ? '' : `__aligned(__at, ${bits / 8}); `)
  const load = (name: string): string => `${type} ${prefix}_${name}_si${bits}(const ${type} *p);
#define ${prefix}_${name}_si${bits}(p) ({ const ${type} *__at = (const void *)(p); ${aligned(name)}*__at; })`
  const store = (name: string): string => `void ${prefix}_${name}_si${bits}(${type} *p, ${type} value);
#define ${prefix}_${name}_si${bits}(p, value) ({ ${type} *__at = (void *)(p), __what = (value); ${aligned(name)}*__at = __what; (void)0; })`
  const set = (name: string, narrow: string, times: string): string =>
    `#define ${prefix}_set1_${name}(x) ({ unsigned long __x = (${narrow})(x) * ${times}; (${type}){ { ${all(() => '__x')} } }; })`
  const bitwise = (name: string, value: (i: number) => string): string =>
    `#define ${prefix}_${name}_si${bits}(a, b) ({ ${type} __a = (a), __b = (b); (${type}){ { ${all(value)} } }; })`
  return `
typedef struct { long long __v[${words}]; } __attribute__((aligned(${bits / 8}))) ${type};
${['load', 'loadu'].map(load).join('\n')}
${['store', 'storeu'].map(store).join('\n')}
#define ${prefix}_setzero_si${bits}() ((${type}){ { 0 } })
${set('epi8', 'unsigned char', '0x0101010101010101ul')}
${set('epi16', 'unsigned short', '0x0001000100010001ul')}
${set('epi32', 'unsigned int', '0x0000000100000001ul')}
${set(bits === 512 ? 'epi64' : 'epi64x', 'unsigned long', '1ul')}
${bitwise('xor', (i) => `__a.__v[${i}] ^ __b.__v[${i}]`)}
${bitwise('and', (i) => `__a.__v[${i}] & __b.__v[${i}]`)}
${bitwise('or', (i) => `__a.__v[${i}] | __b.__v[${i}]`)}
void ${prefix}_stream_si${bits}(${bits === 128 ? type : 'void'} *p, ${type} value);
`
}

export const compilerHeaders = {
  /** Read before every program. */
  builtins: common + builtins,
  'stddef.h': `${headers['stddef.h'] ?? ''}
typedef struct { long __values[4]; } __attribute__((aligned(16))) max_align_t;
`,
  'emmintrin.h': `${headers['emmintrin.h'] ?? ''}
void _mm_pause(void);
#define _mm_pause() ((void)0)
${vector(128)}
typedef __m128i __m128i_u;
#define _mm_set_epi64x(high, low) ((__m128i){ { (low), (high) } })
#define _mm_cvtsi128_si64(a) ((a).__v[0])
#define _mm_cvtsi64_si128(x) ((__m128i){ { (x), 0 } })
`,
  'immintrin.h': `${headers['immintrin.h'] ?? ''}
${vector(256)}
${vector(512)}
`,
  'stdarg.h': `
typedef __builtin_va_list va_list;
${['start(ap, ...)', 'arg(ap, type)', 'copy(to, from)', 'end(ap)']
  .map((use) => `#define va_${use} __builtin_va_${use.replace(', ...', ', 0')}`)
  .join('\n')}
`,
  'stdatomic.h': `
typedef enum {
  memory_order_relaxed, memory_order_consume, memory_order_acquire, memory_order_release, memory_order_acq_rel,
  memory_order_seq_cst
} memory_order;
${integers}
typedef struct { _Bool __val; } atomic_flag;
#define ATOMIC_FLAG_INIT { 0 }
#define ATOMIC_VAR_INIT(value) (value)
${'BOOL CHAR SHORT INT LONG LLONG POINTER WCHAR_T CHAR16_T CHAR32_T'
  .split(' ')
  .map((name) => `#define ATOMIC_${name}_LOCK_FREE 2`)
  .join('\n')}
#define kill_dependency(value) (value)
#define atomic_init(p, value) ((void)(*${PLAIN} = (value)))
#define atomic_is_lock_free(p) ((void)(p), sizeof(*(p)) <= 8)
#define atomic_thread_fence(order) __atomic_thread_fence(order)
#define atomic_signal_fence(order) __atomic_signal_fence(order)
${both('load', 'p', '__atomic_load_n')}
${both('store', 'p, value', '__atomic_store_n')}
${both('exchange', 'p, value', '__atomic_exchange_n')}
${['strong', 'weak'].map((kind) => both(`compare_exchange_${kind}`, 'p, expected, wanted', '__atomic_compare_exchange_n', 2)).join('\n')}
${['add', 'sub', 'and', 'or', 'xor'].map((name) => both(`fetch_${name}`, 'p, value', `__atomic_fetch_${name}`)).join('\n')}
${both('flag_test_and_set', 'p', '__atomic_test_and_set')}
${both('flag_clear', 'p', '__atomic_clear')}
`,
}
