/** What every reader of text says when the text is wrong: place, reason, and what would be right. */

export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  /** 1-based line of the whole scenario text (front matter included). */
  readonly line: number
  /** 1-based column in UTF-16 units. */
  readonly column: number
  /** Length of the offending text in UTF-16 units, at least 1. */
  readonly length: number
  readonly message: string
  readonly hint?: string
}

export const diagnostic = (
  line: number,
  column: number,
  length: number,
  message: string,
  hint?: string,
): Diagnostic => ({
  severity: 'error',
  line,
  column,
  length: Math.max(1, length),
  message,
  ...(hint === undefined ? {} : { hint }),
})

/** `file:line:column: error: message`, the source line, a caret under the place, the hint. */
export function renderDiagnostic(d: Diagnostic, text: string, file: string): string {
  const source = text.split('\n')[d.line - 1] ?? ''
  const indent = source.slice(0, d.column - 1).replace(/[^\t]/g, ' ')
  const caret = `${indent}^${'~'.repeat(Math.max(0, Math.min(d.length, source.length - d.column + 1) - 1))}`
  const head = `${file}:${d.line}:${d.column}: ${d.severity}: ${d.message}`
  return [head, `  ${source}`, `  ${caret}`, ...(d.hint === undefined ? [] : [`  hint: ${d.hint}`])].join('\n')
}
