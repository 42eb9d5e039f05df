/** What a file system will be: what was asked for, /etc/mke2fs.conf and the device together. Refuses what can't be. */

import { err, ok, type Result } from '../../../../base/result.ts'
import {
  EXT4_ERRORS_CONTINUE,
  EXT4_GOOD_OLD_INODE_SIZE,
  EXT4_MIN_DESC_SIZE,
  EXT4_MIN_DESC_SIZE_64BIT,
} from '../../../linux/fs/ext4/ext4.ts'
import { type Arguments, parse_num_blocks2 } from './arguments.ts'
import { badOptions, type Extended, parse_extended_opts } from './extended.ts'
import { edit_feature, type Features, has, withFeature } from './features.ts'
import { BASE_FEATURES, featuresOf, isDefined, numberOf, usageOf } from './profile.ts'
import type { Said } from './said.ts'

const PAGE = 4096
const MAX_32_NUM = 2 ** 32 - 1
const DEFAULT_RESERVED = 5
const DEFAULT_FLEX = 16
/** Nobody answers, so it is no. */
const PROCEED = 'Proceed anyway? (y,N) \n'

/** What mke2fs asks of a device; sizes in bytes, 0 where there is none. */
export interface Device {
  readonly size: number
  readonly logicalSector: number
  readonly physicalSector: number
  readonly minimumIo: number
  readonly optimalIo: number
  readonly alignmentOffset: number
  readonly dax: boolean
  readonly discards: boolean
}

export interface Params extends Extended {
  readonly features: Features
  /** Bytes. */
  readonly blockSize: number
  readonly blocks: number
  readonly reservedBlocks: number
  /** 0: what a bitmap has bits for. */
  readonly blocksPerGroup: number
  readonly inodes: number
  readonly inodeSize: number
  readonly logGroupsPerFlex: number
  /** Of the tables of groups, for growth; 0: the usual number. */
  readonly reservedGdtBlocks: number
  readonly errors: number
  readonly journalSize: number
}

const int_log2 = (n: number): number => Math.floor(Math.log2(n))

/** The kind of file system and what it is used for. */
function parse_fs_type(args: Arguments, blocks: number, blockSize: number, said: Said): Result<string[], string> {
  const called = /^mkfs\.(.+)$/.exec(args.program)?.[1]
  const type = args.type ?? called ?? (args.journalSize !== 0 ? 'ext3' : 'ext2')
  if (!isDefined(type) && type !== 'ext2') {
    said.out += `\nYour mke2fs.conf file does not define the ${type} filesystem type.\n`
    if (args.force === 0) {
      said.out += 'Aborting...\n'
      return err('')
    }
  }
  const types = [type]
  for (const each of (args.usage ?? usageOf(blocks, 2 ** 20 / blockSize)).split(',')) {
    if (each === '') continue
    if (isDefined(each)) types.push(each)
    else if (each !== 'default') said.err += `\nWarning: the fs_type ${each} is not defined in mke2fs.conf\n\n`
  }
  return ok(types)
}

function featuresWanted(args: Arguments, types: readonly string[]): Result<Features, string> {
  let features: Result<Features, string> = ok({ compat: 0, incompat: 0, ro_compat: 0 })
  for (const text of [BASE_FEATURES, ...featuresOf(types), args.features ?? ''])
    if (features.ok) features = edit_feature(args.program, text, features.value)
  return features
}

/** Bytes of a block. */
function blockSizeOf(args: Arguments, device: Device, types: readonly string[], said: Said): Result<number, string> {
  if (args.blockSize <= 0) {
    const usual = numberOf(types, 'blocksize')
    return ok(Math.max(usual === -1 ? PAGE : usual, device.logicalSector, -args.blockSize))
  }
  if (args.blockSize < device.logicalSector)
    return err(`${args.program}: Invalid argument while setting blocksize; too small for device\n\n`)
  if (args.blockSize < device.physicalSector && device.physicalSector <= PAGE)
    said.err += `Warning: specified blocksize ${args.blockSize} is less than device physical sectorsize ${device.physicalSector}\n`
  return ok(args.blockSize)
}

/** Strides of the device, in blocks; and what there is to say of it. */
function geometryOf(args: Arguments, device: Device, blockSize: number, said: Said) {
  const { minimumIo, alignmentOffset } = device
  const optimal = device.optimalIo === 0 ? minimumIo : device.optimalIo
  if (alignmentOffset !== 0)
    said.out += `${args.device} alignment is offset by ${alignmentOffset} bytes.\nThis may result in very poor performance, (re)-partitioning suggested.\n`
  if (device.dax && blockSize !== PAGE)
    said.err += `${args.device} is capable of DAX but current block size ${blockSize} is different from system page size ${PAGE} so filesystem will not support DAX.\n`
  return {
    stride: minimumIo > blockSize ? Math.floor(minimumIo / blockSize) : 0,
    stripeWidth: optimal > blockSize ? Math.floor(optimal / blockSize) : 0,
  }
}

/** Blocks to reserve so that the tables of groups can grow to a file system of `resize` blocks. */
function reservedFor(
  { resize }: Extended,
  args: Arguments,
  blockSize: number,
  blocks: number,
  features: Features,
): Result<number, string> {
  if (resize === undefined) return ok(0)
  const most = parse_num_blocks2(resize, int_log2(blockSize / 1024))
  if (most <= 0) return badOptions(`Invalid resize parameter: ${resize}\n`, '')
  if (most <= blocks) return badOptions('The resize maximum must be greater than the filesystem size.\n', '')
  const perGroup = args.blocksPerGroup || blockSize * 8
  const perBlock = blockSize / (has(features, '64bit') ? EXT4_MIN_DESC_SIZE_64BIT : EXT4_MIN_DESC_SIZE)
  const tables = (n: number): number => Math.ceil(Math.ceil(n / perGroup) / perBlock)
  return ok(Math.min(tables(most) - tables(blocks), blockSize / 4))
}

/** Combinations of features that nobody can have; a complaint. */
function contradiction(program: string, features: Features): string | undefined {
  if (has(features, 'meta_bg') && has(features, 'resize_inode'))
    return 'The resize_inode and meta_bg features are not compatible.\nThey can not be both enabled simultaneously.\n'
  if (has(features, 'resize_inode') && !has(features, 'sparse_super'))
    return `${program}: reserved online resize blocks not supported on non-sparse filesystem\n`
  return undefined
}

function logFlexOf(args: Arguments, features: Features): Result<number, string> {
  const flex = has(features, 'flex_bg')
  if (args.flexSize > 0 && !flex)
    return err(`${args.program}: Flex_bg feature not enabled, so flex_bg size may not be specified\n`)
  return ok(flex ? int_log2(args.flexSize || DEFAULT_FLEX) : 0)
}

function inodeSizeOf(args: Arguments, types: readonly string[], blockSize: number): Result<number, string> {
  const size = args.inodeSize || numberOf(types, 'inode_size')
  if (size < EXT4_GOOD_OLD_INODE_SIZE || size > blockSize || !Number.isInteger(Math.log2(size)))
    return err(`${args.program}: invalid inode size ${size} (min ${EXT4_GOOD_OLD_INODE_SIZE}/max ${blockSize})\n`)
  return ok(size)
}

function inodesOf(
  args: Arguments,
  features: Features,
  { blocks, blockSize, ratio, inodeSize }: { blocks: number; blockSize: number; ratio: number; inodeSize: number },
): Result<number, string> {
  const { program } = args
  if (args.inodes > MAX_32_NUM) return err(`${program}: too many inodes (${args.inodes}), specify < 2^32 inodes\n`)
  const usual = Math.floor((blocks * blockSize) / ratio)
  if (args.inodes === 0 && usual > MAX_32_NUM && !has(features, '64bit'))
    return err(`${program}: too many inodes (${usual}), raise inode ratio?\n`)
  const inodes = args.inodes || Math.min(usual, MAX_32_NUM)
  if (inodes * inodeSize >= blocks * blockSize)
    return err(
      `${program}: inode_size (${inodeSize}) * inodes_count (${inodes}) too big for a\n\tfilesystem with ${blocks} blocks, specify higher inode_ratio (-i)\n\tor lower inode count (-N).\n\n`,
    )
  return ok(inodes)
}

/** Blocks of the device, of the size that is said or of 1 KiB, as far as whole pages go; or as many as were asked for. */
function blocksWanted(args: Arguments, device: Device, unit: number, said: Said): Result<number, string> {
  if (args.blocksCount !== undefined) {
    const blocks = parse_num_blocks2(args.blocksCount, int_log2(unit / 1024))
    if (args.force > 0 || blocks * unit <= device.size) return ok(blocks)
    said.out += PROCEED
    return err(`${args.program}: Filesystem larger than apparent device size.\n`)
  }
  const blocks = Math.floor(device.size / unit)
  if (blocks === 0)
    return err(`${args.program}: Device size reported to be zero.  Invalid partition specified, or
	partition table wasn't reread after running fdisk, due to
	a modified partition being busy and in use.  You may need to reboot
	to re-read your partition table.

`)
  return ok(unit < PAGE ? blocks - (blocks % (PAGE / unit)) : blocks)
}

/** PRS() of mke2fs. */
export function parameters(args: Arguments, device: Device, said: Said): Result<Params, string> {
  const { program } = args
  const unit = args.blockSize > 0 ? 1024 * 2 ** int_log2(args.blockSize >> 10) : 1024
  const wanted = blocksWanted(args, device, unit, said)
  if (!wanted.ok) return wanted
  const types = parse_fs_type(args, wanted.value, unit, said)
  if (!types.ok) return types
  const asked = featuresWanted(args, types.value)
  if (!asked.ok) return asked
  let features = asked.value
  const size = blockSizeOf(args, device, types.value, said)
  if (!size.ok) return size
  const blocks = args.blockSize > 0 ? wanted.value : Math.floor(wanted.value / Math.floor(size.value / 1024))
  const blockSize = args.blockSize > 0 ? unit : size.value
  if (blocks > MAX_32_NUM && has(features, '64bit')) features = withFeature(features, 'resize_inode', false)
  if (blocks > MAX_32_NUM && !has(features, '64bit'))
    return err(
      `${program}: Size of device (0x${blocks.toString(16)} blocks) ${args.device} too big to be expressed\n\tin 32 bits using a blocksize of ${blockSize}.\n`,
    )
  if (args.verbose)
    said.out += `fs_types for mke2fs.conf resolution: ${types.value.map((each) => `'${each}'`).join(', ')}\n`
  if (args.journalSize !== 0) features = withFeature(features, 'has_journal')
  if (has(features, '64bit') && !has(features, 'extent')) {
    said.out += 'Extents MUST be enabled for a 64-bit filesystem.  Pass -O extents to rectify.\n'
    return err('')
  }
  const ratio = args.inodeRatio || Math.max(numberOf(types.value, 'inode_ratio'), blockSize)
  const strides = geometryOf(args, device, blockSize, said)
  if (blockSize > PAGE && args.force === 0) {
    said.out += PROCEED
    return err(`${program}: ${blockSize}-byte blocks too big for system (max ${PAGE})\n`)
  }
  if (blockSize > PAGE)
    said.err += `Warning: ${blockSize}-byte blocks too big for system (max ${PAGE}), forced to continue\n`
  const extended = parse_extended_opts(program, args.extended, strides, said)
  if (!extended.ok) return extended
  const reservedGdt = reservedFor(extended.value, args, blockSize, blocks, features)
  if (!reservedGdt.ok) return reservedGdt
  if (reservedGdt.value > 0) features = withFeature(features, 'resize_inode')
  if (has(features, 'metadata_csum')) features = withFeature(features, 'uninit_bg', false)
  const contrary = contradiction(program, features)
  if (contrary !== undefined) return err(contrary)
  const { blocksPerGroup } = args
  if (blocksPerGroup !== 0 && (blocksPerGroup < 256 || blocksPerGroup > 8 * blockSize))
    return err(`${program}: blocks per group count out of range\n`)
  const logFlex = logFlexOf(args, features)
  if (!logFlex.ok) return logFlex
  const inodeSize = inodeSizeOf(args, types.value, blockSize)
  if (!inodeSize.ok) return inodeSize
  if (inodeSize.value === EXT4_GOOD_OLD_INODE_SIZE && !types.value.includes('hurd'))
    said.out += `${inodeSize.value}-byte inodes cannot handle dates beyond 2038 and are deprecated\n`
  const inodes = inodesOf(args, features, { blocks, blockSize, ratio, inodeSize: inodeSize.value })
  if (!inodes.ok) return inodes
  return ok({
    ...extended.value,
    features,
    blockSize,
    blocks,
    reservedBlocks: Math.floor(((args.reservedRatio < 0 ? DEFAULT_RESERVED : args.reservedRatio) * blocks) / 100),
    blocksPerGroup,
    inodes: inodes.value,
    inodeSize: inodeSize.value,
    logGroupsPerFlex: logFlex.value,
    reservedGdtBlocks: Math.max(reservedGdt.value, 0),
    errors: args.errors || EXT4_ERRORS_CONTINUE,
    journalSize: args.journalSize,
  })
}
