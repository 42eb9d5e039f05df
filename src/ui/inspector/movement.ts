/** What a person made the hardware do, in words. */

import { address } from '../../base/bytes.ts'
import type { TransitionChoice } from '../../protocol/interventions.ts'

/** `named`: what a test calls what lies on a line; undefined where nobody has named it. */
export function movement(
  { kind, core, line, cell }: TransitionChoice,
  named: (line: number) => string | undefined = () => undefined,
): string {
  const names = named(line)
  const name = names === undefined ? `line ${address(line)}` : `the line of ${names}`
  switch (kind) {
    case 'drain':
      return `core ${core}: ${line === 0 ? 'a fence' : `an entry of ${name}`} leaves the store buffer`
    case 'flush':
      return `core ${core}: a flush of ${name} completes`
    case 'wc-drain':
      return `core ${core}: ${cell === undefined ? '' : `word ${cell} of `}${name} leaves its write-combining buffer`
    case 'evict':
      return `core ${core}: ${name} leaves L1 for L3`
    case 'write-back':
      return `${name} is written back`
    case 'wpq-drain':
      return `controller ${core}: ${name} goes to media`
  }
}
