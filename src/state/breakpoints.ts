/** Breakpoints of the person's: set, edited, switched off. */

import type { Core } from './core.ts'
import type { BreakpointSetting } from './debug-state.ts'
import type { Debugging } from './debugging.ts'

export interface Breakpoints {
  toggle(line: number): void
  addFunction(name: string): void
  change(index: number, part: Partial<Pick<BreakpointSetting, 'condition' | 'hits' | 'enabled'>>): void
  remove(index: number): void
  /** Sets one at the line if there is none, and asks for its condition. */
  edit(line: number): void
  /** The text was edited: where is each line now? Undefined: it is gone. */
  follow(lineNow: (line: number) => number | undefined): void
}

export const nameOf = ({ at }: Pick<BreakpointSetting, 'at'>): string =>
  at.kind === 'line' ? `line ${at.line}` : `${at.name}()`

/** Lines first, as in the text; then functions, as they came. */
const order = (list: readonly BreakpointSetting[]): readonly BreakpointSetting[] => {
  const line = ({ at }: BreakpointSetting): number => (at.kind === 'line' ? at.line : Number.MAX_SAFE_INTEGER)
  return [...list].sort((a, b) => line(a) - line(b))
}

export function createBreakpoints(core: Core, debugging: Debugging): Breakpoints {
  const set = (breakpoints: readonly BreakpointSetting[]): void => core.set({ breakpoints, stoppedBy: undefined })
  const add = (at: BreakpointSetting['at']): void => {
    set(order([...core.get().breakpoints, { at, enabled: true }]))
    core.announce(`Breakpoint set at ${nameOf({ at })}.`)
  }
  const remove = (index: number): void => {
    const { breakpoints } = core.get()
    const gone = breakpoints[index]
    if (gone === undefined) return
    set(breakpoints.filter((each) => each !== gone))
    core.announce(`Breakpoint removed at ${nameOf(gone)}.`)
  }
  return {
    toggle(line) {
      const index = core.get().breakpoints.findIndex(({ at }) => at.kind === 'line' && at.line === line)
      if (index < 0) add({ kind: 'line', line })
      else remove(index)
    },
    addFunction(name) {
      const known = core.get().breakpoints.some(({ at }) => at.kind === 'function' && at.name === name)
      if (!known) add({ kind: 'function', name })
    },
    change(index, part) {
      set(
        core.get().breakpoints.map((each, i) => {
          if (i !== index) return each
          const { problem: _, condition, hits, ...rest } = { ...each, ...part }
          return { ...rest, ...(condition ? { condition } : {}), ...(hits !== undefined && hits > 1 ? { hits } : {}) }
        }),
      )
    },
    remove,
    edit(line) {
      if (!core.get().breakpoints.some(({ at }) => at.kind === 'line' && at.line === line)) add({ kind: 'line', line })
      debugging.askFor({ kind: 'line', line })
    },
    follow(lineNow) {
      const taken = new Set<number>()
      const breakpoints = core.get().breakpoints.flatMap((each) => {
        if (each.at.kind === 'function') return [each]
        const line = lineNow(each.at.line)
        if (line === undefined || taken.has(line)) return []
        taken.add(line)
        return [line === each.at.line ? each : { ...each, at: { kind: 'line', line } as const }]
      })
      const { breakpoints: old } = core.get()
      if (breakpoints.length !== old.length || breakpoints.some((each, i) => each !== old[i])) set(breakpoints)
    },
  }
}
