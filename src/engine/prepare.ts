/** What a scenario runs, made ready, whatever it is. Who would rather load one of the two asks that one itself. */

import { litmusProgram } from './litmus-program.ts'
import { wholeCProgram } from './whole-c-program.ts'
import type { Prepare } from './workload.ts'

export const prepareAny: Prepare = (o) => (o.scenario.what.kind === 'c' ? wholeCProgram : litmusProgram)(o)
