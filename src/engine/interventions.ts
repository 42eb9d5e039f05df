/**
 * What a person made the machine do: where each intervention is due, what has become due, what came of it.
 *
 * A transition is taken right after the step that its anchor names; whether the power fails there is for the machine to
 * carry out, because nothing goes on afterwards, and so is a command, which waits until no thread is inside the kernel.
 */

import { ensure } from '../base/assert.ts'
import type { Hardware } from './hw/hardware.ts'
import { alike, apply, enabled, type Wanted } from './hw/transition.ts'
import type { Anchor } from './sim/anchor.ts'
import { AnchorCounter, sameAnchor } from './sim/anchor.ts'
import type { Recorder } from './sim/recorder.ts'

/** What is done at a place of the run; `at` as the recording counts, or a step. */
export interface Due {
  readonly at:
    | Anchor
    | { readonly kind: 'step'; readonly step: number }
    | { readonly kind: 'end' }
    /** A place that the text no longer has: it stays among the unresolved. */
    | { readonly kind: 'nowhere' }
  readonly what:
    | { readonly kind: 'power-failure' }
    | { readonly kind: 'transition'; readonly transition: Wanted }
    | { readonly kind: 'command'; readonly text: string }
  /** Index of the intervention it came from, -1 if from none. */
  readonly index: number
}

export class Interventions {
  /** Commands whose place has been reached, and that are yet to run. */
  readonly typed: { readonly index: number; readonly text: string }[] = []
  /** Step of each transition that a person made (of a command: its last), by the intervention's index. */
  readonly taken = new Map<number, number>()
  private readonly due: Due[]
  private readonly forgone: { readonly index: number }[] = []
  private readonly fired: Due[] = []
  private readonly firedAt = new Map<Due, number>()
  private readonly recorder: Recorder
  private readonly hw: Hardware
  private readonly newCounter: () => AnchorCounter
  private counter: AnchorCounter

  constructor(
    due: readonly Due[],
    recorder: Recorder,
    hw: Hardware,
    names: { threadName(thread: number): string; lineOf(step: number): number },
  ) {
    this.due = [...due]
    this.recorder = recorder
    this.hw = hw
    this.newCounter = () =>
      new AnchorCounter(
        recorder.trace,
        (thread) => names.threadName(thread),
        (step) => names.lineOf(step),
      )
    this.counter = this.newCounter()
    if (this.due.length > 0) recorder.watch = (step) => this.isDue(step)
  }

  get unresolved(): readonly number[] {
    const indices = this.due.flatMap((due) => (due.index >= 0 ? [due.index] : []))
    return [...indices, ...[...this.typed, ...this.forgone].map(({ index }) => index)]
  }

  /** Commands that wait will never run. */
  forgo(): void {
    this.forgone.push(...this.typed.splice(0))
  }

  /** The end of the run is reached. */
  end(): void {
    for (const due of [...this.due]) if (due.at.kind === 'end') this.fire(due, this.recorder.trace.length - 1)
  }

  /**
   * Take the transitions that have become due. When a power failure has, too, it comes last: the step after which the
   * power fails, undefined otherwise. It undoes what was recorded after its step, but for the transitions that a person
   * made at the same place.
   */
  take(): number | undefined {
    this.recorder.due = false
    const stepOf = (due: Due): number => ensure(this.firedAt.get(due), 'what fired has a step')
    let last = -1
    for (;;) {
      const failure = this.fired.find(({ what }) => what.kind === 'power-failure')
      const until = failure === undefined ? Number.POSITIVE_INFINITY : Math.max(last, stepOf(failure))
      const due = this.fired.find((each) => each.what.kind !== 'power-failure' && stepOf(each) <= until) ?? failure
      if (due === undefined) return undefined
      this.fired.splice(this.fired.indexOf(due), 1)
      const { what } = due
      if (what.kind === 'power-failure') return until
      if (what.kind === 'command') {
        this.typed.push({ index: due.index, text: what.text })
        continue
      }
      const choice = alike(this.hw, enabled(this.hw), what.transition)[what.transition.nth ?? 0]
      if (choice === undefined) this.due.push(due)
      else {
        apply(this.hw, choice)
        last = this.recorder.trace.length - 1
        this.taken.set(due.index, last)
      }
    }
  }

  /** The recording ends with `step` again: the counter has seen what never happened. */
  rewound(step: number): void {
    this.counter = this.newCounter()
    for (let at = 0; at <= step; at++) this.counter.see(at)
  }

  private isDue(step: number): boolean {
    const here = this.counter.see(step)
    let any = false
    for (const due of [...this.due])
      if (isAt(due.at, step, here)) {
        this.fire(due, step)
        any = true
      }
    return any
  }

  private fire(due: Due, step: number): void {
    this.due.splice(this.due.indexOf(due), 1)
    this.fired.push(due)
    this.firedAt.set(due, step)
  }
}

function isAt(at: Due['at'], step: number, here: Anchor): boolean {
  if (at.kind === 'step') return at.step === step
  return at.kind !== 'end' && at.kind !== 'nowhere' && sameAnchor(at, here)
}
