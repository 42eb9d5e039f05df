/** The attributes of one device in sysfs. What can be written is written right after the step on the screen. */

import { type FormEvent, useState } from 'react'
import type { AttributeView, DeviceView } from '../../protocol/devices.ts'
import { consoleClosed } from '../../state/console.ts'
import { useApp, useAppState } from '../app-context.ts'

const WRITABLE = 0o222

/** "rw-r--r--" */
const modeText = (mode: number): string =>
  [6, 3, 0].map((at) => ['r', 'w', 'x'].map((letter, i) => ((mode >> at) & (4 >> i) ? letter : '-')).join('')).join('')

export function Attributes({
  device,
  showTable,
}: {
  readonly device: DeviceView
  readonly showTable: (() => void) | undefined
}) {
  return (
    <section className="attributes" aria-label={`Attributes of ${device.name}`}>
      <div className="heading-row">
        <h3 className="heading">{device.name}</h3>
        {showTable !== undefined && (
          <button type="button" onClick={showTable}>
            Bytes of the NFIT
          </button>
        )}
      </div>
      <p className="path mono">{device.path}</p>
      {device.attributes.length === 0 ? (
        <p className="empty">It has no attributes.</p>
      ) : (
        <dl>
          {device.attributes.map((attribute) => (
            <Attribute key={attribute.name} attribute={attribute} />
          ))}
        </dl>
      )}
    </section>
  )
}

function Attribute({ attribute }: { readonly attribute: AttributeView }) {
  const { name, path, mode, value, error } = attribute
  const [editing, setEditing] = useState(false)
  const writable = (mode & WRITABLE) !== 0
  return (
    <>
      <dt title={`${modeText(mode)} ${path}`}>{name}</dt>
      <dd>
        {editing ? (
          <Editor attribute={attribute} close={() => setEditing(false)} />
        ) : (
          <>
            <span className={error === undefined ? 'value' : 'value muted'} title={error}>
              {value === '' ? <span className="muted">empty</span> : (value ?? error ?? 'only written')}
            </span>
            {writable && (
              <button
                type="button"
                className="attribute-write"
                aria-label={`Write ${name}`}
                title={`Write ${path}`}
                onClick={() => setEditing(true)}
              >
                ✎
              </button>
            )}
          </>
        )}
      </dd>
    </>
  )
}

/** One word of the shell. */
const quoted = (text: string): string => (/^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)

function Editor({ attribute, close }: { readonly attribute: AttributeView; close(): void }) {
  const app = useApp()
  const closed = useAppState(consoleClosed)
  const recording = useAppState((state) => state.recording !== undefined)
  const [text, setText] = useState(attribute.value ?? '')
  const shut = closed !== undefined || recording
  const write = (event: FormEvent): void => {
    event.preventDefault()
    if (shut) return
    close()
    void app.power.command(`echo ${quoted(text)} > ${attribute.path}`)
  }
  return (
    <form onSubmit={write}>
      <input
        type="text"
        aria-label={`New value of ${attribute.name}`}
        aria-describedby="attribute-closed"
        // biome-ignore lint/a11y/noAutofocus: the person has just asked to write here
        autoFocus
        autoCapitalize="off"
        autoComplete="off"
        spellCheck={false}
        maxLength={4000}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') close()
        }}
      />
      <button type="submit" disabled={shut}>
        Write
      </button>
      <button type="button" aria-label="Do not write" onClick={close}>
        ✕
      </button>
      <p id="attribute-closed">{closed}</p>
    </form>
  )
}
