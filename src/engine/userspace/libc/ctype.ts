/** ctype.h in the C locale: what a character is, from -1 (EOF) to 255. */

import { kfunc } from '../../sim/kfunc.ts'
import type { Process } from '../process.ts'
import type { LibraryFunction } from './library.ts'
import { int } from './words.ts'

const CLASSES: Readonly<Record<string, RegExp>> = {
  isalnum: /[A-Za-z0-9]/,
  isalpha: /[A-Za-z]/,
  isblank: /[ \t]/,
  iscntrl: /[^ -\x7e]/,
  isdigit: /[0-9]/,
  isgraph: /[!-~]/,
  islower: /[a-z]/,
  isprint: /[ -~]/,
  ispunct: /[!-/:-@[-`{-~]/,
  isspace: /[\t-\r ]/,
  isupper: /[A-Z]/,
  isxdigit: /[0-9A-Fa-f]/,
}

const ctype = (name: string, result: (c: number) => number): LibraryFunction =>
  kfunc(`libc: ctype.h#${name}`, function* (_p: Process, c: bigint) {
    yield* []
    return result(int(c))
  })

const between = (c: number, first: number): boolean => c >= first && c < first + 26

export const characters: Readonly<Record<string, LibraryFunction>> = {
  ...Object.fromEntries(
    Object.entries(CLASSES).map(([name, members]) => [
      name,
      ctype(name, (c) => Number(c >= 0 && c < 128 && members.test(String.fromCharCode(c)))),
    ]),
  ),
  tolower: ctype('tolower', (c) => (between(c, 65) ? c + 32 : c)),
  toupper: ctype('toupper', (c) => (between(c, 97) ? c - 32 : c)),
  isascii: ctype('isascii', (c) => Number(c >= 0 && c < 128)),
  toascii: ctype('toascii', (c) => c & 127),
}
