/** Values with their names. Each opens: what type it is, where it is, and its parts. */

import type { ValuePlace, ValueView } from '../../protocol/debug.ts'
import { keyOf, type Opened, type Root } from '../../state/debug-state.ts'
import { useApp, useAppState } from '../app-context.ts'
import { fileOf, lineOf, wayOf } from './where.ts'

interface RowsProps {
  readonly label: string
  readonly values: readonly (readonly [Opened, ValueView])[]
}

export const rooted = (
  values: readonly ValueView[],
  root: (value: ValueView) => Root,
): readonly (readonly [Opened, ValueView])[] => values.map((value) => [{ root: root(value), path: [] }, value])

export function ValueRows({ label, values }: RowsProps) {
  return (
    <ul className="values" aria-label={label}>
      {values.map(([at, value]) => (
        <ValueRow key={keyOf(at)} at={at} value={value} />
      ))}
    </ul>
  )
}

export function ValueRow({ at, value, name }: { at: Opened; value: ValueView; name?: string }) {
  const app = useApp()
  const key = keyOf(at)
  const open = useAppState(({ debug }) => debug.opened.some((each) => keyOf(each) === key))
  const changed = useAppState(({ debug }) => debug.seen?.changed.has(key) ?? false)
  const parts = useAppState(({ debug }) => debug.seen?.parts.get(key))
  return (
    <li>
      <div className={changed ? 'value changed' : 'value'}>
        <button
          type="button"
          className="name"
          aria-expanded={open}
          title={`${value.type}${value.at === undefined ? '' : `, ${wayOf(value.at)}`}`}
          onClick={() => app.debugging.toggle(at)}
        >
          <span className="twist" aria-hidden="true">
            {open ? '▾' : '▸'}
          </span>
          {name ?? value.name}
        </button>
        <span className="text">
          {value.text}
          {changed && <span className="visually-hidden"> (changed)</span>}
        </span>
        <LineLink place={value.to} arrow />
      </div>
      {open && (
        <div className="opened">
          <p className="muted">
            <code>{value.type}</code>
            {value.at !== undefined && <span className="way"> {wayOf(value.at)}</span>}
            <LineLink place={value.at} />
          </p>
          {parts !== undefined && parts.length > 0 && (
            <ValueRows
              label={`Parts of ${value.name}`}
              values={parts.map((part, i) => [{ root: at.root, path: [...at.path, i] }, part])}
            />
          )}
          {parts !== undefined && value.parts > parts.length && (
            <p className="muted">… {value.parts - parts.length} more: watch one of them by its index</p>
          )}
        </div>
      )}
    </li>
  )
}

/** The way to a cache line of persistent memory. */
function LineLink({ place, arrow = false }: { readonly place: ValuePlace | undefined; readonly arrow?: boolean }) {
  const app = useApp()
  const target = lineOf(place)
  const file = fileOf(place)
  if (target === undefined || file === undefined) return null
  return (
    <button
      type="button"
      className="link"
      title="Show its cache line"
      onClick={() => {
        app.details.showTab('inspect')
        app.details.selectLine(target.line, target.byte)
      }}
    >
      {arrow && '→ '}
      {file}
    </button>
  )
}
