/**
 * Scalars: plain ones by the core schema of YAML 1.2.2 §10.3.2, quoted ones and blocks as text.
 *
 * Folding, escapes and the indentation of blocks are the library's.
 */

import { CST } from 'yaml'
import { type Complaints, point } from './complaints.ts'
import { readEnd } from './gap.ts'
import type { YamlScalar } from './node.ts'

/** `root`: nothing stands round the scalar, so a block needs no indentation. */
export function readScalar(token: CST.FlowScalar | CST.BlockScalar, root: boolean, complaints: Complaints): YamlScalar {
  const resolved = CST.resolveAsScalar(withoutEnd(token, complaints), true, (offset, code, message) => {
    if (root && code === 'BAD_INDENT' && message.startsWith('Block scalar values in collections')) return
    const hint = code === 'BAD_SCALAR_START' || code === 'BAD_DQ_ESCAPE' ? HINTS[code] : undefined
    complaints.broken(point(offset), `YAML: ${message.slice(0, 200)}`, hint)
  })
  const { value: source, type, range } = resolved
  const style = type === null ? 'quoted' : STYLES[type]
  const at = { offset: range[0], end: range[1] }
  return { kind: 'scalar', at, value: style === 'plain' ? plainValue(source) : source, source, style }
}

/** What may stand behind a value is said in one place for all kinds of value. */
function withoutEnd(token: CST.FlowScalar | CST.BlockScalar, complaints: Complaints): typeof token {
  if (token.type === 'block-scalar') return token
  const { end, ...bare } = token
  readEnd(end, complaints)
  return bare
}

const HINTS = {
  BAD_SCALAR_START: 'a value that begins so needs quotes round it',
  BAD_DQ_ESCAPE: "a backslash means itself between single quotes: '…'",
}

const STYLES = {
  PLAIN: 'plain',
  QUOTE_DOUBLE: 'quoted',
  QUOTE_SINGLE: 'quoted',
  BLOCK_LITERAL: 'literal',
  BLOCK_FOLDED: 'folded',
} as const

export const emptyScalar = (offset: number): YamlScalar => ({
  kind: 'scalar',
  at: { offset, end: offset },
  value: null,
  source: '',
  style: 'plain',
})

function plainValue(text: string): YamlScalar['value'] {
  if (/^(?:~|null|Null|NULL)?$/.test(text)) return null
  if (/^(?:true|True|TRUE)$/.test(text)) return true
  if (/^(?:false|False|FALSE)$/.test(text)) return false
  if (/^[-+]?[0-9]+$/.test(text)) return Number.parseInt(text, 10)
  if (/^0o[0-7]+$/.test(text)) return Number.parseInt(text.slice(2), 8)
  if (/^0x[0-9a-fA-F]+$/.test(text)) return Number.parseInt(text.slice(2), 16)
  if (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(text)) return Number.parseFloat(text)
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  if (/^\.(?:nan|NaN|NAN)$/.test(text)) return Number.NaN
  return text
}
