/**
 * Moving the focus. Every move ends in `moveTo`; one move runs at a time and only the newest waiting one follows.
 *
 * The picture at a step does not depend on how it was reached: arrows that stay are the motions since the statement
 * before it. What travels on the way is in `transit`, and is gone when it has arrived.
 */

import type { PlaceView, Stop } from '../protocol/debug.ts'
import type { Motion } from '../protocol/frame.ts'
import type { Answers, DebugQuestion, Direction, StepVerb } from '../protocol/messages.ts'
import { nameOf } from './breakpoints.ts'
import type { Core } from './core.ts'
import { type Debugging, isInProgram, PATIENCE_MS } from './debugging.ts'
import { type Details, shownLine } from './details.ts'
import { Latest } from './latest.ts'
import { scheduleOf } from './schedule.ts'

/** A journey of more steps than this is shown by its end. */
const LONGEST_JOURNEY = 400
const PLAY_INTERVAL_MS = 650

export interface Stepping {
  seek(step: number, quiet?: boolean): Promise<void>
  /** Goes so many instructions into the computation that follows. */
  enter(tick: number): Promise<void>
  step(verb: StepVerb, direction: Direction): Promise<void>
  first(): Promise<void>
  last(): Promise<void>
  togglePlay(): void
  stopPlaying(): void
  /** Ends a search that takes its time; the focus stays. */
  giveUp(): void
}

/** Where inside the computation after a step: of how many instructions, and at which line. */
type Inside = Pick<PlaceView, 'tick' | 'ticks' | 'line'>

export function createStepping(core: Core, details: Details, debugging: Debugging): Stepping {
  const moves = new Latest()
  let forgetTick: (() => void) | undefined
  let search: AbortController | undefined

  const moveTo = async (wanted: number, quiet: boolean, inside?: Inside): Promise<void> => {
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
      tick: inside?.tick ?? 0,
      standing: inside?.line,
      ticks: inside?.ticks ?? 0,
      stoppedBy: undefined,
      transit: { id: core.get().transit.id + 1, motions, direction: back ? 'back' : 'forward' },
      resting: frame.motions.filter((motion) => motion.step > rest),
      phase: 'ready',
    })
    if (!quiet) core.announce(inside === undefined ? frame.event.sentence : standsAt(core, inside.line))
    void details.refresh()
    void debugging.refresh()
  }

  const run = (job: () => Promise<void>): Promise<void> => {
    if (core.get().searching) search?.abort()
    return core.guarded(() => moves.run(job))
  }
  const seek = (step: number, quiet = false): Promise<void> => run(() => moveTo(step, quiet))

  const stepOnce = async (wanted: StepVerb, direction: Direction): Promise<boolean> => {
    const { frame, summary, tick } = core.get()
    if (frame === undefined || summary === undefined) return false
    const way = insideWay(core, wanted)
    if (way !== undefined) {
      const stepped = await stepInside(way, direction)
      // Where no thread of the program is, memory's events are the way.
      if (stepped !== 'nowhere') return stepped
    }
    if (tick > 0 && direction === 'back' && wanted !== 'line-event') {
      await moveTo(frame.step, core.get().playing)
      return true
    }
    // In a witness what the hardware does counts as much as an instruction.
    const verb = wanted === 'over' && scheduleOf(core.get()) !== undefined ? 'micro' : wanted
    const line = shownLine(core.get())
    const target = await core.client.ask<'target'>({
      ask: 'target',
      from: frame.step,
      verb,
      direction,
      breakpoints: enabledBreakpoints(core).flatMap(({ at }) => (at.kind === 'line' ? [at.line] : [])),
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

  /** Undefined: it was given up. */
  const ask = async <K extends 'instruction' | 'statement'>(
    question: Extract<DebugQuestion, { ask: K }>,
  ): Promise<Answers[K] | undefined> => {
    const abort = new AbortController()
    search = abort
    const forget = core.env.later(() => core.set({ searching: true }), PATIENCE_MS)
    try {
      return await core.client.ask<K>(question, abort.signal)
    } catch (error) {
      if (abort.signal.aborted) return undefined
      throw error
    } finally {
      forget()
      core.set({ searching: false })
    }
  }

  /** By statement or instruction, or to a breakpoint, which may stand where no step is recorded. */
  const stepInside = async (wanted: StepVerb, direction: Direction): Promise<boolean | 'nowhere'> => {
    const { frame, tick, settings, summary } = core.get()
    if (frame === undefined) return false
    const from = { step: frame.step, tick }
    const breakpoints = wanted === 'continue' ? enabledBreakpoints(core) : []
    const verb = wanted === 'into' || wanted === 'out' || wanted === 'continue' ? wanted : 'over'
    const single = settings.granularity === 'instruction' && (verb === 'over' || verb === 'into')
    const to: Stop | Answers['statement'] | undefined = single
      ? await ask<'instruction'>({ ask: 'instruction', ...from, direction })
      : await ask<'statement'>({
          ask: 'statement',
          ...from,
          verb,
          direction,
          breakpoints: breakpoints.map(({ at, condition, hits }) => {
            return { at, ...(condition === undefined ? {} : { condition }), ...(hits === undefined ? {} : { hits }) }
          }),
        })
    if (to === undefined || core.get().summary !== summary) return false
    if (to === null) return 'nowhere'
    const stopped = to.breakpoint === undefined ? undefined : breakpoints[to.breakpoint]
    if ('message' in to) {
      if (stopped === undefined) return false
      const list = core.get().breakpoints.map((each) => (each === stopped ? { ...each, problem: to.message } : each))
      core.set({ breakpoints: list })
      core.notify('problem', `The condition of the breakpoint at ${nameOf(stopped)} cannot be evaluated: ${to.message}`)
      return false
    }
    const place = await core.client.ask<'place'>({ ask: 'place', step: to.step, tick: to.tick })
    await moveTo(to.step, core.get().playing, { ...place, tick: to.tick })
    if (stopped !== undefined) {
      core.set({ stoppedBy: core.get().breakpoints.indexOf(stopped) })
      core.announce(`Breakpoint at ${nameOf(stopped)}. ${standsAt(core, place.line)}`)
    }
    return true
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
    enter: (tick) =>
      run(async () => {
        const { frame } = core.get()
        if (frame === undefined || !isInProgram(core.get())) return
        const { step } = frame
        const place = await core.client.ask<'place'>({ ask: 'place', step, tick: 0 })
        if (tick > place.ticks) {
          core.notify(
            'problem',
            'The place of the link is inside a computation that is shorter now: this is its start.',
          )
          return
        }
        await moveTo(step, false, await core.client.ask<'place'>({ ask: 'place', step, tick }))
      }),
    async step(verb, direction) {
      stopPlaying()
      await run(async () => void (await stepOnce(verb, direction)))
    },
    async first() {
      stopPlaying()
      const { summary, frame, tick } = core.get()
      if (summary === undefined) return
      // A second Home goes on to the boot.
      await seek(frame?.step === summary.programStart && tick === 0 ? 0 : summary.programStart)
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
    giveUp() {
      search?.abort()
    },
  }
}

const enabledBreakpoints = (core: Core) => core.get().breakpoints.filter(({ enabled }) => enabled)

/** In a C program, smaller steps than events and breakpoints are the debugger's to find. */
function asksDebugger(core: Core, verb: StepVerb): boolean {
  const { summary, settings } = core.get()
  if (verb === 'continue') return summary?.litmus === undefined && enabledBreakpoints(core).length > 0
  if (settings.granularity === 'event' || !isInProgram(core.get())) return false
  return verb === 'over' || verb === 'into' || verb === 'out'
}

/**
 * How the debugger is asked; undefined: it is not. Library and kernel have events, no statements: into them one goes from
 * event to event, and out of a library function back into the statement that called it. What the kernel does for the
 * program by itself, a page fault, belongs to no call of it.
 */
function insideWay(core: Core, verb: StepVerb): StepVerb | undefined {
  if (!asksDebugger(core, verb)) return undefined
  const { frame, tick } = core.get()
  const stack = frame?.stack ?? []
  const [top, caller] = stack
  if (tick > 0 || top === undefined || top.kind === 'program' || verb === 'continue' || verb === 'over') return verb
  if (verb === 'into')
    return stack[stack.findIndex(({ kind }) => kind === 'program') - 1]?.kind === 'library' ? verb : undefined
  return verb === 'out' && caller?.kind === 'program' ? 'over' : undefined
}

function standsAt(core: Core, line: number): string {
  const source = core.get().recordedText.split('\n')[line - 1]?.trim() ?? ''
  return line === 0 ? 'outside of the program' : `line ${line}: ${source}`
}

function nothingThere(verb: StepVerb, direction: Direction): string {
  if (verb === 'line-event')
    return direction === 'forward' ? 'No later event of this line.' : 'No earlier event of this line.'
  return direction === 'forward' ? 'This is the end of the recording.' : 'This is the beginning of the recording.'
}
