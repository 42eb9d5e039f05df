/**
 * A litmus test as what the machine runs: a core a thread, locations at the region's first byte, no file, no reboot.
 *
 * Without a schedule the threads take turns under the scenario's policy.
 */

import { assert, ensure } from '../base/assert.ts'
import type { Spa } from '../base/brand.ts'
import { ok } from '../base/result.ts'
import type { LitmusFrame, LitmusView } from '../protocol/litmus.ts'
import type { Model } from './explore/model.ts'
import type { StateAt } from './inspect/state-at.ts'
import { LitmusActivation } from './litmus/activation.ts'
import { Layout } from './litmus/layout.ts'
import { Player, type Runner } from './litmus/player.ts'
import type { LitmusTest, Location } from './litmus/test.ts'
import type { Journal } from './sim/journal.ts'
import type { Thread } from './sim/thread.ts'
import type { Host, LitmusQuestions, Prepare, Schedule, Workload } from './workload.ts'

export const litmusProgram: Prepare = ({ scenario, platform, schedules }) => {
  const { what } = scenario
  assert(what.kind === 'litmus', 'a litmus program is prepared from a litmus test')
  return ok(new LitmusProgram(what.test, scenario.model, platform?.ranges[0]?.spa ?? 0, schedules))
}

class LitmusProgram implements Workload, LitmusQuestions {
  readonly endsVisible = true
  readonly reboots = false
  readonly director: Player | undefined
  readonly litmus = this
  private readonly test: LitmusTest
  private readonly model: Model
  private readonly layout: Layout
  private readonly schedules: readonly Schedule[]
  private readonly runners: Runner[] = []
  private journal: Journal | undefined

  constructor(test: LitmusTest, model: Model, base: number, schedules: readonly Schedule[]) {
    this.test = test
    this.model = model
    this.layout = new Layout(test, base)
    this.schedules = schedules
    const [schedule] = schedules
    this.director = schedule && new Player(schedule.choices, this.layout)
  }

  /** One schedule is played; it counts as resolved when all of it could be. */
  get unresolved(): readonly number[] {
    const [first, ...others] = this.schedules.map(({ index }) => index)
    return [...(this.director?.stuck === undefined || first === undefined ? [] : [first]), ...others]
  }

  initial(at: Spa): Uint8Array | undefined {
    return this.layout.initial(at)
  }

  fileOf(at: number): { readonly file: string; readonly offset: number } | undefined {
    return this.layout.at(at)
  }

  begin(host: Host): readonly Thread[] {
    const { program, listing } = this.test
    const { recorder, journal } = host
    this.journal = journal
    program.threads.forEach((_, index) => {
      const thread = host.thread(`P${index}`, index)
      const activation = new LitmusActivation({
        program,
        layout: this.layout,
        index,
        lines: ensure(listing[index], 'every thread is listed').map(({ place }) => place.line),
        cpu: host.core(index),
        thread,
        recorder,
        journal,
        single: this.director !== undefined,
      })
      thread.start(activation)
      this.runners.push({ thread, activation })
    })
    this.director?.begin(host.hw, this.runners)
    return this.runners.map(({ thread }) => thread)
  }

  recovery(): undefined {
    return undefined
  }

  view(): LitmusView {
    const { name, shows, source, when, quantifier, condition, verdict, locations, listing } = this.test
    const { director } = this
    return {
      name,
      shows,
      source,
      threads: listing.map((instructions, index) => ({
        name: `P${index}`,
        instructions: instructions.map(({ text, place }, at) => ({
          text,
          ...place,
          issued: this.runners[index]?.activation.issued[at] ?? [],
        })),
      })),
      locations: locations.map((location) => ({
        name: location.name,
        spa: this.layout.locationSpa(location),
        size: location.size,
      })),
      when,
      quantifier,
      condition,
      ...(verdict === undefined ? {} : { expected: verdict }),
      model: this.model,
      ...(director === undefined ? {} : { schedule: playedBy(director) }),
    }
  }

  frame(state: StateAt, step: number, survivors: ReadonlyMap<number, number>): LitmusFrame {
    const { registers: names, locations, program } = this.test
    const threads = this.runners.map(({ activation }, index) => {
      const read = (): [number, readonly bigint[]] => [activation.state.pc, activation.state.registers]
      const [pc, registers] = ensure(this.journal, 'the threads have begun').at(step, read)
      const values = registers.length > 0 ? registers : (program.threads[index]?.registers ?? [])
      const shown = (names[index] ?? []).flatMap((name, reg) =>
        name.startsWith('.') ? [] : [{ name, value: String(values[reg] ?? 0n) }],
      )
      return { pc, registers: shown }
    })
    return {
      next: threads.map(({ pc }) => pc),
      registers: threads.map(({ registers }) => registers),
      memory: locations.map((location) => ({ name: location.name, ...this.valuesOf(state, location, survivors) })),
    }
  }

  /** What one location holds where. */
  private valuesOf(state: StateAt, location: Location, survivors: ReadonlyMap<number, number>) {
    const { lines, history } = state.hw
    const at = this.layout.locationSpa(location)
    const line = lines.peek(at)
    const read = (version: number): string => {
      const initial = line === 0 ? this.layout.initial(at - (at % 64)) : lines.initial(line)
      const bytes = history.contents(version, ensure(initial, 'a location lies in the memory of the test'))
      let value = 0n
      for (let i = location.size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[(at % 64) + i] as number)
      return String(value)
    }
    if (line === 0) return { visible: read(0), media: read(0), survives: read(0) }
    const media = state.media(line)
    return { visible: read(state.visible(line)), media: read(media), survives: read(survivors.get(line) ?? media) }
  }
}

const playedBy = ({ choices, stuck }: Player) => ({ choices, ...(stuck === undefined ? {} : { stuck }) })
