/**
 * Instructions of the register machine. Four words each: opcode, a, b, c.
 *
 * A register is a pair of 32-bit words; operands name it by its first word (2 × index), relative to the frame.
 * Integers narrower than 64 bits are kept extended to 64, by their own signedness, so that widening is free.
 * `32`, `u32`, `64`, `u64` say how an operation reads its operands and extends its result. Jump targets are
 * instruction indices. Addresses are 64-bit registers plus a signed offset, or offsets in the frame's stack memory.
 */
export const Op = {
  /** Falling in here is a trap: unreachable code. */
  trap: 0,
  /** a ← b (sign-extended immediate). */
  li: 1,
  /** a ← low b, high c. */
  li64: 2,
  mov: 3,

  // a ← b ∘ c
  add32: 4,
  addu32: 5,
  add64: 6,
  sub32: 7,
  subu32: 8,
  sub64: 9,
  mul32: 10,
  mulu32: 11,
  mul64: 12,
  div32: 13,
  divu32: 14,
  div64: 15,
  divu64: 16,
  mod32: 17,
  modu32: 18,
  mod64: 19,
  modu64: 20,
  and: 21,
  or: 22,
  xor: 23,
  shl32: 24,
  shlu32: 25,
  shl64: 26,
  shr32: 27,
  shru32: 28,
  shr64: 29,
  shru64: 30,

  // a ← b ∘ immediate c
  addi32: 31,
  addiu32: 32,
  addi64: 33,
  shli64: 34,

  // a ← extended b
  ext8: 35,
  extu8: 36,
  ext16: 37,
  extu16: 38,
  ext32: 39,
  extu32: 40,

  // a ← b ∘ c, 0 or 1
  eq: 41,
  ne: 42,
  lt32: 43,
  le32: 44,
  ltu32: 45,
  leu32: 46,
  lt64: 47,
  le64: 48,
  ltu64: 49,
  leu64: 50,
  /** a ← b is zero; b is not zero. */
  zero: 51,
  nonzero: 52,

  /** to a */
  jump: 53,
  // if a is (not) zero, to b
  jumpZero: 54,
  jumpNonzero: 55,
  // if a ∘ b, to c
  jumpEq: 56,
  jumpNe: 57,
  jumpLt32: 58,
  jumpGe32: 59,
  jumpLtu32: 60,
  jumpGeu32: 61,
  jumpLt64: 62,
  jumpGe64: 63,
  jumpLtu64: 64,
  jumpGeu64: 65,
  /** if a equals the immediate b, to c */
  jumpEqi: 66,

  // a ← memory at b + c
  load8: 67,
  loadu8: 68,
  load16: 69,
  loadu16: 70,
  load32: 71,
  loadu32: 72,
  load64: 73,
  /** A float, widened to the double that registers keep. */
  loadFloat: 74,
  // memory at b + c ← a
  store8: 75,
  store16: 76,
  store32: 77,
  store64: 78,
  storeFloat: 79,

  // a ← frame memory at b, and the reverse
  frameLoad8: 80,
  frameLoadu8: 81,
  frameLoad16: 82,
  frameLoadu16: 83,
  frameLoad32: 84,
  frameLoadu32: 85,
  frameLoad64: 86,
  frameLoadFloat: 87,
  frameStore8: 88,
  frameStore16: 89,
  frameStore32: 90,
  frameStore64: 91,
  frameStoreFloat: 92,
  /** a ← address of frame memory b */
  frameAddress: 93,

  /** Function b; arguments from register a on, where the result goes. The callee's frame starts at a. */
  call: 94,
  /** The same through the pointer in b, with c arguments. */
  callPointer: 95,
  /** Native function b with c arguments from register a on, where the result goes. */
  native: 96,
  /** With the value of a. */
  return: 97,
  returnVoid: 98,

  // doubles: a ← b ∘ c
  addDouble: 99,
  subDouble: 100,
  mulDouble: 101,
  divDouble: 102,
  eqDouble: 103,
  ltDouble: 104,
  leDouble: 105,
  /** a ← b rounded to a float */
  roundFloat: 106,
  fromInt64: 107,
  fromUint64: 108,
  /** Truncating; what does not fit becomes 0x8000000000000000, as cvttsd2si says. */
  toInt64: 109,
  toUint64: 110,

  // a ← b ∘ immediate c; `muli64`: 0 ≤ c < 2^21
  muli32: 111,
  muliu32: 112,
  muli64: 113,
  andi: 114,
  ori: 115,
  xori: 116,
  shli32: 117,
  shliu32: 118,
  shri32: 119,
  shriu32: 120,
  shri64: 121,
  shriu64: 122,

  // if a ∘ immediate b, to c
  jumpNei: 123,
  jumpLti32: 124,
  jumpGei32: 125,
  jumpLtiu32: 126,
  jumpGeiu32: 127,
  jumpLti64: 128,
  jumpGei64: 129,
  jumpLtiu64: 130,
  jumpGeiu64: 131,

  // Elements of arrays: a ← b + c * 2, 4, 8
  index2: 132,
  index4: 133,
  index8: 134,
  // a ← address b (below 2^31) + c * 1, 2, 4, 8
  dataIndex1: 135,
  dataIndex2: 136,
  dataIndex4: 137,
  dataIndex8: 138,
  // a ← address of frame memory b + c * 1, 2, 4, 8
  frameIndex1: 139,
  frameIndex2: 140,
  frameIndex4: 141,
  frameIndex8: 142,
} as const

/**
 * Function pointers: FUNCTION_BASE + 16 × index for functions of the program, NATIVE_BASE + 16 × index for natives.
 * Both lie below all constants and data, where no memory is mapped, so that reading through one faults.
 */
export const FUNCTION_BASE = 0x0001_0000
export const NATIVE_BASE = 0x0020_0000
/** Distance of two function pointers. */
export const FUNCTION_STRIDE = 16
