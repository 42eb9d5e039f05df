/** Plain data as indented `key: value` lines; lists of records are set apart by dashes. */

export function printTree(value: unknown): string {
  return `${linesOf(value, '').join('\n')}\n`
}

function linesOf(value: unknown, indent: string): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown) => {
      if (!isNested(item)) return [`${indent}- ${scalar(item)}`]
      const [first = '', ...rest] = linesOf(item, `${indent}  `)
      return [`${indent}- ${first.trimStart()}`, ...rest]
    })
  }
  if (typeof value !== 'object' || value === null) return [`${indent}${scalar(value)}`]
  return Object.entries(value).flatMap(([name, item]: [string, unknown]) =>
    isNested(item) ? [`${indent}${name}:`, ...linesOf(item, `${indent}  `)] : [`${indent}${name}: ${scalar(item)}`],
  )
}

const isNested = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0

function scalar(value: unknown): string {
  if (value === null || value === undefined) return '-'
  if (typeof value === 'object') return Array.isArray(value) ? '[]' : '{}'
  return String(value)
}
