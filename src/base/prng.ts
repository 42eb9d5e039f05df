/** Dice with a memory: the only source of chance in pmemscope (sfc32, seeded by splitmix32). */

export interface Prng {
  /** Uniform in 0 … 2^32-1. */
  next(): number
  /** Uniform in 0 … n-1. */
  below(n: number): number
}

export function prng(seed: number): Prng {
  let s = seed >>> 0
  const splitmix = (): number => {
    s = (s + 0x9e3779b9) >>> 0
    let z = s
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }
  let a = splitmix()
  let b = splitmix()
  let c = splitmix()
  let counter = 1
  const next = (): number => {
    const t = (((a + b) >>> 0) + counter) >>> 0
    counter = (counter + 1) >>> 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) >>> 0
    c = (((c << 21) | (c >>> 11)) + t) >>> 0
    return t
  }
  for (let i = 0; i < 12; i++) next()
  return { next, below: (n) => Math.floor((next() / 0x1_0000_0000) * n) }
}
