/** A machine to make mapped devices on: pmem0 and pmem1 of 512 MiB in mode fsdax, a RAM disk ram0, and a shell. */

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { block_class, type Gendisk } from '../src/engine/linux/block/genhd.ts'
import { brd } from '../src/engine/linux/drivers/block/brd.ts'
import { type DaxDevice, dax_get_by_host } from '../src/engine/linux/drivers/dax/super.ts'
import { device_mapper } from '../src/engine/linux/drivers/md/dm-ioctl.ts'
import { sys_close, sys_openat } from '../src/engine/linux/fs/open.ts'
import { sys_write } from '../src/engine/linux/fs/read_write.ts'
import { sys_fsync } from '../src/engine/linux/fs/sync.ts'
import { type Bio, SECTOR_SIZE } from '../src/engine/linux/include/linux/blk_types.ts'
import type { KernelOptions } from '../src/engine/linux/kernel.ts'
import type { Console } from '../src/engine/userspace/shell/shell.ts'
import { wholeShell } from '../src/engine/userspace/shell/whole.ts'
import { type Booted, boot, run } from './flat-machine.ts'
import { Guest } from './guest.ts'
import { capturedTable } from './nfit-tables.ts'

const RAM_SECTORS = 131072

export interface DmMachine extends Booted {
  /** What a command prints on both streams, and its status. */
  sh(text: string): readonly [string, number]
  /** `dmsetup create NAME`, the table on standard input. */
  create(name: string, ...table: readonly string[]): readonly [string, number]
  readonly guest: Guest
  disk(name: string): Gendisk
  dax(name: string): DaxDevice
  /** Bios that disks were handed, since the boot. */
  readonly bios: readonly { readonly disk: string; readonly bio: Bio; readonly stripped: boolean }[]
}

export interface Capture {
  readonly columns: readonly string[]
  readonly steps: readonly Step[]
  readonly print: Readonly<Record<string, string>>
  readonly sysfs: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly slaves: Readonly<Record<string, readonly string[]>>
}

export interface Step {
  readonly rc: number
  readonly create?: string
  readonly table?: readonly string[]
  readonly shows?: readonly string[]
  readonly disk?: string
  readonly queue?: readonly string[]
  readonly said?: readonly string[]
  readonly log?: readonly string[]
  readonly write?: string
  readonly text?: string
  readonly now?: string
  readonly trace?: string
  readonly dd?: string
  readonly ext4?: string
  readonly calls?: Readonly<Record<string, number>>
}

export const capture: Capture = JSON.parse(
  gunzipSync(readFileSync(new URL('./fixtures/groundtruth/ops4-dm.json.gz', import.meta.url))).toString(),
)

/** `fsdax: false`: raw namespaces. */
export function dmMachine(
  release = 'v6.1',
  fsdax = true,
  more: Partial<Omit<KernelOptions, 'release'>> = {},
): DmMachine {
  const bios: { disk: string; bio: Bio; stripped: boolean }[] = []
  const booted = boot(capturedTable('ops4-dm/NFIT.bin'), {
    release,
    dm: device_mapper,
    ...more,
    onBio: (bio, stripped) => bios.push({ disk: bio.bi_bdev.bd_disk.disk_name, bio, stripped }),
  })
  const { k } = booted
  const guest = new Guest(k)
  if (fsdax) toFsdax(guest)
  run(brd([RAM_SECTORS * SECTOR_SIZE]).init(k))
  const shell: Console = wholeShell.console()
  const sh = (text: string): readonly [string, number] => {
    let output = ''
    const status = run(
      shell.run(k, text, (more) => {
        output += more
      }),
    )
    return [output, status]
  }
  return {
    ...booted,
    guest,
    bios,
    sh,
    create: (name, ...table) => sh(`printf '${table.map((line) => `${line}\\n`).join('')}' | dmsetup create ${name}`),
    disk(name) {
      const found = block_class(k).find(({ disk_name }) => disk_name === name)
      if (found === undefined) throw new Error(`no disk ${name}`)
      return found
    },
    dax(name) {
      const found = dax_get_by_host(k, name)
      if (found === undefined) throw new Error(`no dax device ${name}`)
      return found
    },
  }
}

/** Both namespaces, as the capture has them. */
export function toFsdax(guest: Guest): void {
  const uuid = (digit: number): string => `${digit}1111111-1111-1111-1111-111111111111`
  const ways = [
    ['region0', 'dev'],
    ['region1', 'mem'],
  ] as const
  for (const [i, [region, map]] of ways.entries()) {
    const rc = guest.reconfigure(region, region.replace('region', 'namespace').concat('.0'), {
      mode: 'fsdax',
      map,
      uuid: uuid(i + 1),
    })
    if (rc !== 0) throw new Error(`${region}: ${rc}`)
  }
}

const O_WRONLY = 1
const O_DIRECT = 0o40000
const O_SYNC = 0o4010000

/** `dd` of zeros into the start of a file: how often each kernel function was called. */
export function dd({ k }: DmMachine, command: string): Readonly<Record<string, number>> {
  const calls: Record<string, number> = {}
  const called = (name: string): void => {
    calls[name] = (calls[name] ?? 0) + 1
  }
  const option = (name: string): string => new RegExp(`\\b${name}=(\\S+)`).exec(command)?.[1] ?? ''
  const flags = option('oflag').split(',')
  const mode = O_WRONLY | (flags.includes('direct') ? O_DIRECT : 0) | (flags.includes('sync') ? O_SYNC : 0)
  const fd = run(sys_openat(k, option('of'), mode), called)
  const rc = run(sys_write(k, fd, new Uint8Array(Number(option('bs')))), called)
  if (rc < 0) throw new Error(`write: ${rc}`)
  if (option('conv') === 'fsync') run(sys_fsync(k, fd), called)
  run(sys_close(k, fd), called)
  return calls
}
