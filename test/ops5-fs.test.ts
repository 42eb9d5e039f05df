/**
 * File operations on ext4 with direct access, beside what a real Linux 6.1 called for them: the functions that groundtruth
 * ops5-fs and ops5m-fs traced, in their order, in the task that asked; of the journal's thread, what it flushed.
 */

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { asm_exc_page_fault, translate } from '../src/engine/linux/arch/x86/mm/fault.ts'
import { EXT4_DAX_FL } from '../src/engine/linux/fs/ext4/ext4.ts'
import { EXT4_I } from '../src/engine/linux/fs/ext4/sb.ts'
import { ext2_fs_type, ext3_fs_type, ext4_fs_type } from '../src/engine/linux/fs/ext4/super.ts'
import { sys_fallocate, sys_truncate, vfs } from '../src/engine/linux/fs/mounted.ts'
import { sys_close, sys_openat } from '../src/engine/linux/fs/open.ts'
import { sys_pread64, sys_pwrite64 } from '../src/engine/linux/fs/read_write.ts'
import { mounts } from '../src/engine/linux/fs/super.ts'
import { sys_fdatasync, sys_fsync, sys_sync, sys_sync_file_range } from '../src/engine/linux/fs/sync.ts'
import { rwbs } from '../src/engine/linux/include/linux/blk_types.ts'
import {
  __O_SYNC,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  FALLOC_FL_ZERO_RANGE,
  is_dir,
  O_CREAT,
  O_DIRECT,
  O_DSYNC,
  O_RDWR,
} from '../src/engine/linux/include/linux/fs.ts'
import { newProcess } from '../src/engine/linux/kernel/fork.ts'
import { timekeeping_advance } from '../src/engine/linux/kernel/time/timekeeping.ts'
import { contextFor, type Kernel } from '../src/engine/linux/kernel.ts'
import { sys_mmap, sys_munmap } from '../src/engine/linux/mm/mmap.ts'
import { sys_msync } from '../src/engine/linux/mm/msync.ts'
import type { Op } from '../src/engine/sim/kfunc.ts'
import { wholeShell } from '../src/engine/userspace/shell/whole.ts'
import { wholeNvdimm } from '../src/engine/whole-nvdimm.ts'
import { boot, run } from './flat-machine.ts'
import { Guest } from './guest.ts'
import { capturedTable } from './nfit-tables.ts'

interface Step {
  readonly command?: string
  readonly rc?: number
  readonly dmesg?: readonly string[]
  readonly say?: string
  readonly trace?: string
  readonly tasks?: Readonly<Record<string, readonly string[]>>
}

const captures: Readonly<Record<string, readonly Step[]>> = JSON.parse(
  gunzipSync(readFileSync(new URL('fixtures/groundtruth/ops5-fs.json.gz', import.meta.url))).toString(),
)

/** Functions of the trace that are modelled under their own names; bios stand between them. */
const TRACED = new Set([
  '__copy_user_flushcache',
  '__memcpy_flushcache',
  'arch_wb_cache_pmem',
  'blkdev_issue_flush',
  'clean_cache_range',
  'dax_copy_from_iter',
  'dax_finish_sync_fault',
  'dax_flush',
  'dax_iomap_fault',
  'dax_iomap_rw',
  'dax_writeback_mapping_range',
  'nvdimm_flush',
  'generic_nvdimm_flush',
  'pmem_dax_direct_access',
  'pmem_do_read',
  'pmem_do_write',
  'pmem_submit_bio',
])

/** Without reads of metadata, which another start of the cache would not need, and without huge pages that fell back. */
function comparable(all: readonly string[]): readonly string[] {
  const known = (name: string): boolean => TRACED.has(name) || name.startsWith('bio ') || name.includes('_fault')
  const names = all.filter(known)
  const kept: string[] = []
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string
    if (/^bio RA?M$/.test(name)) {
      while (['pmem_submit_bio', 'pmem_do_read'].includes(names[i + 1] ?? '')) i++
      continue
    }
    if (name === 'dax_iomap_fault' && names[i + 1] === 'dax_pmd_fault' && names[i + 2]?.endsWith('FALLBACK')) {
      i += 2
      continue
    }
    if (TRACED.has(name) || name.startsWith('bio ')) kept.push(name)
    else if (name.includes('_fault_done ')) kept.push(`fault ${name.replace(/.* (MAJOR\|)?/, '')}`)
  }
  return kept
}

/** Ours, with the tracer's words for what faults came to. */
function told(names: readonly string[]): readonly string[] {
  const said: string[] = []
  for (const [i, name] of names.entries()) {
    if (name === 'dax_iomap_pmd_fault') {
      const end = names.indexOf('dax_iomap_fault', i)
      const own = names.slice(i, end < 0 ? undefined : end)
      if (own.includes('vmf_insert_pfn_pmd')) continue
      said.push('dax_pmd_fault', 'dax_pmd_fault_done FALLBACK')
    } else if (name.startsWith('vmf_insert_') && names[i - 1] !== 'dax_insert_pfn_mkwrite')
      said.push('dax_pte_fault_done NOPAGE')
    else if (name === 'dax_finish_sync_fault') said.push('dax_pte_fault_done NEEDDSYNC', name)
    else said.push(name)
  }
  return said
}

/** Flushes of the journal's thread, and how its last bio was marked. */
const flushes = (names: readonly string[]): readonly [number, string | undefined] => [
  names.filter((name) => name === 'nvdimm_flush').length,
  names.findLast((name) => name.startsWith('bio ')),
]

const LOST_AND_FOUND = 11

const SYNC =
  'sync: there a kworker wrote inodes and some of the metadata, and the commit was over its flush when sync asked again; here the task does all of it'

/** Traces that differ, and why. */
const EXPLAINED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'ops5-fs': { 'ext4-dax-21-sync': SYNC },
  'ops5m-fs-persistence-mem-ctrl': {
    'ext4-dax-11-mapsync-newblock-store jbd2':
      'there the journal committed once more, by its timer, beside ext4lazyinit, which zeroes tables of inodes in the background; it is not modelled',
    'ext4-dax-21-sync': SYNC,
  },
}

/** What the administrator did where the capture has only a headline. */
const SAID: Readonly<Record<string, readonly string[]>> = {
  'dax write_cache = 0': ['echo 0 > /sys/block/pmem0/dax/write_cache'],
  'queue write through': [
    'echo 1 > /sys/block/pmem0/dax/write_cache',
    'echo "write through" > /sys/block/pmem0/queue/write_cache',
  ],
  'other mount options': ['echo "write back" > /sys/block/pmem0/queue/write_cache'],
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1 << 20 }
const size = (text = '0'): number => {
  const [, digits, unit = ''] = /^(\d+)([km]?)$/.exec(text) ?? []
  return Number(digits) * (UNITS[unit] ?? Number.NaN)
}

/** Run an operation, and hear which task called what. */
function listen<R>(op: Op<R>, heard: (comm: string, name: string) => void): R {
  return run(op, (name, record) => heard((record.context as Kernel).current.comm, name))
}

class Machine {
  readonly k: Kernel
  readonly dmesg: readonly string[]
  private readonly booted: ReturnType<typeof boot>
  private readonly shell = wholeShell.console()
  private heard = new Map<string, string[]>()
  private current = ''

  constructor() {
    this.booted = boot(capturedTable('a-1nvdimm-nolabel/NFIT.bin'), {
      ...wholeNvdimm,
      vfs,
      filesystems: [ext4_fs_type, ext3_fs_type, ext2_fs_type],
      onBio: (bio, stripped) => {
        const queued = stripped ? { ...bio, preflush: false, fua: false } : bio
        if (!stripped || bio.nr_sectors > 0) this.hear(this.current, `bio ${rwbs(queued)}`)
      },
    })
    this.k = this.booted.k
    this.dmesg = this.booted.dmesg
    const uuid = '00000001-1111-4222-8333-444444444444'
    expect(new Guest(this.k).reconfigure('region0', 'namespace0.0', { mode: 'fsdax', map: 'mem', uuid })).toBe(0)
  }

  private hear(comm: string, name: string): void {
    this.current = comm
    this.heard.set(comm, [...(this.heard.get(comm) ?? []), name])
  }

  private do<R>(op: Op<R>): R {
    return listen(op, (comm, name) => {
      // Bios are heard when they are handed over, functions when they are called.
      this.current = comm
      if (name === 'submit_bio_noacct') return
      this.hear(comm, name)
    })
  }

  sh(text: string): number {
    return run(this.shell.run(this.k, text, () => undefined))
  }

  /** mkdir; chattr +x, whose request is not modelled. */
  daxFolder(path: string, file: string): void {
    this.sh(`mkdir ${path}`)
    for (const inode of mounts(this.k)[0]?.mnt_sb.s_inodes.values() ?? [])
      if (inode.i_ino > LOST_AND_FOUND && is_dir(inode)) EXT4_I(inode).i_flags |= EXT4_DAX_FL
    this.trace(`xfs_io -f -c pwrite 0 4k ${path}/${file}`)
  }

  /** What each task called for a command of the capture. */
  trace(command: string): ReadonlyMap<string, readonly string[]> {
    timekeeping_advance(this.k, 300_000_000n)
    this.heard = new Map()
    const [program = '', ...words] = command.split(' ')
    const task = newProcess(this.k, program)
    const k = contextFor(this.k, this.k.cpu, task, 0)
    if (program === 'sync') this.do(sys_sync(k))
    else this.xfs_io(k, words)
    return this.heard
  }

  /** The commands of xfs_io that the capture has. */
  private xfs_io(k: Kernel, words: readonly string[]): void {
    const path = words.at(-1) as string
    const flags = words.slice(0, words.indexOf('-c')).join('')
    const text = words.slice(words.indexOf('-c') + 1, -1).join(' ')
    const more =
      (flags.includes('f') ? O_CREAT : 0) |
      (flags.includes('d') ? O_DIRECT : 0) |
      (flags.includes('s') ? __O_SYNC | O_DSYNC : 0)
    const fd = this.do(sys_openat(k, path, O_RDWR | more, 0o600))
    expect(fd).toBeGreaterThan(0)
    let at = 0
    for (const command of text.split(' -c ')) {
      const rc = this.one(k, fd, path, command.split(' '), at)
      if (command.startsWith('mmap')) at = rc
    }
    this.do(sys_close(k, fd))
    for (const { start, end } of k.current.mm?.mmap ?? []) run(sys_munmap(k, start, end - start))
  }

  private one(k: Kernel, fd: number, path: string, [name, ...args]: readonly string[], at: number): number {
    const [option, from, length] = args[0]?.startsWith('-') === true ? args : ['', ...args]
    switch (name) {
      case 'pwrite':
        return this.do(sys_pwrite64(k, fd, new Uint8Array(size(length)).fill(0xcd), size(from)))
      case 'pread':
        return this.do(sys_pread64(k, fd, new Uint8Array(size(length)), size(from)))
      case 'fsync':
        return this.do(sys_fsync(k, fd))
      case 'fdatasync':
        return this.do(sys_fdatasync(k, fd))
      case 'falloc':
        return this.do(sys_fallocate(k, fd, 0, size(from), size(length)))
      case 'fzero':
        return this.do(sys_fallocate(k, fd, FALLOC_FL_ZERO_RANGE, size(from), size(length)))
      case 'fpunch':
        return this.do(sys_fallocate(k, fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, size(from), size(length)))
      case 'truncate':
        return this.do(sys_truncate(k, path, size(from)))
      case 'mmap':
        return this.do(sys_mmap(k, 0, size(length), 3, option === '-S' ? 0x80003 : 1, fd, size(from)))
      case 'msync':
        return this.do(sys_msync(k, at + size(from), size(length), option === '-a' ? 1 : 4))
      case 'sync_range':
        return this.do(sys_sync_file_range(k, fd, size(from), size(length), 2))
      case 'mread':
      case 'mwrite':
        for (let va = at + size(from); va < at + size(from) + size(length); va += 4096)
          while (translate(k, va, name === 'mwrite') === undefined)
            expect(this.do(asm_exc_page_fault(k, va, name === 'mwrite'))).toBe(0)
        return 0
      default:
        throw new Error(`${name}: not a command of the capture`)
    }
  }
}

describe.each(Object.keys(captures))('%s', (name) => {
  test('every operation on ext4 calls what a real kernel called', () => {
    const m = new Machine()
    const differences: Record<string, unknown> = {}
    let compared = 0
    for (const step of captures[name] ?? []) {
      if (step.say?.startsWith('raw-mode') === true) break
      if (step.say !== undefined) {
        m.sh('umount /mnt')
        for (const command of SAID[step.say] ?? []) expect(m.sh(command)).toBe(0)
        continue
      }
      if (step.trace === undefined) {
        m.sh('umount /mnt')
        const before = m.dmesg.length
        m.sh(step.command as string)
        if (step.command?.includes('dax=inode') === true) m.daxFolder('/mnt/d', 'x')
        const said = m.dmesg.slice(before).filter((line) => line.includes('EXT4'))
        if (JSON.stringify(said) !== JSON.stringify(step.dmesg ?? []))
          differences[step.command as string] = [step.dmesg, said]
        continue
      }
      const mine = m.trace(step.command as string)
      compared++
      const program = step.command?.split(' ')[0] as string
      const real = comparable(step.tasks?.[program] ?? [])
      const ours = comparable(told(mine.get(program) ?? []))
      if (JSON.stringify(real) !== JSON.stringify(ours)) differences[step.trace] = { real, ours }
      const journal = flushes(step.tasks?.['jbd2/pmem0-8'] ?? [])
      const journalOurs = flushes(mine.get('jbd2/pmem0-8') ?? [])
      if (JSON.stringify(journal) !== JSON.stringify(journalOurs))
        differences[`${step.trace} jbd2`] = [journal, journalOurs]
    }
    expect(Object.keys(differences)).toEqual(Object.keys(EXPLAINED[name] ?? {}))
    expect(compared).toBeGreaterThan(30)
    const why = Object.entries(EXPLAINED[name] ?? {})
    const said = why.map(([trace, reason]) => `${trace}: ${reason}`).join('; ')
    console.log(`${name}: ${compared - why.length} of ${compared} traces equal. ${said}`)
  })
})
