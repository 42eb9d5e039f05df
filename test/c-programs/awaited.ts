/** Programs that are not right here yet, and what is wrong. A program that works must leave the list. */
export const AWAITED: Readonly<Record<string, string>> = {
  alignment: '__attribute__((aligned)) on a typedef is not heeded',
  'builtin-memory': '__builtin_alloca is not declared',
  'constant-expressions': 'a conditional between strings must be known before the program runs',
  'many-arguments': 'definitions with the types of parameters behind the parentheses',
  'preprocessor-conditions': '#line',
  'sizeof-everything': 'wide string literals',
  'struct-layout': 'a local variable aligned to more than 64 bytes',
  'variable-length-arrays': 'arrays of variable length',
}
