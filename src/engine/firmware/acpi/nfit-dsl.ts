/**
 * What `iasl -d` prints of an NFIT → the bytes of the table again.
 *
 * The dump at its end (`Raw Table Data`) is taken if it is whole; else the fields, each of which says its offset and
 * length. iasl 20200925 shows some list items one place too far, so that a text without dump may give another checksum:
 * the table's check says so. Source: the output of acpica-tools 20200925; newer ones write lengths as `004h`.
 */

import { hex } from '../../../base/bytes.ts'
import { err, ok, type Result } from '../../../base/result.ts'
import { guidBytes } from './guid.ts'

/** Bytes that such a text may place. */
const MOST = 0x1_0000

/** Binary tables begin with their signature; the text names it. */
export const looksLikeDsl = (text: string): boolean => /^\[000h .*Signature : "NFIT"/m.test(text)

export function tableOfDsl(text: string): Result<Uint8Array, string> {
  const lines = text.split(/\r?\n/)
  return dumped(lines) ?? ofFields(lines)
}

/** The dump; undefined when there is none, or when a part of it is missing. */
function dumped(lines: readonly string[]): Result<Uint8Array, string> | undefined {
  const start = lines.findIndex((line) => /^Raw Table Data: Length \d+/.test(line))
  const length = Number(/Length (\d+)/.exec(lines[start] ?? '')?.[1] ?? 0)
  if (start < 0 || length > MOST) return undefined
  const bytes: number[] = []
  for (const line of lines.slice(start + 1)) {
    const [, offset, values = ''] = /^\s*([0-9A-F]+): ((?:[0-9A-F]{2} )+)/.exec(line) ?? []
    if (offset === undefined) continue
    if (Number.parseInt(offset, 16) !== bytes.length) return undefined
    for (const value of values.trim().split(' ')) bytes.push(Number.parseInt(value, 16))
  }
  return bytes.length === length ? ok(Uint8Array.from(bytes)) : undefined
}

function ofFields(lines: readonly string[]): Result<Uint8Array, string> {
  const table = new Uint8Array(MOST)
  let end = 0
  for (const [i, line] of lines.entries()) {
    const [, offset, size = '', value] = /^\[([0-9A-F]+)h [0-9]+\s+([0-9A-F]+h?|\d+)\] .*? : (.*)$/.exec(line) ?? []
    if (offset === undefined || value === undefined) continue
    const at = Number.parseInt(offset, 16)
    const length = size.endsWith('h') ? Number.parseInt(size, 16) : Number(size)
    const wrong = (why: string): Result<never, string> => err(`line ${i + 1} of the iasl text: ${why}`)
    if (!(at + length <= MOST)) return wrong(`byte 0x${hex(at)} + ${length} is behind the end of any NFIT`)
    const bytes = bytesOf(value, length)
    if (bytes === undefined) return wrong(`expected a value of ${length} bytes, found ${value.slice(0, 60)}`)
    table.set(bytes, at)
    end = Math.max(end, at + length)
  }
  return ok(table.slice(0, end))
}

/** A quoted text, a GUID, bytes one by one, or one number; what stands in brackets behind it is a remark. */
function bytesOf(value: string, length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(length)
  const quoted = /^"([^"]*)"/.exec(value)?.[1]
  if (quoted !== undefined) {
    if (quoted.length > length) return undefined
    bytes.set(new TextEncoder().encode(quoted).subarray(0, length))
    return bytes
  }
  const word = value.replace(/\s*[[/].*$/, '').trim()
  const guid = length === 16 ? guidBytes(word) : undefined
  if (guid !== undefined) return guid
  const inOrder = word.includes(' ')
  const digits = word.replaceAll(' ', '')
  if (!/^[0-9A-Fa-f]+$/.test(digits) || digits.length !== 2 * length) return undefined
  for (let i = 0; i < length; i++) {
    const pair = inOrder ? i : length - 1 - i
    bytes[i] = Number.parseInt(digits.slice(2 * pair, 2 * pair + 2), 16)
  }
  return bytes
}
