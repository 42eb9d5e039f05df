/**
 * The info blocks that parts of a page can make up, as far as a kernel tells them apart: those that their checksum fits.
 *
 * All combinations are tried against the checksum. Of those that it does not fit (too many for a reboot each) some are
 * drawn with a seed: the only thing that is sampled where every image is booted.
 */

import { view } from '../src/base/bytes.ts'
import { prng } from '../src/base/prng.ts'
import { INFO_BLOCK, type InBlock, textOf } from './decided-images.ts'

/** Where the checksum is. */
const CHECKSUM = 4088
/** Combinations of parts that are tried, at most. */
const MOST_COMBINATIONS = 2 ** 27

type Contents = InBlock['part']['contents'][number]

/** Of all info blocks that these parts can make up: those that the checksum fits, and `torn` of the others. */
export function infoBlocksOf(parts: readonly InBlock[], torn: number): readonly Uint8Array[] {
  const bytes = new Uint8Array(INFO_BLOCK)
  for (const { at, part } of parts) bytes.set((part.contents[0] as Contents).bytes, at)
  const open = parts.filter(({ part }) => part.contents.length > 1)
  if (open.length === 0) return [bytes]
  const product = open.reduce((all, { part }) => all * part.contents.length, 1)
  if (product > MOST_COMBINATIONS) throw new Error('too many info blocks')
  for (const { at, part } of open) bytes.fill(0, at, at + (part.contents[0] as Contents).bytes.length)
  const fixed = sumsOf(bytes, 0)
  const sums = open.map(({ at, part }) => part.contents.map((contents) => sumsOf(contents.bytes, at)))
  const picks = new Uint16Array(open.length)
  const made = (): Uint8Array => {
    const block = bytes.slice()
    for (const [i, { at, part }] of open.entries()) block.set((part.contents[picks[i] as number] as Contents).bytes, at)
    return block
  }
  const found: Uint8Array[] = []
  let fitting = 0
  const walk = (i: number, lo: number, hi: number, sumLo: number, sumHi: number): void => {
    const here = sums[i]
    if (here === undefined) {
      if ((lo | 0) !== (sumLo | 0) || (hi | 0) !== (sumHi | 0)) return
      fitting++
      found.push(made())
      return
    }
    for (let pick = 0; pick < here.length; pick++) {
      const sum = here[pick] as Sums
      picks[i] = pick
      walk(i + 1, (lo + sum.lo) | 0, (hi + sum.hi) | 0, sumLo + sum.storedLo, sumHi + sum.storedHi)
    }
  }
  walk(0, fixed.lo, fixed.hi, fixed.storedLo, fixed.storedHi)
  const dice = prng(product)
  const whole = new Set(found.map(textOf))
  const enough = fitting + Math.min(torn, product - fitting)
  for (let tries = 0; found.length < enough && tries < 100 * torn; tries++) {
    for (const [i, { part }] of open.entries()) picks[i] = dice.below(part.contents.length)
    const block = made()
    if (whole.has(textOf(block))) continue
    whole.add(textOf(block))
    found.push(block)
  }
  return found
}

interface Sums {
  readonly lo: number
  readonly hi: number
  /** The checksum that stands there, in halves; only one part has either. */
  readonly storedLo: number
  readonly storedHi: number
}

/** What bytes at `at` of an info block add to its Fletcher sum (`nd_fletcher64`: it is linear). */
function sumsOf(bytes: Uint8Array, at: number): Sums {
  const words = view(bytes)
  let lo = 0
  let hi = 0
  let storedLo = 0
  let storedHi = 0
  for (let i = 0; i < bytes.length; i += 4) {
    const word = words.getUint32(i, true)
    if (at + i === CHECKSUM) storedLo = word
    else if (at + i === CHECKSUM + 4) storedHi = word
    else {
      lo = (lo + word) | 0
      hi = (hi + Math.imul(word, (INFO_BLOCK - at - i) / 4)) | 0
    }
  }
  return { lo, hi, storedLo, storedHi }
}
