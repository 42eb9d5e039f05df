/** Keys and colours, from the same lists that the page works with; and what a person may switch. */

import { COMMANDS } from '../../state/commands.ts'
import { capOf } from '../../state/keymap.ts'
import { STAGE_ORDER, STAGES } from '../../views/stage.ts'
import { useApp, useAppState } from '../app-context.ts'
import { Modal } from '../widgets/modal.tsx'

const GROUPS = [...new Set(COMMANDS.map(({ group }) => group))]

export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Modal title="Keys and colours" onClose={onClose}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section className="dialog-body" aria-label="Help" tabIndex={0}>
        <p>
          A scenario is executed once, into a recording; you look at it step by step, forwards and back. Cut the power
          anywhere and see what survives. Click any line, byte, function or log line: everything else follows.
        </p>
        <h3 className="heading">Where a byte is</h3>
        <div className="legend">
          {STAGE_ORDER.map((stage) => (
            <div key={stage} style={{ display: 'contents' }}>
              <span className={`swatch ink-${stage}`}>
                <b>{STAGES[stage].letter}</b>
              </span>
              <span>{STAGES[stage].name}</span>
              <span className="muted">{STAGES[stage].meaning}</span>
            </div>
          ))}
        </div>
        <table className="key-table">
          {GROUPS.map((group) => (
            <tbody key={group}>
              <tr>
                <th colSpan={2} scope="colgroup">
                  {group}
                </th>
              </tr>
              {COMMANDS.filter((command) => command.group === group && command.keys.length > 0).map((command) => (
                <tr key={command.id}>
                  <td>{command.title}</td>
                  <td>
                    {command.keys.map((key) => (
                      <kbd key={capOf(key)}>{capOf(key)}</kbd>
                    ))}
                  </td>
                </tr>
              ))}
            </tbody>
          ))}
        </table>
        <p>
          In the program: <kbd>Ctrl Space</kbd> completes, <kbd>F1</kbd> or the pointer explains, <kbd>Esc</kbd> closes
          either. The numbers beside a struct are the cache lines of its members, counted from its start. A line{' '}
          <code>--- file: log.h</code> begins a further file, for <code>#include &quot;log.h&quot;</code>. Files dropped
          on the page together become one program.
        </p>
        <Options />
        <p className="muted" style={{ marginTop: '1rem' }}>
          Arrows and letters act where the focused element does not use them itself; F-keys act everywhere. In the table
          of outcomes (O) ↑ ↓ Home End choose a row and ← → step; Enter plays its witness, and after Enter, a click or
          Esc every key acts on the run again. The model follows the manuals and the published persistency models of
          x86, not measurements.
        </p>
      </section>
    </Modal>
  )
}

function Options() {
  const app = useApp()
  const settings = useAppState((state) => state.settings)
  return (
    <div className="options">
      <label>
        <input
          type="checkbox"
          checked={settings.letterKeys}
          onChange={(event) => app.changeSettings({ letterKeys: event.target.checked })}
        />
        Single letters and signs act as commands
      </label>
      <label>
        <input
          type="checkbox"
          checked={settings.still}
          onChange={(event) => app.changeSettings({ still: event.target.checked })}
        />
        Bytes jump instead of travelling
      </label>
    </div>
  )
}
