/** Sizes as people write them: 4096, 4K, 64M, 1G. K is 1024. */

const UNITS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }

/** Bytes; undefined when the text is no size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,15})(?:([KMGT])(?:i?B)?)?$/i.exec(text.trim())
  if (match === null) return undefined
  const bytes = Number(match[1]) * (UNITS[(match[2] ?? '').toUpperCase()] ?? 1)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** The shortest exact form: 67108864 is "64M". */
export function formatSize(bytes: number): string {
  for (const unit of ['T', 'G', 'M', 'K']) {
    const factor = UNITS[unit] ?? 1
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`
  }
  return String(bytes)
}
