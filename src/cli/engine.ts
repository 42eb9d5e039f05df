/** The engine behind the commands. */

import { diagnostic } from '../base/diagnostic.ts'
import { err } from '../base/result.ts'
import type { EnginePort } from './engine-port.ts'

const MISSING = 'this build has no engine'

export const engine: EnginePort = {
  run: () => err([diagnostic(1, 1, 1, MISSING)]),
  nfit: () => err(MISSING),
}
