/** What a scenario runs, made ready, whatever it is. Who would rather load one of the two asks that one itself. */

import { cProgram } from './c-program.ts'
import { litmusProgram } from './litmus-program.ts'
import type { Prepare } from './workload.ts'

export const prepareAny: Prepare = (o) => (o.scenario.what.kind === 'c' ? cProgram : litmusProgram)(o)
