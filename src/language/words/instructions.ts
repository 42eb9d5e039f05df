/** Intrinsics, atomic operations and builtins: what each does, first of all to persistence. */

import { words } from './table.ts'

const exact = words(`
_mm_clwb: Starts writing the cache line that holds p back to memory and lets the cache keep it. Weakly ordered: only a later sfence, mfence or locked instruction waits until the line is in the persistence domain.
_mm_clflushopt: Starts writing the cache line that holds p back to memory and drops it from every cache. Ordered with other lines only by a later sfence, mfence or locked instruction.
_mm_clflush: Writes the cache line that holds p back to memory and drops it. Ordered with stores and with every other clflush, so it needs no fence behind it, and is slow.
_mm_sfence: Waits until all earlier stores are visible and every line that clwb, clflushopt or a non-temporal store has sent off is in the persistence domain. Without it nothing that was written back is promised.
_mm_mfence: Orders all loads and stores, earlier before later, and waits for written-back lines as sfence does.
_mm_lfence: Waits until all earlier loads are done. It orders no stores and makes nothing durable.
_mm_pause: Tells the processor that this loop only waits. No effect on memory.
_mm_stream_si32 _mm_stream_si64: Stores a number past the caches through a write-combining buffer (movnti). No clwb is needed, but an sfence is: until then the bytes may sit in the buffer and be lost.
_mm_stream_si128 _mm256_stream_si256 _mm512_stream_si512: Stores a whole vector past the caches through a write-combining buffer (movntdq); the address must be aligned to the vector. Durable only after an sfence.
_movdir64b: Copies 64 bytes to a 64-byte aligned address as one store past the caches: the line arrives whole or not at all. Durable after an sfence.
__sync_synchronize: A full fence, made by a locked instruction: it also waits for lines that were written back.
__atomic_thread_fence atomic_thread_fence: A fence with the given memory order. Only memory_order_seq_cst becomes an instruction on x86-64, one that also waits for written-back lines; weaker orders bind the compiler alone and make nothing durable.
__atomic_signal_fence atomic_signal_fence: Binds the compiler alone: no instruction, nothing becomes durable.
__atomic_test_and_set atomic_flag_test_and_set atomic_flag_test_and_set_explicit: Sets the flag by a locked instruction and tells whether it was set before. The flag itself stays in the cache until it is written back.
__atomic_clear atomic_flag_clear atomic_flag_clear_explicit: Clears the flag. It is durable only after its line is written back and a fence has passed.
__atomic_is_lock_free __atomic_always_lock_free atomic_is_lock_free: True for objects of at most 8 bytes, which one instruction can change.
__sync_lock_test_and_set: Exchanges the value by a locked instruction and returns the old one.
__sync_lock_release: Stores 0, releasing what __sync_lock_test_and_set took: a plain store on x86-64.
atomic_init: Gives an atomic object its first value by a plain store.
kill_dependency: Returns its argument. It ends a dependency chain for the compiler; no instruction.
va_start: Makes ap stand at the first argument behind the named ones.
va_arg: The next argument, taken as the given type.
va_copy: Makes a second list that stands where the first one stands.
va_end: Ends the use of a list of arguments.
offsetof __builtin_offsetof: Bytes from the start of a struct to a member: members whose offsets divided by 64 give the same number share a cache line.
assert: Stops the program with SIGABRT when the condition is false; what was durable stays so. With NDEBUG defined it does nothing.
static_assert: Refuses to compile when the condition is false. Good for sizes and offsets that an image on media depends on.
__builtin_object_size: How many bytes are behind a pointer, where the expression says what object it points into.
__builtin_expect __builtin_expect_with_probability: The value itself; tells the compiler which one is likely.
__builtin_unreachable: Promises that this place is never reached. Here reaching it stops the thread with an explanation.
__builtin_trap: Stops the thread with SIGILL.
__builtin_prefetch: Asks for a line to be fetched into the cache. Nothing changes.
__builtin_assume_aligned: The pointer itself, promised to be aligned.
__builtin_choose_expr: One of two expressions, chosen while compiling.
__builtin_ia32_pause: Tells the processor that this loop only waits. No effect on memory.
__builtin_ia32_sfence: The sfence instruction, as _mm_sfence.
__builtin_ia32_mfence: The mfence instruction, as _mm_mfence.
__builtin_ia32_lfence: The lfence instruction, as _mm_lfence.
__builtin_ia32_clflush: The clflush instruction, as _mm_clflush.
__builtin_va_start __builtin_va_arg __builtin_va_copy __builtin_va_end: What stdarg.h is made of.
__builtin_inf __builtin_inff __builtin_huge_val __builtin_huge_valf: Infinity.
__builtin_nan __builtin_nanf: Not a number.
__builtin_isnan isnan: True for what is not a number.
__builtin_isinf isinf: True for both infinities.
__builtin_isfinite isfinite: True for a number that is not infinite.
__builtin_signbit signbit: True when the sign is minus, of zero too.
__builtin_alloca alloca: Memory on the stack until the function returns. It is private to the process and never durable.
`)

type Rule = readonly [RegExp, (found: readonly string[]) => string]

const LOCKED = 'by one locked instruction, which is also a full fence'
const KEPT = 'The new value stays in the cache until its line is written back.'

const families: readonly Rule[] = [
  [/^_mm(256|512)?_loadu?_si(128|256|512)$/, ([, , bits = '']) => `Loads ${bits} bits as a vector.`],
  [
    /^_mm(256|512)?_storeu?_si(128|256|512)$/,
    ([, , bits = '']) =>
      `Stores a vector of ${bits} bits through the cache: durable only after its lines are written back and fenced.`,
  ],
  [/^_mm(256|512)?_setzero_si\d+$/, () => 'A vector of zero bytes.'],
  [/^_mm(256|512)?_set1_epi(8|16|32|64)x?$/, ([, , bits = '']) => `A vector with every ${bits} bits set to x.`],
  [/^_mm_set_epi64x$/, () => 'A vector of two 64-bit numbers, the high one first.'],
  [/^_mm_cvtsi\w+$/, () => 'Moves 64 bits between a vector and an integer.'],
  [/^_mm(256|512)?_(xor|and|or|andnot)_si\d+$/, ([, , how = '']) => `Bitwise ${how} of two vectors.`],
  [/^_mm(256|512)?_\w+$/, () => 'A vector operation in registers; memory is left alone.'],
  [
    /^(?:__atomic|__sync|atomic)_fetch_and_(\w+)$|^(?:__atomic|atomic)_fetch_([a-z]+)(?:_explicit)?$/,
    (found) => `Changes *p by ${found[1] ?? found[2]} ${LOCKED}, and returns the old value. ${KEPT}`,
  ],
  [
    /^__(?:atomic_(\w+)_fetch|sync_(\w+)_and_fetch)$/,
    (found) => `Changes *p by ${found[1] ?? found[2]} ${LOCKED}, and returns the new value. ${KEPT}`,
  ],
  [/^(?:__atomic|atomic)_load\w*$/, () => 'Loads the value; on x86-64 a plain load whatever the memory order.'],
  [
    /^(?:__atomic|atomic)_store\w*$/,
    () =>
      `Stores the value. With memory_order_seq_cst it is an xchg, which is also a full fence; weaker orders are a plain store. ${KEPT}`,
  ],
  [/^(?:__atomic|atomic)_exchange\w*$/, () => `Stores a value and returns the old one ${LOCKED}. ${KEPT}`],
  [
    /^(?:__atomic_compare_exchange|atomic_compare_exchange|__sync_(?:bool|val)_compare_and_swap)\w*$/,
    () => `Stores the wanted value if the expected one is there, ${LOCKED}. ${KEPT}`,
  ],
  [/^__builtin_popcount/, () => 'How many bits are set.'],
  [/^__builtin_parity/, () => '1 when an odd number of bits is set.'],
  [/^__builtin_clz/, () => 'Zero bits above the highest bit that is set; undefined for 0.'],
  [/^__builtin_ctz/, () => 'Zero bits below the lowest bit that is set; undefined for 0.'],
  [/^__builtin_clrsb/, () => 'Bits below the sign bit that are equal to it.'],
  [/^__builtin_ffs|^ffsl{0,2}$/, () => 'Number of the lowest bit that is set, from 1; 0 for 0.'],
  [/^__builtin_bswap(\d+)$/, ([, bits = '']) => `The ${bits} bits with their bytes in reverse order.`],
  [
    /^__builtin_[su]?(add|sub|mul)l{0,2}_overflow$/,
    ([, how = '']) => `Does ${how}, stores the wrapped result, and tells whether it did not fit.`,
  ],
  [/^U?INT(?:\d+|MAX)_C$/, () => 'A constant of this type.'],
]

export function instructionWords(name: string): string | undefined {
  const known = exact.get(name)
  if (known !== undefined) return known
  for (const [form, say] of families) {
    const found = form.exec(name)
    if (found !== null) return say(found)
  }
  return undefined
}
