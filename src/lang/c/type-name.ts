/** A type as a person writes it in C: `char *(*)[3]`. */

import { ATOMIC, CONST, type CType, VOLATILE } from './types.ts'

const words = (qualifiers: number): string[] => [
  ...(qualifiers & CONST ? ['const'] : []),
  ...(qualifiers & VOLATILE ? ['volatile'] : []),
  ...(qualifiers & ATOMIC ? ['_Atomic'] : []),
]

const base = (name: string, type: CType): string => [...words(type.qualifiers), name].join(' ')

/** `inner` is what stands in the declarator's middle. */
function spell(type: CType, inner: string): string {
  const plain = (name: string): string => (inner === '' ? base(name, type) : `${base(name, type)} ${inner}`)
  switch (type.kind) {
    case 'error':
      return plain('?')
    case 'void':
      return plain('void')
    case 'integer':
      return plain(type.enumeration ?? type.integer.name)
    case 'float':
      return plain(type.size === 4 ? 'float' : 'double')
    case 'record':
      return plain(`${type.record.union ? 'union' : 'struct'} ${type.record.tag ?? '(unnamed)'}`)
    case 'pointer': {
      const star = `*${words(type.qualifiers).join(' ')}`
      const gap = star.length > 1 && inner !== '' ? ' ' : ''
      const bracket = type.to.kind === 'array' || type.to.kind === 'function'
      return spell(type.to, bracket ? `(${star}${gap}${inner})` : `${star}${gap}${inner}`)
    }
    case 'array':
      return spell(type.of, `${inner}[${type.length ?? ''}]`)
    case 'function': {
      const parameters = [...type.parameters.map((p) => spell(p, '')), ...(type.variadic ? ['...'] : [])]
      return spell(type.returns, `${inner}(${parameters.join(', ') || 'void'})`)
    }
  }
}

export const typeName = (type: CType): string => spell(type, '').slice(0, 200)
