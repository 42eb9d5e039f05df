/** Very large whole numbers, for people. */

/** Digits that are written out. */
const MOST_DIGITS = 30

/** `digits`: a whole number in decimal. Grouped in threes; beyond that as a power of two or by its first digits. */
export function largeNumber(digits: string): string {
  if (digits.length <= MOST_DIGITS) return digits.replace(/\B(?=(\d{3})+$)/g, ',')
  const value = BigInt(digits)
  if ((value & (value - 1n)) === 0n) return `2^${value.toString(2).length - 1}`
  return `about ${digits[0]}.${digits.slice(1, 3)} × 10^${digits.length - 1}`
}
