/** A C program with every header and function that there is, and the whole shell. The page fetches this when a program asks for more. */

import { rare } from '../lang/c/check-rare.ts'
import { allHeaders } from '../lang/c/more-headers.ts'
import { OwnFiles } from '../lang/c/own-files.ts'
import { cProgramWith } from './c-program.ts'
import { kernelLog } from './kernel-log.ts'
import { Obeying } from './obeying.ts'
import { wholeLibrary } from './userspace/libc/whole.ts'
import { allIntrinsics } from './userspace/more-intrinsics.ts'
import { wholeShell } from './userspace/shell/whole.ts'

export const wholeCProgram = cProgramWith({
  headers: allHeaders,
  library: wholeLibrary,
  files: (text) => new OwnFiles(text),
  intrinsics: allIntrinsics,
  rare,
  shell: { ...wholeShell, commands: (machine) => new Obeying(machine), log: kernelLog },
})
