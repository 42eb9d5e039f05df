/** How tightly each binary operator binds (C11 §6.5.5–§6.5.14), for expressions and for `#if`; the comma is not here. */

import type { Token } from './token.ts'

const levels: Readonly<Record<string, number>> = {
  '||': 1,
  '&&': 2,
  '|': 3,
  '^': 4,
  '&': 5,
  '==': 6,
  '!=': 6,
  '<': 7,
  '>': 7,
  '<=': 7,
  '>=': 7,
  '<<': 8,
  '>>': 8,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '%': 10,
}

/** 1 (loosest) to 10; 0 for what is no binary operator. */
export const precedence = ({ kind, text }: Token): number => (kind === 'punctuator' ? (levels[text] ?? 0) : 0)
