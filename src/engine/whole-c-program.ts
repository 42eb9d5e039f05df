/**
 * A C program with every header and function that there is, the whole shell, on a machine with any memory. The page
 * fetches this when a scenario asks for more.
 */

import { rare } from '../lang/c/check-rare.ts'
import { allHeaders } from '../lang/c/more-headers.ts'
import { OwnFiles } from '../lang/c/own-files.ts'
import { cProgramWith } from './c-program.ts'
import { kernelLog } from './kernel-log.ts'
import { Obeying } from './obeying.ts'
import { otherMemory } from './other-memory.ts'
import { wholeLibrary } from './userspace/libc/whole.ts'
import { allIntrinsics } from './userspace/more-intrinsics.ts'
import { wholeShell } from './userspace/shell/whole.ts'

export const wholeCProgram = cProgramWith({
  headers: allHeaders,
  library: wholeLibrary,
  files: (text) => new OwnFiles(text),
  intrinsics: allIntrinsics,
  rare,
  memory: otherMemory,
  shell: { ...wholeShell, commands: (machine) => new Obeying(machine), log: kernelLog },
})
