/** 64 bytes, one 8-byte word a row as on the board. One tab stop; arrows go from byte to byte. */

import type { KeyboardEvent } from 'react'
import { hex } from '../../base/bytes.ts'
import type { ByteView, LineView } from '../../protocol/frame.ts'
import { STAGES } from '../../views/stage.ts'
import { useApp } from '../app-context.ts'

const MOVES: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -8, ArrowDown: 8 }

export function ByteGrid({ line, byte }: { readonly line: LineView; readonly byte: number }) {
  const app = useApp()
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = MOVES[event.key]
    if (move === undefined) return
    event.preventDefault()
    const next = byte + move
    if (next < 0 || next > 63) return
    app.details.selectLine(line.line, next)
    document.getElementById(`byte-${next}`)?.focus()
  }
  const words = [0, 1, 2, 3, 4, 5, 6, 7]
  return (
    // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table of chosen cells is what a grid is
    <table className="bytes" role="grid" aria-label="Bytes of the line" onKeyDown={onKeyDown}>
      <tbody>
        {words.map((word) => {
          const bytes = line.bytes.slice(word * 8, word * 8 + 8)
          return (
            <tr key={word}>
              <th scope="row" className="word-name">
                +{hex(word * 8, 2)}
              </th>
              {bytes.map((view, index) => {
                const at = word * 8 + index
                return (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the grid
                  // biome-ignore lint/a11y/useAriaPropsSupportedByRole: a cell of a grid can be selected
                  <td
                    key={at}
                    id={`byte-${at}`}
                    tabIndex={at === byte ? 0 : -1}
                    aria-selected={at === byte}
                    aria-label={sentence(view, at)}
                    title={sentence(view, at)}
                    className={`byte at-${view.stage}`}
                    onClick={() => app.details.selectLine(line.line, at)}
                  >
                    {hex(view.value, 2)}
                    <span className={`sign ink-${view.stage}`} aria-hidden="true">
                      {STAGES[view.stage].letter}
                    </span>
                  </td>
                )
              })}
              <td className="ascii">
                {bytes.map(({ value }) => (value >= 0x20 && value < 0x7f ? String.fromCharCode(value) : '·')).join('')}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

function sentence(view: ByteView, at: number): string {
  const writer = view.sourceLine === undefined || view.sourceLine === 0 ? '' : `, written by line ${view.sourceLine}`
  const media = view.value === view.media ? '' : `, media holds ${hex(view.media, 2)}`
  return `byte ${at}: ${hex(view.value, 2)}, ${STAGES[view.stage].name}${media}${writer}`
}
