/**
 * The program that the page begins with, compiled ahead, and what of the library it calls. Any other text is refused:
 * whoever is asks again with the whole (`whole-c-program.ts`), which records the same of this one.
 */

import { diagnostic } from '../base/diagnostic.ts'
import { err, ok } from '../base/result.ts'
import { cProgramWith } from './c-program.ts'
import { readAgain } from './compiled-ahead.ts'
import first from './first-program.json' with { type: 'json' }
import { intrinsics } from './userspace/intrinsics.ts'
import { library } from './userspace/libc/functions.ts'
import { needsOtherMemory, type Prepare } from './workload.ts'

const usual = cProgramWith({
  compile(text) {
    const program = readAgain(text, first)
    return program === undefined ? err([diagnostic(1, 1, 1, 'this needs the compiler')]) : ok(program)
  },
  library,
  intrinsics,
})

export const firstProgram: Prepare = (o) =>
  needsOtherMemory(o.scenario) ? err([o.at('machine', 'the machine needs drivers that are not loaded')]) : usual(o)
