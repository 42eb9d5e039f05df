/** The same lines as the picture, as a table, with what hardware may do with each. */

import type { Frame } from '../../protocol/frame.ts'
import { shownLine } from '../../state/details.ts'
import { namesOf, shortAddress } from '../../views/address.ts'
import { choiceKey, verbOf } from '../../views/board/handles.ts'
import { boardRows } from '../../views/board/summary.ts'
import { useApp, useAppState } from '../app-context.ts'

export function BoardTable({ frame }: { readonly frame: Frame }) {
  const app = useApp()
  const selected = useAppState(shownLine)
  const test = useAppState((state) => state.summary?.litmus)
  const names = test && namesOf(test.locations)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="board-scroll" aria-label="Machine as a table" tabIndex={0}>
      <table className="board-table">
        <caption className="visually-hidden">Every line of persistent memory that is shown, by place</caption>
        <thead>
          <tr>
            <th scope="col">Place</th>
            <th scope="col">Line</th>
            <th scope="col">State</th>
            <th scope="col">Hardware may</th>
          </tr>
        </thead>
        <tbody>
          {boardRows(frame, names).map(({ key, place, line, text, choices }) => (
            <tr key={key} aria-selected={line !== undefined && line === selected}>
              <td>{place}</td>
              <td>
                {line !== undefined && (
                  <button type="button" className="link mono" onClick={() => app.details.selectLine(line)}>
                    {names?.onLine(line) ?? shortAddress(line)}
                  </button>
                )}
              </td>
              <td>{text}</td>
              <td>
                {choices.map(({ transition, sentence }) => (
                  <button
                    key={choiceKey(transition)}
                    type="button"
                    aria-label={sentence}
                    title={sentence}
                    onClick={() => void app.power.take(transition)}
                  >
                    {verbOf(transition)}
                  </button>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
