/**
 * What a value of a front-matter key may be. Each type says what it expects in words, for errors now and for help,
 * hover and completion from the same table.
 */

import { fromBase64 } from '../base/bytes.ts'
import { nearest } from '../base/nearest.ts'
import { inWords, join, type Reading } from './reading.ts'
import { formatSize, parseSize } from './size.ts'
import { isNothing, type YamlNode } from './yaml/node.ts'

export interface Type<T> {
  /** Completes "expected …". */
  readonly expected: string
  /** The words that may stand here, if it is one of few. */
  readonly choices?: readonly string[]
  /** The keys of a map. */
  readonly keys?: Readonly<Record<string, Key<unknown>>>
  /** The type of a list's items. */
  readonly item?: Type<unknown>
  /** Undefined after an error was reported. */
  read(node: YamlNode, path: string, reading: Reading): T | undefined
}

export interface Key<T> {
  readonly type: Type<T>
  /** What holds when the key is missing. */
  readonly default: T
  /** One line for help and hover. */
  readonly summary: string
}

export const key = <T>(type: Type<T>, fallback: T, summary: string): Key<T> => ({ type, default: fallback, summary })

/** A scalar; `accept` gives undefined for what it refuses. */
function scalar<T>(expected: string, accept: (value: unknown, source: string) => T | undefined): Type<T> {
  return {
    expected,
    read(node, path, reading) {
      const given = node.kind === 'scalar' && node.value !== null
      const value = given ? accept(node.value, node.source) : undefined
      if (value === undefined) reading.error(path, `expected ${expected}, found ${inWords(node)}`)
      return value
    },
  }
}

export const flag: Type<boolean> = {
  ...scalar('true or false', (value) => (typeof value === 'boolean' ? value : undefined)),
  choices: ['true', 'false'],
}

export const choice = <const T extends string>(choices: readonly T[]): Type<T> => {
  const expected = choices.length === 1 ? `${choices[0]}` : `one of ${choices.join(', ')}`
  return {
    expected,
    choices,
    read(node, path, reading) {
      const word = node.kind === 'scalar' ? String(node.value) : ''
      const found = choices.find((candidate) => candidate === word)
      if (found === undefined) {
        const meant = nearest(word, choices)
        const hint = meant === undefined ? undefined : `did you mean \`${meant}\`?`
        reading.error(path, `expected ${expected}, found ${inWords(node)}`, hint)
      }
      return found
    },
  }
}

export const integer = (min: number, max: number): Type<number> =>
  scalar(`a whole number from ${min} to ${max}`, (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined,
  )

export const powerOfTwo = (min: number, max: number): Type<number> =>
  scalar(`a power of two from ${min} to ${max}`, (value) =>
    typeof value === 'number' && value >= min && value <= max && Number.isInteger(Math.log2(value)) ? value : undefined,
  )

/** Bytes from `min` to `max`, a multiple of `multiple`, a power of two if `power`. */
export function size(min: number, max: number, multiple: number, power = false): Type<number> {
  const rule = power ? 'a power of two' : `a multiple of ${formatSize(multiple)}`
  return scalar(`a size from ${formatSize(min)} to ${formatSize(max)}, ${rule}`, (value) => {
    const bytes = typeof value === 'number' ? value : parseSize(String(value))
    if (bytes === undefined || !Number.isSafeInteger(bytes) || bytes < min || bytes > max) return undefined
    if (bytes % multiple !== 0 || (power && !Number.isInteger(Math.log2(bytes)))) return undefined
    return bytes
  })
}

/** Text of at most `max` UTF-16 units; numbers and the like are taken as they are spelled. */
export const text = (max: number): Type<string> =>
  scalar(`text of at most ${max} characters`, (value, source) => {
    const words = typeof value === 'string' ? value : source
    return words.length <= max ? words : undefined
  })

/** Shell lines. Written as a block with `|`, so that a line is a line. */
export const lines: Type<string> = {
  expected: 'shell lines, as a block after `|`',
  read(node, path, reading) {
    if (node.kind === 'scalar' && node.style === 'folded') {
      reading.error(path, 'a block after `>` joins its lines into one', 'write `|` instead')
      return undefined
    }
    if (node.kind === 'scalar' && typeof node.value === 'string') return node.value
    reading.error(path, `expected ${lines.expected}, found ${inWords(node)}`)
    return undefined
  },
}

export const pattern = (expected: string, form: RegExp): Type<string> =>
  scalar(expected, (value) => (typeof value === 'string' && form.test(value) ? value : undefined))

export const base64 = (maxBytes: number): Type<string> =>
  scalar(`base64 text of at most ${maxBytes} bytes`, (value) => {
    if (typeof value !== 'string' || value.length > maxBytes * 2) return undefined
    const bytes = fromBase64(value)
    return bytes !== undefined && bytes.length > 0 && bytes.length <= maxBytes ? value : undefined
  })

export const list = <T>(item: Type<T>, min: number, max: number): Type<readonly T[]> => ({
  expected: `a list of ${min} to ${max} items, each ${item.expected}`,
  item,
  read(node, path, reading) {
    if (node.kind !== 'seq') {
      reading.error(path, `expected a list, each item ${item.expected}; found ${inWords(node)}`)
      return undefined
    }
    if (node.items.length < min || node.items.length > max) {
      reading.error(path, `expected ${min} to ${max} items, found ${node.items.length}`)
      return undefined
    }
    const values: T[] = []
    node.items.forEach((child, index) => {
      const at = join(path, index)
      if (child === undefined) return
      reading.mark(at, child)
      const value = item.read(child, at, reading)
      if (value !== undefined) values.push(value)
    })
    return values.length === node.items.length ? values : undefined
  },
})

type Keys<T> = { readonly [K in keyof T]: Key<T[K]> }

export interface MapType<T> extends Type<T> {
  /** What an empty map means. */
  readonly defaults: T
}

/** A map of known keys. `later` are the keys of the format that this version does not carry out. */
export const map = <T extends object>(keys: Keys<T>, later: readonly string[] = []): MapType<T> => ({
  defaults: Object.fromEntries(
    Object.entries<Key<unknown>>(keys).map(([name, { default: value }]) => [name, value]),
  ) as T,
  expected: `a map of ${Object.keys(keys).join(', ')}`,
  keys: keys as Readonly<Record<string, Key<unknown>>>,
  read(node, path, reading) {
    if (node.kind !== 'map') {
      reading.error(path, `expected ${this.expected}; found ${inWords(node)}`)
      return undefined
    }
    const table = keys as Readonly<Record<string, Key<unknown>>>
    const result = { ...this.defaults } as Record<string, unknown>
    for (const { key: keyNode, value: valueNode } of node.items) {
      const name = String(keyNode.value)
      const at = join(path, name)
      const known = Object.hasOwn(table, name) ? table[name] : undefined
      if (known !== undefined) {
        if (valueNode === undefined) continue
        reading.mark(at, isNothing(valueNode) ? keyNode : valueNode)
        const value = known.type.read(valueNode, at, reading)
        if (value !== undefined) result[name] = value
      } else if (later.includes(name)) {
        reading.errorAt(keyNode, at, `\`${name}\` is not supported by this version yet`)
      } else {
        reading.errorAt(keyNode, at, unknownKey(name, path), whichKey(name, Object.keys(table)))
      }
    }
    return result as T
  },
})

const unknownKey = (name: string, path: string): string => {
  const shown = name.length > 40 ? `${name.slice(0, 40)}…` : name
  return path === '' ? `unknown key \`${shown}\`` : `unknown key \`${shown}\` in \`${path}\``
}

function whichKey(name: string, known: readonly string[]): string {
  const meant = nearest(name, known)
  return meant === undefined ? `the keys here are ${known.join(', ')}` : `did you mean \`${meant}\`?`
}
