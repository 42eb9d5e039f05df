/**
 * Every state that the concrete machine can reach with a list of instructions in a fixed order: each enabled transition
 * is tried at each place. Slow (a state is reached by running its schedule from the start), and obviously right.
 */

import { apply, enabled } from '../src/engine/hw/transition.ts'
import { StateAt } from '../src/engine/inspect/state-at.ts'
import { execute, type Rig, rig } from './hardware.ts'

/** Instructions in the order in which they issue, each with its core. */
export type Code = readonly (readonly [number, string])[]

/** Run a schedule: -1 issues the next instruction, another number takes that enabled transition. */
function replay(code: Code, schedule: readonly number[]): Rig {
  const r = rig('person', 0, { caches: { l1: { sets: 1, ways: 4 }, l3: { sets: 1, ways: 4 } } })
  let next = 0
  for (const choice of schedule) {
    const instruction = code[next]
    if (choice >= 0) {
      const all = enabled(r.hw)
      const transition = all[choice]
      if (transition !== undefined) apply(r.hw, transition)
    } else if (instruction !== undefined) {
      execute(r, instruction[0], instruction[1])
      next++
    }
  }
  return r
}

/** Each distinct state once, with how many instructions have issued. */
export function* everyState(code: Code): Generator<{ readonly rig: Rig; readonly issued: number }> {
  const seen = new Set<string>()
  const todo: { readonly schedule: readonly number[]; readonly issued: number }[] = [{ schedule: [], issued: 0 }]
  for (let item = todo.pop(); item !== undefined; item = todo.pop()) {
    const { schedule, issued } = item
    const r = replay(code, schedule)
    const key = `${issued} ${r.loads.join()} ${stateOf(r)}`
    if (seen.has(key)) continue
    seen.add(key)
    yield { rig: r, issued }
    if (issued < code.length) todo.push({ schedule: [...schedule, -1], issued: issued + 1 })
    for (const i of enabled(r.hw).keys()) todo.push({ schedule: [...schedule, i], issued })
  }
}

/** Everything that the machine holds. Versions are told by their operations: their numbers say nothing. */
function stateOf({ hw }: Rig): string {
  const state = new StateAt(hw, hw.cells.words)
  const told = (version: number): string => hw.history.chainOps(version).join()
  const cores = hw.caches.l1.map((l1, core) => [
    state.storeBuffer(core),
    state.flushes(core),
    state.wc(core).map(({ line, chain }) => `${line} ${told(chain)}`),
    state.cache(l1).map((entry) => [entry.line, entry.state]),
  ])
  const lines = Array.from({ length: hw.lines.count }, (_, i) => [told(state.visible(i + 1)), told(state.media(i + 1))])
  const queue = state.wpq(0).map(({ line, version }) => `${line} ${told(version)}`)
  const l3 = state.cache(hw.caches.l3).map((entry) => [entry.line, entry.state])
  return JSON.stringify([cores, lines, queue, l3])
}
