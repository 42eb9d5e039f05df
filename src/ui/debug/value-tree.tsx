/**
 * Values with their names, as a tree. Each opens: what type it is, where it is, and its parts.
 *
 * One stop of the Tab key. Up and Down go from value to value, Right opens, Left closes, Enter shows the cache line of
 * what it points to or where it is.
 */

import { useEffect, useRef } from 'react'
import type { ValuePlace, ValueView } from '../../protocol/debug.ts'
import { keyOf, type Opened, type Root } from '../../state/debug-state.ts'
import { useApp, useAppState } from '../app-context.ts'
import { itemsOf, treeKey } from './tree-keys.ts'
import { fileOf, lineOf, wayOf } from './where.ts'

interface Item {
  readonly at: Opened
  readonly value: ValueView
  /** If it is not the value's own. */
  readonly name?: string
}

export const rooted = (values: readonly ValueView[], root: (value: ValueView) => Root): readonly Item[] =>
  values.map((value) => ({ at: { root: root(value), path: [] }, value }))

export function ValueTree({ label, items }: { readonly label: string; readonly items: readonly Item[] }) {
  const tree = useRef<HTMLDivElement>(null)
  /** The one that Tab leads to, and whether the keyboard is there. */
  const held = useRef<{ key: string; focused: boolean }>({ key: '', focused: false })

  // Whatever is opened, closed or gone: one of them can be reached.
  useEffect(() => {
    const all = itemsOf(tree.current)
    const kept = all.find(({ dataset }) => dataset['key'] === held.current.key) ?? all[0]
    for (const each of all) each.tabIndex = each === kept ? 0 : -1
    if (held.current.focused && document.activeElement === document.body) kept?.focus({ preventScroll: true })
  })

  return (
    <div
      ref={tree}
      className="values"
      role="tree"
      aria-label={label}
      onFocus={({ target }) => {
        const key = target.dataset['key']
        if (key === undefined) return
        held.current = { key, focused: true }
        for (const each of itemsOf(tree.current)) each.tabIndex = each === target ? 0 : -1
      }}
      onBlur={() => {
        held.current.focused = false
      }}
    >
      {items.map((item) => (
        <Value key={keyOf(item.at)} {...item} />
      ))}
    </div>
  )
}

function Value({ at, value, name = value.name }: Item) {
  const app = useApp()
  const key = keyOf(at)
  const open = useAppState(({ debug }) => debug.opened.some((each) => keyOf(each) === key))
  const changed = useAppState(({ debug }) => debug.seen?.changed.has(key) ?? false)
  const parts = useAppState(({ debug }) => debug.seen?.parts.get(key))
  const toggle = (): void => app.debugging.toggle(at)
  const enter = (): void => {
    if (!showLine(app, value.to) && !showLine(app, value.at)) toggle()
  }
  return (
    <div
      role="treeitem"
      tabIndex={-1}
      data-key={key}
      aria-label={`${name}: ${value.text}${value.to === undefined ? '' : pointsTo(value.to)}${changed ? ', changed' : ''}`}
      aria-expanded={open}
      aria-selected={false}
      onKeyDown={(event) => treeKey(event, { toggle, enter })}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: the tree item has the keys */}
      <div
        className={changed ? 'variable changed' : 'variable'}
        title={`${value.type} ${name}${value.at === undefined ? '' : `, ${wayOf(value.at)}`}`}
        onClick={toggle}
      >
        <span className="name">
          <span className="twist" aria-hidden="true">
            {open ? '▾' : '▸'}
          </span>
          {name}
        </span>
        <span className="text">{value.text}</span>
        <LineLink place={value.to} arrow />
      </div>
      {open && (
        <div className="opened">
          <p className="muted">
            <code>{value.type}</code>
            <LineLink place={value.at} />
            {value.at !== undefined && <span className="way"> {wayOf(value.at)}</span>}
          </p>
          {value.to !== undefined && <p className="muted">points to {wayOf(value.to)}</p>}
          {parts !== undefined && parts.length > 0 && (
            // biome-ignore lint/a11y/useSemanticElements: a group of tree items is no fieldset
            <div role="group" aria-label={`Parts of ${name}`}>
              {parts.map((part, i) => {
                const inner = { root: at.root, path: [...at.path, i] }
                return <Value key={keyOf(inner)} at={inner} value={part} />
              })}
              {value.parts > parts.length && <More at={at} left={value.parts - parts.length} />}
            </div>
          )}
        </div>
      )}
    </div>
  )
}

function More({ at, left }: { readonly at: Opened; readonly left: number }) {
  const app = useApp()
  const more = (): void => app.debugging.more(at)
  return (
    <div
      role="treeitem"
      tabIndex={-1}
      data-key={`${keyOf(at)}/more`}
      aria-selected={false}
      className="more"
      onClick={more}
      onKeyDown={(event) => treeKey(event, { toggle: more, enter: more })}
    >
      … {left.toLocaleString('en')} more
    </div>
  )
}

const pointsTo = (place: ValuePlace): string => {
  const file = fileOf(place)
  return file === undefined ? '' : `, points to ${file}`
}

/** Selects the cache line as a click on the board does; false: it is no line of persistent memory. */
function showLine(app: ReturnType<typeof useApp>, place: ValuePlace | undefined): boolean {
  const target = lineOf(place)
  if (target === undefined) return false
  app.details.showTab('inspect')
  app.details.selectLine(target.line, target.byte)
  app.announce(`Cache line of ${fileOf(place) ?? 'this address'} selected.`)
  return true
}

/** The way to a cache line of persistent memory, for a pointer's target or a variable's place. The keyboard has Enter. */
function LineLink({ place, arrow = false }: { readonly place: ValuePlace | undefined; readonly arrow?: boolean }) {
  const app = useApp()
  const file = fileOf(place)
  if (lineOf(place) === undefined || file === undefined) return null
  return (
    <button
      type="button"
      className="link"
      tabIndex={-1}
      title={`Show the cache line of ${file} (Enter)`}
      onClick={(event) => {
        event.stopPropagation()
        showLine(app, place)
      }}
    >
      {arrow && '→ '}
      {file}
    </button>
  )
}
