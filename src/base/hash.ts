/** A 64-bit hash of what is fed to it, for "are these two recordings the same". Not for security. */

export class Hasher {
  private a = 0x811c9dc5
  private b = 0x1b873593

  word(value: number): void {
    this.a = Math.imul(this.a ^ (value & 0xffff), 0x01000193)
    this.a = Math.imul(this.a ^ (value >>> 16), 0x01000193)
    this.b = Math.imul(((this.b << 13) | (this.b >>> 19)) ^ value, 0x5bd1e995)
    this.b ^= this.b >>> 15
  }

  words(values: ArrayLike<number>): void {
    for (let i = 0; i < values.length; i++) this.word(values[i] as number)
  }

  text(value: string): void {
    for (let i = 0; i < value.length; i++) this.word(value.charCodeAt(i))
    this.word(-1 - value.length)
  }

  /** Sixteen hexadecimal digits. */
  digest(): string {
    const half = (n: number): string => (n >>> 0).toString(16).padStart(8, '0')
    return half(this.a) + half(this.b)
  }
}
