/** The bytes of the NFIT, its structures, and what each field says. Bytes lead to their field, fields to their bytes. */

import { type KeyboardEvent, useState } from 'react'
import { hex } from '../../base/bytes.ts'
import type { FieldView, StructureView, TableView } from '../../protocol/devices.ts'

const ROW = 8
const MOVES: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -ROW, ArrowDown: ROW }

const covers = ({ offset, size }: FieldView, at: number): boolean => at >= offset && at < offset + size
const holds = ({ offset, length }: StructureView, at: number): boolean => at >= offset && at < offset + length

export function FirmwareTable({
  table,
  marked,
  mark,
}: {
  readonly table: TableView
  /** Offsets of structures. */
  readonly marked: readonly number[]
  mark(structures: readonly number[]): void
}) {
  const [at, setAt] = useState(marked.find((offset) => offset > 0) ?? 0)
  const { bytes, structures, findings } = table
  const structure = structures.findLast((each) => holds(each, at)) ?? structures[0]
  const field = structure?.fields.find((each) => covers(each, at))
  const lit = structures.filter(({ offset }) => marked.includes(offset))
  const go = (offset: number): void => {
    setAt(offset)
    document.getElementById(`nfit-${offset}`)?.scrollIntoView({ block: 'nearest' })
  }
  return (
    <>
      <div className="heading-row">
        <h3 className="heading">NFIT, {bytes.length} bytes</h3>
        {marked.length > 0 && (
          <button type="button" onClick={() => mark([])}>
            unmark
          </button>
        )}
      </div>
      {findings.length > 0 && (
        <ul className="findings" aria-label="What the checker says">
          {findings.map(({ offset, severity, message }) => (
            <li key={`${offset} ${message}`} className={severity}>
              <button type="button" className="nfit-row" onClick={() => go(offset)}>
                <b>{severity}</b> at byte {offset}: {message}
              </button>
            </li>
          ))}
        </ul>
      )}
      <Bytes
        bytes={bytes}
        structures={structures}
        lit={lit}
        field={field}
        structure={structure}
        at={at}
        choose={setAt}
      />
      <ol className="structures" aria-label="Structures">
        {structures.map((each) => (
          <li key={each.offset} className={lit.includes(each) ? 'lit' : undefined}>
            <button
              type="button"
              className="nfit-row"
              aria-expanded={each === structure}
              onClick={() => go(each.offset)}
            >
              <span className="mono">+{hex(each.offset, 3)}</span> {each.name}
              <span className="muted"> {each.length} B</span>
            </button>
            {each === structure && (
              <dl className="fields">
                {each.fields.map((one) => (
                  <div key={one.name} className={one === field ? 'field chosen' : 'field'}>
                    <dt>
                      <button
                        type="button"
                        className="nfit-row of-field"
                        onClick={() => go(one.offset)}
                        title={`${one.size} bytes at ${one.offset}`}
                      >
                        {one.name}
                      </button>
                    </dt>
                    <dd>{one.value}</dd>
                  </div>
                ))}
              </dl>
            )}
          </li>
        ))}
      </ol>
    </>
  )
}

function Bytes({
  bytes,
  structures,
  lit,
  field,
  structure,
  at,
  choose,
}: {
  readonly bytes: readonly number[]
  readonly structures: readonly StructureView[]
  readonly lit: readonly StructureView[]
  readonly field: FieldView | undefined
  readonly structure: StructureView | undefined
  readonly at: number
  choose(at: number): void
}) {
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = MOVES[event.key]
    if (move === undefined) return
    event.preventDefault()
    const next = at + move
    if (next < 0 || next >= bytes.length) return
    choose(next)
    document.getElementById(`nfit-${next}`)?.focus()
  }
  const look = (offset: number): string => {
    const parts = ['nfit-byte']
    if (structure !== undefined && holds(structure, offset)) parts.push('own')
    if (lit.some((each) => holds(each, offset))) parts.push('lit')
    if (field !== undefined && covers(field, offset)) parts.push('field')
    return parts.join(' ')
  }
  const name = (offset: number): string => {
    const of = structures.findLast((each) => holds(each, offset))
    const inside = of?.fields.find((each) => covers(each, offset))
    return `byte ${offset}: ${hex(bytes[offset] ?? 0, 2)}${of === undefined ? '' : `, ${of.name}`}${inside === undefined ? '' : `, ${inside.name} = ${inside.value}`}`
  }
  const rows = Array.from({ length: Math.ceil(bytes.length / ROW) }, (_, i) => i * ROW)
  return (
    // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table of chosen cells is what a grid is
    <table className="nfit-bytes" role="grid" aria-label="Bytes of the NFIT" onKeyDown={onKeyDown}>
      <tbody>
        {rows.map((row) => (
          <tr key={row}>
            <th scope="row">{hex(row, 3)}</th>
            {bytes.slice(row, row + ROW).map((byte, i) => {
              const offset = row + i
              return (
                // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the grid
                // biome-ignore lint/a11y/useAriaPropsSupportedByRole: a cell of a grid can be selected
                <td
                  key={offset}
                  id={`nfit-${offset}`}
                  tabIndex={offset === at ? 0 : -1}
                  aria-selected={offset === at}
                  aria-label={name(offset)}
                  title={name(offset)}
                  className={look(offset)}
                  onClick={() => choose(offset)}
                >
                  {hex(byte, 2)}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
