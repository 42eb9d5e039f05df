/** `#line`; `#pragma pack` (as gcc has it from Microsoft): members of the structs behind it are aligned to at most so many bytes. */

import type { Macros } from './macro.ts'
import type { Problems } from './problems.ts'
import type { Place, Token } from './token.ts'

/** Carries one out on `limits`, of which the last one holds; 0: none. */
export function pack(limits: number[], at: Place, line: readonly Token[], problems: Problems): void {
  const [open, ...inside] = line.map(({ text }) => text)
  const words = inside.slice(0, inside.indexOf(')')).filter((text) => text !== ',')
  const number = words.find((text) => /^\d+$/.test(text))
  const limit = number === undefined ? undefined : Number(number)
  const first = words[0]
  if (open !== '(' || !inside.includes(')') || (limit !== undefined && ![0, 1, 2, 4, 8, 16].includes(limit)))
    return problems.error(at, '#pragma pack needs (), (n), (push), (push, n) or (pop), with n 1, 2, 4, 8 or 16')
  if (first === 'pop') {
    if (limits.length > 0) limits.pop()
  } else if (first === 'push') limits.push(limit ?? limits.at(-1) ?? 0)
  else limits.splice(-1, 1, limit ?? 0)
}

/** `#line`. */
export function renumber(macros: Macros, at: Place, [number, file]: readonly Token[], problems: Problems): void {
  const line = /^\d{1,10}$/.test(number?.text ?? '') ? Number(number?.text) : 0
  if (line < 1 || line > 0x7fff_ffff || (file !== undefined && file.kind !== 'string'))
    return problems.error(number?.at ?? at, '#line needs a line number, and a "file" if that changes, too')
  macros.presumed = { by: line - at.line - 1, file: file?.text ?? macros.presumed.file }
}

/** Where a limit holds, every `struct` and `union` gets an attribute that says so. */
export function withLimit(tokens: readonly Token[], limit: number): readonly Token[] {
  return tokens.flatMap((token) => {
    if (token.kind !== 'identifier' || (token.text !== 'struct' && token.text !== 'union')) return [token]
    const words = ['__attribute__', '(', '(', `__pack_${limit}`, ')', ')']
    return [
      token,
      ...words.map((text): Token => ({ ...token, text, kind: /\w/.test(text) ? 'identifier' : 'punctuator' })),
    ]
  })
}
