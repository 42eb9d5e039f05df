/** Little-endian bytes, hexadecimal, addresses and sizes as people write them, base64url. */

/** A view on `bytes`, whatever its offset in the buffer. */
export const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Lower-case hexadecimal without a prefix, padded to `digits`. */
export const hex = (n: number | bigint, digits = 0): string => n.toString(16).padStart(digits, '0')

/** `0x1_0020_9040`: an address as a person reads it, in groups of four digits. */
export function address(n: number): string {
  const digits = n.toString(16)
  const groups: string[] = []
  for (let end = digits.length; end > 0; end -= 4) groups.unshift(digits.slice(Math.max(0, end - 4), end))
  return `0x${groups.join('_')}`
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/**
 * An address, an offset or a size as a person writes one: `0x1_0020_9040`, `4096`, `64M`, `0x10K`; underscores may divide
 * the digits. undefined when the text is none, or no number can hold it exactly.
 */
export function addressOf(text: string): number | undefined {
  const [, digits, unit = ''] =
    /^(0x[\da-f]+|\d+)([kmgt]?)(?:i?b)?$/i.exec(text.trim().replace(/(?<=[\da-f])_(?=[\da-f])/gi, '')) ?? []
  if (digits === undefined) return undefined
  const value = Number(digits) * (UNITS[unit.toLowerCase()] ?? 1)
  return Number.isSafeInteger(value) ? value : undefined
}

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** `1.5 MiB`: a size as a person reads it, to one decimal. */
export function sizeText(bytes: number): string {
  let power = 0
  while (power < SIZES.length - 1 && bytes >= 1024 ** (power + 1)) power++
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${SIZES[power]}`
}

/** 32 hexadecimal digits as a UUID is written: 8-4-4-4-12. */
export const hyphenated = (digits: string): string =>
  [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-')

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

export function toBase64Url(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = Math.min(3, bytes.length - i)
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    for (let k = 0; k <= left; k++) text += alphabet[(word >> (18 - 6 * k)) & 63]
  }
  return text
}

/** Accepts both alphabets, padding and white space; undefined when anything else is in the text. */
export function fromBase64(text: string): Uint8Array | undefined {
  const clean = text.replace(/\s+/g, '').replace(/=+$/, '').replace(/\+/g, '-').replace(/\//g, '_')
  if (clean.length % 4 === 1) return undefined
  const bytes = new Uint8Array(Math.floor((clean.length * 3) / 4))
  let word = 0
  let bits = 0
  let at = 0
  for (const char of clean) {
    const value = alphabet.indexOf(char)
    if (value < 0) return undefined
    word = ((word << 6) | value) & 0xffffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = (word >> bits) & 0xff
    }
  }
  return bytes
}
