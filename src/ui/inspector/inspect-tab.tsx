/** One cache line: where it lives, its 64 bytes, and the life of one of them. */

import { lazy, Suspense } from 'react'
import { address } from '../../base/bytes.ts'
import type { LineView, Stage } from '../../protocol/frame.ts'
import { STAGE_ORDER, STAGES } from '../../views/stage.ts'
import { useApp, useAppState } from '../app-context.ts'
import { ByteGrid } from './byte-grid.tsx'
import { Certainty } from './certainty.tsx'

export const loadStorage = () =>
  import('../storage/storage-strip.tsx').then(({ StorageStrip }) => ({ default: StorageStrip }))
const StorageStrip = lazy(loadStorage)

export function InspectTab() {
  const app = useApp()
  const line = useAppState((state) => state.line)
  const byte = useAppState((state) => state.byte)
  const pinned = useAppState((state) => state.pinnedLine !== undefined)
  if (line === undefined) {
    return <p className="empty">No line of persistent memory has been touched yet. Step on, or click a line.</p>
  }
  return (
    <>
      <div className="heading-row">
        <h3 className="heading">Cache line {address(line.line)}</h3>
        <button
          type="button"
          aria-pressed={pinned}
          title={pinned ? 'Follow the event instead of this line' : 'Stay on this line'}
          onClick={() => app.details.selectLine(pinned ? undefined : line.line)}
        >
          {pinned ? 'pinned' : 'pin'}
        </button>
      </div>
      <Facts line={line} />
      <ByteGrid line={line} byte={byte} />
      <Suspense fallback={<StorageOnItsWay />}>
        <StorageStrip />
      </Suspense>
      <Certainty />
      <Life line={line} byte={byte} />
    </>
  )
}

/** Keeps the strip's place while its code loads, so that nothing below it jumps. */
function StorageOnItsWay() {
  const comes = useAppState((state) => state.storage !== undefined)
  if (!comes) return null
  return (
    <section className="storage" aria-label="Storage" aria-busy="true">
      <h3 className="heading">Storage</h3>
    </section>
  )
}

function Facts({ line }: { readonly line: LineView }) {
  const counts = new Map<Stage, number>()
  for (const { stage } of line.bytes) counts.set(stage, (counts.get(stage) ?? 0) + 1)
  const parts = STAGE_ORDER.flatMap((stage) => {
    const count = counts.get(stage)
    return count === undefined ? [] : [{ stage, text: `${count} B ${STAGES[stage].name}` }]
  })
  const clean = counts.get('clean') ?? 0
  return (
    <dl className="facts">
      {line.file !== undefined && (
        <>
          <dt>file</dt>
          <dd className="mono">
            {line.file} @ {line.offset ?? 0}…{(line.offset ?? 0) + 63}
          </dd>
        </>
      )}
      {line.dimm !== undefined && (
        <>
          <dt>media</dt>
          <dd className="mono">
            NVDIMM {line.dimm}, DPA {address(line.dpa ?? 0)}
          </dd>
        </>
      )}
      <dt>in</dt>
      <dd>
        {parts.map(({ stage, text }, index) => (
          <span key={stage}>
            {index > 0 && ', '}
            <b className={`ink-${stage}`}>{text}</b>
          </span>
        ))}
        {clean > 0 && (
          <span className="muted">
            {parts.length > 0 && ', '}
            {clean} B unchanged
          </span>
        )}
      </dd>
    </dl>
  )
}

function Life({ line, byte }: { readonly line: LineView; readonly byte: number }) {
  const app = useApp()
  const step = useAppState((state) => state.frame?.step)
  const offset = line.offset === undefined ? `${byte}` : `${line.offset + byte}`
  const view = line.bytes[byte]
  return (
    <>
      <h3 className="heading">Life of byte {offset}</h3>
      {view !== undefined && (
        <dl className="facts">
          <dt>value</dt>
          <dd className="mono">
            {hex2(view.value)}
            {view.value !== view.media && <span className="muted"> · on media {hex2(view.media)}</span>}
          </dd>
          {view.sourceLine !== undefined && view.sourceLine > 0 && (
            <>
              <dt>written by</dt>
              <dd>
                <button type="button" className="link" onClick={() => app.showLine(view.sourceLine ?? 0)}>
                  line {view.sourceLine}
                </button>
              </dd>
            </>
          )}
        </dl>
      )}
      {line.life.length === 0 ? (
        <p className="empty">Nothing has ever been stored here.</p>
      ) : (
        <ol className="life">
          {line.life.map((event) => (
            <li key={`${event.step} ${event.sentence}`}>
              <button
                type="button"
                className={event.future ? 'future' : event.step === step ? 'now' : ''}
                aria-current={event.step === step ? 'step' : undefined}
                onClick={() => void app.stepping.seek(event.step)}
              >
                <span className={`dot-sign ${event.future ? '' : `ink-${event.stage}`}`} aria-hidden="true" />
                <span className="mono">#{event.step}</span>
                <span>
                  {event.sentence}
                  {event.future && <span className="visually-hidden"> (later)</span>}
                </span>
              </button>
            </li>
          ))}
        </ol>
      )}
    </>
  )
}

const hex2 = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`
