/**
 * Where a test's memory lies on the machine: its lines one after another from the region's first byte, the cells of a
 * line in the order in which the program lists them.
 *
 * A *place* is how a person names a byte: `x`, `x+4` (bytes behind x's first), `line0+8` (for what has no name).
 */

import { assert, ensure } from '../../base/assert.ts'
import { type Spa, spa } from '../../base/brand.ts'
import type { LitmusTest, Location } from './test.ts'

const LINE = 64
const CELL = 8

export class Layout {
  private readonly test: LitmusTest
  private readonly base: number
  /** Bytes from the base, by cell. */
  private readonly cells: readonly number[]

  constructor(test: LitmusTest, base: number) {
    this.test = test
    this.base = base
    const used = new Map<number, number>()
    this.cells = test.program.lineOf.map((line) => {
      const word = used.get(line) ?? 0
      assert(word < LINE / CELL, 'at most eight cells share a line')
      used.set(line, word + 1)
      return line * LINE + word * CELL
    })
  }

  /** Address of a byte of a cell. */
  spaOf(cell: number, offset: number): Spa {
    return spa(this.base + ensure(this.cells[cell], 'an access names a cell') + offset)
  }

  lineSpa(line: number): Spa {
    return spa(this.base + line * LINE)
  }

  locationSpa(location: Location): Spa {
    return this.spaOf(location.cell, location.offset)
  }

  /** What the line at `at` holds at first, on media too; undefined outside the test's memory. */
  initial(at: number): Uint8Array | undefined {
    const { program } = this.test
    const line = (at - this.base) / LINE
    if (!program.lineOf.includes(line)) return undefined
    const bytes = new Uint8Array(LINE)
    const view = new DataView(bytes.buffer)
    program.initial.forEach((value, cell) => {
      if (program.lineOf[cell] === line) view.setBigUint64((this.cells[cell] as number) % LINE, value, true)
    })
    return bytes
  }

  /** The location that holds the byte at `at`. */
  at(at: number): { readonly file: string; readonly offset: number } | undefined {
    for (const location of this.test.locations) {
      const offset = at - this.locationSpa(location)
      if (offset >= 0 && offset < location.size) return { file: location.name, offset }
    }
    return undefined
  }

  /** The place of a byte, as short as it can be said. */
  nameOf(at: number): string {
    const inLine = at - this.base
    const { file, offset } = this.at(at) ?? { file: `line${Math.floor(inLine / LINE)}`, offset: inLine % LINE }
    return offset === 0 ? file : `${file}+${offset}`
  }

  /** A place of the line, to name it by: its first location. */
  nameOfLine(line: number): string {
    const first = this.test.locations.find(({ cell }) => this.test.program.lineOf[cell] === line)
    return first === undefined ? `line${line}` : first.name
  }

  /** The byte that a place names; undefined when it is none of the test's memory. */
  find(place: string): Spa | undefined {
    const [, name = '', plus = '0'] = /^(.*?)(?:\+(\d{1,3}))?$/.exec(place) ?? []
    const location = this.test.locations.find((each) => each.name === name)
    const numbered = /^line(\d{1,3})$/.exec(name)?.[1]
    const first =
      location !== undefined
        ? this.locationSpa(location)
        : numbered !== undefined && this.test.program.lineOf.includes(Number(numbered))
          ? this.lineSpa(Number(numbered))
          : undefined
    if (first === undefined) return undefined
    const at = first + Number(plus)
    return this.initial(at - (at % LINE)) === undefined ? undefined : spa(at)
  }
}
