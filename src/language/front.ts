/**
 * Completion and explanation inside the front matter: keys by the scenario's own table, with their values, and the
 * commands of `setup:`. The place is told by indentation, so that a text which is no YAML yet has one.
 */

import type { Completion, Completions, Explanation } from '../protocol/language.ts'
import { scenarioKeys } from '../scenario/schema.ts'
import type { Key, Type } from '../scenario/types.ts'
import { ranked } from './ranked.ts'
import { completeShell, explainShell } from './shell.ts'
import { wordAt } from './source.ts'

interface Place {
  /** Keys from the outside in; a list's item is "0". */
  readonly path: readonly string[]
  /** What is written is a value of the last key, not a key below it. */
  readonly isValue: boolean
}

const KEY = /^(\s*(?:- +)*)([\w.]+):(?:\s|$)/

/** Where what begins at `from` stands. */
function placeOf(text: string, yamlFrom: number, from: number): Place {
  const lines = text.slice(yamlFrom, from).split('\n')
  const last = lines.pop() ?? ''
  const path = inLine(last)
  const isValue = path.isValue
  let indent = /^\s*/.exec(last)?.[0].length ?? 0
  const outer: string[] = []
  if (/^\s*- /.test(last)) outer.unshift('0')
  for (const line of lines.reverse()) {
    const found = KEY.exec(line)
    const own = found?.[1]?.search(/\S|$/) ?? 0
    if (found === null || own > indent || line.trim() === '') continue
    const dashed = found[1]?.includes('-') === true
    const width = (found[1] ?? '').length
    if (dashed && width === indent) {
      // The first key of the list item that this one belongs to.
      outer.unshift('0')
      indent = own
    } else if (own < indent || (own === indent && outer[0] === '0' && !dashed)) {
      outer.unshift(found[2] ?? '')
      if (dashed) outer.unshift('0')
      indent = own
      if (own === 0 && !dashed) break
    }
  }
  return { path: [...outer, ...path.path], isValue }
}

/** Of one line: `cpu: { clwb: ` is the value of cpu.clwb. */
function inLine(line: string): Place {
  const open: string[][] = []
  let here: string[] = []
  let isValue = false
  for (const [token, name] of line.matchAll(/([\w.]+):(?=\s|$)|[{}[\],]/g)) {
    if (name !== undefined) {
      here = [...(open.at(-1) ?? []), name]
      isValue = true
    } else if (token === '{') {
      open.push(here)
      isValue = false
    } else if (token === '[') {
      here = [...here, '0']
      open.push(here)
      isValue = true
    } else if (token === ',') {
      here = open.at(-1) ?? []
      isValue = here.at(-1) === '0'
    } else {
      here = open.pop() ?? []
      isValue = true
    }
  }
  return { path: isValue ? here : (open.at(-1) ?? []), isValue }
}

function typeAt(path: readonly string[]): Type<unknown> | undefined {
  let type: Type<unknown> | undefined = scenarioKeys
  for (const name of path) type = name === '0' ? (type?.item ?? type) : type?.keys?.[name]?.type
  return type
}

const inSetup = ({ path }: Place): boolean => path[0] === 'setup'

export function completeFront(text: string, yamlFrom: number, at: number): Completions | null {
  const { from } = wordAt(text, at)
  const written = text.slice(from, at)
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at)
  const place = placeOf(text, yamlFrom, from)
  if (inSetup(place)) return completeShell(line.replace(/^\s*setup:\s*\|?[-+]?/, ''), at)
  if (/(?:^|\s)#/.test(line)) return null
  const type = typeAt(place.path)
  if (type === undefined) return null
  const item = type.item !== undefined && !place.isValue ? type.item : type
  if (place.isValue || item.keys === undefined) {
    const values = (item.choices ?? []).map((label): Completion => {
      const detail = isDefault(place.path, label) ? 'default' : 'value'
      return { label, kind: 'value', detail, info: summaryAt(place.path) }
    })
    return { from, items: ranked(values, written) }
  }
  const flow = /[{,]\s*\w*$/.test(line)
  const keys = Object.entries<Key<unknown>>(item.keys).map(
    ([label, key]): Completion => ({
      label,
      kind: 'key',
      detail: key.type.keys !== undefined ? 'keys below' : (key.type.choices?.join(' | ') ?? brief(key.type.expected)),
      info: explainKey(key),
      insert: `${label}: ${flow && key.type.keys !== undefined ? '{ ' : ''}`,
    }),
  )
  return { from, items: written === '' ? keys : ranked(keys, written) }
}

const brief = (words: string): string => (words.length > 60 ? `${words.slice(0, 59)}…` : words)

function keyAt(path: readonly string[]): Key<unknown> | undefined {
  const own = path.filter((name) => name !== '0')
  const outer = typeAt(path.slice(0, path.lastIndexOf(own.at(-1) ?? '')))
  return outer?.keys?.[own.at(-1) ?? ''] ?? outer?.item?.keys?.[own.at(-1) ?? '']
}

const summaryAt = (path: readonly string[]): string => keyAt(path)?.summary ?? ''
const isDefault = (path: readonly string[], label: string): boolean => String(keyAt(path)?.default) === label

function explainKey({ type, summary, default: value }: Key<unknown>): string {
  const expected = type.keys === undefined ? ` Expected: ${type.expected}.` : ''
  const usual =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? ` Default: ${String(value).trim()}.`
      : ''
  return `${summary}${expected}${usual}`
}

export function explainFront(text: string, yamlFrom: number, at: number): Explanation | null {
  const { from, to, word } = wordAt(text, at)
  const place = placeOf(text, yamlFrom, from)
  if (inSetup(place)) return explainShell(text, at)
  if (word === '') return null
  const isKey = text[to] === ':'
  const path = isKey && !place.isValue ? [...place.path, word] : place.path
  const key = keyAt(path)
  if (key === undefined) return null
  const title = path.filter((name) => name !== '0').join('.')
  return { from, to, title: isKey ? title : `${title}: ${word}`, info: explainKey(key) }
}
