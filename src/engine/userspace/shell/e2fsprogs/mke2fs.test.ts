/**
 * What mke2fs makes and says, beside what the real one of the same release makes and says on a file of the same size;
 * e2fsck is the judge of both.
 *
 * Of a terminal only what remains of a line is compared. Left out of the images: how many KiB were written.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { type DmMachine, dmMachine } from '../../../../../test/dm-machine.ts'
import { run } from '../../../../../test/flat-machine.ts'
import { runs } from '../../../../../test/runs.ts'
import { view } from '../../../../base/bytes.ts'
import { decode, encode } from '../../../../base/layout.ts'
import { EXT4_SUPER_MAGIC, EXT4_SUPER_OFFSET, ext4_super_block } from '../../../linux/fs/ext4/ext4.ts'
import { sys_close, sys_openat } from '../../../linux/fs/open.ts'
import { sys_pread64, sys_pwrite64 } from '../../../linux/fs/read_write.ts'
import { crc32c_le } from '../../../linux/lib/crc32.ts'
import { parseArguments } from './arguments.ts'
import { parseUuid } from './extended.ts'
import type { Write } from './filesys.ts'
import { makeFileSystem } from './image.ts'
import { Said } from './said.ts'

const RELEASE = '1.47.0'
const found = spawnSync('mke2fs', ['-V'], { encoding: 'utf8' })
const tools = found.error === undefined && found.stderr.includes(RELEASE) && existsSync('/etc/mke2fs.conf')
if (!tools) console.warn(`mke2fs ${RELEASE} is missing: what mke2fs makes is not compared`)

const folder = mkdtempSync(join(tmpdir(), 'mke2fs-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'disk')
const MIB = 1 << 20
const UUID = '01234567-89ab-cdef-0123-456789abcdef'
const O_WRONLY = 1
const NOW = 1_704_067_200

const [S_MAGIC] = ext4_super_block.fields.s_magic
const [S_CHECKSUM] = ext4_super_block.fields.s_checksum

interface Made {
  readonly status: number | null
  readonly out: string
  readonly err: string
  /** Nothing where nothing was made. */
  readonly image: Uint8Array | undefined
}

/** What a terminal shows in the end. */
const shown = (text: string): string =>
  text
    .split('\n')
    .map((line) => {
      const cells: string[] = []
      let at = 0
      for (const char of line) {
        if (char === '\b') at--
        else cells[at++] = char
      }
      return cells.join('').trimEnd()
    })
    .join('\n')

/** The same every time: the seed of hashes, and the UUID unless the line has one. */
function wordsOf(line: string): readonly [program: string, args: readonly string[]] {
  const [program = '', ...given] = line.split(' ')
  const at = given.indexOf('-E')
  const extended = [
    'nodiscard',
    'lazy_itable_init=1',
    `hash_seed=${UUID}`,
    ...(at < 0 ? [] : given.splice(at, 2).slice(1)),
  ]
  const uuid = given.includes('-U') ? [] : ['-U', UUID]
  return [program, ['-E', extended.join(','), ...uuid, ...given.map((word) => (word === 'DISK' ? path : word))]]
}

function real(line: string, size: number, now = NOW, before = new Uint8Array(0)): Made {
  const [program, args] = wordsOf(line)
  writeFileSync(path, before)
  truncateSync(path, size)
  const { status, stdout, stderr } = spawnSync('mke2fs', args, {
    argv0: program,
    encoding: 'latin1',
    env: { ...process.env, E2FSPROGS_FAKE_TIME: String(now) },
  })
  return { status, out: shown(stdout), err: stderr, image: status === 0 ? readFileSync(path) : undefined }
}

function applied(writes: readonly Write[], size: number): Uint8Array {
  const image = new Uint8Array(size)
  for (const write of writes) {
    if (write === 'fsync') continue
    if ('bytes' in write) image.set(write.bytes, write.at)
    else if ('zeros' in write) image.fill(0, write.at, write.at + write.zeros)
  }
  return image
}

function ours(line: string, size: number): Made {
  const [program, args] = wordsOf(line)
  const said = new Said()
  const device = {
    size,
    logicalSector: 0,
    physicalSector: 0,
    minimumIo: 0,
    optimalIo: 0,
    alignmentOffset: 0,
    dax: false,
    discards: false,
  }
  const uuid = (): Uint8Array => parseUuid(UUID) as Uint8Array
  const asked = parseArguments(program, args, said)
  const made =
    asked.ok && asked.value !== undefined ? makeFileSystem(asked.value, device, { now: NOW, uuid }, said) : asked
  return {
    status: made.ok ? 0 : 1,
    out: shown(said.out),
    err: said.err + (made.ok ? '' : made.error),
    image: made.ok ? applied(made.value as readonly Write[], size) : undefined,
  }
}

const checksumOf = (block: Uint8Array): number => crc32c_le(0xffff_ffff, block.subarray(0, S_CHECKSUM))

/** No superblock says how many KiB were written; those with a checksum that is right have one that is right again. */
function withoutCount(image: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(image)
  for (let at = EXT4_SUPER_OFFSET; at < bytes.length; at += 1024) {
    if (view(bytes).getUint16(at + S_MAGIC, true) !== EXT4_SUPER_MAGIC) continue
    const block = bytes.subarray(at, at + 1024)
    const right = decode(ext4_super_block, block).s_checksum === checksumOf(block)
    encode(ext4_super_block, { s_kbytes_written: 0 }, block)
    if (right) encode(ext4_super_block, { s_checksum: checksumOf(block) }, block)
  }
  return bytes
}

/** The first bytes that differ, in hexadecimal: nobody wants to read an image. */
function differences(image: Uint8Array | undefined, wanted: Uint8Array | undefined): readonly string[] {
  if (image === undefined || wanted === undefined) return image === wanted ? [] : ['only one was made']
  const [a, b] = [withoutCount(image), withoutCount(wanted)]
  if (Buffer.compare(a, b) === 0) return []
  const places: string[] = []
  for (let at = 0; at < a.length && places.length < 8; at++)
    if (a[at] !== b[at]) places.push(`${at.toString(16)}: ${a[at]?.toString(16)} ${b[at]?.toString(16)}`)
  return places
}

/** What e2fsck says of an image that it would mend. */
function complaint(image: Uint8Array): string {
  writeFileSync(path, image)
  const { stdout, stderr, status } = spawnSync('e2fsck', ['-fn', path], { encoding: 'utf8' })
  return status === 0 ? '' : stdout + stderr
}

function compare(line: string, size: number): Made {
  const theirs = real(line, size)
  const made = ours(line, size)
  expect([made.out, made.err, made.status], line).toEqual([theirs.out, theirs.err, theirs.status])
  expect(differences(made.image, theirs.image), line).toEqual([])
  if (made.image !== undefined && !line.includes(' -n ')) expect(complaint(made.image), line).toBe('')
  return made
}

const KIB = 1024
const bytesOf = (text: string): number => Number.parseInt(text, 10) * (text.endsWith('K') ? KIB : MIB)

describe.skipIf(!tools)('the real mke2fs makes the same, byte for byte, and says the same', () => {
  test.each(
    `
    64K   mkfs.ext2 -b 1024 -N 16 DISK
    100K  mkfs.ext2 -N 32 DISK
    256K  mkfs.ext2 -I 128 DISK
    1M    mkfs.ext2 DISK
    1M    mkfs.ext2 -b 4096 DISK
    1M    mkfs.ext3 DISK
    1M    mkfs.ext4 DISK
    2M    mkfs.ext3 DISK
    2M    mkfs.ext4 DISK
    2M    mkfs.ext4 -b 4096 DISK
    3M    mkfs.ext4 -b 1024 -i 1024 DISK
    4M    mkfs.ext2 -b 2048 -m 0 DISK
    4M    mkfs.ext4 -b 4096 -O ^has_journal DISK
    5M    mkfs.ext3 -b 1024 DISK
    7M    mkfs.ext4 -O ^metadata_csum DISK
    8M    mke2fs DISK
    8M    mke2fs -j DISK
    8M    mke2fs -t ext4 DISK
    8M    mkfs.ext2 -b 4096 -N 64 DISK
    8M    mkfs.ext4 -O ^metadata_csum,uninit_bg DISK
    8M    mkfs.ext4 -O ^extent,^64bit DISK
    8M    mkfs.ext4 -O ^resize_inode DISK
    8M    mkfs.ext4 -O metadata_csum_seed DISK
    8M    mkfs.ext4 -O ^flex_bg,^64bit,^huge_file DISK
    8M    mkfs.ext4 -O none DISK
    8M    mkfs.ext2 -O ^sparse_super,^resize_inode DISK
    8M    mkfs.ext4 -O meta_bg,^resize_inode DISK
    8M    mkfs.ext2 -O ^filetype,^dir_index,^ext_attr DISK
    8M    mkfs.ext4 -L label -M /mnt/somewhere DISK
    8M    mkfs.ext4 -L longer-than-a-label-may-be DISK
    8M    mkfs.ext4 -U 00112233-4455-6677-8899-aabbccddeeff DISK
    8M    mkfs.ext4 -U clear DISK
    8M    mkfs.ext4 -e panic DISK
    8M    mkfs.ext4 -e remount-ro -q DISK
    8M    mkfs.ext4 -v DISK
    8M    mkfs.ext4 -n DISK
    8M    mkfs.ext4 -F -F DISK 4096
    8M    mkfs.ext4 DISK 6M
    12M   mkfs.ext4 -E lazy_itable_init=0 DISK
    12M   mkfs.ext4 -E lazy_journal_init=1 DISK
    12M   mkfs.ext4 -E assume_storage_prezeroed=1 DISK
    12M   mkfs.ext4 -v -E assume_storage_prezeroed=1,lazy_itable_init=0 DISK
    12M   mkfs.ext4 -n -v -E assume_storage_prezeroed=1 DISK
    12M   mkfs.ext4 -E root_owner=12:34 DISK
    12M   mkfs.ext4 -E stride=4,stripe_width=16 DISK
    12M   mkfs.ext4 -E stride=4,stripe_width=17 DISK
    12M   mkfs.ext2 -E stride=4 DISK
    12M   mkfs.ext2 -E resize=64M DISK
    12M   mkfs.ext4 -E test_fs DISK
    16M   mkfs.ext4 DISK
    16M   mkfs.ext4 -J size=1 DISK
    16M   mkfs.ext4 -J size=4 DISK
    16M   mkfs.ext4 -b 2048 -I 128 DISK
    16M   mkfs.ext4 -b 2048 -I 512 DISK
    16M   mkfs.ext3 -b 4096 -J size=4 DISK
    16M   mkfs.ext4 -g 1024 DISK
    16M   mkfs.ext4 -g 1024 -G 4 -b 1024 DISK
    16M   mkfs.ext2 -g 256 DISK
    16M   mkfs.ext4 -T news DISK
    16M   mkfs.ext4 -T largefile DISK
    16M   mkfs.ext4 -m 12.5 DISK
    20M   mkfs.ext3 -b 1024 -i 2048 DISK
    32M   mkfs.ext4 -b 1024 -O ^extent,^64bit DISK
    33M   mkfs.ext2 DISK
    48M   mkfs.ext4 -O ^flex_bg DISK
    48M   mkfs.ext4 -b 1024 -O meta_bg,^resize_inode,^flex_bg DISK
    64M   mkfs.ext2 DISK
    64M   mkfs.ext2 -b 4096 DISK
    64M   mkfs.ext3 DISK
    64M   mkfs.ext4 DISK
    64M   mkfs.ext4 -b 2048 DISK
    64M   mkfs.ext4 -b 4096 DISK
    64M   mkfs.ext4 -b 4096 -N 1000 -J size=8 DISK
    64M   mkfs.ext4 -v -b 1024 DISK
  `
      .trim()
      .split(/\n\s*/),
  )('%s', (row) => {
    const [size = '', ...words] = row.split(/\s+/)
    expect(compare(words.join(' '), bytesOf(size)).image).toBeDefined()
  })

  test.each(
    `
    16K   mkfs.ext2 DISK
    20K   mkfs.ext4 DISK
    64K   mkfs.ext2 DISK
    64K   mkfs.ext4 -b 4096 DISK
    64K   mkfs.ext2 -N 1000 DISK
    8M    mkfs.ext4
    8M    mkfs.ext4 DISK 4096 more
    8M    mkfs.ext4 DISK none
    8M    mkfs.ext4 DISK 0
    8M    mkfs.ext4 -b 1000 DISK
    8M    mkfs.ext4 -b 512 DISK
    8M    mkfs.ext4 -b 8192 DISK
    8M    mkfs.ext4 -b 131072 DISK
    8M    mkfs.ext4 -i 100 DISK
    8M    mkfs.ext4 -I 100 DISK
    8M    mkfs.ext4 -I 8192 DISK
    8M    mkfs.ext4 -I some DISK
    8M    mkfs.ext4 -N some DISK
    8M    mkfs.ext4 -N 100000000 DISK
    8M    mkfs.ext4 -m 51 DISK
    8M    mkfs.ext4 -m -1 DISK
    8M    mkfs.ext4 -g 100 DISK
    8M    mkfs.ext4 -g 8 DISK
    8M    mkfs.ext4 -G 3 DISK
    8M    mkfs.ext4 -e shrug DISK
    8M    mkfs.ext4 -O sparkle DISK
    8M    mkfs.ext4 -O ^sparse_super DISK
    8M    mkfs.ext4 -O meta_bg DISK
    8M    mkfs.ext4 -O ^extent DISK
    8M    mkfs.ext2 -O metadata_csum_seed DISK
    8M    mkfs.ext4 -t ext4 -t ext3 DISK
    8M    mkfs.ext4 -t nothing DISK
    8M    mkfs.ext4 -U nothing DISK
    8M    mkfs.ext4 -J size=100 DISK
    8M    mkfs.ext4 -J size=8 DISK
    8M    mkfs.ext4 -J size=0x DISK
    8M    mkfs.ext4 -J colour=red DISK
    8M    mkfs.ext4 -E colour=red DISK
    8M    mkfs.ext4 -E stride=x DISK
    8M    mkfs.ext4 -E resize=4M DISK
    8M    mkfs.ext4 -E root_owner=me DISK
    8M    mkfs.ext4 -x DISK
    8M    mkfs.ext4 DISK -b
  `
      .trim()
      .split(/\n\s*/),
  )('or refuses the same in the same words: %s', (row) => {
    const [size = '', ...words] = row.split(/\s+/)
    expect(compare(words.join(' '), bytesOf(size)).image).toBeUndefined()
  })

  test('2288 KiB with 8193 inodes have groups that are made smaller after the last was left out', () => {
    expect(compare('mkfs.ext2 -N 8193 DISK', 2288 * KIB).image).toBeDefined()
  })

  test('whatever the size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 24 * KIB }),
        fc.constantFrom('mkfs.ext2', 'mkfs.ext3', 'mkfs.ext4'),
        fc.constantFrom('', '-b 1024 ', '-b 2048 ', '-b 4096 '),
        fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: undefined }),
        (kib, program, blockSize, inodes) => {
          compare(`${program} ${blockSize}${inodes === undefined ? '' : `-N ${inodes} `}DISK`, kib * KIB)
        },
      ),
      { numRuns: runs(40) },
    )
  })
})

/** The bytes of a disk from its first. */
function bytesOn({ k }: DmMachine, name: string, size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  const fd = run(sys_openat(k, name, 0))
  expect(run(sys_pread64(k, fd, bytes, 0))).toBe(size)
  run(sys_close(k, fd))
  return bytes
}

function write({ k }: DmMachine, name: string, bytes: Uint8Array): void {
  const fd = run(sys_openat(k, name, O_WRONLY))
  expect(run(sys_pwrite64(k, fd, bytes, 0))).toBe(bytes.length)
  run(sys_close(k, fd))
}

describe('on a machine', () => {
  test.skipIf(!tools).each(['ram0', 'pmem0'])('%s holds what the real one makes, whatever was there before', (disk) => {
    const m = dmMachine()
    const size = 8 * MIB
    const before = Uint8Array.from({ length: size }, (_, i) => i % 251)
    write(m, `/dev/${disk}`, before)
    const line = 'mkfs.ext4 -q -b 4096 -N 64 DISK 2048'
    const [program, args] = wordsOf(line)
    const command = [program, ...args].join(' ').replace(path, `/dev/${disk}`)
    expect(m.sh(command)).toEqual(['', 0])
    const image = bytesOn(m, `/dev/${disk}`, size)
    const { s_mkfs_time } = decode(ext4_super_block, image.subarray(EXT4_SUPER_OFFSET))
    expect(complaint(image)).toBe('')
    expect(differences(image, real(line, size, s_mkfs_time, before).image)).toEqual([])
  })

  test('each run has another UUID', () => {
    const { sh } = dmMachine()
    const uuid = (): string => {
      const [said] = sh('mkfs.ext2 /dev/ram0')
      return /UUID: (.*)/.exec(said)?.[1] ?? ''
    }
    const first = uuid()
    expect(first).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(uuid()).not.toBe(first)
  })

  test('a device that discards is discarded first, unless nobody wants that', () => {
    const m = dmMachine()
    m.create('log', '0 16384 log-writes /dev/pmem0 /dev/pmem1')
    const discarded = (options: string): readonly [boolean, number] => {
      const before = m.bios.length
      const [said, status] = m.sh(`mkfs.ext2 ${options} /dev/mapper/log`)
      expect(status).toBe(0)
      const bios = m.bios.slice(before).filter(({ disk, bio }) => disk === 'dm-0' && bio.op === 'discard')
      return [said.includes('Discarding device blocks: done'), bios.reduce((sum, { bio }) => sum + bio.nr_sectors, 0)]
    }
    expect(discarded('')).toEqual([true, 16384 + 2])
    expect(discarded('-E nodiscard')).toEqual([false, 0])
    expect(discarded('-n')).toEqual([false, 0])
  })

  const BANNER = 'mke2fs 1.47.0 (5-Feb-2023)\n'
  test.each([
    ['mkfs.ext4', /^Usage: mkfs.ext4 \[-c\|-l filename\]/],
    ['mke2fs -V', `${BANNER}\tUsing EXT2FS Library version 1.47.0\n`],
    ['mkfs.ext4 /dev/nope', `${BANNER}The file /dev/nope does not exist and no size was specified.\n`],
    ['mkfs.ext4 /dev/null', /Device size reported to be zero/],
    ['mkfs.ext4 /dev/ram0 1G', /^Proceed anyway\? \(y,N\) \n.*Filesystem larger than apparent device size\.\n$/s],
    ['mkfs.ext4 -d /tmp /dev/ram0', 'mkfs.ext4: -d is not modelled\n'],
    ['mkfs.ext4 -O bigalloc /dev/ram0', `${BANNER}mkfs.ext4: the feature bigalloc is not modelled\n`],
    [
      'mkfs.ext4 /dev/pmem1',
      `${BANNER}/dev/pmem1 is apparently in use by the system; will not make a filesystem here!\n`,
    ],
    ['mkfs.ext2 -n -b 1024 /dev/pmem0 8M', /\/dev\/pmem0 is capable of DAX but current block size 1024 is different/],
  ])('%s', (command, text) => {
    const m = dmMachine()
    m.create('over', '0 2048 linear /dev/pmem1 0')
    const [said] = m.sh(command)
    if (typeof text === 'string') expect(said).toBe(text)
    else expect(said).toMatch(text)
  })
})
