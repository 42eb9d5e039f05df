/**
 * imc/memory-controller.ts: where lines go that leave the caches: through a write-pending queue to NVDIMM media, or to
 * DRAM, whose queue nobody can tell apart.
 *
 * Media hold version numbers too: one cell a line, made when the line is first touched.
 */

import type { Cells } from '../../sim/cells.ts'
import type { Recorder } from '../../sim/recorder.ts'
import type { Lines } from '../lines.ts'
import { WPQ_LINE, WPQ_VERSION, Wpq } from './wpq.ts'

export class MemoryControllers {
  readonly wpqs: readonly Wpq[]
  private readonly cells: Cells
  private readonly recorder: Recorder
  private readonly lines: () => Lines
  private readonly mediaCells: number[] = [0]

  constructor(
    config: { readonly controllers: number; readonly wpq: number },
    cells: Cells,
    recorder: Recorder,
    lines: () => Lines,
  ) {
    this.cells = cells
    this.recorder = recorder
    this.lines = lines
    this.wpqs = Array.from({ length: config.controllers }, () => new Wpq(cells, config.wpq, 2))
  }

  /** A line is touched for the first time. */
  addLine(): void {
    this.mediaCells.push(this.cells.allocate(1))
  }

  /** Cell that holds the version on media (DRAM lines: in memory). */
  mediaCell(line: number): number {
    return this.mediaCells[line] as number
  }

  media(line: number): number {
    return this.cells.get(this.mediaCell(line))
  }

  /** Wait until the line's memory controller can take one more entry. */
  makeRoom(line: number): void {
    const home = this.lines().home(line)
    if (home.kind === 'nvdimm' && this.wpqs[home.controller]?.full) this.drain(home.controller, 0)
  }

  /** The memory controller takes the line: from here on ADR saves it. The caller has made room. */
  accept(line: number, version: number): void {
    const home = this.lines().home(line)
    if (home.kind === 'nvdimm') this.wpqs[home.controller]?.push(line, version)
    else this.cells.set(this.mediaCell(line), version)
  }

  /** WPQ → media. */
  drain(controller: number, entry: number): void {
    const wpq = this.wpqs[controller] as Wpq
    const line = wpq.get(entry, WPQ_LINE)
    const version = wpq.get(entry, WPQ_VERSION)
    wpq.remove(entry)
    this.cells.set(this.mediaCell(line), version)
    this.recorder.hardware('wpq-drain', controller, line, version)
  }

  /** Everything that the queues hold for one DIMM goes to its media: what a flush-hint store asks for. */
  drainDimm(dimm: number): void {
    for (let controller = 0; controller < this.wpqs.length; controller++) {
      const wpq = this.wpqs[controller] as Wpq
      for (let entry = 0; entry < wpq.count; )
        if (this.lines().home(wpq.get(entry, WPQ_LINE)).dimm === dimm) this.drain(controller, entry)
        else entry++
    }
  }
}
