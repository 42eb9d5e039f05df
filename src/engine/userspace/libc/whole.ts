/** The whole C library. The page fetches this part when a program asks for more than `functions.ts` has. */

import { characters } from './ctype.ts'
import { dynamic } from './dynamic.ts'
import { errors } from './err.ts'
import { files } from './files.ts'
import { library } from './functions.ts'
import type { LibraryFunction } from './library.ts'
import { memory } from './malloc.ts'
import { math } from './math.ts'
import { moreStdio } from './more-stdio.ts'
import { moreStdlib } from './more-stdlib.ts'
import { moreString } from './more-string.ts'
import { names } from './names.ts'
import { numbers } from './numbers.ts'
import { print } from './print.ts'
import { pthread } from './pthread.ts'
import { scanning } from './scan.ts'
import { statFunctions } from './stat.ts'
import { timeFunctions } from './time.ts'

export const wholeLibrary: Readonly<Record<string, LibraryFunction | undefined>> = {
  ...library,
  ...characters,
  ...dynamic,
  ...files,
  ...names,
  ...statFunctions,
  ...memory,
  ...math,
  ...print,
  ...moreStdio,
  ...moreStdlib,
  ...moreString,
  ...numbers,
  ...pthread,
  ...scanning,
  ...errors,
  ...timeFunctions,
}
