/** A shell on the machine: what was typed and what came of it, and the line for the next command. */

import { type FormEvent, useEffect, useRef } from 'react'
import { consoleClosed, statusWords, type Typed, typedCommands } from '../../state/console.ts'
import { useApp, useAppState } from '../app-context.ts'
import './console.css'
import { useHistory } from './use-history.ts'

/** Characters of one output that are shown; the end tells most. */
const MOST_SHOWN = 20_000

export function ConsoleTab() {
  const interventions = useAppState((state) => state.interventions)
  const summary = useAppState((state) => state.summary)
  const commands = typedCommands({ interventions, summary })
  return (
    <div className="console">
      {commands.length === 0 ? (
        <p className="empty">
          A root shell on this machine. A command runs right after the step on the screen, before the program goes on;
          where a thread is inside the kernel, once it has left. Try <code>ls -l /sys/bus/nd/devices</code>,{' '}
          <code>dmesg</code>, <code>grep . /sys/bus/nd/devices/*/devtype</code>.
        </p>
      ) : (
        <ol className="console-commands" aria-label="Commands">
          {commands.map((typed) => (
            <Entry key={typed.index} typed={typed} />
          ))}
        </ol>
      )}
      <Prompt commands={commands} />
      {summary !== undefined && summary.cores <= summary.threads.length && (
        <p className="console-note">
          Every core of this machine runs a thread of the program: for a command one is switched out, which is a full
          barrier. With <code>machine: {`{ cores: ${summary.cores + 1} }`}</code> the console has a core of its own.
        </p>
      )}
    </div>
  )
}

function Entry({ typed: { index, text, outcome } }: { readonly typed: Typed }) {
  const app = useApp()
  const here = useAppState(
    ({ frame }) =>
      frame !== undefined && outcome !== undefined && outcome.from <= frame.step && frame.step <= outcome.to,
  )
  const failed = outcome !== undefined && outcome.status !== 0
  return (
    <li className={here ? 'here' : ''} aria-current={here ? 'step' : undefined}>
      <div className="console-line">
        <code className={outcome === undefined ? 'gone' : ''}>
          <span aria-hidden="true"># </span>
          {text}
        </code>
        {outcome !== undefined && (
          <button
            type="button"
            aria-label={`Show the end of: ${text}`}
            title={`steps ${outcome.from}–${outcome.to}`}
            onClick={() => void app.stepping.seek(outcome.to)}
          >
            #{outcome.to}
          </button>
        )}
        <button type="button" aria-label={`Take back: ${text}`} onClick={() => void app.power.remove(index)}>
          ✕
        </button>
      </div>
      {outcome === undefined && <p className="console-status">was never run: its place is not in this recording</p>}
      {outcome !== undefined && outcome.output !== '' && <pre>{outcome.output.slice(-MOST_SHOWN)}</pre>}
      {failed && <p className="console-status">{statusWords(outcome)}</p>}
    </li>
  )
}

function Prompt({ commands }: { readonly commands: readonly Typed[] }) {
  const app = useApp()
  const closed = useAppState(consoleClosed)
  const recording = useAppState((state) => state.recording !== undefined)
  const typed = [...commands].sort((a, b) => a.index - b.index).map(({ text }) => text)
  const line = useHistory(typed)
  const form = useRef<HTMLFormElement>(null)
  const count = commands.length
  useEffect(() => {
    // What a command has printed pushes the line down: it stays in sight.
    if (count > 0) form.current?.scrollIntoView({ block: 'nearest' })
  }, [count])
  const asked = useAppState((state) => state.consoleAsked)
  useEffect(() => {
    if (!asked) return
    form.current?.querySelector('input')?.focus()
    app.consoleFocused()
  }, [asked, app])
  const shut = closed !== undefined || recording
  const run = (event: FormEvent): void => {
    event.preventDefault()
    const text = line.text.trim()
    if (text === '' || shut) return
    line.write('')
    void app.power.command(text)
  }
  return (
    <form className="console-prompt" onSubmit={run} ref={form}>
      <span aria-hidden="true">#</span>
      <input
        type="text"
        aria-label="Command"
        aria-describedby="console-closed"
        aria-disabled={shut}
        readOnly={shut}
        maxLength={4000}
        autoCapitalize="off"
        autoComplete="off"
        autoCorrect="off"
        spellCheck={false}
        enterKeyHint="go"
        value={line.text}
        onChange={(event) => line.write(event.target.value)}
        onKeyDown={line.onKeyDown}
      />
      <button type="submit" disabled={shut}>
        Run
      </button>
      <p id="console-closed" className="console-status">
        {closed}
      </p>
    </form>
  )
}
