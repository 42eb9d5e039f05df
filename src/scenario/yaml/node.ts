/**
 * YAML as a plain tree: maps, lists, scalars, each with its place.
 *
 * Left out: anchors, aliases, tags, merge keys, keys that are no scalars. The reader refuses them by name.
 */

/** Offsets in the YAML text, UTF-16 units; `end` is exclusive. */
export interface Span {
  readonly offset: number
  readonly end: number
}

interface Placed {
  /** Undefined for what does not stand in the text: it comes from a setting. */
  readonly at: Span | undefined
}

export interface YamlScalar extends Placed {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** The text, without quotes, escapes and indentation. */
  readonly source: string
  readonly style: 'plain' | 'quoted' | 'literal' | 'folded'
}

export interface YamlPair {
  /** Never null. */
  readonly key: YamlScalar
  /** Undefined when it was refused: that is told already. */
  readonly value: YamlNode | undefined
}

export interface YamlMap extends Placed {
  readonly kind: 'map'
  readonly items: readonly YamlPair[]
}

export interface YamlSeq extends Placed {
  readonly kind: 'seq'
  /** Undefined is an item that was refused: that is told already. */
  readonly items: readonly (YamlNode | undefined)[]
}

export type YamlNode = YamlMap | YamlSeq | YamlScalar

export const isNothing = (node: YamlNode): boolean => node.kind === 'scalar' && node.value === null

/** The pair of a map by its key as text: `1: x` is found as "1". */
export const pairOf = (map: YamlMap, name: string): YamlPair | undefined =>
  map.items.find(({ key }) => String(key.value) === name)
