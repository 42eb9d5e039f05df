/** One reading of a front matter: where each key stands, and everything that was wrong with it. */

import { type Diagnostic, diagnostic } from '../base/diagnostic.ts'
import type { Span, YamlNode } from './yaml/node.ts'
import type { Position } from './yaml/read.ts'

/** A diagnostic that was caused by a setting from outside the text has no place in it, only the setting's name. */
export interface ScenarioDiagnostic extends Diagnostic {
  /** "--set machine.policy=eagre" */
  readonly setting?: string
}

const TOP: Position = { line: 1, column: 1, length: 1 }

export class Reading {
  readonly diagnostics: ScenarioDiagnostic[] = []
  /** By dotted path: "machine.nvdimms.0.size". */
  readonly positions = new Map<string, Position>()
  private readonly position: (at: Span) => Position
  /** Paths that were set from outside the text, and by what. */
  private readonly settings: ReadonlyMap<string, string>

  constructor(position: (at: Span) => Position, settings: ReadonlyMap<string, string>) {
    this.position = position
    this.settings = settings
  }

  /** Remember where the value of `path` stands. */
  mark(path: string, { at }: YamlNode): void {
    if (at !== undefined && this.settingOf(path) === undefined) this.positions.set(path, this.position(at))
  }

  /** Complain about the value of `path`. */
  error(path: string, message: string, hint?: string): void {
    this.tell(this.placeOf(path), path, message, hint)
  }

  /** Complain about `node` itself: a key rather than its value. */
  errorAt({ at }: YamlNode, path: string, message: string, hint?: string): void {
    this.tell(at === undefined ? TOP : this.position(at), path, message, hint)
  }

  private tell(at: Position, path: string, message: string, hint: string | undefined): void {
    const setting = this.settingOf(path)
    const place = setting === undefined ? at : TOP
    const plain = diagnostic(place.line, place.column, place.length, message, hint)
    this.diagnostics.push(setting === undefined ? plain : { ...plain, setting })
  }

  private placeOf(path: string): Position {
    for (const at of upwards(path)) {
      const found = this.positions.get(at)
      if (found !== undefined) return found
    }
    return TOP
  }

  private settingOf(path: string): string | undefined {
    for (const at of upwards(path)) {
      const setting = this.settings.get(at)
      if (setting !== undefined) return setting
    }
    return undefined
  }
}

/** "a.b.c", "a.b", "a", "". */
function* upwards(path: string): Generator<string> {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) yield at
  yield ''
}

export const join = (path: string, key: string | number): string => (path === '' ? String(key) : `${path}.${key}`)

export const NOTHING = 'nothing'

/** A value as an error message names it. */
export function inWords(node: YamlNode): string {
  if (node.kind === 'map') return 'a map of keys'
  if (node.kind === 'seq') return 'a list'
  if (node.value === null) return NOTHING
  const text = String(node.value)
  return `\`${text.length > 40 ? `${text.slice(0, 40)}…` : text}\``
}
