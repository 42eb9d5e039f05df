/**
 * What stands between two nodes: indicators (`-`, `:`, `?`, `,`), white space, comments, anchors, tags.
 *
 * Source: YAML 1.2.2 §§6.1 to 6.7. The parser sorts these tokens to the nodes; whether they may stand there is
 * decided here.
 */

import type { CST } from 'yaml'
import { type Complaints, shown, spanOf } from './complaints.ts'

export interface Gap {
  /** The indicator that was looked for. */
  readonly found: CST.SourceToken | undefined
  readonly comma: CST.SourceToken | undefined
  readonly newline: boolean
  /** An anchor or a tag was refused; it belongs to a node, if only to an empty one. */
  readonly refused: boolean
  /** The node after it means something else than it seems to. */
  readonly tagged: boolean
  /** Offset where the gap ends. */
  readonly end: number
  /** Offset where an empty node after it stands: behind the last indicator. */
  readonly empty: number
}

interface Expected {
  readonly indicator: 'doc-start' | 'explicit-key-ind' | 'map-value-ind' | 'seq-item-ind'
  /** In `[…]` or `{…}`, where lines and their indentation mean nothing. */
  readonly flow?: boolean
  readonly next: CST.Token | undefined
  /** Offset where the gap begins. */
  readonly offset: number
  /** Columns that the map or list round it is indented. */
  readonly indent: number
  readonly atLineStart: boolean
}

export function readGap(tokens: readonly CST.SourceToken[], expected: Expected, complaints: Complaints): Gap {
  const { broken, refused } = complaints
  const { indicator, next, flow = false } = expected
  const tabsMatter = !flow && (indicator !== 'doc-start' || next?.type !== 'flow-collection')
  const indentedByTab = (tab: CST.SourceToken): void =>
    broken({ offset: tab.offset, end: tab.offset + 1 }, 'a tab indents this line', 'YAML is indented with spaces')
  let found: CST.SourceToken | undefined
  let comma: CST.SourceToken | undefined
  let [newline, property, tagged] = [false, false, false]
  let atNewline = expected.atLineStart
  let spaced = expected.atLineStart
  let end = expected.offset
  let empty = expected.offset
  let tab: CST.SourceToken | undefined
  for (const token of tokens) {
    end = token.offset + token.source.length
    if (tab !== undefined && atNewline && token.type !== 'comment' && token.type !== 'newline') indentedByTab(tab)
    tab = undefined
    switch (token.type) {
      case 'space':
        if (tabsMatter && token.source.includes('\t')) tab = token
        spaced = true
        continue
      case 'newline':
        newline = true
        atNewline = true
        spaced = true
        continue
      case 'comment':
        if (!spaced) commentWithoutSpace(token, complaints)
        atNewline = false
        continue
      case 'anchor':
        refused(spanOf(token), `the anchor ${shown(token.source)} is not read here`, 'write the value where it is used')
        property = true
        break
      case 'tag':
        refused(spanOf(token), 'a YAML tag has no meaning here', 'a value that begins with "!" needs quotes round it')
        property = true
        tagged = true
        break
      case indicator:
        if (found !== undefined) broken(spanOf(token), `a second ${shown(token.source)} is not expected here`)
        found = token
        atNewline = indicator === 'seq-item-ind' || indicator === 'explicit-key-ind'
        spaced = false
        empty = end
        continue
      case 'comma':
        if (flow && comma === undefined) comma = token
        else broken(spanOf(token), 'a `,` with nothing before it')
        break
      default:
        broken(spanOf(token), `${shown(token.source)} is not expected here`)
    }
    atNewline = false
    spaced = false
    empty = end
  }
  const block = next?.type === 'block-map' || next?.type === 'block-seq'
  if (tab !== undefined && (block || (atNewline && tab.indent <= expected.indent))) indentedByTab(tab)
  return { found, comma, newline, refused: property, tagged, end, empty }
}

/** After a value only a comment may stand on its line. `spaced`: white space is in front of the tokens. */
export function readEnd(
  tokens: readonly CST.SourceToken[] | undefined,
  complaints: Complaints,
  { spaced } = { spaced: false },
): void {
  let separated = spaced
  for (const token of tokens ?? []) {
    if (token.type === 'space' || token.type === 'newline') {
      separated = true
    } else if (token.type !== 'comment') {
      complaints.broken(spanOf(token), `expected the end of the line, found ${shown(token.source)}`)
    } else if (!separated) {
      commentWithoutSpace(token, complaints)
    }
  }
}

const commentWithoutSpace = (token: CST.SourceToken, { broken }: Complaints): void =>
  broken(spanOf(token), 'a comment needs a space before its `#`', 'a value that contains "#" needs quotes round it')
