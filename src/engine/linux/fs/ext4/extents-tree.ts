/**
 * fs/ext4/extents.c, the tree: stretches of a file that are stretches of the disk, in the inode as far as four fit, or in
 * blocks below it.
 *
 * A leaf that is full is split where the new extent goes, as upstream does it; a full root moves into a block of its own.
 * Source: torvalds/linux v6.1. Left out: the cache of extents' status, merging of a single leaf into the root.
 */

import { encode, peek } from '../../../../base/layout.ts'
import { kfunc } from '../../../sim/kfunc.ts'
import { EIO, EUCLEAN } from '../../include/linux/errno.ts'
import type { Inode } from '../../include/linux/fs.ts'
import type { Handle } from '../../include/linux/jbd2.ts'
import type { Kernel } from '../../kernel.ts'
import { type BufferHead, b_data, peek_block, sb_bread, sb_getblk } from '../buffer.ts'
import { mark_inode_dirty } from '../inode.ts'
import { ext4_free_blocks, ext4_new_meta_blocks } from './balloc.ts'
import { ext4_extent_block_csum_set, ext4_extent_block_csum_verify } from './csum.ts'
import {
  EXT_INIT_MAX_LEN,
  EXT4_EXT_MAGIC,
  EXT4_N_BLOCKS,
  ext4_extent,
  ext4_extent_header,
  ext4_extent_idx,
} from './ext4.ts'
import { ext4_forget, ext4_handle_dirty_metadata } from './ext4_jbd2.ts'
import { put32, u32 } from './raw.ts'
import { EXT4_I, EXT4_SB, ext4_error } from './sb.ts'

const EXTENTS = 'fs/ext4/extents.c'
const HEAD = ext4_extent_header.size
const ENTRY = ext4_extent.size
const ROOT_MAX = 4
const MAX_DEPTH = 5
const WORD = 2 ** 32

/** A stretch of a file, in blocks; `unwritten`: it reads as zeros. */
export interface Extent {
  readonly block: number
  readonly len: number
  readonly start: number
  readonly unwritten: boolean
}

interface Index {
  /** First block of the file that is below it. */
  readonly block: number
  readonly leaf: number
}

/** A node of the tree; the root stands in the inode and has no block. */
export interface Node {
  readonly bh: BufferHead | undefined
  readonly depth: number
  /** Entries that fit. */
  readonly max: number
  /** Of a leaf. */
  readonly extents: readonly Extent[]
  readonly indices: readonly Index[]
  /** Which entry the search went through; -1: the block is before the first. */
  readonly at: number
}

const root_bytes = (inode: Inode): Uint8Array => {
  const bytes = new Uint8Array(EXT4_N_BLOCKS * 4)
  for (const [i, word] of EXT4_I(inode).i_data.entries()) put32(bytes, 4 * i, word)
  return bytes
}

/** Entries that fit into a block: ext4_ext_space_block(). */
const space_block = ({ i_sb }: Inode): number => Math.floor((i_sb.s_blocksize - HEAD) / ENTRY)

/** ext4_ext_tree_init(): a tree without extents. */
export function ext4_ext_tree_init(inode: Inode): void {
  const bytes = new Uint8Array(EXT4_N_BLOCKS * 4)
  encode(ext4_extent_header, { eh_magic: EXT4_EXT_MAGIC, eh_max: ROOT_MAX }, bytes)
  EXT4_I(inode).i_data = words(bytes)
  mark_inode_dirty(inode)
}

const words = (bytes: Uint8Array): readonly number[] =>
  Array.from({ length: EXT4_N_BLOCKS }, (_, i) => u32(bytes, 4 * i))

function read_extent(bytes: Uint8Array, at: number): Extent {
  const len = peek(ext4_extent, bytes, 'ee_len', at)
  const unwritten = len > EXT_INIT_MAX_LEN
  return {
    block: peek(ext4_extent, bytes, 'ee_block', at),
    len: unwritten ? len - EXT_INIT_MAX_LEN : len,
    start: peek(ext4_extent, bytes, 'ee_start_hi', at) * WORD + peek(ext4_extent, bytes, 'ee_start_lo', at),
    unwritten,
  }
}

const read_index = (bytes: Uint8Array, at: number): Index => ({
  block: peek(ext4_extent_idx, bytes, 'ei_block', at),
  leaf: peek(ext4_extent_idx, bytes, 'ei_leaf_hi', at) * WORD + peek(ext4_extent_idx, bytes, 'ei_leaf_lo', at),
})

/** What is wrong with a node; undefined: nothing. `depth`: what its parent says; undefined for the root. */
function __ext4_ext_check(inode: Inode, bytes: Uint8Array, bh: BufferHead | undefined, depth: number | undefined) {
  const header = (name: 'eh_magic' | 'eh_entries' | 'eh_max' | 'eh_depth'): number =>
    peek(ext4_extent_header, bytes, name)
  if (header('eh_magic') !== EXT4_EXT_MAGIC) return 'invalid magic'
  if (depth === undefined ? header('eh_depth') > MAX_DEPTH : header('eh_depth') !== depth) return 'unexpected eh_depth'
  const most = bh === undefined ? ROOT_MAX : space_block(inode)
  if (header('eh_max') === 0 || header('eh_max') > most) return 'too large eh_max'
  if (header('eh_entries') > header('eh_max')) return 'invalid eh_entries'
  if (header('eh_depth') > 0 && header('eh_entries') === 0) return 'eh_entries is 0 but eh_depth is > 0'
  if (bh !== undefined && !ext4_extent_block_csum_verify(inode, bytes)) return 'extent tree corrupted'
  const { s_blocks_count, s_first_data_block } = EXT4_SB(inode.i_sb)
  const inside = (start: number, len: number): boolean => start > s_first_data_block && start + len <= s_blocks_count
  let next = 0
  for (let i = 0; i < header('eh_entries'); i++) {
    const at = HEAD + i * ENTRY
    const leaf = header('eh_depth') === 0
    const { block } = read_index(bytes, at)
    if (block < next) return leaf ? 'invalid extent entries' : 'invalid index entries'
    const { len, start } = leaf ? read_extent(bytes, at) : { len: 1, start: read_index(bytes, at).leaf }
    if (len === 0 || !inside(start, len)) return leaf ? 'invalid extent entries' : 'invalid index entries'
    next = block + len
  }
  return undefined
}

function parse(bytes: Uint8Array, bh: BufferHead | undefined, block: number): Node {
  const depth = peek(ext4_extent_header, bytes, 'eh_depth')
  const count = peek(ext4_extent_header, bytes, 'eh_entries')
  const places = Array.from({ length: count }, (_, i) => HEAD + i * ENTRY)
  const extents = depth === 0 ? places.map((at) => read_extent(bytes, at)) : []
  const indices = depth === 0 ? [] : places.map((at) => read_index(bytes, at))
  const found = (depth === 0 ? extents : indices).findLastIndex((each) => each.block <= block)
  return {
    bh,
    depth,
    max: peek(ext4_extent_header, bytes, 'eh_max'),
    extents,
    indices,
    at: depth === 0 ? found : Math.max(found, 0),
  }
}

/** The nodes from the root to the leaf where `block` of the file is or would be; or -EIO, -EUCLEAN. */
export const ext4_find_extent = kfunc(EXTENTS, function* ext4_find_extent(k: Kernel, inode: Inode, block: number) {
  const path: Node[] = []
  let bytes = root_bytes(inode)
  let bh: BufferHead | undefined
  for (;;) {
    const above = path.at(-1)
    const wrong = __ext4_ext_check(inode, bytes, bh, above && above.depth - 1)
    if (wrong !== undefined) {
      const text = `pblk ${bh?.b_blocknr ?? 0} bad header/extent: ${wrong}`
      ext4_error(k, inode.i_sb, 'ext4_find_extent', `inode #${inode.i_ino}: ${text}`)
      return -EUCLEAN
    }
    const node = parse(bytes, bh, block)
    path.push(node)
    if (node.depth === 0) return path as readonly Node[]
    bh = yield* sb_bread(k, inode.i_sb, (node.indices[node.at] as Index).leaf)
    if (bh === undefined) return -EIO
    bytes = b_data(bh)
  }
})

type Entries = Pick<Node, 'extents' | 'indices'>

/** Write a node as it is to be. */
function write_node(
  handle: Handle | undefined,
  inode: Inode,
  node: Pick<Node, 'bh' | 'depth' | 'max'>,
  { extents, indices }: Entries,
): void {
  const fill = (bytes: Uint8Array): void => {
    const eh_entries = extents.length + indices.length
    encode(ext4_extent_header, { eh_magic: EXT4_EXT_MAGIC, eh_entries, eh_max: node.max, eh_depth: node.depth }, bytes)
    for (const [i, { block, len, start, unwritten }] of extents.entries()) {
      const at = HEAD + i * ENTRY
      const ee_len = unwritten ? len + EXT_INIT_MAX_LEN : len
      const place = { ee_start_hi: Math.floor(start / WORD), ee_start_lo: start % WORD }
      encode(ext4_extent, { ee_block: block, ee_len, ...place }, bytes.subarray(at, at + ENTRY))
    }
    for (const [i, { block, leaf }] of indices.entries()) {
      const at = HEAD + i * ENTRY
      const place = { ei_leaf_hi: Math.floor(leaf / WORD), ei_leaf_lo: leaf % WORD }
      encode(ext4_extent_idx, { ei_block: block, ...place }, bytes.subarray(at, at + ENTRY))
    }
  }
  if (node.bh === undefined) {
    const bytes = root_bytes(inode)
    fill(bytes)
    EXT4_I(inode).i_data = words(bytes)
    mark_inode_dirty(inode)
    return
  }
  ext4_handle_dirty_metadata(handle, inode, node.bh, (bytes) => {
    fill(bytes)
    ext4_extent_block_csum_set(inode, bytes)
  })
}

/** A block for a node, empty; or a negative error number. */
const new_node = function* (k: Kernel, handle: Handle | undefined, inode: Inode, goal: number) {
  const block = yield* ext4_new_meta_blocks(k, handle, inode.i_sb, goal)
  if (block < 0) return block
  const bh = yield* sb_getblk(k, inode.i_sb, block)
  if (bh === undefined) return -EIO
  inode.i_blocks += inode.i_sb.s_blocksize / 512
  mark_inode_dirty(inode)
  ext4_handle_dirty_metadata(handle, inode, bh, (bytes) => bytes.fill(0))
  return bh
}

const goal_of = (path: readonly Node[], inode: Inode): number => path.at(-1)?.extents[0]?.start ?? EXT4_I(inode).i_goal

/** The root's entries move into a block, which becomes the root's only one: 0, or a negative error number. */
const ext4_ext_grow_indepth = kfunc(
  EXTENTS,
  function* ext4_ext_grow_indepth(k: Kernel, handle: Handle | undefined, inode: Inode, path: readonly Node[]) {
    const [root] = path as readonly [Node]
    const bh = yield* new_node(k, handle, inode, goal_of(path, inode))
    if (typeof bh === 'number') return bh
    write_node(handle, inode, { bh, depth: root.depth, max: space_block(inode) }, root)
    const first = (root.extents[0] ?? root.indices[0])?.block ?? 0
    const above = { extents: [], indices: [{ block: first, leaf: bh.b_blocknr }] }
    write_node(handle, inode, { bh: undefined, depth: root.depth + 1, max: ROOT_MAX }, above)
    return 0
  },
)

/** Where a leaf is cut: entries that stay, and the first block of the file that is behind. */
interface Cut {
  readonly keeps: number
  readonly border: number
}

/** What is behind the new extent moves into new nodes, up to a node that has room: 0, or a negative error number. */
const ext4_ext_split = kfunc(
  EXTENTS,
  function* ext4_ext_split(
    k: Kernel,
    handle: Handle | undefined,
    inode: Inode,
    path: readonly Node[],
    level: number,
    { border, keeps }: Cut,
  ) {
    let below: number | undefined
    for (let i = path.length - 1; i > level; i--) {
      const node = path[i] as Node
      const bh = yield* new_node(k, handle, inode, goal_of(path, inode))
      if (typeof bh === 'number') return bh
      const cut = below === undefined ? keeps : node.at + 1
      const moved =
        below === undefined
          ? { extents: node.extents.slice(cut), indices: [] }
          : { extents: [], indices: [{ block: border, leaf: below }, ...node.indices.slice(cut)] }
      write_node(handle, inode, { bh, depth: node.depth, max: space_block(inode) }, moved)
      write_node(handle, inode, node, { extents: node.extents.slice(0, cut), indices: node.indices.slice(0, cut) })
      below = bh.b_blocknr
    }
    const parent = path[level] as Node
    const indices = [...parent.indices]
    indices.splice(parent.at + 1, 0, { block: border, leaf: below as number })
    write_node(handle, inode, parent, { extents: [], indices })
    return 0
  },
)

/** Nodes above say where what is below begins: ext4_ext_correct_indexes(). */
function correct_indexes(handle: Handle | undefined, inode: Inode, path: readonly Node[], first: number): void {
  for (let i = path.length - 2; i >= 0; i--) {
    const { at, indices } = path[i] as Node
    const own = indices[at]
    if (own === undefined || own.block === first) return
    const after = indices.map((each, n) => (n === at ? { ...each, block: first } : each))
    write_node(handle, inode, path[i] as Node, { extents: [], indices: after })
    if (at > 0) return
  }
}

/** Entries of the leaf that `path` ends with. They have to fit. */
function write_leaf(handle: Handle | undefined, inode: Inode, path: readonly Node[], extents: readonly Extent[]): void {
  const leaf = path.at(-1) as Node
  write_node(handle, inode, leaf, { extents, indices: [] })
  const [first] = extents
  if (first !== undefined && first.block !== leaf.extents[0]?.block) correct_indexes(handle, inode, path, first.block)
}

/** Do two follow each other in the file and on the disk, and may they be one? */
function ext4_can_extents_be_merged(a: Extent, b: Extent): boolean {
  const most = a.unwritten ? EXT_INIT_MAX_LEN - 1 : EXT_INIT_MAX_LEN
  return (
    a.unwritten === b.unwritten && a.block + a.len === b.block && a.start + a.len === b.start && a.len + b.len <= most
  )
}

/** Neighbours that may be one are. */
function merged(extents: readonly Extent[]): readonly Extent[] {
  const result: Extent[] = []
  for (const extent of extents) {
    const before = result.at(-1)
    if (before !== undefined && ext4_can_extents_be_merged(before, extent))
      result[result.length - 1] = { ...before, len: before.len + extent.len }
    else result.push(extent)
  }
  return result
}

/**
 * Put `pieces` in the place of the extent at `path`'s end (`replaced`: 1), or behind it (0): 0, or a negative error number,
 * when nothing has changed that can be seen.
 */
export const ext4_ext_insert_extent = kfunc(
  EXTENTS,
  function* ext4_ext_insert_extent(
    k: Kernel,
    handle: Handle | undefined,
    inode: Inode,
    pieces: readonly Extent[],
    replaced: 0 | 1,
  ) {
    const [first] = pieces as readonly [Extent]
    for (;;) {
      const path = yield* ext4_find_extent(k, inode, first.block)
      if (typeof path === 'number') return path
      const leaf = path.at(-1) as Node
      const extents = [...leaf.extents]
      extents.splice(leaf.at + 1 - replaced, replaced, ...pieces)
      const after = merged(extents)
      if (after.length <= leaf.max) {
        write_leaf(handle, inode, path, after)
        return 0
      }
      // Behind what is put in; where it is the last, it goes into the new leaf itself.
      const behind = leaf.at + 1 < leaf.extents.length
      const keeps = behind ? leaf.at + 1 : leaf.at + 1 - replaced
      const cut = { keeps, border: leaf.extents[keeps]?.block ?? first.block }
      const roomy = path.findLastIndex(({ depth, indices, max }) => depth > 0 && indices.length < max)
      const rc =
        roomy >= 0
          ? yield* ext4_ext_split(k, handle, inode, path, roomy, cut)
          : yield* ext4_ext_grow_indepth(k, handle, inode, path)
      if (rc !== 0) return rc
    }
  },
)

/** An empty leaf goes, and what is empty above it: ext4_ext_rm_idx(). */
const rm_idx = function* (k: Kernel, handle: Handle | undefined, inode: Inode, path: readonly Node[]) {
  for (let i = path.length - 1; i > 0; i--) {
    const { bh } = path[i] as Node
    if (bh === undefined) return
    ext4_forget(handle, inode, bh)
    yield* ext4_free_blocks(k, handle, inode.i_sb, bh.b_blocknr, 1)
    inode.i_blocks -= inode.i_sb.s_blocksize / 512
    const parent = path[i - 1] as Node
    const indices = parent.indices.filter((_, n) => n !== parent.at)
    if (indices.length === 0 && i === 1) {
      ext4_ext_tree_init(inode)
      return
    }
    if (indices.length > 0) {
      write_node(handle, inode, parent, { extents: [], indices })
      const [first] = indices
      if (parent.at === 0 && first !== undefined) correct_indexes(handle, inode, path.slice(0, i), first.block)
      return
    }
  }
}

/** The leaf of `path` without its extent `at`, for which `left` stand instead; an empty leaf goes. */
export const ext4_ext_rm_leaf = kfunc(
  EXTENTS,
  function* ext4_ext_rm_leaf(
    k: Kernel,
    handle: Handle | undefined,
    inode: Inode,
    path: readonly Node[],
    left: readonly Extent[],
  ) {
    const leaf = path.at(-1) as Node
    const extents = [...leaf.extents]
    extents.splice(leaf.at, 1, ...left)
    if (extents.length === 0 && leaf.bh !== undefined) yield* rm_idx(k, handle, inode, path)
    else write_leaf(handle, inode, path, extents)
  },
)

/** Which block of the file is `wanted` of the disk, as far as nodes are in the page cache; no step. */
export function ext4_ext_file_block(inode: Inode, wanted: number): number | undefined {
  const search = (bytes: Uint8Array | undefined): number | undefined => {
    if (bytes === undefined || peek(ext4_extent_header, bytes, 'eh_magic') !== EXT4_EXT_MAGIC) return undefined
    const { extents, indices } = parse(bytes, undefined, 0)
    for (const { block, len, start } of extents)
      if (wanted >= start && wanted < start + len) return block + wanted - start
    for (const { leaf } of indices) {
      const found = search(peek_block(inode.i_sb, leaf))
      if (found !== undefined) return found
    }
    return undefined
  }
  return search(root_bytes(inode))
}
