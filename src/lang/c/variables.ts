/** Where the variables of a function are, for debuggers: the page fetches this when somebody looks at them. */

import type { Variables } from './emit.ts'
import type { LocalInfo } from './program.ts'
import type { GlobalVariable, LocalVariable } from './tree.ts'

type Where = LocalInfo['at']

function placeOf(variable: LocalVariable | GlobalVariable): Where {
  if (variable.kind === 'global') return { kind: 'static', address: variable.address }
  const { inMemory, indirect, home } = variable
  if (inMemory && !indirect) return { kind: 'stack', offset: home }
  return { kind: indirect ? 'reference' : 'register', index: home / 2 }
}

/** Those of inner blocks first; before all, parameters that have arrived and are not yet where they live. */
export const variablesOf: Variables = ({ frame, locals, arrived, entry, begin, end }) => {
  const arriving = arrived
    .filter(({ variable }) => variable.inMemory)
    .map(({ variable: { name, type }, register }): LocalInfo => {
      const kind = type.kind === 'record' ? 'reference' : 'register'
      return { name, type, at: { kind, index: register / 2 }, from: entry, to: begin }
    })
  const inner = new Set(frame.scopes.flatMap(({ variables }) => variables))
  const outer = { variables: locals.filter((each) => !inner.has(each)), from: entry, to: end }
  const living = [...frame.scopes, outer].flatMap(({ variables, from, to }) =>
    variables
      .filter(({ name }) => name !== '')
      .map((variable): LocalInfo => ({ name: variable.name, type: variable.type, at: placeOf(variable), from, to })),
  )
  return [...arriving, ...living]
}
