/**
 * Moving the focus. Every move ends in `moveTo`; one move runs at a time and only the newest waiting one follows.
 *
 * The picture at a step does not depend on how it was reached: arrows that stay are the motions since the statement
 * before it. What travels on the way is in `transit`, and is gone when it has arrived.
 */

import type { Motion } from '../protocol/frame.ts'
import type { Direction, StepVerb } from '../protocol/messages.ts'
import type { Core } from './core.ts'
import { type Details, shownLine } from './details.ts'
import { Latest } from './latest.ts'
import { scheduleOf } from './schedule.ts'

/** A journey of more steps than this is shown by its end. */
const LONGEST_JOURNEY = 400
const PLAY_INTERVAL_MS = 650

export interface Stepping {
  seek(step: number, quiet?: boolean): Promise<void>
  step(verb: StepVerb, direction: Direction): Promise<void>
  first(): Promise<void>
  last(): Promise<void>
  togglePlay(): void
  stopPlaying(): void
}

export function createStepping(core: Core, details: Details): Stepping {
  const moves = new Latest()
  let forgetTick: (() => void) | undefined

  const moveTo = async (wanted: number, quiet: boolean): Promise<void> => {
    const { summary, frame: before } = core.get()
    if (summary === undefined) return
    const step = Math.max(0, Math.min(summary.steps - 1, wanted))
    const previous = await core.client.ask<'target'>({
      ask: 'target',
      from: step,
      verb: 'into',
      direction: 'back',
      breakpoints: [],
    })
    const rest = Math.max(previous ?? step - 1, step - LONGEST_JOURNEY, -1)
    const forward = before !== undefined && before.step < step && step - before.step <= LONGEST_JOURNEY
    const since = forward ? Math.min(before.step, rest) : rest
    const frame = await core.client.ask<'frame'>({ ask: 'frame', step, since })
    if (core.get().summary !== summary) return
    const back = before !== undefined && before.step > step && before.step - step <= LONGEST_JOURNEY
    const motions: readonly Motion[] = forward
      ? frame.motions.filter((motion) => motion.step > before.step)
      : back
        ? before.motions.filter((motion) => motion.step > step)
        : []
    core.set({
      frame,
      transit: { id: core.get().transit.id + 1, motions, direction: back ? 'back' : 'forward' },
      resting: frame.motions.filter((motion) => motion.step > rest),
      phase: 'ready',
    })
    if (!quiet) core.announce(frame.event.sentence)
    void details.refresh()
  }

  const run = (job: () => Promise<void>): Promise<void> => core.guarded(() => moves.run(job))
  const seek = (step: number, quiet = false): Promise<void> => run(() => moveTo(step, quiet))

  const stepOnce = async (wanted: StepVerb, direction: Direction): Promise<boolean> => {
    const { frame, summary, breakpoints } = core.get()
    if (frame === undefined || summary === undefined) return false
    // In a witness what the hardware does counts as much as an instruction.
    const verb = wanted === 'over' && scheduleOf(core.get()) !== undefined ? 'micro' : wanted
    const line = shownLine(core.get())
    const target = await core.client.ask<'target'>({
      ask: 'target',
      from: frame.step,
      verb,
      direction,
      breakpoints,
      ...(line === undefined ? {} : { line }),
    })
    if (target !== null) {
      await moveTo(target, core.get().playing)
      return true
    }
    const end = direction === 'forward' ? summary.end : summary.programStart
    const beyond = direction === 'forward' ? frame.step < end : frame.step > end
    if (verb === 'continue' && beyond) await moveTo(end, false)
    else core.announce(nothingThere(verb, direction))
    return false
  }

  const tick = (): void => {
    forgetTick = core.env.later(() => {
      void run(async () => {
        if (!core.get().playing) return
        if (await stepOnce('over', 'forward')) tick()
        else core.set({ playing: false })
      })
    }, PLAY_INTERVAL_MS)
  }

  const stopPlaying = (): void => {
    forgetTick?.()
    forgetTick = undefined
    if (core.get().playing) core.set({ playing: false })
  }

  return {
    seek,
    async step(verb, direction) {
      stopPlaying()
      await run(async () => void (await stepOnce(verb, direction)))
    },
    async first() {
      stopPlaying()
      const { summary, frame } = core.get()
      if (summary === undefined) return
      // A second Home goes on to the boot.
      await seek(frame?.step === summary.programStart ? 0 : summary.programStart)
    },
    async last() {
      stopPlaying()
      const { summary } = core.get()
      if (summary !== undefined) await seek(summary.steps - 1)
    },
    togglePlay() {
      if (core.get().playing) {
        stopPlaying()
        return
      }
      core.set({ playing: true })
      void run(async () => {
        if (await stepOnce('over', 'forward')) tick()
        else core.set({ playing: false })
      })
    },
    stopPlaying,
  }
}

function nothingThere(verb: StepVerb, direction: Direction): string {
  if (verb === 'line-event')
    return direction === 'forward' ? 'No later event of this line.' : 'No earlier event of this line.'
  return direction === 'forward' ? 'This is the end of the recording.' : 'This is the beginning of the recording.'
}
