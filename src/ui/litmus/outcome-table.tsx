/**
 * Every outcome, one a row: its values, whether the condition asks for it, whether the screen has shown it. One tab
 * stop; up and down go from row to row, left and right step; Enter plays the row's witness and gives the keyboard back to
 * the run, as Escape does. Of thousands of rows those in view are drawn.
 */

import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { LitmusView } from '../../protocol/litmus.ts'
import type { Explored } from '../../state/app-state.ts'
import { commandById } from '../../state/commands.ts'
import { breaks, plural } from '../../state/litmus-words.ts'
import { outcomeHere, outcomeText } from '../../state/outcome.ts'
import { followsSchedule, scheduleOf } from '../../state/schedule.ts'
import { useApp, useAppState } from '../app-context.ts'
import { focusRun } from '../widgets/focus-run.ts'
import { Row } from './outcome-row.tsx'
import { columnsOf, missingRows, type Order, type OutcomeRow, ordered, outcomeRows } from './outcome-rows.ts'
import { SortHead } from './sort-head.tsx'
import { useRowWindow } from './use-row-window.ts'

/** Height of a row, pixels, as outcomes.css has it. */
const ROW = 30
const PAGE = 10
/** More columns of values than this stand closer. */
const MANY = 4

export function OutcomeTable({ explored, test }: { readonly explored: Explored; readonly test: LitmusView }) {
  const app = useApp()
  const schedule = useAppState((state) => (followsSchedule(state) ? scheduleOf(state) : undefined))
  const here = useAppState(outcomeHere)
  const seenKeys = useAppState((state) => state.litmus?.seen)
  const asked = useAppState((state) => state.outcomesAsked)
  const [order, setOrder] = useState<Order>()
  const [satisfying, setSatisfying] = useState(false)
  const [chosen, setChosen] = useState(0)
  const table = useRef<HTMLTableElement>(null)

  const seen = useMemo(() => new Set(seenKeys), [seenKeys])
  const columns = useMemo(() => columnsOf(explored, test), [explored, test])
  const asks = test.quantifier === 'exists'
  const rows = useMemo(() => {
    const wanted = ({ satisfies }: OutcomeRow): boolean => (asks ? satisfies : breaks(satisfies, test.quantifier))
    const outcomes = outcomeRows(explored).filter((row) => !satisfying || wanted(row))
    return [...missingRows(explored), ...ordered(outcomes, order, seen)]
  }, [explored, order, satisfying, seen, asks, test])
  const { scroller, first, end, show } = useRowWindow(rows.length, ROW)
  const at = Math.max(0, Math.min(chosen, rows.length - 1))

  useEffect(() => {
    if (!asked) return
    table.current?.focus()
    app.outcomesFocused()
  }, [asked, app])

  const play = (row: OutcomeRow | undefined): void => {
    if (row === undefined || row.kind !== 'allowed') app.announce('No execution that was found ends so.')
    else if (row.witness === undefined)
      app.announce(`The machine of this page cannot play it: ${row.why ?? 'no witness was found'}.`)
    else {
      // Its steps are what comes next: every key is the run's again.
      focusRun()
      void app.power.follow(row.witness)
    }
  }
  const choose = (index: number): void => {
    const next = Math.max(0, Math.min(rows.length - 1, index))
    setChosen(next)
    show(next)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + PAGE,
      PageUp: at - PAGE,
      Home: 0,
      End: rows.length - 1,
    }
    const to = moves[event.key]
    if (to !== undefined) choose(to)
    else if (event.key === 'Enter') play(rows[at])
    else if (event.key === 'Escape') focusRun()
    else if (event.key === 'ArrowRight') commandById('over').run(app)
    else if (event.key === 'ArrowLeft') commandById('over-back').run(app)
    else return
    event.preventDefault()
  }

  const found = rows.length - missingRows(explored).length
  return (
    <>
      <div className="outcome-tools">
        <h3 className="heading">
          {explored.cut && !satisfying ? 'More than ' : ''}
          {plural(found, satisfying ? `${asks ? 'satisfying' : 'breaking'} outcome` : 'outcome')}
        </h3>
        <label>
          <input type="checkbox" checked={satisfying} onChange={(event) => setSatisfying(event.target.checked)} />
          {asks ? 'satisfying' : 'breaking'} only
        </label>
      </div>
      <div className="outcome-scroll" ref={scroller} style={{ minHeight: Math.min(8, rows.length + 1) * ROW }}>
        <table
          ref={table}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table of rows to choose from is a grid
          role="grid"
          className={columns.length > MANY ? 'outcome-table many' : 'outcome-table'}
          aria-label="Outcomes"
          aria-rowcount={rows.length + 1}
          aria-activedescendant={at >= first && at < end ? `outcome-${at}` : undefined}
          tabIndex={0}
          onKeyDown={onKeyDown}
        >
          <thead>
            <tr aria-rowindex={1}>
              <SortHead label="seen" order={order} by={{ kind: 'seen' }} onOrder={setOrder}>
                seen
              </SortHead>
              {columns.map((name) => (
                <SortHead key={name} label={name} order={order} by={name} onOrder={setOrder}>
                  {name}
                </SortHead>
              ))}
              <th scope="col" className="outcome-says">
                <span className="visually-hidden">verdict</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {first > 0 && <Gap rows={first} columns={columns.length + 2} />}
            {rows.slice(first, end).map((row, offset) => {
              const index = first + offset
              return (
                <Row
                  key={row.key}
                  row={row}
                  index={index}
                  columns={columns}
                  chosen={index === at}
                  quantifier={test.quantifier}
                  playing={row.witness !== undefined && row.witness === schedule}
                  seen={seen.has(row.key)}
                  here={row.key === here}
                  onPlay={() => {
                    setChosen(index)
                    play(row)
                  }}
                />
              )
            })}
            {end < rows.length && <Gap rows={rows.length - end} columns={columns.length + 2} />}
          </tbody>
        </table>
      </div>
      <div className="outcome-foot">
        {rows[at]?.why !== undefined && (
          <p className="outcome-why">
            The model allows <span className="mono">{outcomeText(rows[at].values)}</span>; the machine of this page
            cannot play it: {rows[at].why}.
          </p>
        )}
        <p className="outcome-legend muted">
          <span>▶ being played</span> <span>● seen on the screen</span> <span>○ not yet</span>
          {asks && explored.outcomes.some(({ satisfies }) => satisfies) && <span>✓ satisfies the condition</span>}
          {!asks && explored.verdict === 'allowed' && <span>✗ breaks the condition</span>}
        </p>
      </div>
    </>
  )
}

const Gap = ({ rows, columns }: { readonly rows: number; readonly columns: number }) => (
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row that is empty takes no focus
  <tr aria-hidden="true" style={{ height: rows * ROW }}>
    <td colSpan={columns} />
  </tr>
)
