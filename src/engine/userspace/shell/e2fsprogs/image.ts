/** mke2fs from its parameters to what has to be written, and what it says meanwhile. No device is touched. */

import { hex, hyphenated } from '../../../../base/bytes.ts'
import { err, ok, type Result } from '../../../../base/result.ts'
import {
  EXT4_BAD_INO,
  EXT4_BG_INODE_ZEROED,
  EXT4_GOOD_OLD_FIRST_INO,
  EXT4_ROOT_INO,
} from '../../../linux/fs/ext4/ext4.ts'
import { allocate_tables } from './alloc-tables.ts'
import type { Arguments } from './arguments.ts'
import { close_fs } from './closefs.ts'
import { create_directories } from './directories.ts'
import { parseUuid } from './extended.ts'
import { has, withFeature } from './features.ts'
import {
  bg_has_super,
  descBytes,
  type Fs,
  type Group,
  groupFirst,
  inode_alloc_stats,
  type Write,
  write_inode,
  zeroBlocks,
} from './filesys.ts'
import { initialize } from './initialize.ts'
import { add_journal_inode, figure_journal_size } from './mkjournal.ts'
import { type Device, type Params, parameters } from './parameters.ts'
import { create_resize_inode } from './res-gdt.ts'
import { com_err, EXT2_ET, type Said } from './said.ts'

/** Where numbers count up on a terminal, this is what remains. */
const DONE = 'done                            \n'
const SECTOR = 512
/** Bytes at the end where a RAID would have its mark. */
const END_MARK = 65536
const LINE = 72
/** Bytes that are discarded at once. */
const DISCARD_STEP = 2 ** 31

/** What of the world around decides how a file system looks. */
export interface Chance {
  /** Seconds since 1970. */
  readonly now: number
  uuid(): Uint8Array
}

const uuidText = (uuid: Uint8Array): string => hyphenated([...uuid].map((byte) => hex(byte, 2)).join(''))

function uuidOf(args: Arguments, chance: Chance): Result<Uint8Array, string> {
  const asked = args.uuid?.toLowerCase()
  if (asked === 'null' || asked === 'clear') return ok(new Uint8Array(16))
  if (asked === undefined || asked === 'random') return ok(chance.uuid())
  if (asked === 'time') return err(`${args.program}: -U time is not modelled\n`)
  const uuid = parseUuid(asked)
  return uuid === undefined ? err(`${args.device}: could not parse UUID: ${args.uuid}\n\n`) : ok(uuid)
}

/** "8193, 24577": blocks with a copy of the superblock. */
function backups(fs: Fs): string {
  let text = ''
  let left = 0
  for (let group = 1; group < fs.groupCount; group++) {
    if (!bg_has_super(fs, group)) continue
    const block = String(groupFirst(fs, group))
    if (group !== 1) text += ', '
    if (block.length + 2 > left) {
      text += '\n\t'
      left = LINE
    }
    left -= block.length + 2
    text += block
  }
  return text
}

function details(fs: Fs, args: Arguments, params: Params): string {
  const { blockSize, blocks, reservedBlocks, blocksPerGroup: perGroup } = fs
  const log = Math.log2(blockSize / 1024)
  const [uid, gid] = params.rootOwner
  const most = (fs.reservedGdtBlocks + fs.descBlocks) * (blockSize / descBytes(fs)) * perGroup
  return [
    `Filesystem label=${args.label ?? ''}`,
    'OS type: Linux',
    `Block size=${blockSize} (log=${log})`,
    `Fragment size=${blockSize} (log=${log})`,
    `Stride=${params.stride} blocks, Stripe width=${params.stripeWidth} blocks`,
    `${fs.inodes} inodes, ${blocks} blocks`,
    `${reservedBlocks} blocks (${((100 * reservedBlocks) / blocks).toFixed(2)}%) reserved for the super user`,
    `First data block=${fs.firstDataBlock}`,
    ...(uid !== 0 || gid !== 0 ? [`Root directory owner=${uid}:${gid}`] : []),
    ...(fs.reservedGdtBlocks > 0 ? [`Maximum filesystem blocks=${most}`] : []),
    `${fs.groupCount} block group${fs.groupCount > 1 ? 's' : ''}`,
    `${perGroup} blocks per group, ${perGroup} fragments per group`,
    `${fs.inodesPerGroup} inodes per group`,
    '',
  ].join('\n')
}

function show_stats(fs: Fs, args: Arguments, params: Params, said: Said): void {
  if (!args.verbose)
    said.out += `Creating filesystem with ${fs.blocks} ${fs.blockSize >> 10}k blocks and ${fs.inodes} inodes\n`
  else {
    if (params.blocks !== fs.blocks) said.err += `warning: ${params.blocks - fs.blocks} blocks unused.\n\n`
    said.out += details(fs, args, params)
  }
  if (fs.groupCount === 1) {
    said.out += '\n'
    return
  }
  if (fs.uuid.some((byte) => byte !== 0)) said.out += `Filesystem UUID: ${uuidText(fs.uuid)}\n`
  said.out += `Superblock backups stored on blocks: ${backups(fs)}\n\n`
}

/** Nobody needs what the device holds: first one block, to see whether it discards at all. */
function discard(fs: Fs): void {
  const end = fs.blocks * fs.blockSize
  fs.writes.push({ at: 0, discard: fs.blockSize })
  for (let at = 0; at < end; at += DISCARD_STEP) fs.writes.push({ at, discard: Math.min(DISCARD_STEP, end - at) })
}

/** Old superblocks, boot blocks and marks of RAIDs go first. */
function wipe(fs: Fs): void {
  fs.writes.push({ at: 2 * SECTOR, bytes: new Uint8Array(6 * SECTOR) }, { at: 0, bytes: new Uint8Array(2 * SECTOR) })
  const mark = END_MARK / fs.blockSize
  const aligned = fs.blocks - (fs.blocks % mark)
  const start = aligned > mark ? aligned - mark : aligned
  if (start > 0) zeroBlocks(fs, start, fs.blocks - start)
}

/** `lazy`: only where inodes are; the kernel does the rest one day. `zeroed`: the device holds zeros already. */
function write_inode_tables(fs: Fs, lazy: boolean, zeroed: boolean): void {
  for (const desc of fs.groups as Group[]) {
    const used = (fs.inodesPerGroup - desc.itableUnused) * fs.inodeSize
    if (!lazy || zeroed) desc.flags |= EXT4_BG_INODE_ZEROED
    if (!zeroed) zeroBlocks(fs, desc.inodeTable, lazy ? Math.ceil(used / fs.blockSize) : fs.inodeBlocks)
  }
}

/** They have checksums even if they hold nothing. */
function write_reserved_inodes(fs: Fs): Result<true, string> {
  if (!has(fs.features, 'metadata_csum')) return ok(true)
  if (fs.inodes < EXT4_GOOD_OLD_FIRST_INO - 1)
    return com_err('ext2fs_write_inode_full', EXT2_ET.badInode, 'while writing reserved inodes')
  for (let ino = 1; ino < EXT4_GOOD_OLD_FIRST_INO; ino++) write_inode(fs, ino, {}, false)
  return ok(true)
}

function reserve_inodes(fs: Fs): void {
  for (let ino = EXT4_ROOT_INO + 1; ino < EXT4_GOOD_OLD_FIRST_INO; ino++) inode_alloc_stats(fs, ino, false)
  inode_alloc_stats(fs, EXT4_BAD_INO, false)
  write_inode(fs, EXT4_BAD_INO, { i_atime: fs.now, i_ctime: fs.now, i_mtime: fs.now }, false)
}

/** What a person should know of checksums that are less than they could be. */
function checksumAdvice(fs: Fs): string {
  if (!has(fs.features, 'metadata_csum')) return ''
  const extents = has(fs.features, 'extent')
    ? ''
    : 'Extents are not enabled.  The file extent tree can be checksummed, whereas block maps cannot.  Not enabling extents reduces the coverage of metadata checksumming.  Pass -O extents to rectify.\n'
  const wide = has(fs.features, '64bit')
    ? ''
    : '64-bit filesystem support is not enabled.  The larger fields afforded by this feature enable full-strength checksumming.  Pass -O 64bit to rectify.\n'
  return extents + wide
}

/** Everything in it; the overhead in blocks. */
function fill(fs: Fs, args: Arguments, params: Params, journal: number, say: (text: string) => void) {
  say('Allocating group tables: ')
  const tables = allocate_tables(fs)
  if (!tables.ok) return com_err(args.program, tables.error, 'while trying to allocate filesystem tables')
  say(DONE)
  const overhead = fs.blockMap.taken() + journal + fs.firstDataBlock
  wipe(fs)
  write_inode_tables(fs, params.lazyItableInit || params.prezeroed, params.prezeroed)
  say(`Writing inode tables: ${DONE}`)
  const reserved = write_reserved_inodes(fs)
  if (!reserved.ok) return reserved
  const directories = create_directories(fs, params.rootOwner)
  if (!directories.ok) return directories
  reserve_inodes(fs)
  const resize = has(fs.features, 'resize_inode') ? create_resize_inode(fs) : ok(true)
  if (!resize.ok) return resize
  if (journal === 0) return ok(overhead)
  say(`Creating journal (${journal} blocks): `)
  const added = add_journal_inode(fs, journal, params.lazyJournalInit || params.prezeroed)
  if (!added.ok) return com_err(args.program, added.error, '\n\twhile trying to create journal')
  say('done\n')
  return ok(overhead)
}

/** What has to be written to the device, in this order; or what is complained of. */
export function makeFileSystem(
  args: Arguments,
  device: Device,
  chance: Chance,
  said: Said,
): Result<readonly Write[], string> {
  const asked = parameters(args, device, said)
  if (!asked.ok) return asked
  const params = asked.value
  const uuid = uuidOf(args, chance)
  const empty = initialize(params, { uuid: uuid.ok ? uuid.value : new Uint8Array(16), now: chance.now })
  if (!empty.ok) return com_err(args.device, empty.error, 'while setting up superblock')
  const fs = empty.value
  if (!args.quiet) said.out += checksumAdvice(fs)
  if (has(fs.features, 'metadata_csum_seed') && !has(fs.features, 'metadata_csum')) {
    said.out += 'The metadata_csum_seed feature requires the metadata_csum feature.\n'
    return err('')
  }
  const journal = has(fs.features, 'has_journal') ? figure_journal_size(params, fs, said) : ok(0)
  if (!journal.ok) return journal
  const say = (text: string): void => {
    if (!args.quiet) said.out += text
  }
  if (params.discard && device.discards && !args.noAction) {
    discard(fs)
    say(`Discarding device blocks: ${DONE}`)
  }
  if (params.prezeroed && args.verbose)
    said.out += 'Assuming the storage device is prezeroed - skipping inode table and journal wipe\n'
  if (!uuid.ok) return uuid
  const hashSeed = params.hashSeed?.some((byte) => byte !== 0) === true ? params.hashSeed : chance.uuid()
  if (!args.quiet || args.noAction) show_stats(fs, args, params, said)
  if (args.noAction) return ok([])
  if (journal.value === 0) fs.features = withFeature(fs.features, 'has_journal', false)
  const overhead = fill(fs, args, params, journal.value, say)
  if (!overhead.ok) return overhead
  say('Writing superblocks and filesystem accounting information: ')
  close_fs(fs, params, {
    label: args.label ?? '',
    lastMounted: args.lastMounted ?? '',
    hashSeed,
    overhead: overhead.value,
  })
  say('done\n\n')
  return ok(fs.writes)
}
