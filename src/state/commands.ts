/** Everything that can be done, once: buttons, keys, palette and help read this list. */

import type { App } from './app.ts'
import type { AppState } from './app-state.ts'
import { currentLine } from './focus.ts'
import type { KeyBinding } from './keymap.ts'
import { canFail } from './power.ts'
import { scheduleOf } from './schedule.ts'

type CommandGroup = 'Step' | 'Run' | 'Selected line' | 'Power' | 'Litmus test' | 'Page'

export interface Command {
  readonly id: string
  readonly title: string
  readonly group: CommandGroup
  readonly keys: readonly KeyBinding[]
  /** Absent: always possible. */
  when?(state: AppState): boolean
  run(app: App): void
}

const recorded = (state: AppState): boolean => state.frame !== undefined
const earlier = ({ frame, tick }: AppState): boolean => frame !== undefined && (frame.step > 0 || tick > 0)
const isProgram = ({ summary }: AppState): boolean => summary !== undefined && summary.litmus === undefined
const later = (state: AppState): boolean =>
  state.frame !== undefined && state.summary !== undefined && state.frame.step < state.summary.steps - 1

const code = (name: string, cap: string, shift = false): KeyBinding => ({ kind: 'code', code: name, cap, shift })
const letter = (key: string, cap = key): KeyBinding => ({ kind: 'key', key, cap, mod: false })
const mod = (key: string, shift?: boolean): KeyBinding => ({
  kind: 'key',
  key,
  cap: key.toUpperCase(),
  mod: true,
  ...(shift === undefined ? {} : { shift }),
})
/** Ctrl Z and its kin: in the editor they take back what was typed. */
const history = (key: string, shift: boolean): KeyBinding => ({
  kind: 'key',
  key,
  cap: key.toUpperCase(),
  mod: true,
  shift,
  notInText: true,
})

export const COMMANDS: readonly Command[] = [
  {
    id: 'over',
    title: 'Step over',
    group: 'Step',
    keys: [code('ArrowRight', '→'), code('F10', 'F10')],
    when: later,
    run: ({ stepping }) => void stepping.step('over', 'forward'),
  },
  {
    id: 'over-back',
    title: 'Step over, back',
    group: 'Step',
    keys: [code('ArrowLeft', '←'), code('F10', 'F10', true)],
    when: earlier,
    run: ({ stepping }) => void stepping.step('over', 'back'),
  },
  {
    id: 'into',
    title: 'Step into',
    group: 'Step',
    keys: [code('ArrowDown', '↓'), code('F11', 'F11')],
    when: later,
    run: ({ stepping }) => void stepping.step('into', 'forward'),
  },
  {
    id: 'into-back',
    title: 'Step into, back',
    group: 'Step',
    keys: [code('ArrowDown', '↓', true)],
    when: earlier,
    run: ({ stepping }) => void stepping.step('into', 'back'),
  },
  {
    id: 'out',
    title: 'Step out',
    group: 'Step',
    keys: [code('ArrowUp', '↑'), code('F11', 'F11', true)],
    when: later,
    run: ({ stepping }) => void stepping.step('out', 'forward'),
  },
  {
    id: 'out-back',
    title: 'Step out, back to the call',
    group: 'Step',
    keys: [code('ArrowUp', '↑', true)],
    when: earlier,
    run: ({ stepping }) => void stepping.step('out', 'back'),
  },
  {
    id: 'micro',
    title: 'One event forwards',
    group: 'Step',
    keys: [code('Period', '.')],
    when: later,
    run: ({ stepping }) => void stepping.step('micro', 'forward'),
  },
  {
    id: 'micro-back',
    title: 'One event back',
    group: 'Step',
    keys: [code('Comma', ',')],
    when: earlier,
    run: ({ stepping }) => void stepping.step('micro', 'back'),
  },
  {
    id: 'continue',
    title: 'Continue to the next breakpoint',
    group: 'Run',
    keys: [code('F8', 'F8')],
    when: later,
    run: ({ stepping }) => void stepping.step('continue', 'forward'),
  },
  {
    id: 'reverse',
    title: 'Continue back to the last breakpoint',
    group: 'Run',
    keys: [code('F8', 'F8', true)],
    when: earlier,
    run: ({ stepping }) => void stepping.step('continue', 'back'),
  },
  {
    id: 'play',
    title: 'Play or pause',
    group: 'Run',
    keys: [code('Space', 'Space')],
    when: (state) => state.playing || later(state),
    run: ({ stepping }) => stepping.togglePlay(),
  },
  {
    id: 'first',
    title: 'Start of the program (again: start of the boot)',
    group: 'Run',
    keys: [code('Home', 'Home')],
    when: earlier,
    run: ({ stepping }) => void stepping.first(),
  },
  {
    id: 'last',
    title: 'End of the recording',
    group: 'Run',
    keys: [code('End', 'End')],
    when: later,
    run: ({ stepping }) => void stepping.last(),
  },
  {
    id: 'breakpoint',
    title: 'Breakpoint on the line, on or off',
    group: 'Run',
    keys: [code('F9', 'F9')],
    run: (app) => {
      const state = app.store.getState()
      const line = state.editorLine ?? currentLine(state)
      if (line > 0) app.breakpoints.toggle(line)
    },
  },
  {
    id: 'edit-breakpoint',
    title: 'Edit the breakpoint of this line: condition, hits',
    group: 'Run',
    keys: [code('F9', 'F9', true)],
    when: isProgram,
    run: (app) => {
      const state = app.store.getState()
      const line = state.editorLine ?? currentLine(state)
      if (line > 0) app.breakpoints.edit(line)
    },
  },
  {
    id: 'watch',
    title: 'Watch an expression',
    group: 'Run',
    keys: [letter('w', 'W')],
    when: isProgram,
    run: ({ debugging }) => debugging.askFor('watch'),
  },
  {
    id: 'granularity',
    title: 'Step by event, by statement, by instruction',
    group: 'Step',
    keys: [letter('g', 'G')],
    when: isProgram,
    run: (app) => {
      const { granularity } = app.store.getState().settings
      const next = { event: 'statement', statement: 'instruction', instruction: 'event' } as const
      app.changeSettings({ granularity: next[granularity] })
      app.announce(`Step by ${next[granularity]}.`)
    },
  },
  {
    id: 'line-next',
    title: 'Next event of the selected line',
    group: 'Selected line',
    keys: [code('BracketRight', ']')],
    when: later,
    run: ({ stepping }) => void stepping.step('line-event', 'forward'),
  },
  {
    id: 'line-previous',
    title: 'Previous event of the selected line',
    group: 'Selected line',
    keys: [code('BracketLeft', '[')],
    when: earlier,
    run: ({ stepping }) => void stepping.step('line-event', 'back'),
  },
  {
    id: 'unpin',
    title: 'Follow the event instead of one line',
    group: 'Selected line',
    keys: [],
    when: (state) => state.pinnedLine !== undefined || state.pinnedByte !== undefined,
    run: ({ details }) => details.selectLine(undefined),
  },
  {
    id: 'power',
    title: 'Power failure here',
    group: 'Power',
    keys: [letter('p', 'P')],
    when: canFail,
    run: ({ power }) => void power.fail(),
  },
  {
    id: 'restore',
    title: 'Restore power: take the power failure back',
    group: 'Power',
    keys: [],
    when: (state) => state.interventions.some(({ kind }) => kind === 'power-failure'),
    run: ({ power }) => void power.restore(),
  },
  {
    id: 'undo',
    title: 'Undo the last intervention: a power failure, a movement of hardware, a command',
    group: 'Power',
    keys: [code('Backspace', '⌫'), history('z', false)],
    when: (state) => state.undo.length > 0 || state.interventions.length > 0,
    run: ({ power }) => void power.undo(),
  },
  {
    id: 'redo',
    title: 'Redo the intervention that was undone',
    group: 'Power',
    keys: [history('z', true)],
    when: (state) => state.redo.length > 0,
    run: ({ power }) => void power.redo(),
  },
  {
    id: 'console',
    title: 'Console: a shell on the machine, at this moment',
    group: 'Run',
    keys: [],
    when: (state) => state.litmus === undefined,
    run: (app) => app.askForConsole(),
  },
  {
    id: 'devices',
    title: 'Devices: what the kernel made of its firmware table, and every attribute in sysfs',
    group: 'Run',
    keys: [],
    when: (state) => state.litmus === undefined,
    run: ({ details }) => details.showTab('devices'),
  },
  {
    id: 'storage',
    title: 'Storage: the layers below the selected byte, from the file to the DIMM',
    group: 'Selected line',
    keys: [],
    when: (state) => recorded(state) && state.litmus === undefined,
    run: (app) => app.askForStorage(),
  },
  {
    id: 'outcomes',
    title: 'Outcomes of the litmus test',
    group: 'Litmus test',
    keys: [letter('o', 'O')],
    when: (state) => state.litmus !== undefined,
    run: (app) => app.askForOutcomes(),
  },
  {
    id: 'free-run',
    title: 'Leave the witness: the test runs freely again',
    group: 'Litmus test',
    keys: [code('Escape', 'Esc')],
    when: (state) => scheduleOf(state) !== undefined,
    run: ({ power }) => void power.follow(undefined),
  },
  {
    id: 'explore-stop',
    title: 'Stop exploring',
    group: 'Litmus test',
    keys: [],
    when: (state) => state.litmus?.search.kind === 'running',
    run: ({ litmus }) => litmus.with((each) => each.stop()),
  },
  {
    id: 'explore-further',
    title: 'Explore ten times as many states',
    group: 'Litmus test',
    keys: [],
    when: ({ litmus }) => litmus !== undefined && litmus.search.kind !== 'running' && litmus.found?.complete !== true,
    run: ({ litmus }) => litmus.with((each) => each.further()),
  },
  {
    id: 'share',
    title: 'Copy a link to this place',
    group: 'Page',
    keys: [mod('s', false)],
    when: recorded,
    run: ({ sharing }) => void sharing.share(),
  },
  {
    id: 'open-file',
    title: 'Open a file: a scenario, a C program, a litmus test',
    group: 'Page',
    keys: [mod('o')],
    run: (app) => void app.files((files) => files.open([])),
  },
  {
    id: 'save-file',
    title: 'Save the text as a file',
    group: 'Page',
    keys: [mod('s', true)],
    run: (app) => void app.files((files) => files.save('all')),
  },
  {
    id: 'save-c',
    title: 'Save the C alone as a file',
    group: 'Page',
    keys: [],
    run: (app) => void app.files((files) => files.save('c')),
  },
  {
    id: 'add-file',
    title: 'Add a file to the program, for #include',
    group: 'Page',
    keys: [],
    run: (app) => void app.files((files) => files.add()),
  },
  {
    id: 'palette',
    title: 'Find a command',
    group: 'Page',
    keys: [mod('k'), letter('/')],
    run: (app) => app.openDialog('palette'),
  },
  {
    id: 'releases',
    title: 'Kernel releases: what differs, and another one',
    group: 'Page',
    keys: [],
    when: recorded,
    run: (app) => app.openDialog('releases'),
  },
  {
    id: 'compare',
    title: 'Compare with another release, patch by patch, or with another scenario',
    group: 'Page',
    keys: [letter('c', 'C')],
    when: isProgram,
    run: (app) => {
      app.details.showTab('compare')
      void app.compare((compare) => compare.begin())
    },
  },
  {
    id: 'help',
    title: 'Keys and colours',
    group: 'Page',
    keys: [letter('?')],
    run: (app) => app.openDialog('help'),
  },
  {
    id: 'stop',
    title: 'Stop recording',
    group: 'Page',
    keys: [],
    when: (state) => state.recording !== undefined,
    run: ({ recorder }) => recorder.cancel(),
  },
  {
    id: 'theme',
    title: 'Theme: system, light, dark',
    group: 'Page',
    keys: [],
    run: (app) => {
      const { theme } = app.store.getState().settings
      app.changeSettings({ theme: theme === 'system' ? 'light' : theme === 'light' ? 'dark' : 'system' })
    },
  },
  {
    id: 'still',
    title: 'Bytes travel, or jump',
    group: 'Page',
    keys: [],
    run: (app) => app.changeSettings({ still: !app.store.getState().settings.still }),
  },
  {
    id: 'letters',
    title: 'Single-letter keys, on or off',
    group: 'Page',
    keys: [],
    run: (app) => app.changeSettings({ letterKeys: !app.store.getState().settings.letterKeys }),
  },
]

export function commandById(id: string): Command {
  const command = COMMANDS.find((candidate) => candidate.id === id)
  if (command === undefined) throw new Error(`no command "${id}"`)
  return command
}

export const isPossible = (command: Command, state: AppState): boolean => command.when?.(state) ?? true
