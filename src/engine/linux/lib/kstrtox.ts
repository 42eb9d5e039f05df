/** lib/kstrtox.c: numbers and booleans that user space writes into files. */

import { EINVAL, ERANGE } from '../include/linux/errno.ts'

/** Decimal, 0x… or 0… (octal), one newline allowed; a negative error number otherwise. */
export function kstrtoul(text: string): number {
  const clean = text.replace(/\n$/, '').replace(/^\+/, '')
  const octal = /^0[0-7]+$/.test(clean)
  if (!octal && !/^(0x[0-9a-f]+|\d+)$/i.test(clean)) return -EINVAL
  const value = octal ? Number.parseInt(clean, 8) : Number(clean)
  return Number.isSafeInteger(value) ? value : -ERANGE
}

/** 1/y/t/on, 0/n/f/off; undefined for anything else. */
export function kstrtobool(text: string): boolean | undefined {
  if (/^([1yt]|on)/i.test(text)) return true
  if (/^([0nf]|of)/i.test(text)) return false
  return undefined
}
