/** hexdump (util-linux: -C, -n, -s, -v, and the plain form) and xxd (-l, -s). */

import type { Kernel } from '../../linux/kernel.ts'
import { kfunc } from '../../sim/kfunc.ts'
import { strerror } from './files.ts'
import { inputsOf, optionsOf, readSpan } from './options.ts'
import type { Surroundings } from './session.ts'
import { done, failed, type Outcome } from './tool.ts'

const ROW = 16

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
const printable = (bytes: string): string => bytes.replace(/[^ -~]/g, '.')
const codes = (bytes: string): readonly string[] => Array.from(bytes, (char) => hex(char.charCodeAt(0), 2))

/** "512", "0x200", "010", "1K". */
function sizeOf(text: string): number | undefined {
  const [, digits, unit = ''] = /^(0[xX][0-9a-fA-F]{1,12}|\d{1,15})([bkKmMgG]?)$/.exec(text) ?? []
  if (digits === undefined) return undefined
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits)
  const factors: Readonly<Record<string, number>> = { '': 1, b: 512, k: 1024, m: 1 << 20, g: 1 << 30 }
  return value * (factors[unit.toLowerCase()] ?? 1)
}

function canonical(row: string): string {
  const all = codes(row)
  const half = (from: number): string =>
    all
      .slice(from, from + 8)
      .join(' ')
      .padEnd(23)
  return `${half(0)}  ${half(8)}  |${printable(row)}|`
}

/** Two bytes a number, the first the lower. */
function words(row: string): string {
  const numbers: string[] = []
  for (let at = 0; at < row.length; at += 2)
    numbers.push(hex(row.charCodeAt(at) | ((at + 1 < row.length ? row.charCodeAt(at + 1) : 0) << 8), 4))
  return numbers.join(' ').padEnd(39)
}

/** Rows; equal ones are folded into one `*`. */
function dump(bytes: string, from: number, isCanonical: boolean, all: boolean): string {
  const digits = isCanonical ? 8 : 7
  let output = ''
  let before: string | undefined
  let folded = false
  for (let at = 0; at < bytes.length; at += ROW) {
    const row = bytes.slice(at, at + ROW)
    if (row === before && !all) {
      if (!folded) output += '*\n'
      folded = true
      continue
    }
    folded = false
    before = row
    output += `${hex(from + at, digits)}${isCanonical ? '  ' : ' '}${isCanonical ? canonical(row) : words(row)}\n`
  }
  return bytes === '' ? '' : `${output}${hex(from + bytes.length, digits)}\n`
}

export const hexdump = kfunc(
  'shell: util-linux/hexdump.c',
  function* hexdump(k: Kernel, args: readonly string[], around: Surroundings) {
    const options = optionsOf('hexdump', args, 'Cvx', 'ns')
    if (!options.ok) return failed(options.error)
    const { flags, values, rest } = options.value
    const skip = sizeOf(values.get('s') ?? '0')
    const length = values.has('n') ? sizeOf(values.get('n') ?? '') : Number.POSITIVE_INFINITY
    if (length === undefined) return failed(`hexdump: failed to parse length: '${values.get('n')}': Invalid argument`)
    if (skip === undefined) return failed(`hexdump: failed to parse offset: '${values.get('s')}': Invalid argument`)
    const [only] = rest
    if (only !== undefined && rest.length === 1 && only !== '-') {
      const piece = yield* readSpan(k, only, around, { from: skip, length })
      if (typeof piece !== 'number') return done(dump(piece, skip, flags.has('C'), flags.has('v')))
    }
    const errors: string[] = []
    let bytes = ''
    let read = 0
    for (const input of yield* inputsOf(k, rest, around)) {
      if (typeof input.bytes === 'number')
        errors.push(`hexdump: ${input.name === '-' ? 'stdin' : input.name}: ${strerror(input.bytes)}`)
      else {
        bytes += input.bytes
        read++
      }
    }
    if (read === 0) errors.push('hexdump: all input file arguments failed')
    const wanted = bytes.slice(skip, skip + length)
    const output = dump(wanted, Math.min(skip, bytes.length), flags.has('C'), flags.has('v'))
    return { output, error: errors.join('\n'), status: errors.length === 0 ? 0 : 1 } as Outcome
  },
)

export const xxd = kfunc('shell: xxd', function* xxd(k: Kernel, args: readonly string[], around: Surroundings) {
  const options = optionsOf('xxd', args, '', 'ls')
  if (!options.ok) return failed(options.error)
  const { values, rest } = options.value
  const skip = sizeOf(values.get('s') ?? '0') ?? 0
  const length = values.has('l') ? (sizeOf(values.get('l') ?? '') ?? 0) : Number.POSITIVE_INFINITY
  const [name = '-'] = rest
  const wanted = { from: skip, length }
  const read = name === '-' ? around.stdin : yield* readSpan(k, name, around, wanted)
  if (typeof read === 'number') return failed(`xxd: ${name}: ${strerror(read)}`, 2)
  const bytes = name === '-' ? read.slice(skip, skip + length) : read
  let output = ''
  for (let at = 0; at < bytes.length; at += ROW) {
    const row = bytes.slice(at, at + ROW)
    const pairs = codes(row)
      .join('')
      .replace(/.{4}(?=.)/g, '$& ')
    output += `${hex(skip + at, 8)}: ${pairs.padEnd(39)}  ${printable(row)}\n`
  }
  return done(output)
})
