/**
 * From a witness of the exhaustive search to a schedule of the machine on the screen that ends the same way
 * (persistency.md §7: how the concrete machine refines the abstract one).
 *
 * A store takes effect when it drains; a movnt when it drains and its write-combining buffer is handed over at once; a
 * clflush when it drains; an sfence when it is done. A clwb or clflushopt does its work at once, unless the image holds
 * older contents than it would write: then no fence of its thread follows, and it stays in the store buffer. What an
 * image holds of a line is written back right after the step that made it, and nothing newer is.
 */

import { ensure } from '../../base/assert.ts'
import { err, ok, type Result } from '../../base/result.ts'
import type { Model } from '../explore/model.ts'
import type { Instruction } from '../explore/program.ts'
import type { Transition, Witness } from '../explore/witness.ts'
import { Layout } from './layout.ts'
import { type Choice, printChoice } from './schedule.ts'
import type { LitmusTest } from './test.ts'

/** The schedule's text; the reason when the machine on the screen cannot end so. */
export const scheduleOf = (test: LitmusTest, witness: Witness, model: Model): Result<string, string> =>
  new Translation(test, witness, model).run()

const INITIAL = -1

const ONE_SNAPSHOT = 'a line reaches media as one snapshot here: its words cannot be of different moments'
const VISIBLE_IS_DURABLE = 'a movnt that others can see has reached the memory controller here: it cannot be lost'
const FAILED_CAS_FENCES = 'a compare-and-swap is a full barrier here even when it fails'

class Translation {
  private readonly test: LitmusTest
  private readonly witness: Witness
  private readonly model: Model
  private readonly layout: Layout
  private readonly choices: Choice[] = []
  /** By line, the transition that made its newest contents. */
  private readonly newest = new Map<number, number>()

  constructor(test: LitmusTest, witness: Witness, model: Model) {
    this.test = test
    this.witness = witness
    this.model = model
    this.layout = new Layout(test, 0)
  }

  run(): Result<string, string> {
    const image = this.imageOfLines()
    if (image === undefined) return err(ONE_SNAPSHOT)
    for (const [at, transition] of this.witness.transitions.entries()) {
      const instruction = this.instructionOf(transition)
      const problem =
        transition.kind === 'issue'
          ? this.issue(at, transition, instruction)
          : this.effect(at, transition, instruction, image)
      if (problem !== undefined) return err(problem)
      const line = this.written(transition, instruction)
      if (line === undefined) continue
      this.newest.set(line, at)
      const kept = image.get(line)
      if (kept === undefined) continue
      if (instruction.op === 'movnt' || instruction.op === 'movdir64b') {
        if (kept < at) return err(VISIBLE_IS_DURABLE)
      } else if (kept === at) this.choices.push({ kind: 'write-back', place: this.layout.nameOfLine(line) })
    }
    if (this.test.when !== 'final') this.choices.push({ kind: 'power-off' })
    return ok(this.choices.map(printChoice).join(' '))
  }

  private instructionOf({ thread, pc }: Transition): Instruction {
    return ensure(this.test.program.threads[thread]?.code[pc], 'a witness names instructions of the program')
  }

  /** The line that a transition gives new contents, if any. */
  private written({ kind }: Transition, instruction: Instruction): number | undefined {
    const { lineOf } = this.test.program
    switch (instruction.op) {
      case 'store':
      case 'movnt':
        return kind === 'effect' ? lineOf[instruction.at.cell] : undefined
      case 'movdir64b':
        return kind === 'effect' ? instruction.line : undefined
      case 'rmw':
      case 'cas':
        return lineOf[instruction.at.cell]
      default:
        return undefined
    }
  }

  /** The transition whose contents the image holds, by line; undefined when its words are of different moments. */
  private imageOfLines(): ReadonlyMap<number, number> | undefined {
    const { chosen } = this.witness
    const image = new Map<number, number>()
    if (chosen === undefined || this.test.when === 'eadr') return image
    const { lineOf } = this.test.program
    if (this.model.unit === 'line') for (const [line, at] of chosen.entries()) image.set(line, at)
    else
      for (const [cell, at] of chosen.entries())
        image.set(lineOf[cell] as number, Math.max(at, image.get(lineOf[cell] as number) ?? INITIAL))
    if (this.model.unit === 'word')
      for (const [cell, at] of chosen.entries()) {
        const moment = image.get(lineOf[cell] as number) as number
        if (this.newestOfCell(cell, moment) !== at) return undefined
      }
    return image
  }

  /** The transition that made what a cell holds right after `moment`. */
  private newestOfCell(cell: number, moment: number): number {
    for (let at = moment; at >= 0; at--) {
      const transition = this.witness.transitions[at] as Transition
      const instruction = this.instructionOf(transition)
      if (this.written(transition, instruction) !== this.test.program.lineOf[cell]) continue
      if (instruction.op === 'movdir64b' || ('at' in instruction && instruction.at.cell === cell)) return at
    }
    return INITIAL
  }

  private issue(at: number, { thread }: Transition, { op }: Instruction): string | undefined {
    if (op === 'cas' && this.model.cas === 'paper' && this.pending(at, thread)) return FAILED_CAS_FENCES
    this.choices.push({ kind: 'execute', thread })
    return undefined
  }

  /** The choices that let an instruction take effect; a reason when there are none. */
  private effect(
    at: number,
    { thread }: Transition,
    instruction: Instruction,
    image: ReadonlyMap<number, number>,
  ): string | undefined {
    const { choices, layout } = this
    switch (instruction.op) {
      case 'store':
      case 'movnt':
      case 'movdir64b': {
        const spa = 'at' in instruction ? layout.spaOf(instruction.at.cell, instruction.at.offset) : undefined
        const place =
          spa === undefined
            ? layout.nameOfLine(instruction.op === 'movdir64b' ? instruction.line : 0)
            : layout.nameOf(spa)
        choices.push({ kind: 'drain', thread, place })
        if (instruction.op !== 'store') choices.push({ kind: 'wc-drain', thread, place })
        return undefined
      }
      case 'clwb':
      case 'clflushopt': {
        const { line } = instruction
        const older = (image.get(line) ?? Number.POSITIVE_INFINITY) < (this.newest.get(line) ?? INITIAL)
        // It stays in the store buffer, unless it is forced out: then what it writes equals what the image holds.
        if (!older || this.forcedAfter(at, thread, line))
          choices.push({ kind: 'flush', thread, place: layout.nameOfLine(line) })
        return undefined
      }
      case 'clflush':
        choices.push({ kind: 'flush', thread, place: layout.nameOfLine(instruction.line) })
        return undefined
      case 'sfence':
        choices.push({ kind: 'fence', thread })
        return undefined
      default:
        return `${instruction.op} takes effect as it executes here`
    }
  }

  /** After transition `at`, does the thread do what a flush of the line may not stay behind? */
  private forcedAfter(at: number, thread: number, line: number): boolean {
    return this.witness.transitions.some((transition, index) => {
      if (index <= at || transition.thread !== thread) return false
      const instruction = this.instructionOf(transition)
      const { op } = instruction
      if (transition.kind === 'issue') return op === 'mfence' || op === 'rmw' || op === 'cas'
      return op === 'sfence' || (op === 'clflush' && instruction.line === line)
    })
  }

  /** Has the thread anything on its way before transition `at`: in its store buffer, or flushed and not fenced? */
  private pending(until: number, thread: number): boolean {
    let buffered = 0
    let flushed = false
    for (const transition of this.witness.transitions.slice(0, until)) {
      if (transition.thread !== thread) continue
      const { op } = this.instructionOf(transition)
      if (transition.kind === 'effect') {
        buffered--
        flushed = op !== 'sfence' && (flushed || op === 'clwb' || op === 'clflushopt' || op === 'movnt')
      } else if (op === 'mfence' || op === 'rmw') flushed = false
      else if (op !== 'load' && op !== 'lfence' && op !== 'cas') buffered++
    }
    return buffered > 0 || flushed
  }
}
