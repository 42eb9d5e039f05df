/** printf's format and echo -e's backslashes. Left out: %q, %a, %e, %f, %g, widths given as arguments. */

/** Columns after which a width is no width. */
const MOST_WIDTH = 4096

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}

/** `stopped`: \c was there, nothing more is to be printed. `as`: echo wants a 0 in front of octal digits. */
export function escapes(text: string, as: 'echo' | 'format'): { readonly bytes: string; readonly stopped: boolean } {
  let bytes = ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string
    if (char !== '\\') {
      bytes += char
      continue
    }
    const rest = text.slice(at + 1, at + 5)
    const [, hex] = /^x([0-9A-Fa-f]{1,2})/.exec(rest) ?? []
    const [, octal] = (as === 'echo' ? /^0([0-7]{0,3})/ : /^([0-7]{1,3})/).exec(rest) ?? []
    if (hex !== undefined) {
      bytes += String.fromCharCode(Number.parseInt(hex, 16))
      at += hex.length + 1
    } else if (octal !== undefined) {
      bytes += String.fromCharCode(Number.parseInt(octal || '0', 8) & 255)
      at += octal.length + (as === 'echo' ? 1 : 0)
    } else if (rest.startsWith('c')) return { bytes, stopped: true }
    else {
      const simple = SIMPLE[rest[0] ?? '']
      bytes += simple ?? `\\${rest[0] ?? ''}`
      at++
    }
  }
  return { bytes, stopped: false }
}

interface Formatted {
  readonly output: string
  readonly errors: readonly string[]
}

/** The format is used again while there are arguments. */
export function formatted(format: string, args: readonly string[]): Formatted {
  const errors: string[] = []
  const waiting = [...args]
  let output = ''
  for (;;) {
    const before = waiting.length
    const once = formatOnce(format, waiting, errors)
    output += once.bytes
    if (once.stopped || waiting.length === 0 || waiting.length === before) return { output, errors }
  }
}

function formatOnce(format: string, args: string[], errors: string[]): { bytes: string; stopped: boolean } {
  let bytes = ''
  for (const [piece] of format.matchAll(/%%|%[^a-zA-Z%]*[a-zA-Z]?|[^%]+/g)) {
    if (!piece.startsWith('%')) {
      const { bytes: more, stopped } = escapes(piece, 'format')
      bytes += more
      if (stopped) return { bytes, stopped }
      continue
    }
    if (piece === '%%') {
      bytes += '%'
      continue
    }
    const [, flags, width = '', precision, conversion = ''] =
      /^%([-+ 0#]*)(\d{0,5})(?:\.(\d{0,5}))?([sbcdiuoxX])$/.exec(piece) ?? []
    if (flags === undefined || Number(width) > MOST_WIDTH || Number(precision ?? 0) > MOST_WIDTH) {
      const wrong = piece.at(-1) ?? ''
      errors.push(
        piece.length === 1 || /[hlLjtz]/.test(wrong)
          ? `bash: printf: \`${piece}': missing format character`
          : `bash: printf: \`${wrong}': invalid format character`,
      )
      return { bytes, stopped: true }
    }
    const argument = args.shift()
    const body = converted(conversion, argument, precision === undefined ? undefined : Number(precision), flags, errors)
    const fill = flags.includes('0') && !flags.includes('-') && precision === undefined && !/[sbc]/.test(conversion)
    if (flags.includes('-')) bytes += body.bytes.padEnd(Number(width))
    else if (fill) {
      const [sign = ''] = /^(?:[-+ ]|0[xX])?/.exec(body.bytes) ?? []
      bytes += sign + body.bytes.slice(sign.length).padStart(Number(width) - sign.length, '0')
    } else bytes += body.bytes.padStart(Number(width))
    if (body.stopped) return { bytes, stopped: true }
  }
  return { bytes, stopped: false }
}

function converted(
  conversion: string,
  argument: string | undefined,
  precision: number | undefined,
  flags: string,
  errors: string[],
): { bytes: string; stopped: boolean } {
  const text = argument ?? ''
  if (conversion === 's') return { bytes: text.slice(0, precision), stopped: false }
  if (conversion === 'c') return { bytes: text.slice(0, 1), stopped: false }
  if (conversion === 'b') {
    const { bytes, stopped } = escapes(text, 'echo')
    return { bytes: bytes.slice(0, precision), stopped }
  }
  const value = numberOf(argument, errors)
  const signed = conversion === 'd' || conversion === 'i'
  const base = conversion === 'o' ? 8 : conversion === 'x' || conversion === 'X' ? 16 : 10
  const magnitude = signed ? (value < 0n ? -value : value) : BigInt.asUintN(64, value)
  let digits = magnitude.toString(base).padStart(precision ?? 0, '0')
  if (flags.includes('#') && base === 16 && magnitude !== 0n) digits = `0x${digits}`
  if (flags.includes('#') && base === 8 && !digits.startsWith('0')) digits = `0${digits}`
  if (conversion === 'X') digits = digits.toUpperCase()
  const sign = !signed ? '' : value < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  return { bytes: sign + digits, stopped: false }
}

function numberOf(argument: string | undefined, errors: string[]): bigint {
  if (argument === undefined || argument === '') return 0n
  const [, quoted] = /^["'](.)/s.exec(argument) ?? []
  if (quoted !== undefined) return BigInt(quoted.charCodeAt(0))
  const [all, sign = '', digits = ''] = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|\d+)/.exec(argument.slice(0, 100)) ?? []
  if (all !== argument) errors.push(`bash: printf: ${argument}: invalid number`)
  if (digits === '') return 0n
  const octal = /^0[0-7]+$/.test(digits) ? `0o${digits}` : digits.replace(/^0+(?=\d)/, '')
  const value = BigInt(octal)
  return sign === '-' ? -value : value
}
