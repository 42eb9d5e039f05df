/** Caps on what a text may ask of the compiler, so that hostile input ends in a message. */

/** UTF-16 units of program text. */
export const MAX_TEXT = 1 << 20
/** Tokens after macro expansion. */
export const MAX_TOKENS = 400_000
/** UTF-16 units of a token that a macro makes of others. */
export const MAX_SPELLING = 1 << 16
/** Levels of brackets, blocks, declarators, includes and macro arguments. */
export const MAX_NESTING = 200
/** Height of an expression tree: `1+1+1+…` grows one level a term. */
export const MAX_TREE = 400
/** Derivations of a type: pointers to arrays of functions of … */
export const MAX_TYPE_DEPTH = 100
/** Bytes of globals, string literals included. */
export const MAX_DATA = 16 << 20
/** Bytes of one object. */
export const MAX_OBJECT = 2 ** 40
/** Bytes that a local variable can be aligned to: a page. */
export const MAX_ALIGN = 4096
/** Bytecode instructions of a program. */
export const MAX_CODE = 1 << 20
/** Entries that initialisers may write one by one. */
export const MAX_INITIALISERS = 1 << 18
/** Diagnostics told at once. */
export const MAX_PROBLEMS = 20
/** Bytes of a local variable of which reads before stores are told: what says what it holds is as large as it is. */
export const MOST_ASKED = 4096
