import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boot, run } from '../../../../test/flat-machine.ts'
import { EIO } from '../include/linux/errno.ts'
import {
  type AddressSpaceOperations,
  address_space,
  filemap_read,
  filemap_write_and_wait_range,
  generic_perform_write,
  invalidate_inode_pages2_range,
} from './filemap.ts'

const PAGE = 4096
const SIZE = 4 * PAGE

/** A mapping over bytes that count what is read and written; the pages in `broken` can't be read. */
function over(blocksize: number, broken: readonly number[] = []) {
  const { k } = boot(undefined, {})
  const media = Uint8Array.from({ length: SIZE }, (_, i) => i % 251)
  const reads: number[] = []
  const writes: (readonly [number, number])[] = []
  const a_ops: AddressSpaceOperations = {
    *read_folio(_k, _mapping, index) {
      yield* []
      reads.push(index)
      return broken.includes(index) ? -EIO : media.slice(index * PAGE, (index + 1) * PAGE)
    },
    *writepage(_k, _mapping, { index, bytes }, at) {
      yield* []
      writes.push([index, at])
      media.set(bytes.subarray(at, at + blocksize), index * PAGE + at)
      return 0
    },
  }
  const mapping = address_space(k, { host: undefined, a_ops, blocksize })
  return {
    media,
    reads,
    writes,
    write: (pos: number, bytes: Uint8Array) => run(generic_perform_write(k, mapping, pos, bytes)),
    read: (pos: number, length: number) => {
      const into = new Uint8Array(length)
      const count = run(filemap_read(k, mapping, pos, into))
      return count < 0 ? count : into.subarray(0, count)
    },
    sync: (range = {}) => run(filemap_write_and_wait_range(k, mapping, range)),
    forget: (from: number, to: number) => run(invalidate_inode_pages2_range(k, mapping, from, to)),
    pages: () => mapping.nrpages,
  }
}

test('what was written is read at once, and on media after a write-back: only blocks that were touched', () => {
  const piece = fc.record({ pos: fc.nat(SIZE - 1), bytes: fc.uint8Array({ minLength: 1, maxLength: 2 * PAGE }) })
  fc.assert(
    fc.property(fc.constantFrom(512, 1024, 4096), fc.array(piece, { maxLength: 6 }), (blocksize, pieces) => {
      const { media, writes, write, read, sync } = over(blocksize)
      const expected = media.slice()
      const touched = new Set<string>()
      for (const { pos, bytes } of pieces) {
        const data = bytes.subarray(0, SIZE - pos)
        expect(write(pos, data)).toBe(data.length)
        expected.set(data, pos)
        for (let i = pos; i < pos + data.length; i++)
          touched.add(`${Math.floor(i / PAGE)},${Math.floor((i % PAGE) / blocksize) * blocksize}`)
      }
      expect(read(0, SIZE)).toEqual(expected)
      expect(writes).toEqual([])
      expect(sync()).toBe(0)
      expect(media).toEqual(expected)
      expect(new Set(writes.map(String))).toEqual(touched)
      expect(writes).toHaveLength(touched.size)
      expect(sync()).toBe(0)
      expect(writes).toHaveLength(touched.size)
    }),
  )
})

test('a page is read once, one that is written whole not at all', () => {
  const { reads, write, read } = over(4096)
  write(0, new Uint8Array(PAGE))
  read(0, 2 * PAGE)
  read(PAGE, 1)
  write(2 * PAGE + 1, new Uint8Array(1))
  expect(reads).toEqual([1, 2])
})

test('what can not be read ends a read and a write before it, or fails them', () => {
  const { read, write } = over(4096, [1])
  expect(read(0, 2 * PAGE)).toHaveLength(PAGE)
  expect(read(PAGE, 10)).toBe(-EIO)
  expect(write(PAGE - 1, new Uint8Array(2))).toBe(1)
  expect(write(PAGE + 1, new Uint8Array(2))).toBe(-EIO)
  expect(write(PAGE, new Uint8Array(PAGE))).toBe(PAGE)
})

test('ranges are written back and forgotten by whole pages', () => {
  const { media, writes, write, read, sync, forget, pages } = over(4096)
  write(0, new Uint8Array(3 * PAGE).fill(1))
  sync({ from: PAGE, to: PAGE + 1 })
  expect(writes).toEqual([[1, 0]])
  forget(PAGE, 2 * PAGE)
  expect(pages()).toBe(2)
  media[PAGE] = 9
  expect(read(PAGE, 1)).toEqual(Uint8Array.of(9))
})
