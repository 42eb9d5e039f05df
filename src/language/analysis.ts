/**
 * One look at a program's text, however broken it is: the compiler's own front end, listened to while it checks.
 *
 * A program is analysed with every header that there is, whatever a recording of it would load.
 */

import type { Expr, TopLevel } from '../lang/c/ast.ts'
import { check, newContext } from '../lang/c/check.ts'
import { rare } from '../lang/c/check-rare.ts'
import type { Symbol as CSymbol, Scopes } from '../lang/c/context.ts'
import { MAX_TEXT } from '../lang/c/limits.ts'
import { allHeaders } from '../lang/c/more-headers.ts'
import { OwnFiles } from '../lang/c/own-files.ts'
import { parse } from '../lang/c/parser.ts'
import { preprocess } from '../lang/c/preprocessor.ts'
import { Problems } from '../lang/c/problems.ts'
import type { CType, RecordInfo } from '../lang/c/types.ts'

export interface Analysis {
  readonly tree: readonly TopLevel[]
  /** In scope at the place that was asked about; at file level when no expression stands there. */
  readonly names: ReadonlyMap<string, CSymbol>
  /** The record whose member stands there: `p->x`. */
  readonly record: RecordInfo | undefined
  /** Tags at file level: "struct log". */
  readonly tags: ReadonlyMap<string, RecordInfo>
  /** Every struct and union that was declared, in functions and headers too. */
  readonly records: ReadonlySet<RecordInfo>
}

interface Point {
  readonly line: number
  readonly column: number
}

/** However much is wrong, the rest is looked at. */
class Unheard extends Problems {
  override get full(): boolean {
    return false
  }

  override error(): void {}
}

/** `program`: the C, with line numbers of the whole text; `at`: where a name begins. */
export function analyse(program: string, at?: Point): Analysis {
  const usable = program.length > MAX_TEXT ? '' : program
  const quiet = new Unheard()
  const own = new OwnFiles(usable)
  const known = { headers: allHeaders, rare, own }
  const tree = parse(preprocess(own.main, new Problems(), known), quiet)
  const c = newContext(quiet, known)
  const records = new Set<RecordInfo>()
  const tags = new Map<string, RecordInfo>()
  const { scopes } = c
  const declareTag = scopes.declareTag.bind(scopes)
  const declare = scopes.declare.bind(scopes)
  scopes.declareTag = (name, tag) => {
    declareTag(name, tag)
    if (tag.kind !== 'record') return
    if (scopes.outermost) tags.set(`${tag.record.union ? 'union' : 'struct'} ${name}`, tag.record)
    records.add(tag.record)
  }
  const types: CType[] = []
  scopes.declare = (name, symbol) => {
    declare(name, symbol)
    types.push(symbol.type)
  }
  let names: ReadonlyMap<string, CSymbol> | undefined
  let record: RecordInfo | undefined
  const expression = c.expression.bind(c)
  const inner = new Map<Expr, CType>()
  c.expression = (expr) => {
    if (stands(expr, at)) names ??= visible(scopes)
    const node = expression(expr)
    inner.set(expr, node.type)
    if (expr.kind === 'member' && at !== undefined && same(expr.nameAt, at))
      record = recordOf(inner.get(expr.base) ?? node.type)
    return node
  }
  check(tree, quiet, c)
  for (const type of types) collect(type, records)
  return { tree, names: names ?? visible(scopes), record, tags, records }
}

const same = (a: Point, b: Point): boolean => a.line === b.line && a.column === b.column

const stands = (expr: Expr, at: Point | undefined): boolean =>
  at !== undefined && expr.kind === 'name' && same(expr.at, at)

function visible(scopes: Scopes): ReadonlyMap<string, CSymbol> {
  const names = new Map<string, CSymbol>()
  for (const name of scopes.names()) {
    const symbol = scopes.name(name)
    if (symbol !== undefined) names.set(name, symbol)
  }
  return names
}

function recordOf(type: CType): RecordInfo | undefined {
  if (type.kind === 'pointer' || type.kind === 'array') return recordOf(type.kind === 'pointer' ? type.to : type.of)
  return type.kind === 'record' ? type.record : undefined
}

/** The records that a type is made of. */
function collect(type: CType, into: Set<RecordInfo>, seen = new Set<RecordInfo>()): void {
  const record = recordOf(type)
  if (record === undefined || seen.has(record)) return
  seen.add(record)
  into.add(record)
  for (const member of record.members ?? []) collect(member.type, into, seen)
}
