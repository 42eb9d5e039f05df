/** The C library that programs find: every function by name. */

import type { LibraryFunction } from './library.ts'
import { stdio } from './stdio.ts'
import { stdlib } from './stdlib.ts'
import { string } from './string.ts'
import { unistd } from './unistd.ts'

export const library: Readonly<Record<string, LibraryFunction | undefined>> = {
  ...stdio,
  ...stdlib,
  ...string,
  ...unistd,
}
