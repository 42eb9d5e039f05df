/**
 * Initialisers (C11 §6.7.9) → a flat list of what is written where: designators, elided braces, strings.
 *
 * A value for a range of elements (`[1 ... 3] = f()`) is evaluated for each of them.
 */

import type { Designator, Initialiser } from './ast.ts'
import type { Context } from './context.ts'
import { assignable } from './conversions.ts'
import { findMember, memberNames } from './layout.ts'
import { MAX_INITIALISERS } from './limits.ts'
import { didYouMean } from './problems.ts'
import type { Place } from './token.ts'
import type { InitItem, Node } from './tree.ts'
import { typeName } from './type-name.ts'
import * as T from './types.ts'

type Entry = { readonly path: readonly Designator[]; readonly value: Initialiser }

/** One part of an array, struct or union that a list can set. */
interface Part {
  readonly type: T.CType
  readonly offset: number
  readonly bits: InitItem['bits']
}

/** Behind its last byte; what shares a bit-field's storage unit is not part of it. */
const endOf = ({ type, offset, bits }: Part): number =>
  offset + (bits === undefined ? T.sizeOf(type) : Math.ceil((bits.at + bits.width) / 8))

/** An array that a string is the value of: plain ones fill characters, wide ones what is as wide. */
const takes = (type: T.CType, node: Node): boolean =>
  node.kind === 'string' &&
  type.kind === 'array' &&
  type.of.kind === 'integer' &&
  node.type.kind === 'array' &&
  type.of.integer.size === T.sizeOf(node.type.of)

/** What a compound literal writes, if that is what the expression is. */
function literalItems(node: Node): readonly InitItem[] | undefined {
  if (node.kind === 'compound') return node.items
  const global = node.kind === 'variable' && node.variable.kind === 'global' ? node.variable : undefined
  return global?.name === '' ? (global.initialiser ?? []) : undefined
}

const startOf = ({ offset, bits }: InitItem): number => 8 * offset + (bits?.at ?? 0)
const bitsOf = ({ type, bits }: InitItem): number => bits?.width ?? 8 * T.sizeOf(type)

/** In the order of their places, as gcc evaluates them; where one replaces part of another, in that of the text. */
function inOrder(items: readonly InitItem[]): readonly InitItem[] {
  const sorted = items.toSorted((a, b) => startOf(a) - startOf(b))
  const overlaps = sorted.some((item, i) => i > 0 && startOf(sorted[i - 1]!) + bitsOf(sorted[i - 1]!) > startOf(item))
  return overlaps ? items : sorted
}

class Flattener {
  items: InitItem[] = []
  /** End of the furthest byte that was set. */
  private end = 0
  /** Items looked at again because a later list replaced earlier ones. */
  private revised = 0
  private readonly nodes = new Map<Initialiser, Node>()
  private readonly c: Context

  constructor(c: Context) {
    this.c = c
  }

  private node(initialiser: Initialiser & { kind: 'expression' }): Node {
    const known = this.nodes.get(initialiser)
    if (known !== undefined) return known
    const node = this.c.expression(initialiser.value)
    this.nodes.set(initialiser, node)
    return node
  }

  private put(part: Part, value: Node): void {
    this.end = Math.max(this.end, endOf(part))
    if (this.items.length < MAX_INITIALISERS) this.items.push({ ...part, value })
    else if (this.items.length === MAX_INITIALISERS) this.c.problems.error(value.at, 'this initialiser is too long')
  }

  /** A list for a whole part replaces whatever an earlier designator set inside it. */
  private replace({ type, offset }: Part, at: Place): void {
    if (offset >= this.end || this.revised > 8 * MAX_INITIALISERS) return
    const after = offset + T.sizeOf(type)
    this.items = this.items.filter((item) => item.offset >= after || endOf(item) <= offset)
    this.revised += this.items.length
    if (this.revised > 8 * MAX_INITIALISERS) this.c.problems.error(at, 'this initialiser replaces itself too often')
  }

  /** Initialise one part; the result is the number of elements when it is an array without length. */
  object(part: Part, initialiser: Initialiser): number {
    const { type } = part
    if (type.kind === 'error') return 0
    if (initialiser.kind === 'list') {
      const only = initialiser.items[0]
      if (type.kind === 'array' && initialiser.items.length === 1 && only?.path.length === 0) {
        const { value } = only
        if (value.kind === 'expression' && takes(type, this.node(value))) return this.object(part, value)
      }
      if (type.kind === 'array' || type.kind === 'record') {
        this.replace(part, initialiser.at)
        return this.list(part, initialiser.items)
      }
      if (only === undefined) this.put(part, { kind: 'constant', type, value: 0n, at: initialiser.at })
      else if (only.path[0] !== undefined) this.c.problems.error(only.path[0].at, `'${typeName(type)}' has no parts`)
      else this.object(part, only.value)
      const extra = initialiser.items[1]
      if (extra !== undefined) this.c.problems.error(extra.value.at, `one value is enough for '${typeName(type)}'`)
      return 0
    }
    const node = this.node(initialiser)
    const literal = literalItems(node)
    if (literal !== undefined && T.compatible(node.type, type) && (type.kind === 'record' || type.kind === 'array')) {
      this.replace(part, initialiser.at)
      for (const item of literal) this.put({ ...item, offset: part.offset + item.offset }, item.value)
      return node.type.kind === 'array' ? (node.type.length ?? 0) : 0
    }
    if (node.type.kind === 'array' && type.kind === 'array' && takes(type, node)) {
      const given = node.type.length ?? 0
      const room = type.length ?? given
      if (given - 1 > room) {
        this.c.problems.error(node.at, `the string has ${given - 1} characters, the array room for ${room}`)
      }
      this.put({ ...part, type: T.arrayOf(type.of, room) }, node)
      return room
    }
    if (type.kind === 'array') {
      if (node.kind !== 'error')
        this.c.problems.error(node.at, `an array needs a list in braces, not '${typeName(node.type)}'`)
      return 0
    }
    const value = assignable(this.c, node, type, 'the initial value')
    if (value.kind !== 'error') this.put(part, value)
    return 0
  }

  /** The `index`-th part, in the order of declaration; a union has one. */
  private part(of: Part, index: number): Part | undefined {
    const { type, offset } = of
    if (type.kind === 'array') {
      if (type.length !== undefined && index >= type.length) return undefined
      return { type: type.of, offset: offset + index * T.sizeOf(type.of), bits: undefined }
    }
    if (type.kind !== 'record' || (type.record.union && index > 0)) return undefined
    const member = type.record.members?.[index]
    return member && { type: member.type, offset: offset + member.offset, bits: member.bits }
  }

  private list(of: Part, entries: readonly Entry[]): number {
    return this.fill(of, entries, 0, entries[0]?.path ?? [], false).most
  }

  /**
   * Sets parts of `of` from entry `start` on; `path` is what is left of that entry's designators. Inside such a path
   * (`inner`) the parts end where `of` does or a new designator comes. `next`: the first entry that is left.
   */
  private fill(
    of: Part,
    entries: readonly Entry[],
    start: number,
    path: readonly Designator[],
    inner: boolean,
  ): { next: number; most: number } {
    let index = 0
    let most = 0
    for (let i = start; i < entries.length; ) {
      const entry = entries[i]!
      if (inner && i > start && entry.path.length > 0) return { next: i, most }
      const [first, ...rest] = i === start ? path : entry.path
      if (first !== undefined) {
        const found = this.designated(of, first)
        if (found === undefined) return { next: entries.length, most }
        const { part, last } = found
        if (found.hidden) i = this.fill(part, entries, i, [first, ...rest], true).next
        else if (rest.length > 0 && last === found.index) i = this.fill(part, entries, i, rest, true).next
        else {
          for (let k = found.index; k <= last && this.items.length < MAX_INITIALISERS; k++)
            this.path((k === found.index ? undefined : this.part(of, k)) ?? part, rest, entry.value)
          i++
        }
        index = last + 1
      } else {
        const part = this.part(of, index)
        if (part === undefined && inner) return { next: i, most }
        if (part === undefined) {
          this.c.problems.error(entry.value.at, `more values than '${typeName(of.type)}' has room for`)
          return { next: entries.length, most }
        }
        index++
        i = this.elided(part, entries, i)
      }
      most = Math.max(most, index)
    }
    return { next: entries.length, most }
  }

  /** Initialise `part` from entry `i` on; braces may be left out. The result is the next entry. */
  private elided(part: Part, entries: readonly Entry[], i: number): number {
    const { value } = entries[i]!
    if (value.kind === 'list' || this.fits(part.type, value)) {
      this.object(part, value)
      return i + 1
    }
    for (let index = 0; i < entries.length; index++) {
      const inner = this.part(part, index)
      if (inner === undefined || (index > 0 && entries[i]!.path.length > 0)) return Math.max(i, 0)
      const at = this.elided(inner, entries, i)
      if (at === i) return i + 1
      i = at
    }
    return i
  }

  /** Is this expression the value of the whole, so that no braces were left out? */
  private fits(type: T.CType, value: Initialiser & { kind: 'expression' }): boolean {
    if (type.kind !== 'array' && type.kind !== 'record') return true
    const node = this.node(value)
    if (node.kind === 'error') return true
    if (type.kind === 'array') return takes(type, node) || type.length === 0
    return (node.type.kind === 'record' && node.type.record === type.record) || !type.record.members?.length
  }

  private path(part: Part, path: readonly Designator[], value: Initialiser): void {
    const [first, ...rest] = path
    if (first === undefined) {
      this.object(part, value)
      return
    }
    const found = this.designated(part, first)
    if (found !== undefined) this.path(found.part, rest, value)
  }

  /** `hidden`: the part is the anonymous member that the named one belongs to. */
  private designated(
    of: Part,
    designator: Designator,
  ): { part: Part; index: number; last: number; hidden: boolean } | undefined {
    const { problems } = this.c
    const { type } = of
    if (designator.kind === 'index') {
      if (type.kind !== 'array') {
        problems.error(designator.at, `'${typeName(type)}' is no array`)
        return undefined
      }
      const index = this.c.integer(designator.index, 'the index')
      if (index === undefined) return undefined
      const part = index < 0n || index > 0x7fff_ffffn ? undefined : this.part(of, Number(index))
      if (part === undefined) problems.error(designator.at, `'${typeName(type)}' has no element ${index}`)
      const last = designator.to === undefined ? index : this.c.integer(designator.to, 'the index')
      if (part === undefined || last === undefined) return undefined
      if (last >= index && last - index < MAX_INITIALISERS && this.part(of, Number(last)) !== undefined)
        return { part, index: Number(index), last: Number(last), hidden: false }
      problems.error(designator.at, `'${typeName(type)}' has no elements from ${index} to ${last}`)
      return undefined
    }
    if (type.kind !== 'record') {
      problems.error(designator.at, `'${typeName(type)}' has no members`)
      return undefined
    }
    const found = findMember(type.record, designator.name)
    if (found === undefined) {
      const hint = didYouMean(designator.name, memberNames(type.record))
      problems.error(designator.at, `'${typeName(type)}' has no member '${designator.name}'`, hint)
      return undefined
    }
    const index = (type.record.members ?? []).findIndex(
      (m) =>
        m.name === designator.name ||
        (m.name === undefined && m.type.kind === 'record' && findMember(m.type.record, designator.name) !== undefined),
    )
    const member = type.record.members?.[index]
    const hidden = member?.name === undefined
    const own = hidden && member !== undefined ? member : undefined
    const part = {
      type: own?.type ?? found.type,
      offset: of.offset + (own ?? found).offset,
      bits: hidden ? undefined : found.bits,
    }
    // A union's parts do not follow one another.
    return { part, index: type.record.union ? 0 : index, last: type.record.union ? 0 : index, hidden }
  }
}

/** `Context.initialise`. */
export function checkInitialiser(
  c: Context,
  type: T.CType,
  initialiser: Initialiser,
  at: Place,
): { type: T.CType; items: readonly InitItem[] } {
  if (type.kind === 'function' || type.kind === 'void') {
    c.problems.error(at, `'${typeName(type)}' cannot be initialised`)
    return { type: T.errorType, items: [] }
  }
  if (type.kind === 'record' && type.record.members === undefined) return { type, items: [] }
  const flattener = new Flattener(c)
  const count = flattener.object({ type, offset: 0, bits: undefined }, initialiser)
  const open = type.kind === 'array' && type.length === undefined
  return { type: open ? { ...type, length: count } : type, items: inOrder(flattener.items) }
}
