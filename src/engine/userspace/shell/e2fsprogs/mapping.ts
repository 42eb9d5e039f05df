/** Which blocks an inode has: as extents, or block by block through blocks of numbers. */

import { view } from '../../../../base/bytes.ts'
import { encode } from '../../../../base/layout.ts'
import {
  EXT4_DIND_BLOCK,
  EXT4_EXT_MAGIC,
  EXT4_EXTENTS_FL,
  EXT4_IND_BLOCK,
  EXT4_N_BLOCKS,
  EXT4_NDIR_BLOCKS,
  EXT4_TIND_BLOCK,
  ext4_extent,
  ext4_extent_header,
  ext4_extent_idx,
} from '../../../linux/fs/ext4/ext4.ts'
import { crc32c_le } from '../../../linux/lib/crc32.ts'
import { has } from './features.ts'
import { alloc_block, type Fs, type Inode, inodeSeed, writeBlock } from './filesys.ts'

interface Extent {
  readonly block: number
  readonly start: number
  length: number
}

/** Of an inode without a block of extents. */
const ROOT_EXTENTS = 4

export interface Mapping {
  /** For the inode: its flags and i_block. */
  readonly inode: Inode
  /** Blocks of numbers or of extents, which count as the inode's, too. */
  readonly own: number
}

function extentNode(bytes: Uint8Array, extents: readonly Extent[], max: number): Uint8Array {
  encode(ext4_extent_header, { eh_magic: EXT4_EXT_MAGIC, eh_entries: extents.length, eh_max: max, eh_depth: 0 }, bytes)
  for (const [i, { block, start, length }] of extents.entries())
    encode(ext4_extent, { ee_block: block, ee_len: length, ee_start_lo: start }, bytes.subarray(12 * (i + 1)))
  return bytes
}

const wordsOf = (bytes: Uint8Array): readonly number[] =>
  Array.from({ length: EXT4_N_BLOCKS }, (_, i) => view(bytes).getUint32(i * 4, true))

/** A tree of extents that grows at its end. */
export class Extents {
  readonly #fs: Fs
  readonly #ino: number
  readonly #extents: Extent[] = []
  #leaf: number | undefined

  constructor(fs: Fs, ino: number) {
    this.#fs = fs
    this.#ino = ino
  }

  get blocks(): number {
    return this.#extents.reduce((sum, { length }) => sum + length, 0)
  }

  /** One more extent; false: no block is left for the tree, or it would be higher than one. */
  insert(start: number, length: number): boolean {
    this.#extents.push({ block: this.blocks, start, length })
    if (this.#extents.length <= ROOT_EXTENTS) return true
    this.#leaf ??= alloc_block(this.#fs, (this.#extents[0] as Extent).start)
    return this.#leaf !== undefined && this.#extents.length <= this.#most
  }

  /** One more block, in the last extent if it follows. */
  append(start: number): boolean {
    const last = this.#extents.at(-1)
    if (last === undefined || last.start + last.length !== start) return this.insert(start, 1)
    last.length++
    return true
  }

  /** Of a block of extents. */
  get #most(): number {
    return Math.floor((this.#fs.blockSize - 12) / 12)
  }

  finish(): Mapping {
    const root = new Uint8Array(EXT4_N_BLOCKS * 4)
    const leaf = this.#leaf
    // Those that were moved into a block stay behind the one entry that leads to it.
    extentNode(root, this.#extents.slice(0, ROOT_EXTENTS), ROOT_EXTENTS)
    if (leaf !== undefined) {
      encode(ext4_extent_header, { eh_magic: EXT4_EXT_MAGIC, eh_entries: 1, eh_max: ROOT_EXTENTS, eh_depth: 1 }, root)
      encode(ext4_extent_idx, { ei_block: 0, ei_leaf_lo: leaf, ei_leaf_hi: 0 }, root.subarray(12))
      const bytes = extentNode(new Uint8Array(this.#fs.blockSize), this.#extents, this.#most)
      const tail = 12 + 12 * this.#most
      if (has(this.#fs.features, 'metadata_csum'))
        view(bytes).setUint32(tail, crc32c_le(inodeSeed(this.#fs, this.#ino), bytes.subarray(0, tail)), true)
      writeBlock(this.#fs, leaf, bytes)
    }
    return {
      inode: { i_flags: EXT4_EXTENTS_FL, i_block: wordsOf(root) },
      own: leaf === undefined ? 0 : 1,
    }
  }
}

/** Blocks of numbers: each is looked for behind the one before. */
export class BlockMap {
  readonly #fs: Fs
  readonly #goal: number
  readonly #iBlock: number[] = Array(EXT4_N_BLOCKS).fill(0)
  /** Blocks of numbers, by where they are. */
  readonly #tables = new Map<number, Uint8Array>()
  #count = 0

  constructor(fs: Fs, goal: number) {
    this.#fs = fs
    this.#goal = goal
  }

  /** One that is chosen already. */
  append(block: number): boolean {
    this.#iBlock[this.#count++] = block
    return this.#count <= EXT4_NDIR_BLOCKS
  }

  get #perBlock(): number {
    return this.#fs.blockSize / 4
  }

  /** One more block, wherever there is one; undefined: nowhere, or the file is too long. */
  next(): number | undefined {
    const n = this.#count++
    const per = this.#perBlock
    if (n < EXT4_NDIR_BLOCKS) return this.#root(n, n === 0 ? this.#goal : (this.#iBlock[n - 1] as number))
    const levels = [
      { at: EXT4_IND_BLOCK, first: EXT4_NDIR_BLOCKS, spans: [1] },
      { at: EXT4_DIND_BLOCK, first: EXT4_NDIR_BLOCKS + per, spans: [per, 1] },
      { at: EXT4_TIND_BLOCK, first: EXT4_NDIR_BLOCKS + per + per ** 2, spans: [per ** 2, per, 1] },
    ]
    const level = levels.findLast(({ first }) => n >= first) as (typeof levels)[number]
    let block = this.#root(level.at, this.#iBlock[level.at - 1] as number)
    for (const span of level.spans) block = block && this.#entry(block, Math.floor((n - level.first) / span) % per)
    return block
  }

  #root(at: number, goal: number): number | undefined {
    if (this.#iBlock[at] === 0) this.#iBlock[at] = alloc_block(this.#fs, goal) ?? 0
    return this.#iBlock[at] || undefined
  }

  #entry(table: number, at: number): number | undefined {
    const bytes = this.#tables.get(table) ?? new Uint8Array(this.#fs.blockSize)
    this.#tables.set(table, bytes)
    const data = view(bytes)
    const there = data.getUint32(at * 4, true)
    if (there !== 0) return there
    const block = alloc_block(this.#fs, at === 0 ? table : data.getUint32(at * 4 - 4, true))
    if (block !== undefined) data.setUint32(at * 4, block, true)
    return block
  }

  finish(): Mapping {
    for (const [block, bytes] of this.#tables) writeBlock(this.#fs, block, bytes)
    return { inode: { i_block: this.#iBlock }, own: this.#tables.size }
  }
}
