/** What mkfs.ext2 makes; e2fsck is the judge. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { runs } from '../../../../../test/runs.ts'
import { mke2fs } from './mke2fs.ts'

const tools = spawnSync('e2fsck', ['-V']).error === undefined
const folder = mkdtempSync(join(tmpdir(), 'mke2fs-'))
afterAll(() => rmSync(folder, { recursive: true }))
if (!tools) console.warn('e2fsprogs is missing: what mkfs.ext2 makes is not checked')

const MIB = 1 << 20
const made = (size: number, blockSize?: number, inodes?: number) =>
  mke2fs(size, {
    blockSize,
    inodes,
    label: 'log',
    uuid: Uint8Array.from({ length: 16 }, (_, i) => i + 1),
    hashSeed: Uint8Array.from({ length: 16 }, (_, i) => i + 2),
    now: 1_704_067_200,
  })

function judged(size: number, blockSize?: number, inodes?: number): readonly [string, number | null] {
  const found = made(size, blockSize, inodes)
  if (!found.ok) return [found.error, -1]
  const path = join(folder, 'now.img')
  const image = new Uint8Array(size)
  for (const { at, bytes } of found.value.pieces) image.set(bytes, at)
  writeFileSync(path, image)
  const { stdout, stderr, status } = spawnSync('e2fsck', ['-fn', path], { encoding: 'utf8' })
  return [stdout + stderr, status]
}

test.skipIf(!tools).each([
  [MIB, 1024],
  [8 * MIB, undefined],
  [8 * MIB, 2048],
  [8 * MIB, 4096],
  [62 * MIB, 1024],
  [62 * MIB, 4096],
  [100 * MIB + 12_345, 1024],
  [200 * MIB, 2048],
])('%i bytes in blocks of %s are found clean', (size, blockSize) => {
  expect(judged(size, blockSize)).toEqual([expect.stringContaining('Pass 5'), 0])
})

test.skipIf(!tools)('random sizes are made and found clean, or refused in words', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 * MIB }),
      fc.constantFrom(1024, 2048, 4096),
      fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: undefined }),
      (size, blockSize, inodes) => {
        const [said, status] = judged(size, blockSize, inodes)
        if (status !== 0)
          expect([said, status]).toEqual([expect.stringMatching(/Not enough space|too many inodes/), -1])
      },
    ),
    { numRuns: runs(25) },
  )
})

test('a disk that is too small is refused', () => {
  expect(made(10_000)).toMatchObject({ ok: false })
})
