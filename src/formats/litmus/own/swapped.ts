/**
 * Operands that are most likely the wrong way round: `load y r1` is read as a load into a register y from a location r1.
 *
 * A hint, never a refusal: whoever names a location r1 and stores to it is believed.
 */

import { type Problems, quoted } from '../problems.ts'
import type { Draft, Statement } from './code.ts'

/** How most tests name their registers. */
const REGISTER = /^r\d*$/i

/** `named`: locations that the layout or `init` names. */
export function warnOfSwapped(drafts: readonly Draft[], named: Iterable<string>, problems: Problems): void {
  const statements = drafts.flatMap((draft) => draft.statements)
  const locations = new Set(named)
  for (const { op, operands, form } of statements) {
    const place = operands[form.indexOf('location')]
    if (op === 'load' || place === undefined) continue
    // xchg and its kin may be the wrong way round themselves.
    if (form[0] === 'location' || !REGISTER.test(place.text)) locations.add(place.text)
  }
  for (const statement of statements) check(statement, locations, problems)
}

function check({ op, operands, form }: Statement, locations: ReadonlySet<string>, problems: Problems): void {
  const [first, second, ...others] = operands
  if (form[0] !== 'result' || first === undefined || second === undefined) return
  const strange = form[1] === 'location' && REGISTER.test(second.text) && !locations.has(second.text)
  if (strange) {
    const meant = [op, second.text, first.text, ...others.map(({ text }) => text)].join(' ')
    problems.warn(first, `${quoted(first.text)} is a register here, and ${quoted(second.text)} a location`, {
      hint: `${op} takes the register first: \`${meant}\``,
      to: second,
    })
  } else if (locations.has(first.text)) {
    problems.warn(first, `${quoted(first.text)} is a register here, and a location elsewhere`, {
      hint: `${op} takes the register first`,
    })
  }
}
