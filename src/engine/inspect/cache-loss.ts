/**
 * What a power failure loses of the page cache: bytes of files and of metadata that nobody has written back. They are no
 * memory of the machine, so their stores are no steps: who wrote which of them is read out of the journal of kernel objects.
 *
 * A block of metadata that a committed transaction holds is in the log: it is not lost, though its own place is old.
 */

import { block_class, type Gendisk } from '../linux/block/genhd.ts'
import type { Cached } from '../linux/include/linux/fs.ts'
import type { Kernel } from '../linux/kernel.ts'
import type { Folio } from '../linux/mm/filemap.ts'
import type { Machine } from '../machine.ts'

const PAGE = 4096

export interface CachedRun {
  /** Of a file, or, `file` undefined, of the metadata of a file system. */
  readonly where: 'page-cache' | 'buffer-cache'
  readonly file?: string
  /** Byte of the file, or of the disk. */
  readonly offset: number
  /** Block of the file system, for metadata. */
  readonly block?: number
  readonly bytes: Uint8Array
  /** What wrote them. */
  readonly step: number
}

/** A page with something that has to be written back, and whose it is. */
interface Page {
  readonly of: Cached
  readonly first: number
  readonly bytes: Uint8Array
  /** Bit n: block n is not on the disk yet. */
  readonly waits: number
  /** Step at which each byte was written last; -1: it is on the disk. */
  readonly writers: Int32Array
  /** As they were at the change that is looked at. */
  state: Record<Flag, number>
}

type Flag = 'dirty' | 'journaled' | 'writeback'
const isFlag = (name: string): name is Flag => name === 'dirty' || name === 'journaled' || name === 'writeback'
const waiting = ({ dirty, journaled, writeback }: Record<Flag, number>): number => dirty | journaled | writeback

/** Right after `step`, neighbouring bytes that one step wrote as one. */
export function cacheLoss(machine: Pick<Machine, 'journal' | 'lives'>, step: number): readonly CachedRun[] {
  const { journal, lives } = machine
  const life = lives.findLast(({ from }) => from <= step)
  if (life === undefined) return []
  const pages = journal.at(step, () => pagesOf(life.kernel))
  if (pages.size === 0) return []
  for (const { step: at, target, name, old, value } of journal.changes(step)) {
    const page = pages.get(target as Folio)
    if (page !== undefined) change(page, at, name, old, value)
  }
  return [...pages.values()].flatMap(runsOf)
}

function pagesOf(k: Kernel): ReadonlyMap<Folio, Page> {
  const pages = new Map<Folio, Page>()
  for (const of of [...(k.options.vfs?.cached(k) ?? []), ...rawDisks(k)])
    for (const group of of.mapping.groups.values())
      for (const folio of group) {
        if (folio === undefined || waiting(folio) === 0) continue
        pages.set(folio, {
          of,
          first: folio.index * PAGE,
          bytes: folio.bytes,
          waits: waiting(folio),
          writers: new Int32Array(PAGE).fill(-1),
          state: { dirty: 0, journaled: 0, writeback: 0 },
        })
      }
  return pages
}

/** Disks that programs write to by themselves; what is in RAM anyway is lost anyway. */
function rawDisks(k: Kernel): readonly Cached[] {
  const mounted = new Set((k.options.vfs?.cached(k) ?? []).map(({ mapping }) => mapping))
  const named = (disk: Gendisk): string => {
    const device = k.options.dm?.devices(k).find((each) => each.disk === disk)
    return device === undefined ? `/dev/${disk.disk_name}` : `/dev/mapper/${device.name}`
  }
  return block_class(k).flatMap((disk) =>
    [disk.part0, ...disk.part_tbl].flatMap(({ bd_mapping: mapping, bd_device, bd_partno, bd_nr_sectors }) => {
      if (mapping === undefined || mounted.has(mapping) || /^ram\d/.test(disk.disk_name)) return []
      const file = bd_partno === 0 ? named(disk) : `/dev/${bd_device.name}`
      return [{ mapping, file, size: bd_nr_sectors * 512, blocksize: mapping.blocksize }]
    }),
  )
}

function change(page: Page, step: number, name: string, old: unknown, value: unknown): void {
  const { writers, of, state } = page
  if (name === 'written' && Array.isArray(value)) writers.fill(step, value[0], value[1])
  else if (name === 'bytes' && of.file === undefined && old instanceof Uint8Array && value instanceof Uint8Array) {
    for (let i = 0; i < PAGE; i++) if (old[i] !== value[i]) writers[i] = step
  } else if (isFlag(name) && typeof value === 'number') {
    const before = { ...state }
    state[name] = value
    // What has left the transaction is in the log, what waits for nothing is in its place.
    const done = (before.journaled & ~state.journaled) | (waiting(before) & ~waiting(state))
    for (let block = 0; block * of.blocksize < PAGE; block++)
      if ((done >> block) & 1) writers.fill(-1, block * of.blocksize, (block + 1) * of.blocksize)
  }
}

function runsOf({ of, first, bytes, waits, writers }: Page): readonly CachedRun[] {
  const { file, size, blocksize } = of
  const runs: CachedRun[] = []
  const end = Math.min(PAGE, size - first)
  const isLost = (at: number): boolean =>
    (writers[at] as number) >= 0 && ((waits >> Math.floor(at / blocksize)) & 1) === 1
  for (let at = 0; at < end; ) {
    const from = at
    const step = writers[at] as number
    if (!isLost(at++)) continue
    // Bytes of metadata are told block by block.
    const limit = file === undefined ? from - (from % blocksize) + blocksize : end
    while (at < Math.min(limit, end) && writers[at] === step && isLost(at)) at++
    const offset = first + from
    const own = { offset, bytes: bytes.slice(from, at), step }
    if (file !== undefined) runs.push({ where: 'page-cache', file, ...own })
    else runs.push({ where: 'buffer-cache', block: Math.floor(offset / blocksize), ...own })
  }
  return runs
}
