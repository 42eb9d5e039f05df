/** The pairs of a map while it is read: every key is a scalar and stands once. */

import type { CST } from 'yaml'
import { type Complaints, shown } from './complaints.ts'
import type { YamlNode, YamlPair } from './node.ts'

export class Pairs {
  readonly items: YamlPair[] = []
  private readonly names = new Set<string>()
  private readonly complaints: Complaints

  constructor(complaints: Complaints) {
    this.complaints = complaints
  }

  /** `key` is undefined when it was refused. */
  add(key: YamlNode | undefined, value: YamlNode | undefined): void {
    if (key?.at === undefined) return
    const { refused } = this.complaints
    if (key.kind !== 'scalar') {
      refused(key.at, `expected the name of a key, found ${key.kind === 'map' ? 'a map of keys' : 'a list'}`)
    } else if (key.value === null) {
      refused(key.at, `expected the name of a key, found ${key.source === '' ? 'nothing' : shown(key.source)}`)
    } else if (key.style === 'plain' && key.source === '<<') {
      refused(key.at, 'the merge key `<<` is not read here', 'write the keys out')
    } else if (this.names.has(String(key.value))) {
      refused(key.at, `\`${String(key.value).slice(0, 40)}\` is given twice`)
    } else {
      this.names.add(String(key.value))
      this.items.push({ key, value })
    }
  }
}

/** An implicit key ends on its line: YAML 1.2.2 §7.4. */
export function spansLines(key: CST.Token | null | undefined): boolean {
  switch (key?.type) {
    case undefined:
      return false
    case 'alias':
    case 'scalar':
    case 'double-quoted-scalar':
    case 'single-quoted-scalar':
      return key.source.includes('\n') || hasNewline(key.end)
    case 'flow-collection':
      return key.items.some(
        (item) => hasNewline(item.start) || hasNewline(item.sep) || spansLines(item.key) || spansLines(item.value),
      )
    default:
      return true
  }
}

const hasNewline = (tokens: readonly CST.SourceToken[] | undefined): boolean =>
  tokens?.some(({ type }) => type === 'newline') ?? false

/** UTF-16 units that may stand before the `:` of an implicit key: YAML 1.2.2 §7.4. */
export const KEY_LIMIT = 1024
