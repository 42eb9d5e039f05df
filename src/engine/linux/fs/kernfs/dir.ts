/** fs/kernfs/dir.c: the order in which a folder of sysfs lists its names: that of their hashes. */

/** GOLDEN_RATIO_64 of include/linux/hash.h. */
const GOLDEN_RATIO = 0x61c8864680b583ebn

/** kernfs_name_hash() in no namespace: full_name_hash's steps, folded by hash_64() to 31 bits. */
function kernfs_name_hash(name: string): number {
  let hash = 0n
  for (const c of name) {
    const byte = BigInt(c.charCodeAt(0))
    hash = BigInt.asUintN(64, (hash + (byte << 4n) + (byte >> 4n)) * 11n)
  }
  return Number((BigInt.asUintN(64, hash * GOLDEN_RATIO) >> 32n) & 0x7fff_ffffn)
}

export const kernfs_order = (names: readonly string[]): string[] =>
  [...names].sort((a, b) => kernfs_name_hash(a) - kernfs_name_hash(b) || (a < b ? -1 : 1))
