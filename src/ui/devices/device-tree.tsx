/** Devices below one another, as sysfs has them. One stop of the Tab key; arrows go about in it. */

import { useEffect, useRef, useState } from 'react'
import type { DeviceView } from '../../protocol/devices.ts'
import { itemsOf, treeKey } from '../debug/tree-keys.ts'

interface Tree {
  readonly chosen: string
  choose(device: DeviceView): void
  readonly closed: ReadonlySet<string>
  toggle(path: string): void
}

export function DeviceTree({
  roots,
  chosen,
  choose,
  sought,
}: {
  readonly roots: readonly DeviceView[]
  readonly chosen: string
  choose(device: DeviceView): void
  /** Changes when the chosen one is to take the keyboard's focus. */
  readonly sought: number | undefined
}) {
  const tree = useRef<HTMLDivElement>(null)
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const toggle = (path: string): void =>
    setClosed((before) => new Set(before.has(path) ? [...before].filter((each) => each !== path) : [...before, path]))
  // What is sought may be folded away: everything is unfolded, then it takes the focus.
  const [found, setFound] = useState<number>()
  useEffect(() => {
    if (sought === undefined || sought === found) return
    setFound(sought)
    setClosed(new Set())
  }, [sought, found])
  useEffect(() => {
    if (found === undefined) return
    const kept = itemsOf(tree.current).find(({ ariaSelected }) => ariaSelected === 'true')
    kept?.focus({ preventScroll: true })
    kept?.querySelector('.device')?.scrollIntoView({ block: 'nearest' })
  }, [found])
  // One of them can be reached, whatever is folded or gone.
  useEffect(() => {
    const all = itemsOf(tree.current)
    const kept = all.find(({ ariaSelected }) => ariaSelected === 'true') ?? all[0]
    for (const each of all) each.tabIndex = each === kept ? 0 : -1
  })
  return (
    <div ref={tree} className="device-tree" role="tree" aria-label="Devices">
      {roots.map((device) => (
        <Item key={device.path} device={device} tree={{ chosen, choose, closed, toggle }} />
      ))}
    </div>
  )
}

function Item({ device, tree }: { readonly device: DeviceView; readonly tree: Tree }) {
  const { name, path, kind, driver, says, children } = device
  const open = !tree.closed.has(path)
  const toggle = (): void => tree.toggle(path)
  const choose = (): void => tree.choose(device)
  return (
    <div
      role="treeitem"
      tabIndex={-1}
      aria-label={`${name}, ${kind}${says === '' ? '' : `: ${says}`}${driver === undefined ? '' : `, driver ${driver}`}`}
      aria-selected={tree.chosen === path}
      aria-expanded={children.length === 0 ? undefined : open}
      onKeyDown={(event) => treeKey(event, { toggle: event.key === ' ' ? choose : toggle, enter: choose })}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: the tree item has the keys */}
      <div className="device" onClick={choose} title={`${kind}${driver === undefined ? '' : `, driver ${driver}`}`}>
        <span
          className="twist"
          aria-hidden="true"
          onClick={(event) => {
            event.stopPropagation()
            toggle()
          }}
        >
          {children.length === 0 ? '' : open ? '▾' : '▸'}
        </span>
        <span className="name">{name}</span>
        <span className="says">{says === '' ? kind : says}</span>
        {driver !== undefined && <span className="driver">{driver}</span>}
      </div>
      {open && children.length > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: a group of tree items is no field set
        <div role="group">
          {children.map((child) => (
            <Item key={child.path} device={child} tree={tree} />
          ))}
        </div>
      )}
    </div>
  )
}
