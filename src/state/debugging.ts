/** What the debugger says of the C program at the focus, asked for after every move; the newest wins. */

import { EngineError } from '../client/engine-client.ts'
import type { CThreadView, EvaluatedView, Place, PlaceView, ValueView } from '../protocol/debug.ts'
import type { AppState } from './app-state.ts'
import type { Core } from './core.ts'
import { type DebugState, type DebugTab, keyOf, type Opened, type Root, type Seen } from './debug-state.ts'
import { Latest } from './latest.ts'

/** What takes longer is said to be under way. */
export const PATIENCE_MS = 150

export interface Debugging {
  refresh(): Promise<void>
  showTab(tab: DebugTab): void
  /** Undefined: the one that acts. */
  chooseThread(thread: number | undefined): void
  chooseFrame(frame: number): void
  showGlobals(shown: boolean): void
  /** Shows or hides the parts of a value. */
  toggle(value: Opened): void
  /** Shows further parts of a long array. */
  more(value: Opened): void
  /** Brings a field into view and gives it the keyboard's focus. */
  askFor(field: DebugState['asked']): void
  addWatch(text: string): void
  editWatch(index: number, text: string): void
  removeWatch(index: number): void
}

/** Is there a C program to look into at the focus? */
export const isInProgram = ({ summary, frame }: AppState): boolean =>
  summary !== undefined &&
  summary.litmus === undefined &&
  frame !== undefined &&
  frame.step + 1 >= summary.programStart &&
  summary.programStart >= 0

export function createDebugging(core: Core): Debugging {
  const asks = new Latest()
  const change = (part: Partial<DebugState>): void => core.set({ debug: { ...core.get().debug, ...part } })

  const look = async (): Promise<void> => {
    const { summary, frame, tick } = core.get()
    if (frame === undefined || !isInProgram(core.get())) {
      change({ seen: undefined, problem: undefined })
      return
    }
    const at: Place = { step: frame.step, tick }
    const forget = core.env.later(() => change({ waiting: true }), PATIENCE_MS)
    try {
      const place = await core.client.ask<'place'>({ ask: 'place', ...at })
      const threads = await core.client.ask<'locals'>({ ask: 'locals', ...at })
      const thread = shownThread(core.get(), place, threads)
      const seen = await details(core, at, place, threads, thread)
      if (core.get().summary === summary) change({ seen, problem: undefined })
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      if (core.get().summary === summary) change({ seen: undefined, problem: error.message })
    } finally {
      forget()
      if (core.get().debug.waiting) change({ waiting: false })
    }
  }

  const refresh = (): Promise<void> => core.pending.during(asks.run(look))
  const update = (part: Partial<DebugState>): void => {
    change(part)
    void refresh()
  }

  return {
    refresh,
    showTab: (tab) => change({ tab }),
    chooseThread: (thread) => update({ thread, frame: 0 }),
    chooseFrame: (frame) => update({ frame }),
    showGlobals: (globals) => update({ globals }),
    toggle(value) {
      const { opened } = core.get().debug
      const key = keyOf(value)
      const rest = opened.filter((each) => keyOf(each) !== key)
      update({ opened: rest.length < opened.length ? rest : [...opened, value] })
    },
    more(value) {
      const key = keyOf(value)
      const { opened } = core.get().debug
      update({ opened: opened.map((each) => (keyOf(each) === key ? { ...each, more: (each.more ?? 0) + 1 } : each)) })
    },
    askFor(asked) {
      const tab = asked === undefined ? core.get().debug.tab : asked === 'watch' ? 'watches' : 'breakpoints'
      change({ asked, tab })
    },
    addWatch(text) {
      const { watches } = core.get().debug
      if (text.trim() !== '' && !watches.includes(text.trim())) update({ watches: [...watches, text.trim()] })
    },
    editWatch(index, text) {
      if (text.trim() === '') this.removeWatch(index)
      else update({ watches: core.get().debug.watches.map((old, i) => (i === index ? text.trim() : old)) })
    },
    removeWatch: (index) => update({ watches: core.get().debug.watches.filter((_, i) => i !== index) }),
  }
}

/** The one that a person chose; inside computation the one that computes; else the one that has just acted. */
function shownThread({ debug, frame, tick }: AppState, place: PlaceView, threads: readonly CThreadView[]): number {
  const chosen = threads.findIndex(({ thread }) => thread === debug.thread)
  if (chosen >= 0) return chosen
  const acts = tick > 0 ? place.thread : (frame?.event.thread ?? place.thread)
  const found = threads.findIndex(({ name }) => name === acts)
  return found >= 0
    ? found
    : Math.max(
        0,
        threads.findIndex(({ name }) => name === place.thread),
      )
}

async function details(
  core: Core,
  at: Place,
  place: PlaceView,
  threads: readonly CThreadView[],
  index: number,
): Promise<Seen> {
  const { debug } = core.get()
  const shown = threads[index]
  const thread = shown?.thread ?? -1
  const frames = shown?.frames ?? []
  const frame = Math.min(debug.frame, Math.max(0, frames.length - 1))
  const globals = debug.globals ? await core.client.ask<'globals'>({ ask: 'globals', ...at, thread }) : []
  const evaluate = (text: string, path: readonly number[], from: number): Promise<EvaluatedView> =>
    core.client.ask<'evaluate'>({ ask: 'evaluate', ...at, thread, frame, text, path, from })
  const watches = new Map<string, EvaluatedView>()
  for (const text of debug.watches) watches.set(text, await evaluate(text, [], 0))

  const texts = new Map<string, string>()
  const tell = (root: Root, path: readonly number[], value: ValueView): void =>
    void texts.set(keyOf({ root, path }), value.text)
  const inner = frames[frame]
  const depth = frames.length - 1 - frame
  for (const value of inner?.locals ?? [])
    tell({ kind: 'local', frame: depth, function: inner?.function ?? '', name: value.name }, [], value)
  for (const value of globals) tell({ kind: 'global', name: value.name }, [], value)
  for (const [text, result] of watches) if (result.kind === 'value') tell({ kind: 'watch', text }, [], result.value)

  const parts = new Map<string, readonly ValueView[]>()
  for (const opened of debug.opened) {
    const { root, path } = opened
    // What is not shown is not asked for.
    if (root.kind === 'local' && (root.frame !== depth || root.function !== inner?.function)) continue
    if (!texts.has(keyOf({ root, path: [] }))) continue
    const look = async (from: number): Promise<ValueView | null> => {
      if (root.kind !== 'watch')
        return core.client.ask<'value'>({ ask: 'value', ...at, thread, frame, name: root.name, path, from })
      const result = await evaluate(root.text, path, from)
      return result.kind === 'value' ? result.value : null
    }
    const children: ValueView[] = []
    for (let page = 0; page <= (opened.more ?? 0); page++) {
      const before = children.length
      children.push(...((await look(before))?.children ?? []))
      if (children.length === before) break
    }
    parts.set(keyOf(opened), children)
    for (const [i, part] of children.entries()) tell(root, [...path, i], part)
  }
  return { at, place, threads, thread: index, globals, watches, parts, texts, changed: changes(debug.seen, texts, at) }
}

/** At the same place nothing has changed: more was opened. */
function changes(before: Seen | undefined, now: ReadonlyMap<string, string>, at: Place): ReadonlySet<string> {
  if (before === undefined) return new Set()
  if (before.at.step === at.step && before.at.tick === at.tick) return before.changed
  const { texts } = before
  return new Set([...now].flatMap(([key, text]) => (texts.has(key) && texts.get(key) !== text ? [key] : [])))
}
