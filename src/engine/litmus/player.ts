/**
 * Plays a schedule on the machine. A choice that cannot be taken ends it there, with the reason: what comes after it
 * would mean something else.
 */

import { ensure } from '../../base/assert.ts'
import { err, ok, type Result } from '../../base/result.ts'
import type { Hardware } from '../hw/hardware.ts'
import { apply, enabled, type Transition } from '../hw/transition.ts'
import type { Thread } from '../sim/thread.ts'
import type { LitmusActivation } from './activation.ts'
import type { Layout } from './layout.ts'
import { type Choice, readChoice, wordsOf } from './schedule.ts'

/** What happens next. */
export type Direction =
  | { readonly kind: 'turn'; readonly thread: Thread }
  /** The hardware has moved already. */
  | { readonly kind: 'moved' }
  | { readonly kind: 'power-failure' }
  | { readonly kind: 'over' }

/** Decides everything: nothing moves and nobody runs but as it says. */
export interface Director {
  next(): Direction
}

export interface Runner {
  readonly thread: Thread
  readonly activation: LitmusActivation
}

interface Stuck {
  readonly choice: number
  readonly text: string
  readonly reason: string
}

export class Player implements Director {
  private readonly words: readonly string[]
  private readonly layout: Layout
  private stage: { readonly hw: Hardware; readonly runners: readonly Runner[] } | undefined
  private at = 0
  /** In the middle of an instruction, or at the end of its code and not ended yet. */
  private running: Runner | undefined
  stuck: Stuck | undefined

  constructor(choices: string, layout: Layout) {
    this.words = wordsOf(choices)
    this.layout = layout
  }

  get choices(): number {
    return this.words.length
  }

  begin(hw: Hardware, runners: readonly Runner[]): void {
    this.stage = { hw, runners }
  }

  next(): Direction {
    const { running } = this
    if (running !== undefined) {
      const unfinished = running.activation.midway || running.activation.next() === undefined
      if (unfinished && !running.thread.ended) return { kind: 'turn', thread: running.thread }
      this.running = undefined
    }
    const word = this.words[this.at]
    if (word === undefined || this.stuck !== undefined) return { kind: 'over' }
    const read = readChoice(word)
    const taken = read.ok ? this.take(read.value) : read
    if (!taken.ok) {
      this.stuck = { choice: this.at, text: word, reason: taken.error }
      return { kind: 'over' }
    }
    this.at++
    const after = this.words[this.at]
    if (taken.value.kind === 'power-failure' && after !== undefined)
      this.stuck = { choice: this.at, text: after, reason: 'the power is off' }
    return taken.value
  }

  private take(choice: Choice): Result<Direction, string> {
    const { hw } = ensure(this.stage, 'a schedule is played on a machine')
    if (choice.kind === 'power-off') return ok({ kind: 'power-failure' })
    if (choice.kind === 'execute') return this.execute(choice.thread)
    const found = this.transition(choice)
    if (!found.ok) return found
    apply(hw, found.value)
    // A flush that was still in the store buffer has only begun.
    if (choice.kind === 'flush' && found.value.kind === 'drain') {
      const begun = this.matching(choice.thread, 'flush', this.layout.find(choice.place))[0]
      if (begun !== undefined) apply(hw, begun)
    }
    return ok({ kind: 'moved' })
  }

  private execute(number: number): Result<Direction, string> {
    const { hw, runners } = ensure(this.stage, 'a schedule is played on a machine')
    const runner = runners[number]
    if (runner === undefined) return err(`there is no thread P${number}`)
    const blocked = runner.activation.blocked(hw)
    if (blocked !== undefined) return err(`P${number} cannot go on: ${blocked}`)
    this.running = runner
    return ok({ kind: 'turn', thread: runner.thread })
  }

  private transition(choice: Exclude<Choice, { kind: 'execute' | 'power-off' }>): Result<Transition, string> {
    const { runners } = ensure(this.stage, 'a schedule is played on a machine')
    if ('thread' in choice && runners[choice.thread] === undefined) return err(`there is no thread P${choice.thread}`)
    const at = 'place' in choice ? this.layout.find(choice.place) : undefined
    if ('place' in choice && at === undefined) return err(`the test has no location ${choice.place}`)
    const core = 'thread' in choice ? (runners[choice.thread]?.thread.core ?? 0) : undefined
    const first = (...kinds: readonly string[]): Transition | undefined =>
      kinds.flatMap((kind) => this.matching(core, kind, at))[0]
    switch (choice.kind) {
      case 'drain':
        return found(first('drain store'), `its store buffer lets no store to ${choice.place} go`)
      case 'begin-flush':
        return found(first('drain flush'), `its store buffer lets no flush of ${choice.place}'s line go`)
      case 'flush':
        return found(first('flush', 'drain flush'), `no flush of ${choice.place}'s line may do its work`)
      case 'fence':
        return found(first('drain fence'), 'no fence of it may be done: what it waits for has not arrived')
      case 'wc-drain':
      case 'wc-cell':
        return found(first(choice.kind), `its write-combining buffers hold nothing of ${choice.place}`)
      case 'evict':
        return found(first('evict'), `its L1 does not hold ${choice.place}'s line modified`)
      case 'write-back':
        return found(first('write-back'), `${choice.place}'s line is not dirty in any cache`)
      case 'wpq-drain':
        return found(first('wpq-drain'), `no write-pending queue holds ${choice.place}'s line`)
    }
  }

  /** Transitions of one kind, of a core if one is given, that are about the byte at `at`; oldest first. */
  private matching(core: number | undefined, kind: string, at: number | undefined): readonly Transition[] {
    const { hw } = ensure(this.stage, 'a schedule is played on a machine')
    const line = at === undefined ? 0 : hw.lines.find(at)
    return enabled(hw).filter((t) => {
      const mine = t.kind === 'wpq-drain' || t.kind === 'write-back' || t.core === core
      return mine && t.line === line && kindOf(hw, t, at ?? 0) === kind
    })
  }
}

const found = (transition: Transition | undefined, reason: string): Result<Transition, string> =>
  transition === undefined ? err(reason) : ok(transition)

/** A transition's kind in the words of a schedule; undefined when it is not about the byte at `at`. */
function kindOf(hw: Hardware, t: Transition, at: number): string | undefined {
  if (t.kind === 'wc-drain') {
    if (t.cell === undefined) return 'wc-drain'
    return t.cell === (at % 64) >> 3 ? 'wc-cell' : undefined
  }
  if (t.kind !== 'drain') return t.kind
  const op = hw.storeBuffers[t.core]?.at(t.entry) ?? 0
  if (hw.history.isFence(op)) return 'drain fence'
  if (!hw.history.isWrite(op)) return 'drain flush'
  const inOp = (at % 64) - hw.history.offset(op)
  return inOp >= 0 && inOp < hw.history.size(op) ? 'drain store' : undefined
}
