/** JSON as ndctl prints it: no space behind a colon; with --human, sizes in words and numbers in hexadecimal. */

import { bytesOfText } from '../bytes.ts'

export type Json = string | number | bigint | boolean | readonly Json[] | { readonly [key: string]: Json | undefined }

export function jsonText(value: Json, indent = ''): string {
  if (typeof value === 'string') return bytesOfText(JSON.stringify(value).replaceAll('/', '\\/'))
  if (typeof value !== 'object') return String(value)
  const inner = `${indent}  `
  const isArray = (list: Json): list is readonly Json[] => Array.isArray(list)
  const parts = isArray(value)
    ? value.map((each) => jsonText(each, inner))
    : Object.entries(value).flatMap(([key, each]) =>
        each === undefined ? [] : [`${JSON.stringify(key)}:${jsonText(each, inner)}`],
      )
  const [open, close] = isArray(value) ? '[]' : '{}'
  return parts.length === 0
    ? `${open}${close}`
    : `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`
}

const UNITS = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi'] as const

/** A size in bytes. */
export function sizeJson(bytes: number, human: boolean): Json {
  if (!human) return bytes
  if (bytes < 5000) return String(bytes)
  let power = 1
  while (power < UNITS.length && bytes >= 1024 ** (power + 1)) power++
  const unit = UNITS[power - 1] ?? 'Ki'
  const round = (base: number): string => (bytes / base ** power).toFixed(2)
  return `${round(1024)} ${unit}B (${round(1000)} ${unit.replace('i', '')}B)`
}

/** A number that people know in hexadecimal. */
export function hexJson(value: number | bigint, human: boolean): Json {
  if (!human) return value
  return BigInt(value) === 0n ? '0' : `0x${value.toString(16)}`
}
