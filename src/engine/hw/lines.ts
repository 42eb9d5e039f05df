/**
 * The 64-byte lines that the machine has touched, numbered densely from 1, with their visible contents.
 *
 * "Visible" is what any core's load returns once store buffers and write-combining buffers are set aside: caches are
 * coherent, so there is exactly one such contents a line.
 */

import { type Spa, spa } from '../../base/brand.ts'
import type { History } from './history.ts'

export interface Home {
  readonly kind: 'dram' | 'nvdimm' | 'hint'
  /** For `nvdimm`: which DIMM, at which DPA (bytes), behind which memory controller. For `hint`: the DIMM it belongs to. */
  readonly dimm: number
  readonly dpa: number
  readonly controller: number
}

export interface AddressMap {
  /** Where the line at `at` lives; undefined when nothing answers there. */
  decode(at: Spa): Home | undefined
  /** What the line holds at first: an image's bytes, a program's data. undefined: zeros. */
  initial(at: Spa): Uint8Array | undefined
}

const NO_BYTES: Readonly<Uint8Array> = new Uint8Array(64)
/** Lines of one page are found through one small table. */
const LINES_A_PAGE = 64

export class Lines {
  private readonly map: AddressMap
  private readonly pages = new Map<number, Int32Array>()
  private lastPage = -1
  private lastTable: Int32Array = new Int32Array(LINES_A_PAGE)
  private readonly spas: number[] = [0]
  private readonly homes: (Home | undefined)[] = [undefined]
  private readonly initials: Uint8Array[] = [NO_BYTES]
  /** Visible bytes of line i at 64 * i. */
  visible = new Uint8Array(64 * 256)
  /** Visible version of line i. */
  head = new Int32Array(256)
  private readonly onNew: (line: number) => void

  constructor(map: AddressMap, onNew: (line: number) => void) {
    this.map = map
    this.onNew = onNew
  }

  get count(): number {
    return this.spas.length - 1
  }

  /** Number of the line that holds byte `at`; 0 when nothing answers at that address. */
  find(at: number): number {
    const page = Math.floor(at / 4096)
    if (page !== this.lastPage) {
      let table = this.pages.get(page)
      if (table === undefined) {
        table = new Int32Array(LINES_A_PAGE)
        this.pages.set(page, table)
      }
      this.lastPage = page
      this.lastTable = table
    }
    const index = (at % 4096) >> 6
    return (this.lastTable[index] as number) || this.create(at, this.lastTable, index)
  }

  /** As `find`, but a line that has not been touched stays so. */
  peek(at: number): number {
    return this.pages.get(Math.floor(at / 4096))?.[(at % 4096) >> 6] ?? 0
  }

  spa(line: number): Spa {
    return spa(this.spas[line] as number)
  }
  home(line: number): Home {
    return this.homes[line] as Home
  }
  initial(line: number): Uint8Array {
    return this.initials[line] as Uint8Array
  }

  /** One more operation is visible, by `step`: its line's contents have a new version. */
  append(history: History, op: number, step: number): number {
    const line = history.line(op)
    const version = history.addVersion(this.head[line] as number, op, step)
    this.head[line] = version
    history.applyTo(this.visible, line * 64, op)
    return version
  }

  private create(at: number, table: Int32Array, index: number): number {
    const start = spa(at - (at % 64))
    const home = this.map.decode(start)
    if (home === undefined) return 0
    const line = this.spas.push(start) - 1
    this.homes.push(home)
    const initial = this.map.initial(start) ?? NO_BYTES
    this.initials.push(initial)
    if (line * 64 >= this.visible.length) {
      const visible = new Uint8Array(this.visible.length * 2)
      visible.set(this.visible)
      this.visible = visible
      const head = new Int32Array(this.head.length * 2)
      head.set(this.head)
      this.head = head
    }
    this.visible.set(initial, line * 64)
    table[index] = line
    this.onNew(line)
    return line
  }
}
