/** What user space does to a booted kernel through sysfs, in the order in which ndctl 76.1 does it. */

import { all_devices } from '../src/engine/linux/drivers/base/core.ts'
import { encode_index, NSINDEX_HEAD } from '../src/engine/linux/drivers/nvdimm/label_bytes.ts'
import { nvdimm_num_label_slots, sizeof_namespace_index } from '../src/engine/linux/drivers/nvdimm/label_valid.ts'
import { path_lookup } from '../src/engine/linux/fs/namei.ts'
import { sysfs_lookup } from '../src/engine/linux/fs/sysfs/dir.ts'
import { type File, file, O_DIRECT } from '../src/engine/linux/include/linux/fs.ts'
import { LABEL_WORD, type LabelArea } from '../src/engine/linux/include/linux/libnvdimm.ts'
import { async_synchronize_full } from '../src/engine/linux/kernel/async.ts'
import type { Kernel } from '../src/engine/linux/kernel.ts'
import { run } from './flat-machine.ts'

const ND = '/sys/bus/nd/devices'

export interface CreateOptions {
  readonly mode: 'raw' | 'fsdax' | 'devdax' | 'sector'
  readonly map?: 'mem' | 'dev'
  /** Bytes. */
  readonly size?: number
  readonly name?: string
  readonly uuid: string
  /** Of the info block; ndctl draws it. */
  readonly inner?: string
  readonly sectorSize?: number
  readonly align?: number
}

export class Guest {
  readonly k: Kernel

  constructor(k: Kernel) {
    this.k = k
  }

  /** 0 or a negative error number; -2: no such file. */
  write(path: string, text: string): number {
    const store = sysfs_lookup(this.k, path)?.store
    if (store === undefined) return -2
    const rc = run(store(this.k, `${text}\n`))
    run(async_synchronize_full(this.k))
    return rc
  }

  read(path: string): string | undefined {
    const shown = sysfs_lookup(this.k, path)?.show?.()
    return typeof shown === 'number' ? undefined : shown
  }

  nd(device: string, attribute: string): string | undefined {
    return this.read(`${ND}/${device}/${attribute}`)
  }

  set(device: string, attribute: string, text: string): number {
    return this.write(`${ND}/${device}/${attribute}`, text)
  }

  bind(device: string, driver: string): number {
    return this.write(`/sys/bus/nd/drivers/${driver}/bind`, device)
  }

  unbind(device: string): number {
    const driver = ['nd_pmem', 'dax_pmem', 'nd_region', 'nvdimm'].find(
      (name) => this.write(`/sys/bus/nd/drivers/${name}/unbind`, device) === 0,
    )
    return driver === undefined ? -19 : 0
  }

  /** Read a disk's device file: the bytes, or a negative error number. `called` hears the kernel's functions. */
  readDisk(name: string, pos: number, length: number, called?: (fn: string) => void): Uint8Array | number {
    const into = new Uint8Array(length)
    const opened = this.device(name)
    const rc = opened?.f_op.read === undefined ? -2 : run(opened.f_op.read(this.k, opened, into, pos), called)
    return rc < 0 ? rc : into.subarray(0, rc)
  }

  /** Bytes written, or a negative error number. */
  writeDisk(name: string, pos: number, bytes: Uint8Array, flags = 0, called?: (fn: string) => void): number {
    const opened = this.device(name, flags)
    return opened?.f_op.write === undefined ? -2 : run(opened.f_op.write(this.k, opened, bytes, pos), called)
  }

  /** Past the page cache. */
  private device(name: string, flags = 0): File | undefined {
    const found = path_lookup(this.k, `/dev/${name}`)
    return found && file.create(this.k.journal, { path: `/dev/${name}`, flags: flags | O_DIRECT, pos: 0, ...found })
  }

  /** Names of the namespaces, lowest first. */
  namespaces(): readonly string[] {
    const names = [...all_devices(this.k)].map(({ name }) => name)
    return names.filter((name) => /^namespace\d+\.\d+$/.test(name)).sort()
  }

  /** `ndctl create-namespace`: the first namespace when it is idle, else the seed. */
  create(region: string, options: CreateOptions): number {
    const first = region.replace('region', 'namespace')
    const idle = this.nd(`${first}.0`, 'size') === '0' && this.nd(`${first}.0`, 'uuid') === ''
    const ns = idle ? `${first}.0` : (this.nd(region, 'namespace_seed') ?? '')
    return this.setup(region, ns, options)
  }

  /** `ndctl create-namespace -f -e`. */
  reconfigure(region: string, ns: string, options: CreateOptions): number {
    const rc = this.release(ns)
    return rc === 0 ? this.setup(region, ns, options) : rc
  }

  /** `ndctl destroy-namespace -f`. */
  destroy(ns: string): number {
    const rc = this.release(ns)
    return rc === 0 ? this.set(ns, 'size', '0') : rc
  }

  /** Disable it and take away what it was meant for. */
  private release(ns: string): number {
    this.disable(ns)
    const rc = this.set(ns, 'holder_class', '')
    return this.nd(ns, 'nstype') === '4' ? 0 : rc
  }

  /** `ndctl disable-namespace`: the personality goes too. */
  disable(ns: string): void {
    const holder = this.nd(ns, 'holder')
    if (holder !== undefined && holder !== '') {
      this.unbind(holder)
      this.set(holder, 'namespace', '')
    }
    this.unbind(ns)
  }

  private setup(region: string, ns: string, options: CreateOptions): number {
    const { mode, map = 'dev', size, name = '', uuid, inner = uuid, sectorSize, align = 0x20_0000 } = options
    const labelled = this.nd(ns, 'nstype') === '5'
    const blockSize = sectorSize ?? (mode === 'sector' ? 4096 : 512)
    const steps: (readonly [string, string, string])[] = []
    if (labelled) {
      steps.push([ns, 'uuid', uuid], [ns, 'alt_name', name])
      if (size !== undefined) steps.push([ns, 'size', String(size)])
      // Not before v4.13.
      const sized = this.nd(ns, 'sector_size') !== undefined
      if (sized && (mode !== 'sector' || blockSize === 512 || blockSize === 4096))
        steps.push([ns, 'sector_size', String(mode === 'sector' ? blockSize : 512)])
    }
    for (const [device, attribute, text] of steps) {
      const rc = this.set(device, attribute, text)
      if (rc !== 0) return rc
    }
    const classes = { raw: '', fsdax: 'pfn', devdax: 'dax', sector: 'btt' } as const
    this.set(ns, 'holder_class', classes[mode])
    if (mode === 'raw') return this.bind(ns, 'nd_pmem')
    const seed = this.nd(region, `${classes[mode]}_seed`) ?? ''
    const settings: (readonly [string, string])[] =
      mode === 'sector'
        ? [
            ['uuid', inner],
            ['sector_size', String(blockSize)],
            ['namespace', ns],
          ]
        : [
            ['uuid', inner],
            ['mode', map === 'dev' ? 'pmem' : 'ram'],
            ['align', String(align)],
            ['namespace', ns],
          ]
    for (const [attribute, text] of settings) {
      const rc = this.set(seed, attribute, text)
      if (rc !== 0) return rc
    }
    return this.bind(seed, mode === 'devdax' ? 'dax_pmem' : 'nd_pmem')
  }
}

/** Overwrite a label area from its start, as `ndctl write-labels` does. */
export function writeArea(area: LabelArea, bytes: Uint8Array): void {
  const old = area.read(0, area.size)
  for (let at = 0; at < area.size; at += LABEL_WORD) {
    const piece = new Uint8Array(LABEL_WORD)
    piece.set(bytes.subarray(at, at + LABEL_WORD))
    if (piece.some((byte, i) => byte !== old[at + i])) area.writeWord(at, piece)
  }
}

/** `ndctl init-labels`: labels of 128 bytes are v1.1, of 256 bytes v1.2. What stands behind the bitmap stays. */
export function initLabels(area: LabelArea, labelSize: number): void {
  const size = sizeof_namespace_index(area.size, labelSize)
  const nslot = nvdimm_num_label_slots(area.size, labelSize)
  const bytes = area.read(0, area.size)
  for (const i of [0, 1]) {
    const block = bytes.slice(i * size, (i + 1) * size)
    // Whole words of the bitmap say free, also behind the last slot (the kernel clears those).
    block.fill(0xff, NSINDEX_HEAD, NSINDEX_HEAD + Math.ceil(nslot / 64) * 8)
    bytes.set(encode_index(block, i, 3 - i, nslot, labelSize), i * size)
  }
  writeArea(area, bytes)
}
