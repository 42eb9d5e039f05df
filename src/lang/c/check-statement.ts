/** Statements → typed statements: jumps are matched with their labels, switches with their cases (C11 §6.8). */

import type { Block, Expr, Statement } from './ast.ts'
import { checkAssertion } from './check-declaration.ts'
import { condition } from './check-operators.ts'
import type { OpenSwitch } from './check-switch.ts'
import { type Context, type Modified, rareOf } from './context.ts'
import { assignable, rvalue } from './conversions.ts'
import { didYouMean } from './problems.ts'
import type { Place } from './token.ts'
import type { Label, Node, Step } from './tree.ts'
import { typeName } from './type-name.ts'
import type { CType } from './types.ts'

class Body {
  private readonly c: Context
  private readonly returns: CType
  private readonly labels = new Map<string, Label>()
  private readonly defined = new Set<string>()
  private readonly jumps: { name: string; at: Place; inside: Modified | undefined }[] = []
  /** Declarations of variable size that are in scope at a label. */
  private readonly around = new Map<string, Modified | undefined>()
  private readonly switches: OpenSwitch[] = []
  private loops = 0
  /** Loops and switches: what `break` leaves. */
  private breakable = 0

  constructor(c: Context, returns: CType) {
    this.c = c
    this.returns = returns
  }

  /** `goto`s to nowhere, told at the end of the function. */
  finish(): void {
    for (const { name, at, inside } of this.jumps) {
      const around = this.around.get(name)
      let from = inside
      while (from !== undefined && from.depth > (around?.depth ?? 0)) from = from.before
      if (from !== around) rareOf(this.c, at)?.entersScope(this.c, at)
      if (!this.defined.has(name)) {
        this.c.problems.error(at, `there is no label '${name}' in this function`, didYouMean(name, this.defined))
      }
    }
  }

  block(block: Block): Step & { readonly kind: 'block' } {
    const outer = this.modified
    this.c.scopes.push()
    const steps = block.statements.flatMap((s) => this.statement(s))
    this.modified = outer
    return { kind: 'block', steps, variables: this.c.scopes.pop(), at: block.at }
  }

  private get modified(): Modified | undefined {
    return this.c.current?.modified
  }

  private set modified(modified: Modified | undefined) {
    if (this.c.current !== undefined) this.c.current.modified = modified
  }

  private one(statement: Statement): Step {
    const outer = this.modified
    this.c.scopes.push()
    const steps = this.statement(statement)
    this.modified = outer
    this.c.scopes.pop()
    const [only] = steps
    return only !== undefined && steps.length === 1 ? only : { kind: 'block', steps, at: statement.at }
  }

  private statement(s: Statement): readonly Step[] {
    const { c } = this
    const { at } = s
    switch (s.kind) {
      case 'block':
        return [this.block(s)]
      case 'declaration':
        return c.declaration(s)
      case 'assertion':
        checkAssertion(c, s)
        return []
      case 'empty':
        return []
      case 'asm':
        return rareOf(c, at)?.assembly(c, s) ?? []
      case 'expression':
        return [{ kind: 'expression', value: c.expression(s.value), at }]
      case 'if': {
        const test = this.test(s.test)
        return [{ kind: 'if', test, yes: this.one(s.yes), no: s.no && this.one(s.no), at }]
      }
      case 'while':
        return [this.loop(undefined, this.test(s.test), undefined, s.body, false, at)]
      case 'do': {
        const body = this.looped(s.body)
        const test = this.test(s.test)
        return [{ kind: 'loop', start: undefined, test, next: undefined, body, bodyFirst: true, at }]
      }
      case 'for': {
        const outer = this.modified
        c.scopes.push()
        const steps = s.start === undefined ? [] : this.statement(s.start)
        const start: Step = { kind: 'block', steps, at }
        const test = s.test && this.test(s.test)
        const next = s.next && c.expression(s.next)
        const loop = this.loop(start, test, next, s.body, false, at)
        this.modified = outer
        return [{ kind: 'block', steps: [loop], variables: c.scopes.pop(), at }]
      }
      case 'switch':
        return [this.switch(s.value, s.body, at)]
      case 'case': {
        const label = rareOf(c, at)?.caseStep(c, this.switches.at(-1), s, at)
        return [...(label === undefined ? [] : [label]), ...this.statement(s.body)]
      }
      case 'default': {
        const label = rareOf(c, at)?.defaultStep(c, this.switches.at(-1), at)
        return [...(label === undefined ? [] : [label]), ...this.statement(s.body)]
      }
      case 'label': {
        if (this.defined.has(s.name)) c.problems.error(at, `label '${s.name}' is defined twice`)
        this.defined.add(s.name)
        this.around.set(s.name, this.modified)
        return [{ kind: 'label', label: this.label(s.name), at }, ...this.statement(s.body)]
      }
      case 'goto':
        this.jumps.push({ name: s.name, at: s.nameAt, inside: this.modified })
        return [{ kind: 'goto', label: this.label(s.name), at }]
      case 'break':
        if (this.breakable === 0) c.problems.error(at, "'break' outside a loop or switch")
        return [{ kind: 'break', at }]
      case 'continue':
        if (this.loops === 0) c.problems.error(at, "'continue' outside a loop")
        return [{ kind: 'continue', at }]
      case 'return':
        return [this.return(s.value, at)]
    }
  }

  private label(name: string): Label {
    const known = this.labels.get(name)
    if (known !== undefined) return known
    const label = { name }
    this.labels.set(name, label)
    return label
  }

  private test(expr: Expr): Node {
    return condition(this.c, this.c.expression(expr))
  }

  private looped(body: Statement): Step {
    this.loops++
    this.breakable++
    const step = this.one(body)
    this.loops--
    this.breakable--
    return step
  }

  private loop(
    start: Step | undefined,
    test: Node | undefined,
    next: Node | undefined,
    body: Statement,
    bodyFirst: boolean,
    at: Place,
  ): Step {
    return { kind: 'loop', start, test, next, body: this.looped(body), bodyFirst, at }
  }

  private switch(expr: Expr, body: Statement, at: Place): Step {
    const inside = (open: OpenSwitch): Step => {
      this.switches.push(open)
      this.breakable++
      const step = this.one(body)
      this.breakable--
      this.switches.pop()
      return step
    }
    return rareOf(this.c, at)?.switchStep(this.c, expr, inside, at) ?? { kind: 'block', steps: [], at }
  }

  private return(expr: Expr | undefined, at: Place): Step {
    const { problems, current } = this.c
    const name = `'${current?.symbol.name ?? ''}'`
    if (expr === undefined) {
      if (this.returns.kind !== 'void' && this.returns.kind !== 'error') {
        problems.error(at, `${name} must return a '${typeName(this.returns)}'`)
      }
      return { kind: 'return', value: undefined, at }
    }
    const node = this.c.expression(expr)
    if (this.returns.kind !== 'void') {
      return { kind: 'return', value: assignable(this.c, node, this.returns, `the result of ${name}`), at }
    }
    if (node.type.kind !== 'void' && node.kind !== 'error') {
      problems.error(expr.at, `${name} returns nothing, so it cannot return a value`)
    }
    return { kind: 'return', value: rvalue(node), at }
  }
}

/** The statements of a function that returns `returns`. */
export function checkBody(c: Context, block: Block, returns: CType): Step {
  const body = new Body(c, returns)
  c.block = (inner) => body.block(inner).steps
  const step: Step = { kind: 'block', steps: block.statements.length === 0 ? [] : [body.block(block)], at: block.at }
  body.finish()
  c.block = undefined
  return step
}
