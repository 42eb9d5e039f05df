/** Flow maps and flow lists: `{…}` and `[…]` (YAML 1.2.2 §7.4). */

import type { CST } from 'yaml'
import type { Composing } from './block.ts'
import { point, shown, spanOf } from './complaints.ts'
import { type Gap, readEnd, readGap } from './gap.ts'
import type { YamlMap, YamlNode, YamlSeq } from './node.ts'
import { KEY_LIMIT, Pairs, spansLines } from './pairs.ts'

export function readFlow(flow: CST.FlowCollection, composing: Composing): YamlMap | YamlSeq {
  const pairs = flow.start.source === '{' ? new Pairs(composing) : undefined
  const items: (YamlNode | undefined)[] = []
  let end = flow.offset + flow.start.source.length
  for (const [index, item] of flow.items.entries()) {
    const { start, key, sep, value } = item
    const next = key ?? sep?.[0]
    const offset = next?.offset ?? value?.offset ?? end
    const before = readGap(
      start,
      { indicator: 'explicit-key-ind', flow: true, next, offset, indent: flow.indent, atLineStart: false },
      composing,
    )
    if (before.comma !== undefined && index === 0) {
      composing.broken(spanOf(before.comma), 'a `,` with nothing before it')
    }
    if (before.found === undefined && !before.refused && !sep && !value) {
      if (index > 0 && index < flow.items.length - 1) {
        composing.broken(before.comma ? spanOf(before.comma) : point(before.end), 'nothing stands between two commas')
      }
      end = before.end
      continue
    }
    if (index > 0 && before.comma === undefined) {
      composing.broken(point(before.end), 'expected `,` before this item')
    }
    if (pairs === undefined && before.found === undefined && !sep) {
      if (value?.type === 'block-map' || value?.type === 'block-seq') blockInFlow(value, composing)
      const node = composing.node(value, before)
      items.push(node)
      end = node?.at?.end ?? before.end
      continue
    }
    const inList = pairs === undefined
    const into = pairs ?? new Pairs(composing)
    const from = before.end
    end = readFlowPair(item, before, inList, flow.indent, into, composing)
    if (inList) items.push({ kind: 'map', at: { offset: from, end }, items: into.items })
  }
  end = readClose(flow, composing) ?? end
  const at = { offset: flow.offset, end }
  return pairs === undefined ? { kind: 'seq', at, items } : { kind: 'map', at, items: pairs.items }
}

/** Offset where the pair ends. */
function readFlowPair(
  { key, sep = [], value }: CST.CollectionItem,
  before: Gap,
  inList: boolean,
  indent: number,
  pairs: Pairs,
  composing: Composing,
): number {
  const { broken, refused } = composing
  if (before.found !== undefined) {
    refused(point(before.found.offset), 'a key after `?` is not read here', 'write `key: value`')
  }
  for (const token of [key, value]) {
    if (token?.type === 'block-map' || token?.type === 'block-seq') blockInFlow(token, composing)
  }
  const name = composing.node(key, before)
  const keyEnd = name?.at?.end ?? before.end
  const between = readGap(
    sep,
    { indicator: 'map-value-ind', flow: true, next: value, offset: keyEnd, indent, atLineStart: false },
    composing,
  )
  if (between.found === undefined) {
    if (value) {
      const colon = 'source' in value && value.source.startsWith(':')
      broken(point(value.offset), colon ? 'expected a space after this `:`' : 'expected `,` or `:` before this item')
    }
  } else if (inList && before.found === undefined) {
    const colon = sep.indexOf(between.found)
    if (spansLines(key) || sep.slice(0, colon).some(({ type }) => type === 'newline')) {
      broken(point(before.end), 'a key and its `:` must stand on one line')
    }
    if (before.end < between.found.offset - KEY_LIMIT) {
      broken(point(before.end), `a key has at most ${KEY_LIMIT} characters before its colon`)
    }
  }
  const held = composing.node(value, between)
  pairs.add(name, held)
  return held?.at?.end ?? between.end
}

const blockInFlow = ({ offset }: CST.Token, { broken }: Composing): void =>
  broken(point(offset), 'a block cannot stand between brackets', 'separate the items with commas')

/** Offset after the closing bracket; undefined without one. */
function readClose(flow: CST.FlowCollection, composing: Composing): number | undefined {
  const opening = flow.start.source
  const expected = opening === '{' ? '}' : ']'
  const [close, ...rest] = flow.end
  if (close === undefined) {
    composing.broken(
      spanOf(flow.start),
      `the ${shown(opening)} that begins here does not end`,
      `expected ${shown(expected)} on this line, or on later ones that are indented more`,
    )
    return undefined
  }
  if (close.source !== expected) {
    composing.broken(spanOf(close), `expected ${shown(expected)}, found ${shown(close.source)}`)
  }
  readEnd(rest, composing)
  return close.offset + close.source.length
}
