/** fs/jbd2/journal.c, commit.c: the log as a ring of blocks, the checksum at a block's end, and tags of what follows. */

import { view } from '../../../../base/bytes.ts'
import { encode, type Layout, peek } from '../../../../base/layout.ts'
import {
  JBD2_FEATURE_INCOMPAT_64BIT,
  JBD2_FEATURE_INCOMPAT_CSUM_V3,
  JBD2_FLAG_SAME_UUID,
  type Journal,
  journal_block_tag_s,
  journal_block_tag3_s,
} from '../../include/linux/jbd2.ts'
import { CSUM_TAIL, jbd2_chksum, jbd2_incompat, jbd2_journal_has_csum_v2or3 } from './jsb.ts'

export const UUID_SIZE = 16
const MARK = 2 ** 32

/** The block of the log behind another. */
export const wrap = ({ j_first, j_last }: Journal, block: number): number =>
  block >= j_last ? block - (j_last - j_first) : block

/** The next free block, taken. */
export function jbd2_journal_next_log_block(journal: Journal): number {
  const block = journal.j_head
  journal.j_head = wrap(journal, block + 1)
  journal.j_free--
  return block
}

/** Write the checksum at the end of a block that describes others; journals without any have none. */
export function seal(journal: Journal, bytes: Uint8Array): void {
  if (!jbd2_journal_has_csum_v2or3(journal)) return
  const at = bytes.length - CSUM_TAIL
  view(bytes).setUint32(at, 0)
  view(bytes).setUint32(at, jbd2_chksum(journal, bytes))
}

/** Is it what the block says? */
export function jbd2_descriptor_block_csum_verify(journal: Journal, bytes: Uint8Array): boolean {
  if (!jbd2_journal_has_csum_v2or3(journal)) return true
  const copy = bytes.slice()
  seal(journal, copy)
  return view(copy).getUint32(bytes.length - CSUM_TAIL) === view(bytes).getUint32(bytes.length - CSUM_TAIL)
}

/** One block that follows its descriptor. */
export interface Tag {
  readonly blocknr: number
  readonly flags: number
  /** As far as the journal has any: 32 bits, or the low 16. */
  readonly checksum: number
}

const is_v3 = (journal: Journal): boolean => jbd2_incompat(journal, JBD2_FEATURE_INCOMPAT_CSUM_V3)

/** Bytes of a tag without a UUID. */
export function journal_tag_bytes(journal: Journal): number {
  if (is_v3(journal)) return journal_block_tag3_s.size
  return journal_block_tag_s.size - (jbd2_incompat(journal, JBD2_FEATURE_INCOMPAT_64BIT) ? 0 : 4)
}

/** Checksum of a block of the file system as its tag has it. */
export function jbd2_block_tag_csum(journal: Journal, tid: number, bytes: Uint8Array): number {
  if (!jbd2_journal_has_csum_v2or3(journal)) return 0
  const seq = new Uint8Array(4)
  view(seq).setUint32(0, tid)
  const crc = jbd2_chksum(journal, seq, bytes)
  return is_v3(journal) ? crc : crc & 0xffff
}

export function write_tag(journal: Journal, block: Uint8Array, at: number, { blocknr, flags, checksum }: Tag): void {
  const size = journal_tag_bytes(journal)
  const values = { t_blocknr: blocknr % MARK, t_flags: flags, t_checksum: checksum }
  const high = { t_blocknr_high: Math.floor(blocknr / MARK) }
  const into = block.subarray(at, at + size)
  if (is_v3(journal)) encode(journal_block_tag3_s, { ...values, ...high }, into)
  else encode(journal_block_tag_s, { ...values, ...high }, into)
}

function read_tag(journal: Journal, block: Uint8Array, at: number): Tag {
  const layout: Layout<
    Readonly<Record<'t_blocknr' | 't_flags' | 't_checksum' | 't_blocknr_high', readonly [number, 4]>>
  > = (is_v3(journal) ? journal_block_tag3_s : journal_block_tag_s) as never
  const wide = jbd2_incompat(journal, JBD2_FEATURE_INCOMPAT_64BIT)
  const high = wide ? peek(layout, block, 't_blocknr_high', at) : 0
  return {
    blocknr: high * MARK + peek(layout, block, 't_blocknr', at),
    flags: peek(layout, block, 't_flags', at),
    checksum: peek(layout, block, 't_checksum', at),
  }
}

const LAST_TAG = 8

/** Every tag of a descriptor. */
export function tags_of(journal: Journal, block: Uint8Array): readonly Tag[] {
  const size = journal_tag_bytes(journal)
  const end = block.length - (jbd2_journal_has_csum_v2or3(journal) ? CSUM_TAIL : 0)
  const tags: Tag[] = []
  for (let at = 12; at + size <= end; ) {
    const tag = read_tag(journal, block, at)
    tags.push(tag)
    at += size + ((tag.flags & JBD2_FLAG_SAME_UUID) === 0 ? UUID_SIZE : 0)
    if ((tag.flags & LAST_TAG) !== 0) break
  }
  return tags
}
