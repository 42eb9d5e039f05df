/** Block maps and block lists: structure by indentation (YAML 1.2.2 §8.2). */

import type { CST } from 'yaml'
import { type Complain, type Complaints, point, spanOf } from './complaints.ts'
import { type Gap, readGap } from './gap.ts'
import type { Span, YamlMap, YamlNode, YamlSeq } from './node.ts'
import { KEY_LIMIT, Pairs, spansLines } from './pairs.ts'

export interface Composing extends Complaints {
  /** The node of `token`, or an empty one; undefined when it was refused. */
  node(token: CST.Token | null | undefined, gap: Gap): YamlNode | undefined
}

type BlockMapItem = CST.BlockMap['items'][number]

export function readBlockMap(map: CST.BlockMap, composing: Composing): YamlMap {
  const pairs = new Pairs(composing)
  let end = map.offset
  for (const item of map.items) end = readPair(item, map.indent, end, pairs, composing)
  return { kind: 'map', at: { offset: map.offset, end }, items: pairs.items }
}

/** Offset where the pair ends. */
function readPair(item: BlockMapItem, indent: number, offset: number, pairs: Pairs, composing: Composing): number {
  const { broken, refused } = composing
  const { start, key, sep, value } = item
  const next = key ?? sep?.[0]
  const before = readGap(
    start,
    { indicator: 'explicit-key-ind', next, offset: next?.offset ?? offset, indent, atLineStart: true },
    composing,
  )
  if (before.found === undefined && !before.refused && !sep) return offset
  const place = key ? placeOf(key) : point(before.end)
  let sound = false
  if (before.found !== undefined) {
    refused(point(before.found.offset), 'a key after `?` is not read here', 'write `key: value`')
  } else {
    sound = checkKey(key, place, indent, broken)
  }
  const name = composing.node(key, before)
  const between = readGap(
    sep ?? [],
    {
      indicator: 'map-value-ind',
      next: value,
      offset: place.end,
      indent,
      atLineStart: !key || key.type === 'block-scalar',
    },
    composing,
  )
  if (between.found === undefined) {
    if (sound) broken(place, 'expected `:` and a value after this key')
  } else if (before.found === undefined) {
    if (value?.type === 'block-map' && !between.newline) {
      broken(point(between.end), 'a second key on one line', 'a value that contains ": " needs quotes round it')
    }
    if (place.offset < between.found.offset - KEY_LIMIT) {
      broken(place, `a key has at most ${KEY_LIMIT} characters before its colon`)
    }
  }
  const held = composing.node(value, between)
  pairs.add(name, held)
  return held?.at?.end ?? between.empty
}

/** Whether the key may stand where it does; only one reason against it is told. */
function checkKey(key: CST.Token | null | undefined, place: Span, indent: number, broken: Complain): boolean {
  if (key?.type === 'block-seq') {
    broken(place, 'a list cannot be a key', 'is it indented like the others?')
  } else if (key && 'indent' in key && key.indent !== indent) {
    broken(place, 'this key is not in line with the keys before it', 'keys of one map begin in the same column')
  } else if (spansLines(key)) {
    broken(place, 'expected `key: value` here', 'is a colon, or the space after it, missing?')
  } else {
    return true
  }
  return false
}

export function readBlockSeq(seq: CST.BlockSequence, composing: Composing): YamlSeq {
  const { broken } = composing
  const items: (YamlNode | undefined)[] = []
  let end = seq.offset
  for (const { start, value } of seq.items) {
    const gap = readGap(
      start,
      { indicator: 'seq-item-ind', next: value, offset: end, indent: seq.indent, atLineStart: true },
      composing,
    )
    if (gap.found === undefined) {
      if (!gap.refused && !value) continue
      if (value?.type === 'block-seq') {
        broken(point(gap.end), 'this item is not in line with the items before it', 'items begin in the same column')
      } else {
        broken(point(value?.offset ?? gap.end), 'expected `- ` before this item of a list')
      }
    }
    const item = composing.node(value, gap)
    items.push(item)
    end = item?.at?.end ?? gap.empty
  }
  return { kind: 'seq', at: { offset: seq.offset, end }, items }
}

const placeOf = (token: CST.Token): Span => ('source' in token ? spanOf(token) : point(token.offset))
