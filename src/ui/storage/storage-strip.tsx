/**
 * The layers of storage below the selected byte, drawn to scale: one line that says them, and below it the picture with
 * a button over each layer. One stop of the Tab key; arrows go from layer to layer, Enter opens what is known of one.
 */

import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { StorageHop, StorageView } from '../../protocol/storage.ts'
import { layoutStorage } from '../../views/storage/layout.ts'
import { useApp, useAppState } from '../app-context.ts'
import { useDrawing } from '../widgets/use-drawing.ts'
import { useSize } from '../widgets/use-size.ts'
import './storage.css'

export function StorageStrip() {
  const app = useApp()
  const view = useAppState((state) => state.storage)
  const wanted = useAppState((state) => state.storageOpen)
  if (view === undefined) return null
  const open = wanted ?? view.hops.some(({ turns }) => turns !== undefined)
  return (
    <section className="storage" aria-label="Storage">
      <h3 className="heading">
        <button type="button" className="storage-head" aria-expanded={open} onClick={() => app.showStorage(!open)}>
          <span className="twist" aria-hidden="true">
            {open ? '▾' : '▸'}
          </span>
          Storage
          {!open && <span className="storage-chain">{chain(view)}</span>}
        </button>
      </h3>
      {open && <Strip view={view} />}
    </section>
  )
}

const chain = ({ hops, ends }: StorageView): string =>
  hops.length === 0 ? (ends ?? '') : hops.map(({ name }) => name).join(' → ')

const LEADS = { device: 'its attributes', address: 'all names of the byte' } as const

const sentence = ({ name, alias, says, place, leads }: StorageHop): string =>
  `${name}${alias === undefined ? '' : ` (${alias})`}: ${says}. ${place}. Opens ${LEADS[leads.kind]}`

const MOVES: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowDown: (at, last) => Math.min(last, at + 1),
  ArrowUp: (at) => Math.max(0, at - 1),
  Home: () => 0,
  End: (_, last) => last,
}

function Strip({ view: { hops, ends, also } }: { readonly view: StorageView }) {
  const app = useApp()
  const host = useRef<HTMLDivElement>(null)
  const { w } = useSize(host)
  const asked = useAppState((state) => state.storageAsked)
  const layout = useMemo(() => layoutStorage(hops, w), [hops, w])
  const picture = useDrawing()
  const [wanted, setWanted] = useState(0)
  const at = Math.min(wanted, hops.length - 1)

  useEffect(() => {
    picture.current?.update(w === 0 ? [] : layout.shapes)
  }, [layout, w, picture])
  const button = (index: number): HTMLElement | null =>
    host.current?.querySelector<HTMLElement>(`[data-index="${index}"]`) ?? null
  useEffect(() => {
    if (!asked || w === 0) return
    app.storageFocused()
    host.current?.closest('section')?.scrollIntoView({ block: 'nearest' })
    host.current?.querySelector('button')?.focus({ preventScroll: true })
  }, [asked, w, app])

  const onKeyDown = (event: KeyboardEvent): void => {
    const move = MOVES[event.key]
    if (move === undefined || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    event.preventDefault()
    event.stopPropagation()
    button(move(at, hops.length - 1))?.focus()
  }

  return (
    <>
      <div ref={host} className="storage-strip" style={{ height: layout.height }}>
        <svg className="storage-svg" width={w} height={layout.height} aria-hidden="true">
          <g ref={picture.attach} />
        </svg>
        <div role="toolbar" aria-label="Layers of storage" aria-orientation="vertical" onKeyDown={onKeyDown}>
          {hops.map((hop, index) => {
            const row = layout.rows[index]
            return (
              <button
                key={`${hop.kind} ${hop.name}`}
                type="button"
                data-index={index}
                className="storage-hop"
                aria-label={sentence(hop)}
                title={sentence(hop)}
                tabIndex={index === at ? 0 : -1}
                style={{ top: row?.y, height: row?.h }}
                onFocus={() => setWanted(index)}
                onClick={() => app.details.showDevice(hop.leads)}
              />
            )
          })}
        </div>
      </div>
      {ends !== undefined && <p className="storage-note">{ends}</p>}
      {also.length > 0 && (
        <p className="storage-note">
          also{' '}
          {also.map(({ file, offset }, index) => (
            <span key={`${file} ${offset}`}>
              {index > 0 && ', '}
              <button
                type="button"
                className="link mono"
                onClick={() => app.details.showDevice({ kind: 'address', name: { kind: 'file', file, offset } })}
              >
                {file} @ {offset}
              </button>
            </span>
          ))}
        </p>
      )}
    </>
  )
}
