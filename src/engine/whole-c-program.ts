/**
 * A C program with every header and function that there is, the whole shell, on a machine with any memory. The page
 * fetches this when a scenario asks for more.
 */

import { rare } from '../lang/c/check-rare.ts'
import { compile } from '../lang/c/compile.ts'
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
  compile(text) {
    const own = new OwnFiles(text)
    return compile(own.main, { headers: allHeaders, rare, own })
  },
  library: wholeLibrary,
  intrinsics: allIntrinsics,
  memory: otherMemory,
  shell: { ...wholeShell, commands: (machine) => new Obeying(machine), log: kernelLog },
})
