/** What the text of a shell script means: lists of pipelines of commands, and words that are yet to be expanded. */

/** Where something stands in the script, both from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  /** `${name:-otherwise}`; `name` may be `?`, `#`, `$`. */
  | {
      readonly kind: 'variable'
      readonly name: string
      readonly quoted: boolean
      readonly otherwise?: { readonly sign: '-' | '+'; readonly empty: boolean; readonly word: Word }
    }
  /** `$(…)`: what it prints. */
  | { readonly kind: 'output'; readonly script: Script; readonly quoted: boolean }

export interface Word extends Place {
  readonly parts: readonly Part[]
}

export interface Redirect extends Place {
  /** 0: input, 1: output, 2: messages. */
  readonly from: 0 | 1 | 2
  readonly to:
    | { readonly kind: 'file'; readonly append: boolean; readonly path: Word }
    | { readonly kind: 'same'; readonly as: 1 | 2 }
    | { readonly kind: 'closed' }
}

export interface Simple extends Place {
  readonly kind: 'simple'
  readonly assignments: readonly { readonly name: string; readonly value: Word }[]
  readonly words: readonly Word[]
  readonly redirects: readonly Redirect[]
}

export type Command =
  | Simple
  | (Place & { readonly kind: 'group'; readonly body: Script; readonly redirects: readonly Redirect[] })
  | (Place & {
      readonly kind: 'if'
      readonly branches: readonly { readonly condition: Script; readonly body: Script }[]
      readonly otherwise: Script
      readonly redirects: readonly Redirect[]
    })
  | (Place & {
      readonly kind: 'while'
      readonly until: boolean
      readonly condition: Script
      readonly body: Script
      readonly redirects: readonly Redirect[]
    })
  | (Place & {
      readonly kind: 'for'
      readonly name: string
      readonly items: readonly Word[]
      readonly body: Script
      readonly redirects: readonly Redirect[]
    })

export interface Pipeline extends Place {
  readonly negated: boolean
  readonly commands: readonly Command[]
}

/** `a && b || c`: each but the first with what must hold of the one before. */
export interface Chain {
  readonly links: readonly { readonly after: '&&' | '||' | undefined; readonly pipeline: Pipeline }[]
}

export type Script = readonly Chain[]

/** Why a text is no script. */
export interface SyntaxProblem extends Place {
  /** Characters. */
  readonly length: number
  readonly message: string
}
