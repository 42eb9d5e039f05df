/** Completion and explanation inside the C. */

import type { Symbol as CSymbol } from '../lang/c/context.ts'
import { keywords } from '../lang/c/cursor.ts'
import { findMember, memberNames } from '../lang/c/layout.ts'
import { allHeaders } from '../lang/c/more-headers.ts'
import { sectionsOf } from '../lang/c/sections.ts'
import { typeName } from '../lang/c/type-name.ts'
import { type CType, type Member, type RecordInfo, sizeOf } from '../lang/c/types.ts'
import type { Completion, Completions, Explanation } from '../protocol/language.ts'
import { analyse } from './analysis.ts'
import { isInner, known, wordsOf } from './known.ts'
import { ranked } from './ranked.ts'
import { inCode, type Source, sourceOf, spotOf, wordAt } from './source.ts'

/** Stands for the name that is being written. */
const PROBE = '__name_being_written'

export function completeC(source: Source, at: number): Completions | null {
  const { text } = source
  const lineStart = text.lastIndexOf('\n', at - 1) + 1
  const before = text.slice(lineStart, at)
  const own = /^\s*#\s*include\s*"([\w./+-]*)$/.exec(before)
  if (own !== null) return filesFor(text, own[1] ?? '', at)
  const include = /^\s*#\s*include\s*<([\w./]*)$/.exec(before)
  if (include !== null) return headersFor(include[1] ?? '', at)
  const directive = /^\s*#\s*(\w*)$/.exec(before)
  if (directive !== null) return directivesFor(directive[1] ?? '', at)
  if (!inCode(source, at)) return null
  const { from, to, word } = wordAt(text, at)
  const written = word.slice(0, at - from)
  if (/^\d/.test(word)) return null
  const probed = sourceOf(text.slice(0, from) + PROBE + text.slice(to))
  const { names, record, tags } = analyse(probed.program, spotOf(text, from))
  if (/(?:\.|->)\s*$/.test(text.slice(lineStart, from))) return { from, items: membersFor(record, written) }
  const tagged = /\b(struct|union)\s+$/.exec(text.slice(lineStart, from))?.[1]
  if (tagged !== undefined) {
    const all = [...tags].filter(([name]) => name.startsWith(tagged))
    return {
      from,
      items: ranked(
        all.map(([name, info]) => tagItem(name, info, name.slice(tagged.length + 1))),
        written,
      ),
    }
  }
  const items = new Map<string, Completion>()
  const add = (item: Completion): void => void (items.has(item.label) || items.set(item.label, item))
  for (const [name, symbol] of names) if (name !== PROBE && !isInner(name)) add(itemOf(name, symbol, source))
  for (const [name, info] of tags) add(tagItem(name, info, name))
  for (const [name, title] of ownMacros(text)) add({ label: name, kind: 'macro', detail: title, info: '' })
  for (const [name, { kind, title, header }] of known())
    if (!isInner(name)) add({ label: name, kind, detail: title, info: said(name, header, text) })
  for (const word of keywords) add({ label: word, kind: 'keyword', detail: 'keyword', info: '' })
  return { from, items: ranked([...items.values()], written) }
}

const headersFor = (written: string, at: number): Completions => ({
  from: at - written.length,
  items: ranked(
    Object.keys(allHeaders)
      .filter((name) => name.endsWith('.h'))
      .map((name) => ({ label: name, kind: 'header', detail: 'header', info: '' })),
    written,
  ),
})

const filesFor = (text: string, written: string, at: number): Completions => ({
  from: at - written.length,
  items: ranked(
    sectionsOf(text).map(({ name }) => ({ label: name, kind: 'header', detail: 'own file', info: '' })),
    written,
  ),
})

const directivesFor = (written: string, at: number): Completions => ({
  from: at - written.length,
  items: ranked(
    ['include', 'define', 'undef', 'if', 'ifdef', 'ifndef', 'elif', 'else', 'endif', 'error', 'pragma'].map(
      (label) => ({
        label,
        kind: 'keyword',
        detail: 'directive',
        info: '',
      }),
    ),
    written,
  ),
})

function membersFor(record: RecordInfo | undefined, written: string): readonly Completion[] {
  if (record === undefined) return []
  const items = memberNames(record).flatMap((name): readonly Completion[] => {
    const member = findMember(record, name)
    if (member === undefined) return []
    return [{ label: name, kind: 'member', detail: declared(member.type, name), info: place(record, member) }]
  })
  return written === '' ? items : ranked(items, written)
}

const LINE = 64

/** "Offset 8, 40 bytes, in cache line 0 of struct record." */
function place(record: RecordInfo, { offset, type, bits }: Member): string {
  const size = bits === undefined ? sizeOf(type) : 0
  const [first, last] = [Math.floor(offset / LINE), Math.floor((offset + Math.max(1, size) - 1) / LINE)]
  const much =
    bits === undefined ? `${size} byte${size === 1 ? '' : 's'}` : `bits ${bits.at} to ${bits.at + bits.width - 1}`
  const where = first === last ? `in cache line ${first}` : `in cache lines ${first} to ${last}`
  const if64 = record.align % LINE === 0 ? '' : ', if the record begins on one'
  return `Offset ${offset}, ${much}, ${where} of ${recordName(record)}${if64}.`
}

const recordName = ({ union, tag }: RecordInfo): string => `${union ? 'union' : 'struct'} ${tag ?? '(unnamed)'}`

const tagItem = (name: string, record: RecordInfo, insert: string): Completion => ({
  label: insert,
  kind: 'type',
  detail: name,
  info: `${record.size} bytes, aligned to ${record.align}.`,
})

/** `char text[40]`: a declaration as a person writes it. */
function declared(type: CType, name: string): string {
  if (type.kind === 'function') {
    const parameters = [...type.parameters.map(typeName), ...(type.variadic ? ['...'] : [])].join(', ') || 'void'
    return joined(typeName(type.returns), `${name}(${parameters})`)
  }
  const [, base = typeName(type), bounds = ''] = /^(.*?) ?((?:\[\d*\])+)$/.exec(typeName(type)) ?? []
  return joined(base, name + bounds)
}

const joined = (type: string, rest: string): string => (type.endsWith('*') ? type + rest : `${type} ${rest}`)

function itemOf(name: string, symbol: CSymbol, { text }: Source): Completion {
  const offered = known().get(name)
  if (symbol.kind === 'function' && symbol.definition === undefined && offered?.kind === 'function')
    return { label: name, kind: 'function', detail: offered.title, info: said(name, offered.header, text) }
  const kind = symbol.kind === 'function' ? 'function' : symbol.kind === 'typedef' ? 'type' : 'variable'
  return {
    label: name,
    kind,
    detail: titleOf(name, symbol),
    info: 'at' in symbol ? remarkOn(text, symbol.at.line) : '',
  }
}

function titleOf(name: string, symbol: CSymbol): string {
  if (symbol.kind === 'typedef') return `typedef ${declared(symbol.type, name)}`
  if (symbol.kind === 'enumerator') return `${name} = ${symbol.value}`
  return declared(symbol.type, name)
}

/** The comment above a declaration. */
function remarkOn(text: string, line: number): string {
  const above = text.split('\n').slice(0, line - 1)
  const [, remark = ''] =
    /(?:\/\*((?:(?!\*\/)[\s\S])*)\*\/|((?:^|\n)\s*\/\/[^\n]*))\s*$/.exec(above.slice(-12).join('\n')) ?? []
  return remark.replace(/\s*\n\s*\*?\s*/g, ' ').trim()
}

function said(name: string, header: string, text: string): string {
  const included = header === '' || new RegExp(`#\\s*include\\s*<${header.replace('.', '\\.')}>`).test(text)
  return [wordsOf(name) ?? '', included || isIncluded(header, text) ? '' : `Needs #include <${header}>.`]
    .filter((part) => part !== '')
    .join(' ')
}

/** Through another header. */
const isIncluded = (header: string, text: string): boolean =>
  [...text.matchAll(/#\s*include\s*<([^>\n]+)>/g)].some(([, name = '']) =>
    [...(allHeaders[name] ?? '').matchAll(/#include <([^>\n]+)>/g)].some(([, inner]) => inner === header),
  )

const ownMacros = (text: string): ReadonlyMap<string, string> =>
  new Map(
    [...text.matchAll(/^[ \t]*#[ \t]*define[ \t]+(\w+)(\([^)\n]*\))?[ \t]*(.*)$/gm)].map(
      ([, name = '', parameters = '', body = '']) => [name, `${name}${parameters} ${body}`.trim().slice(0, 80)],
    ),
  )

export function explainC(source: Source, at: number): Explanation | null {
  const { text } = source
  const { from, to, word } = wordAt(text, at)
  if (word === '' || /^\d/.test(word) || !inCode(source, from)) return null
  const explain = (title: string, info: string): Explanation => ({ from, to, title, info })
  const { names, record, tags } = analyse(source.program, spotOf(text, from))
  if (/(?:\.|->)\s*$/.test(text.slice(Math.max(0, from - 10), from))) {
    const member = record && findMember(record, word)
    return record && member ? explain(declared(member.type, word), place(record, member)) : null
  }
  const macro = ownMacros(text).get(word)
  if (macro !== undefined) return explain(`#define ${macro}`, '')
  const kind = /\b(struct|union)\s+$/.exec(text.slice(Math.max(0, from - 20), from))?.[1]
  const info = kind === undefined ? undefined : tags.get(`${kind} ${word}`)
  if (info !== undefined) return explain(`${kind} ${word}`, `${info.size} bytes, aligned to ${info.align}.`)
  const symbol = names.get(word)
  if (symbol !== undefined) {
    const item = itemOf(word, symbol, source)
    return explain(item.detail, item.info)
  }
  const offered = known().get(word)
  return offered === undefined || isInner(word) ? null : explain(offered.title, said(word, offered.header, text))
}
